/// Reading a configuration file from disk: the one place of this module that touches the system, and its only unsafe
/// code.
import Glibc

package struct FileProblem: Error, Sendable, CustomStringConvertible {
    package let description: String
}

/// Larger files are not configuration; the bound keeps `--config /dev/zero` harmless.
private let maximumFileBytes = 1 << 20

/// The bytes of a file; a pipe will do.
package func readConfigurationFile(_ path: String) throws(FileProblem) -> [UInt8] {
    // The string outlives the call.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw systemProblem(errno) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while bytes.count <= maximumFileBytes {
        // In bounds: the system writes at most as many bytes as the buffer has.
        let count = unsafe chunk.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
        if count == 0 { return bytes }
        if count < 0 {
            if errno == EINTR { continue }
            throw systemProblem(errno)
        }
        bytes += chunk[..<count]
    }
    throw FileProblem(description: "larger than \(maximumFileBytes) bytes")
}

private func systemProblem(_ code: Int32) -> FileProblem {
    // strerror returns a valid C string for every number.
    FileProblem(description: unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)")
}
