// Running real clients (curl, h2load) from tests.

import Foundation

struct CommandResult: Sendable {
    var status: Int32
    var output: Data
    var text: String { String(decoding: output, as: UTF8.self) }
}

/// Runs a program to its end and returns what it printed, errors included.
func run(_ command: String, _ arguments: [String]) async throws -> CommandResult {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [command] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let reader = pipe.fileHandleForReading
    return await withCheckedContinuation { done in
        // Blocks a thread of its own, not one of the concurrency pool, on which the server's responders run.
        Thread.detachNewThread {
            let output = reader.readDataToEndOfFile()
            process.waitUntilExit()
            done.resume(returning: CommandResult(status: process.terminationStatus, output: output))
        }
    }
}

/// Whether a program can be found; tests with real clients are skipped without it.
func isInstalled(_ command: String) -> Bool {
    (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":").contains {
        FileManager.default.isExecutableFile(atPath: "\($0)/\(command)")
    }
}

let hasCurl = isInstalled("curl")
let hasH2load = isInstalled("h2load")

/// A directory that is gone after `body`.
func withTemporaryDirectory<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("transport-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: url) }
    return try await body(url.path)
}
