// The system calls behind keeping files. This file alone imports Glibc and passes pointers; every path is a C string
// for the length of its call.

import Glibc

/// An error number of the operating system.
package struct SystemError: Error {
    let number: Int32

    static var last: SystemError { SystemError(number: errno) }

    /// A message of the C library, such as "No such file or directory".
    package var text: String {
        // The text is a constant of the C library, or a buffer of this thread (glibc 2.32 and later).
        guard let text = unsafe strerror(number) else { return "error \(number)" }
        return unsafe String(cString: text)
    }

    var reason: StoreError.Reason {
        switch number {
        case ENOTDIR: .notADirectory
        case EACCES, EPERM, EROFS: .notPermitted
        case ENOENT: .notFound
        case ENOSPC, EDQUOT: .diskFull
        case EFBIG: .tooLarge
        default: .system
        }
    }

    /// The process or the machine is short of something; the file itself may be all right.
    package var isShortage: Bool { [EMFILE, ENFILE, ENOMEM, EINTR].contains(number) }
}

/// An open file or directory, closed with its last reference.
package final class Descriptor: Sendable {
    fileprivate let number: Int32

    private init(_ number: Int32) throws(SystemError) {
        guard number >= 0 else { throw .last }
        self.number = number
    }

    deinit { close(number) }

    /// For reading; pipes and devices too.
    package static func file(path: String) throws(SystemError) -> Descriptor {
        try Descriptor(unsafe open(path, O_RDONLY | O_CLOEXEC))
    }

    static func directory(path: String) throws(SystemError) -> Descriptor {
        try Descriptor(unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
    }

    /// For reading. Does not wait for the other end of a pipe.
    func openFile(_ name: String) throws(SystemError) -> Descriptor {
        try Descriptor(unsafe openat(number, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC))
    }

    /// For writing; anybody may read it, whatever the umask says. Fails when there is one.
    func createFile(_ name: String) throws(SystemError) -> Descriptor {
        let file = try Descriptor(unsafe openat(number, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644))
        guard fchmod(file.number, 0o644) == 0 else { throw .last }
        return file
    }

    /// Made when it is missing.
    fileprivate func openLockFile(_ name: String) throws(SystemError) -> Descriptor {
        try Descriptor(unsafe openat(number, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0o644))
    }

    var isRegularFile: Bool {
        var status = stat()
        return unsafe fstat(number, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// Everything up to the end, or `sizeMax` + 1 bytes of it.
    package func readAll(sizeMax: Int) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= sizeMax {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe read(number, $0.baseAddress, $0.count) }
            if count > 0 {
                bytes += chunk[..<min(count, sizeMax + 1 - bytes.count)]
            } else if count == 0 {
                break
            } else if errno != EINTR {
                throw .last
            }
        }
        return bytes
    }

    func writeAll(_ bytes: [UInt8]) throws(SystemError) {
        var start = 0
        while start < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { raw in
                // In bounds: slicing checks the range against the array.
                let rest = unsafe UnsafeRawBufferPointer(rebasing: raw[start...])
                return unsafe write(number, rest.baseAddress, rest.count)
            }
            if count >= 0 {
                start += count
            } else if errno != EINTR {
                throw .last
            }
        }
    }

    /// Waits until the disk has it.
    func synchronize() throws(SystemError) {
        guard fsync(number) == 0 else { throw .last }
    }

    /// Whether nobody else has the lock. True as well where the file system has no locks.
    func tryLock() -> Bool { flock(number, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK }

    /// The same for a lock that must be real: false only where another has it.
    fileprivate func lock() throws(SystemError) -> Bool {
        if flock(number, LOCK_EX | LOCK_NB) == 0 { return true }
        guard errno == EWOULDBLOCK else { throw .last }
        return false
    }

    // MARK: Names in a directory

    func rename(_ old: String, to new: String) throws(SystemError) {
        guard unsafe renameat(number, old, number, new) == 0 else { throw .last }
    }

    /// Nothing happens when there is no such file.
    func remove(_ name: String) throws(SystemError) {
        guard unsafe unlinkat(number, name, 0) == 0 || errno == ENOENT else { throw .last }
    }

    func exists(_ name: String) -> Bool {
        var status = stat()
        return unsafe fstatat(number, name, &status, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT
    }
}

/// An exclusive lock, held as long as this lives.
package final class FileLock: Sendable {
    private let file: Descriptor
    private let directory: Descriptor
    private let name: String

    /// nil when another holds it.
    init?(_ name: String, in directory: Descriptor) throws(SystemError) {
        file = try directory.openLockFile(name)
        (self.name, self.directory) = (name, directory)
        guard try file.lock() else { return nil }
    }

    /// Whether the name still stands for the file that is locked. Where somebody removed it, others lock another file.
    package var isInPlace: Bool {
        var mine = stat()
        var named = stat()
        guard unsafe fstat(file.number, &mine) == 0,
            unsafe fstatat(directory.number, name, &named, AT_SYMLINK_NOFOLLOW) == 0
        else { return false }
        return mine.st_ino == named.st_ino && mine.st_dev == named.st_dev
    }
}

/// Nothing happens when something of that name is there already.
func makeDirectory(_ path: String) throws(SystemError) {
    guard unsafe mkdir(path, 0o755) == 0 || errno == EEXIST else { throw .last }
}

func checkWritable(directory path: String) throws(SystemError) {
    guard unsafe access(path, W_OK | X_OK) == 0 else { throw .last }
}
