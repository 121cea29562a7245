// Servers as child processes, on ports of the loopback interface that the system chose.

import Foundation

final class Child: Sendable {
    private let process = Process()
    /// Ends the child with this process, however that ends, where the child reads it.
    private let input = Pipe()
    let firstLine: String

    /// - Parameter readsLine: waits for the first line of output.
    init(_ program: String, _ arguments: [String], readsLine: Bool = false) throws {
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.standardInput = input
        process.standardOutput = readsLine ? output : FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        firstLine =
            readsLine
            ? String(decoding: output.fileHandleForReading.availableData, as: UTF8.self).trimmingCharacters(in: .newlines) : ""
    }

    deinit { end() }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// kill -9, waited for.
    func end() {
        guard process.isRunning else { return }
        signal(SIGKILL)
        process.waitUntilExit()
    }
}

/// Runs a program to its end.
func run(_ program: String, _ arguments: String...) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Late(what: "\(program) ended with \(process.terminationStatus)") }
}

func isInstalled(_ program: String) -> Bool { (try? run("sh", "-c", "command -v \(program)")) != nil }

/// Free a moment ago. Servers that cannot choose a port themselves need one.
func freePorts(_ count: Int) -> [UInt16] {
    let sockets = (0..<count).map { _ in socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) }
    defer { for socket in sockets { close(socket) } }
    return sockets.map { socket in
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                _ = bind(socket, generic, length)
                _ = getsockname(socket, generic, &length)
            }
        }
        return UInt16(bigEndian: address.sin_port)
    }
}

/// A directory of its own for each test, removed with the last reference.
final class Scratch: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/weir-store-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/" + name), options: .atomic)
    }

    /// A certificate for 127.0.0.1 that vouches for itself, in `certificate.pem`, and its key in `key.pem`.
    func makeCertificate() throws {
        try run(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=store", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", path + "/key.pem", "-out",
            path + "/certificate.pem")
    }
}

struct Late: Error {
    let what: String
}

/// The first value that `probe` has, asked again and again for some seconds.
func eventually<Value>(
    _ what: String, seconds: Double = 60, _ probe: () async throws -> Value?
) async throws -> Value {
    let end = ContinuousClock.now + .seconds(seconds)
    while true {
        if let value = try await probe() { return value }
        guard ContinuousClock.now < end else { throw Late(what: "not within \(seconds) s: \(what)") }
        try await Task.sleep(for: .milliseconds(5))
    }
}

func eventually(_ what: String, seconds: Double = 60, _ holds: () async throws -> Bool) async throws {
    let _: Bool = try await eventually(what, seconds: seconds) { try await holds() ? true : nil }
}
