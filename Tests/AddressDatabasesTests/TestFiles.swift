// The databases made by make-databases.py, a folder for files that tests change, and repeatable random numbers.

import Glibc

enum Fixture: String, CaseIterable {
    case country, country4, asn

    var path: String {
        let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        return "\(folder)/Databases/\(rawValue).mmdb"
    }

    var bytes: [UInt8] { readFile(path) }
}

/// A folder that is gone when the last reference is.
final class ScratchFolder {
    let path: String

    init() {
        var template = Array("/tmp/weir-databases-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { fatalError("no folder below /tmp") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        for name in ["a", "b"] { unlink("\(path)/\(name)") }
        rmdir(path)
    }

    /// Puts `bytes` under `name` in place: the file keeps its inode.
    @discardableResult
    func write(_ bytes: [UInt8], to name: String) -> String {
        let file = "\(path)/\(name)"
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        defer { close(descriptor) }
        guard bytes.withUnsafeBytes({ Glibc.write(descriptor, $0.baseAddress, $0.count) }) == bytes.count else {
            fatalError("cannot write \(file)")
        }
        return file
    }

    /// Puts `bytes` under `name` as updaters do: written beside, then renamed over it.
    func replace(_ name: String, with bytes: [UInt8]) {
        let other = write(bytes, to: name == "a" ? "b" : "a")
        guard rename(other, "\(path)/\(name)") == 0 else { fatalError("cannot rename \(other)") }
    }

    func remove(_ name: String) { unlink("\(path)/\(name)") }
}

private func readFile(_ path: String) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { fatalError("no fixture \(path): run make-databases.py") }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
    return Array(bytes.prefix(max(0, count)))
}
