// Directories and files of one test.

import Glibc

struct SystemFailure: Error { let number = errno }

/// Runs a test with a directory of its own and removes it afterwards.
func withDirectory<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    var template = Array("/tmp/weir-definitions-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemFailure() }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { removeDirectory(path) }
    return try await body(path)
}

/// With the files in it.
func removeDirectory(_ path: String) {
    guard let directory = opendir(path) else { return }
    while let entry = readdir(directory) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != ".", name != ".." { remove("\(path)/\(name)") }
    }
    closedir(directory)
    rmdir(path)
}

func write(_ text: String, to path: String) throws {
    guard let file = fopen(path, "w") else { throw SystemFailure() }
    defer { fclose(file) }
    guard fputs(text, file) >= 0 else { throw SystemFailure() }
}

func read(_ path: String) throws -> String {
    guard let file = fopen(path, "r") else { throw SystemFailure() }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = fread(&chunk, 1, chunk.count, file)
        guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
        bytes += chunk[..<count]
    }
}
