// Large and slow responses, clients that leave, the end of the server.

import Foundation
import Logging
import Synchronization
import Testing
@testable import Transport

@Suite(.timeLimit(.minutes(2))) struct StreamingTests {
    @Test(arguments: Way.sockets) func largeStreamToASlowReaderIsPulledAtItsPace(way: Way) async throws {
        try await withServer { server in
            let protocolArgument = way == .http1 ? "--http1.1" : "--http2-prior-knowledge"
            let result = try await run("curl", ["-sS", protocolArgument, "--limit-rate", "24M", "-o", "/dev/null", "-w", "%{size_download}", "http://127.0.0.1:\(server.port)/megabytes?64"])
            #expect(result.text == String(64 * 1024 * 1024))
            #expect(server.responder.chunksPulled.load(ordering: .relaxed) == 64)
        }
    }

    /// The last response of a connection is not cut off although its reader takes longer than the server lingers.
    @Test(.enabled(if: hasCurl, "curl not found: skipped")) func lastResponseIsCompleteForASlowReader() async throws {
        try await withServer { $0.lingerSeconds = 0.05 } _: { server in
            let result = try await run("curl", ["-sS", "--http1.0", "--limit-rate", "16M", "-o", "/dev/null", "-w", "%{size_download}", "http://127.0.0.1:\(server.port)/large"])
            #expect(result.text == String(32 * 1024 * 1024))
        }
    }

    /// The server never runs further ahead of the reader than the buffers between them.
    @Test(arguments: Way.sockets) func pullsStopWhenTheReaderStops(way: Way) async throws {
        try await withServer { server in
            let client = try await RawClient.connect(port: server.port, autoRead: false)
            if way == .http1 {
                try await client.send("GET /megabytes?1000 HTTP/1.1\r\nHost: x\r\n\r\n")
            } else {
                let windows = H2.settings([(4, 0x7fff_ffff)]) + H2.frame(.windowUpdate, H2.word(0x7fff_0000))
                try await client.send(H2.preface + windows + H2.get(stream: 1, path: "/megabytes?1000"))
            }
            // Other requests get their turn in between.
            for _ in 0..<20 { _ = try await ask(way, server, "/hello") }
            // Both kernels' socket buffers (a few MiB each on loopback) and a chunk on its way.
            #expect(server.responder.chunksPulled.load(ordering: .relaxed) < 24)
            await client.close()
            await server.responder.cancelled.wait()
        }
    }

    @Test(arguments: Way.sockets) func leavingCancelsTheResponder(way: Way) async throws {
        try await withServer { server in
            let client = try await RawClient.connect(port: server.port)
            try await client.send(way == .http1 ? Array("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n".utf8) : H2.preface + H2.settings() + H2.get(stream: 1, path: "/wait"))
            await server.responder.waiting.arrived.wait()
            #expect(server.counters.requestsInFlight == 1)
            await client.close()
            await server.responder.cancelled.wait()
        }
    }

    @Test func resettingAStreamCancelsOnlyIt() async throws {
        try await withServer { server in
            let client = try await RawClient.connect(port: server.port)
            try await client.send(H2.preface + H2.settings() + H2.get(stream: 1, path: "/wait"))
            await server.responder.waiting.arrived.wait()
            try await client.send(H2.frame(.reset, stream: 1, H2.word(8)) + H2.get(stream: 3, path: "/hello"))
            await server.responder.cancelled.wait()
            _ = try await client.receive { occurrences(of: "hello world\n", in: $0) == 1 }
            await client.close()
        }
    }

    @Test(arguments: Way.sockets) func leavingEndsTheStream(way: Way) async throws {
        try await withServer { server in
            let protocolArgument = way == .http1 ? "--http1.1" : "--http2-prior-knowledge"
            _ = try await run("curl", ["-sS", protocolArgument, "--max-filesize", "1", "--limit-rate", "1M", "--max-time", "0.5", "-o", "/dev/null", "http://127.0.0.1:\(server.port)/megabytes?1000"])
            await server.responder.cancelled.wait()
            #expect(server.responder.chunksPulled.load(ordering: .relaxed) < 1000)
        }
    }

    @Test(arguments: Way.sockets) func shutdownFinishesWhatIsUnderWay(way: Way) async throws {
        try await withServer { server in
            let client = try await RawClient.connect(port: server.port)
            let idle = try await RawClient.connect(port: server.port)
            try await client.send(way == .http1 ? Array("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n".utf8) : H2.preface + H2.settings() + H2.get(stream: 1, path: "/wait"))
            await server.responder.waiting.arrived.wait()
            let shutdown = Task { await server.server.shutdown(drainSeconds: 30) }
            // The idle connection closing shows that draining has begun.
            _ = try await idle.receiveAll()
            if way == .http2 {
                // The notice comes first; answering the PING is the sign that it was heard.
                let noticed = try await client.receive { H2.count(.ping, in: $0) == 1 }
                #expect(H2.count(.goAway, in: noticed) == 1)
                let ping = try #require(H2.frames(noticed).first { $0.kind == H2.Kind.ping.rawValue })
                try await client.send(H2.frame(.ping, flags: H2.acknowledgement, ping.payload))
                _ = try await client.receive { H2.count(.goAway, in: $0) == 2 }
            }
            server.responder.waiting.releaseAll()
            let received = try await client.receiveAll()
            #expect(occurrences(of: "waited\n", in: received) == 1)
            if way == .http1 { #expect(occurrences(of: "connection: close", in: received) == 1) }
            await shutdown.value
            #expect(server.counters.connectionsCurrent == 0)
            await #expect(throws: (any Error).self) { _ = try await RawClient.connect(port: server.port) }
        }
    }

    @Test func shutdownDeadlineCutsOff() async throws {
        try await withServer { server in
            let client = try await RawClient.connect(port: server.port)
            try await client.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
            await server.responder.waiting.arrived.wait()
            await server.server.shutdown(drainSeconds: 0.05)
            await server.responder.cancelled.wait()
            #expect(try await client.receiveAll().isEmpty)
        }
    }

    @Test func startErrorsAreTypedAndClear() async throws {
        try await withServer { running in
            func start(_ configuration: HTTPServerConfiguration) async -> HTTPServerError? {
                let server = HTTPServer(configuration: configuration, responder: running.responder, logger: Logger(label: "test"))
                do throws(HTTPServerError) {
                    _ = try await server.start()
                    await server.shutdown(drainSeconds: 0)
                    return nil
                } catch { return error }
            }
            let inUse = await start(HTTPServerConfiguration(host: "127.0.0.1", port: running.port))
            #expect(inUse?.reason == .portInUse)
            #expect(inUse?.description.hasPrefix("HTTP port \(running.port) is in use") == true)
            #expect(await start(HTTPServerConfiguration(host: "192.0.2.1", port: 0))?.reason == .addressNotAvailable)
            #expect(await start(HTTPServerConfiguration(host: "no-such-host.invalid", port: 0))?.reason == .addressNotAvailable)
            #expect(await start(HTTPServerConfiguration(host: "127.0.0.1", port: 70_000))?.reason == .other)
            do throws(HTTPServerError) {
                _ = try await running.server.start()
                Issue.record("started twice")
            } catch { #expect(error.reason == .alreadyStarted) }
        }
    }

    @Test(arguments: [nil, ""] as [String?]) func everyAddress(host: String?) async throws {
        try await withServer { $0.host = host } _: { server in
            let client = try await RawClient.connect(port: server.port)
            try await client.send("GET /hello HTTP/1.0\r\n\r\n")
            let text = try await client.receiveAllText()
            #expect(text.hasSuffix("hello world\n"))
        }
    }

    @Test(.enabled(if: hasH2load, "h2load not found: skipped"), arguments: Way.sockets)
    func loadGenerator(way: Way) async throws {
        try await withServer { $0.eventLoopThreads = 2 } _: { server in
            let result = try await run("h2load", ["-n", "3000", "-c", "8", "-m", "16"] + (way == .http1 ? ["--h1"] : []) + ["http://127.0.0.1:\(server.port)/hello"])
            #expect(result.text.contains("3000 succeeded, 0 failed, 0 errored"), "\(result.text)")
            #expect(server.counters.messagesSent == 3000)
            #expect(server.counters.connectionsTotal == 8)
        }
    }
}
