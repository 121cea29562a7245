// A directory whose files are replaced whole: after a crash at any moment a file has its old content or its new one.
//
// A new content goes to NAME.new in the same directory, is flushed to the disk, and is renamed over NAME; then the
// directory is flushed, so that the new name survives a power failure (Pillai et al., "All File Systems Are Not Created
// Equal", OSDI 2014, section 4). What a crash leaves of NAME.new is overwritten the next time.

package final class DataDirectory: Sendable {
    package let path: String
    private let descriptor: Descriptor

    /// Makes the directory, and those above it, when they are missing. Unless it is `shared`, holds it against other
    /// processes until the last reference is gone: two that write NAME.new would spoil each other's. Who shares it writes
    /// only while holding a lock file in it.
    package init(path: String, shared: Bool = false) throws(StoreError) {
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw StoreError(.notFound, "the path of the data directory is empty or has a zero byte")
        }
        self.path = path
        try DataDirectory.makeAll(path)
        do throws(SystemError) {
            descriptor = try Descriptor.directory(path: path)
            try checkWritable(directory: path)
        } catch {
            throw StoreError(cannot: "use the data directory \(path)", error)
        }
        guard shared || descriptor.tryLock() else {
            throw StoreError(.inUse, "the data directory \(path) is in use by another process; give each its own")
        }
    }

    private static func makeAll(_ path: String) throws(StoreError) {
        var made = ""
        for part in path.split(separator: "/", omittingEmptySubsequences: false) {
            made += part
            if !part.isEmpty {
                do throws(SystemError) {
                    try makeDirectory(made)
                } catch {
                    throw StoreError(cannot: "make the directory \(made)", error)
                }
            }
            made += "/"
        }
    }

    /// The lock of a file, which is made when it is missing; nil when another holds it. The system lets it go when the
    /// last reference is gone or the process ends, however it ends.
    package func lock(_ name: String) throws(StoreError) -> FileLock? {
        do throws(SystemError) {
            return try FileLock(name, in: descriptor)
        } catch {
            throw StoreError(cannot: "lock \(path)/\(name)", error)
        }
    }

    /// nil when there is no such file.
    package func read(_ name: String, sizeMax: Int) throws(SystemError) -> Reading? {
        let file: Descriptor
        do throws(SystemError) {
            file = try descriptor.openFile(name)
        } catch {
            if error.reason == .notFound, !descriptor.exists(name) { return nil }
            throw error
        }
        guard file.isRegularFile else { return .notAFile }
        let bytes = try file.readAll(sizeMax: sizeMax)
        return bytes.count > sizeMax ? .tooLarge : .bytes(bytes)
    }

    package enum Reading {
        case bytes([UInt8])
        case notAFile, tooLarge
    }

    /// Throws with the old content in place, except when only the last step failed: then the new content is there, and
    /// a power failure may bring back the old one.
    package func replace(_ name: String, with bytes: [UInt8]) throws(StoreError) {
        let temporary = name + ".new"
        do throws(SystemError) {
            try descriptor.remove(temporary)
            let file = try descriptor.createFile(temporary)
            try file.writeAll(bytes)
            try file.synchronize()
            try descriptor.rename(temporary, to: name)
            try descriptor.synchronize()
        } catch {
            // The first error is the one to tell; a temporary file that stays is overwritten the next time.
            try? descriptor.remove(temporary)
            throw StoreError(cannot: "write \(path)/\(name)", error)
        }
    }

    /// Renames a file to the next free name of the form NAME.damaged-1 and returns that name.
    package func moveAside(_ name: String) throws(StoreError) -> String {
        let aside = try freeName(besides: name)
        do throws(SystemError) {
            try descriptor.rename(name, to: aside)
            try descriptor.synchronize()
        } catch {
            throw StoreError(cannot: "move \(path)/\(name) to \(aside)", error)
        }
        return aside
    }

    /// Keeps the bytes of a file under the next free name of the form NAME.damaged-1 and returns that name.
    package func keepAside(_ bytes: [UInt8], of name: String) throws(StoreError) -> String {
        let aside = try freeName(besides: name)
        try replace(aside, with: bytes)
        return aside
    }

    private static let asideCountMax = 10_000

    private func freeName(besides name: String) throws(StoreError) -> String {
        for number in 1...DataDirectory.asideCountMax {
            let aside = "\(name).damaged-\(number)"
            if !descriptor.exists(aside) { return aside }
        }
        throw StoreError(
            .unusable, "there are \(DataDirectory.asideCountMax) damaged copies of \(path)/\(name); remove some")
    }
}
