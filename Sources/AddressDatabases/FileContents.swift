// Reading a whole file, and knowing it again. Apart from the formats, which see bytes only.

internal import Glibc

/// What tells one content of a path from the next without reading it. Files are replaced by renaming a new one over the
/// old, or rewritten in place; either changes a part of this.
struct FileIdentity: Hashable, Sendable {
    private let device: UInt64
    private let inode: UInt64
    let sizeBytes: Int
    private let modifiedSeconds: Int
    private let modifiedNanoseconds: Int
    fileprivate let isRegular: Bool

    /// Nil when nothing can be reached under `path`.
    init?(path: String) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    fileprivate init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        sizeBytes = Int(status.st_size)
        modifiedSeconds = status.st_mtim.tv_sec
        modifiedNanoseconds = status.st_mtim.tv_nsec
        isRegular = status.st_mode & S_IFMT == S_IFREG
    }
}

struct FileContents {
    let bytes: [UInt8]
    /// Taken before the first byte was read: a file changed meanwhile differs from it.
    let identity: FileIdentity

    /// The largest file that is taken: city databases with all languages are about 70 MB, the OUI list 6 MB.
    static let bytesMax = 256 * 1024 * 1024

    init(path: String) throws(AddressDatabaseError) {
        // Not to wait for the writer of a pipe; without effect on regular files. The path is a C string for the call.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw AddressDatabaseError(reason: .unreadable, path: path, detail: errorText(errno))
        }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw AddressDatabaseError(reason: .unreadable, path: path, detail: errorText(errno))
        }
        identity = FileIdentity(status)
        guard identity.isRegular else {
            throw AddressDatabaseError(reason: .unreadable, path: path, detail: "expected a regular file")
        }
        guard identity.sizeBytes <= FileContents.bytesMax else {
            throw AddressDatabaseError(
                reason: .tooLarge, path: path, detail: "larger than \(FileContents.bytesMax / 1024 / 1024) MB")
        }
        do {
            bytes = try FileContents.read(descriptor, count: identity.sizeBytes)
        } catch {
            throw AddressDatabaseError(reason: .unreadable, path: path, detail: errorText(error.number))
        }
    }

    private struct ReadError: Error { let number: Int32 }

    /// Up to `count` bytes; fewer when the file has become shorter.
    private static func read(_ descriptor: Int32, count: Int) throws(ReadError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = unsafe bytes.withUnsafeMutableBytes { all in
                // In bounds: slicing checks the range against the array.
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: all[filled...])
                return unsafe Glibc.read(descriptor, rest.baseAddress, rest.count)
            }
            if got == 0 { break }
            guard got > 0 || errno == EINTR else { throw ReadError(number: errno) }
            filled += max(0, got)
        }
        bytes.removeLast(count - filled)
        return bytes
    }
}

/// A message of the C library, such as "No such file or directory".
func errorText(_ number: Int32) -> String {
    // A constant of the C library, or a buffer of this thread (glibc 2.32 and later).
    guard let text = unsafe strerror(number) else { return "error \(number)" }
    return unsafe String(cString: text)
}
