// The system calls behind reading and writing captures. This file and no other of the module imports Glibc and touches
// pointers: Foundation's file handle would bring in 7 MB for open, read and write.

import Glibc

/// An error number of the operating system.
struct SystemError: Error {
    let number: Int32
}

/// A message of the C library, such as "No such file or directory".
func systemErrorText(_ number: Int32) -> String {
    // The text is a constant of the C library, or a buffer of this thread (glibc 2.32 and later).
    guard let text = unsafe strerror(number) else { return "error \(number)" }
    return unsafe String(cString: text)
}

/// A file opened for reading, closed when the last reference goes.
final class InputFile: Sendable {
    private let descriptor: Int32

    init(path: String) throws(SystemError) {
        // The path is a C string for the length of the call.
        descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError(number: errno) }
    }

    deinit { close(descriptor) }

    /// Reads once into `buffer[range]`; the number of bytes read, 0 at the end of the file.
    func read(into buffer: inout [UInt8], range: Range<Int>) throws(SystemError) -> Int {
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { raw in
                // In bounds: slicing checks the range against the array.
                let target = unsafe UnsafeMutableRawBufferPointer(rebasing: raw[range])
                return unsafe Glibc.read(descriptor, target.baseAddress, target.count)
            }
            if count >= 0 { return count }
            guard errno == EINTR else { throw SystemError(number: errno) }
        }
    }

    /// Goes back to the first byte; fails on pipes.
    func seekToStart() throws(SystemError) {
        guard lseek(descriptor, 0, SEEK_SET) == 0 else { throw SystemError(number: errno) }
    }
}

/// A file created, or emptied, for writing; closed when the last reference goes.
final class OutputFile: Sendable {
    private let descriptor: Int32

    init(path: String) throws(SystemError) {
        // The path is a C string for the length of the call.
        descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw SystemError(number: errno) }
    }

    deinit { close(descriptor) }

    /// Writes all bytes.
    func write(_ bytes: [UInt8]) throws(SystemError) {
        var start = 0
        while start < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { raw in
                // In bounds: slicing checks the range against the array.
                let rest = unsafe UnsafeRawBufferPointer(rebasing: raw[start...])
                return unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
            }
            if count >= 0 {
                start += count
            } else if errno != EINTR {
                throw SystemError(number: errno)
            }
        }
    }
}
