// The store of one machine: a directory that one or several coordinator processes share.
//
//     KEY.value     one line "weir-store 1 REVISION COUNT", then COUNT bytes; replaced whole
//     writer.lock   held while a value is compared and replaced
//     leader.lock   held by who leads, as long as its process lives
//     leader.json   who that is, and the term
//
// Locks are the kernel's (flock), so a process that dies in any way lets them go at once. A process that is stopped keeps
// them: on one machine that is the operator's doing, and nobody else leads meanwhile.
//
// Watching polls. inotify would bring a change some 100 ms sooner, but says nothing about network file systems and
// leaves out what comes while its queue is full, so that polling would be needed all the same; a read of an unchanged
// small file each 200 ms costs a few microseconds.

internal import DataFiles

package final class FileStore: ClusterStore {
    private static let pollInterval = Duration.milliseconds(200)
    private static let writerPatience = Duration.seconds(1)
    private static let writerPause = Duration.milliseconds(5)
    fileprivate static let valueBytesMax = 16 << 20

    private let directory: DataDirectory
    private let time: StoreTime

    /// Makes the directory when it is missing.
    package init(directory path: String, time: StoreTime = .real) throws(StoreFault) {
        directory = try asFault { () throws(StoreError) in try DataDirectory(path: path, shared: true) }
        self.time = time
    }

    package func read(_ key: String) async throws(StoreFault) -> StoredValue? {
        try StoreKey.check(key)
        let directory = directory
        return try await onFileThread { () throws(StoreFault) in try StoredFile(key, in: directory)?.value }
    }

    package func write(
        _ key: String, _ value: [UInt8], expecting expected: Revision?
    ) async throws(StoreFault) -> Revision {
        try StoreKey.check(key)
        guard value.count <= FileStore.valueBytesMax else {
            throw StoreFault(.tooLarge, "\(key) has \(value.count) bytes; at most \(FileStore.valueBytesMax) are kept")
        }
        let directory = directory
        let end = time.now() + FileStore.writerPatience
        while true {
            let written = try await onFileThread { () throws(StoreFault) in
                try StoredFile.replace(key, with: value, expecting: expected, in: directory)
            }
            if let written { return written }
            guard time.now() < end else {
                throw StoreFault(.timeout, "\(directory.path)/\(StoredFile.writerLock) is held by another process")
            }
            await time.sleep(FileStore.writerPause)
        }
    }

    package func watch(_ key: String) -> AsyncStream<StoreUpdate> {
        let time = time
        return Following(
            recheckInterval: .seconds(5), vainPause: .zero, time: time,
            read: { () throws(StoreFault) in Sighting(value: try await self.read(key), position: "") },
            change: { _ in await time.sleep(FileStore.pollInterval) }
        ).updates()
    }

    package func campaign(_ candidate: Candidate) -> AsyncStream<Leadership> {
        FileElection(candidate, in: directory, pause: FileStore.pollInterval).leadership(time: time)
    }
}

/// A value in its file.
private struct StoredFile {
    static let writerLock = "writer.lock"
    private static let mark = "weir-store 1"
    private static let lineBytesMax = 100

    let value: StoredValue
    private let number: Int64

    /// nil when there is none.
    init?(_ key: String, in directory: DataDirectory) throws(StoreFault) {
        let name = "\(directory.path)/\(StoredFile.name(key))"
        guard let bytes = try directory.bytes(StoredFile.name(key), sizeMax: FileStore.valueBytesMax + StoredFile.lineBytesMax) else { return nil }
        let end = bytes.prefix(StoredFile.lineBytesMax).firstIndex(of: UInt8(ascii: "\n"))
        let words = String(decoding: bytes[..<(end ?? 0)], as: UTF8.self).split(separator: " ")
        guard let end, words.count == 4, words.prefix(2).joined(separator: " ") == StoredFile.mark,
            let number = Int64(words[2]), number > 0, number < .max, Int(words[3]) == bytes.count - end - 1
        else {
            throw StoreFault(.damaged, "\(name) is damaged: restore it, or remove it to start without")
        }
        self.number = number
        value = StoredValue(bytes: Array(bytes[(end + 1)...]), revision: Revision(String(number)))
    }

    /// nil when another is writing.
    static func replace(
        _ key: String, with bytes: [UInt8], expecting expected: Revision?, in directory: DataDirectory
    ) throws(StoreFault) -> Revision? {
        let lock = try asFault { () throws(StoreError) in try directory.lock(writerLock) }
        guard let lock, lock.isInPlace else { return nil }
        return try withExtendedLifetime(lock) { () throws(StoreFault) in
            let stored = try StoredFile(key, in: directory)
            guard stored?.value.revision == expected else { throw .conflict(key) }
            let number = (stored?.number ?? 0) + 1
            let content = Array("\(mark) \(number) \(bytes.count)\n".utf8) + bytes
            try asFault { () throws(StoreError) in try directory.replace(name(key), with: content) }
            return Revision(String(number))
        }
    }

    private static func name(_ key: String) -> String { key + ".value" }
}
