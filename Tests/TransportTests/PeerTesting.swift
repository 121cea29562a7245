// Two nodes for a test: a server that takes message streams, a client of it, and what the streams do.

import Logging
import NIOCore
import NIOPosix
import SeededRandom
import Testing
@testable import Transport

let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

let peerTestGroup = MultiThreadedEventLoopGroup.singleton

/// What streams do, by path.
final class SampleAcceptor: StreamAcceptor {
    /// `/test/hold` has begun; goes on when told to.
    let holding = Waiters()
    /// The task of a stream has been cancelled.
    let cancelled = Signal()

    /// Messages of a MiB that `/test/pour` sends before it receives any.
    static let pourCount = 60

    func accepts(path: String) -> Bool { path.hasPrefix("/test/") }

    func serve(_ stream: MessageStream) async throws {
        try await withTaskCancellationHandler { try await act(stream) } onCancel: { cancelled.fire() }
    }

    private func act(_ stream: MessageStream) async throws {
        switch stream.path {
        case "/test/echo":
            while let message = try await stream.receive() { try await stream.send(message, compress: message.readableBytes % 2 == 0) }
        case "/test/greeting":
            stream.accept(headers: ["x-greeting": "hello \(stream.headers["x-name"] ?? "")"])
            while try await stream.receive() != nil {}
        case "/test/refuse": throw StreamRefusal(status: 409, message: "no room for \(stream.headers["x-name"] ?? "you")")
        case "/test/refuse-loudly": throw StreamRefusal(status: 503, message: String(repeating: "x", count: 5000))
        case "/test/refuse-late":
            stream.accept()
            throw StreamRefusal(status: 409, message: "too late")
        case "/test/mute": await holding.wait()
        case "/test/fail": throw SampleResponder.Broken()
        case "/test/hold":
            stream.accept()
            await holding.wait()
            var count = 0
            while try await stream.receive() != nil { count += 1 }
            try await stream.send(ByteBuffer(integer: count))
        case "/test/pour":
            for _ in 0..<Self.pourCount { try await stream.send(ByteBuffer(repeating: 1, count: 1 << 20)) }
            var count = 0
            while try await stream.receive() != nil { count += 1 }
            try await stream.send(ByteBuffer(integer: count))
        case "/test/source":
            while true { try await stream.send(ByteBuffer(repeating: 7, count: 10_000)) }
        case "/test/first":
            if let first = try await stream.receive() { try await stream.send(first) }
        default:
            stream.accept()
            await holding.wait()
        }
    }
}

struct TestPeers {
    var server: TestServer
    var acceptor: SampleAcceptor
    var client: PeerClient
    var clientCounters: PeerCounters
    var serverCounters: PeerCounters

    /// Another client of the same server.
    func makeClient(_ configure: (inout PeerClient.Configuration) -> Void = { _ in }) -> PeerClient {
        var configuration = PeerClient.Configuration(host: "127.0.0.1", port: server.port)
        configure(&configuration)
        return PeerClient(configuration, group: peerTestGroup, logger: silent)
    }
}

func withPeers<Result>(
    _ configureServer: (inout HTTPServerConfiguration) -> Void = { _ in },
    client configureClient: (inout PeerClient.Configuration) -> Void = { _ in },
    _ body: (TestPeers) async throws -> Result
) async throws -> Result {
    let acceptor = SampleAcceptor()
    let serverCounters = PeerCounters()
    let clientCounters = PeerCounters()
    return try await withServer {
        $0.streams = acceptor
        $0.peerCounters = serverCounters
        configureServer(&$0)
    } _: { server in
        var configuration = PeerClient.Configuration(host: "127.0.0.1", port: server.port)
        configuration.counters = clientCounters
        // A machine that is busy with other tests is no fault; tests of these deadlines set their own.
        configuration.connectTimeoutSeconds = 30
        configuration.openTimeoutSeconds = 60
        configureClient(&configuration)
        let client = PeerClient(configuration, group: peerTestGroup, logger: silent)
        let peers = TestPeers(
            server: server, acceptor: acceptor, client: client, clientCounters: clientCounters, serverCounters: serverCounters)
        let result: Swift.Result<Result, any Error>
        do { result = .success(try await body(peers)) } catch { result = .failure(error) }
        acceptor.holding.releaseAll()
        await client.close()
        return try result.get()
    }
}

/// Waits for a condition that other tasks bring about, at most 20 s.
func eventually(_ condition: () -> Bool, sourceLocation: SourceLocation = #_sourceLocation) async {
    let deadline = ContinuousClock.now + .seconds(20)
    while !condition() {
        guard ContinuousClock.now < deadline else {
            Issue.record("did not come about in time", sourceLocation: sourceLocation)
            return
        }
        try? await Task.sleep(for: .milliseconds(2))
    }
}

/// The reason why `body` fails.
func peerError<Value>(_ body: () async throws(PeerError) -> Value) async -> PeerError? {
    do throws(PeerError) {
        _ = try await body()
        return nil
    } catch {
        return error
    }
}

func randomMessage(_ count: Int, using random: inout SeededGenerator) -> ByteBuffer {
    // Half noise, half compressible.
    ByteBuffer(bytes: (0..<count).map { $0 % 2 == 0 ? UInt8.random(in: 0...255, using: &random) : 0x20 })
}
