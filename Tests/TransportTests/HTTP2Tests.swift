// HTTP/2 connections frame by frame: hostile clients, flow control, the codec alone.

import NIOCore
import SeededRandom
import Synchronization
import Testing
@testable import Transport

@Suite(.timeLimit(.minutes(2))) struct HTTP2Tests {
    private func connect(_ server: TestServer, autoRead: Bool = true) async throws -> RawClient {
        let client = try await RawClient.connect(port: server.port, autoRead: autoRead)
        try await client.send(H2.preface + H2.settings())
        return client
    }

    private func expectAlive(_ server: TestServer) async throws {
        let client = try await connect(server)
        try await client.send(H2.get(stream: 1, path: "/hello"))
        _ = try await client.receive { occurrences(of: "hello world\n", in: $0) == 1 }
        await client.close()
    }

    @Test func manyStreamsOnOneConnection() async throws {
        try await withServer { server in
            let client = try await connect(server)
            try await client.send((0..<100).flatMap { H2.get(stream: UInt32($0) * 2 + 1, path: "/hello") })
            _ = try await client.receive { occurrences(of: "hello world\n", in: $0) == 100 }
            #expect(server.counters.connectionsTotal == 1 && server.counters.messagesReceived == 100)
            await client.close()
        }
    }

    @Test func malformedFramesEndTheConnection() async throws {
        let hostile: [[UInt8]] = [
            H2.frame(.data, stream: 1, [1, 2, 3]),                                   // no such stream
            H2.frame(.headers, flags: H2.endHeaders, stream: 2, H2.requestFields(path: "/")),   // even number
            H2.frame(.headers, flags: H2.endHeaders, stream: 1, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),   // HPACK overflow
            H2.frame(.settings, [1]), H2.frame(.ping, [1]), H2.frame(.windowUpdate, H2.word(0)),
            H2.frame(.pushPromise, flags: H2.endHeaders, stream: 1, H2.word(2)), H2.frame(.continuation, stream: 1),
            [0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1],                                    // 16 MiB frame
            H2.settings([(4, 0xffff_ffff)]),                                         // window over 2^31 - 1
            H2.frame(.windowUpdate, H2.word(0x7fff_ffff)) + H2.frame(.windowUpdate, H2.word(0x7fff_ffff)),
        ]
        try await withServer { server in
            for bytes in hostile {
                let client = try await connect(server)
                try await client.send(bytes)
                let received = try await client.receiveAll()
                #expect(H2.count(.goAway, in: received) == 1)
            }
            #expect(server.counters.refused[.malformed] == hostile.count)
            try await expectAlive(server)
        }
    }

    @Test func randomFrames() async throws {
        let seed = UInt64.random(in: .min ... .max)
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        try await withServer { $0.lingerSeconds = 0.01 } _: { server in
            for _ in 0..<200 {
                let client = try await connect(server)
                for _ in 0..<Int.random(in: 1...6, using: &random) {
                    let kind = H2.Kind(rawValue: UInt8.random(in: 0...9, using: &random)) ?? .data
                    let payload = (0..<Int.random(in: 0...40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
                    await client.sendIgnoringErrors(H2.frame(kind, flags: UInt8.random(in: 0...255, using: &random), stream: UInt32.random(in: 0...5, using: &random), payload))
                }
                await client.close()
            }
            try await expectAlive(server)
        }
    }

    @Test func resetFloodEndsTheConnection() async throws {
        try await withServer { server in
            let client = try await connect(server)
            func asked(_ index: Int) -> [UInt8] {
                let stream = UInt32(index) * 2 + 1
                return H2.get(stream: stream, path: "/wait") + H2.frame(.reset, stream: stream, H2.word(8))
            }
            let begin = ContinuousClock.now
            for batch in 0..<100 { await client.sendIgnoringErrors((0..<100).flatMap { asked(batch * 100 + $0) }) }
            let received = try await client.receiveAll()
            #expect(H2.count(.goAway, in: received) == 1)
            // The burst, what has been granted since, and what one read from the socket holds beyond it.
            let limits = HTTP2Limits(), granted = limits.resetsPerSecond * Int((ContinuousClock.now - begin).components.seconds + 1)
            #expect(server.counters.messagesReceived <= limits.resetBurst + granted + 65_536 / asked(0).count + 1)
            try await expectAlive(server)
        }
    }

    /// The client asks for answers to PING or SETTINGS and reads none: it is no longer read, or cut off.
    @Test(arguments: [H2.frame(.ping, [0, 1, 2, 3, 4, 5, 6, 7]), H2.settings([(3, 100)])])
    func floodsAreBounded(frame: [UInt8]) async throws {
        try await withServer { server in
            let client = try await connect(server, autoRead: false)
            let batch = Array(repeating: frame, count: 5000).flatMap { $0 }
            // Never finishes where the server stops reading, so it is not waited for.
            let flood = Task { for _ in 0..<200 { await client.sendIgnoringErrors(batch) } }
            for _ in 0..<20 { try await expectAlive(server) }
            await client.close()
            await flood.value
            #expect(server.counters.bytesSent < 20_000_000)
        }
    }

    @Test func continuationFloodEndsTheConnection() async throws {
        try await withServer { server in
            let client = try await connect(server)
            let start = H2.frame(.headers, flags: H2.endStream, stream: 1, H2.requestFields(path: "/hello"))
            let more = (0..<50).flatMap { _ in H2.frame(.continuation, stream: 1, H2.field("a", "b")) }
            await client.sendIgnoringErrors(start + more)
            _ = try await client.receiveAll()
            #expect(server.counters.refused[.malformed] == 1 && server.counters.messagesReceived == 0)
        }
    }

    /// One byte of HPACK can stand for 4 KiB of dynamic table (RFC 7541, section 7.3).
    @Test func headerBombIsRefused() async throws {
        try await withServer { server in
            let client = try await connect(server)
            // Indexed into the dynamic table: name "a", value of 3000 bytes (length as 7-bit prefix integer).
            let entry: [UInt8] = [0x40, 1, 0x61, 0x7f, 0xb9, 0x16] + [UInt8](repeating: 0x62, count: 3000)
            let bomb = entry + [UInt8](repeating: 0xbe, count: 12_000)
            try await client.send(H2.get(stream: 1, path: "/hello", extra: bomb))
            let received = try await client.receive { H2.count(.reset, in: $0) == 1 }
            #expect(H2.count(.data, in: received) == 0)
            try await client.send(H2.get(stream: 3, path: "/hello", extra: Array(bomb.prefix(3036))))
            let refused = try await client.receive { H2.count(.data, in: $0) == 1 }
            #expect(occurrences(of: "431", in: refused) > 0)
            #expect(server.counters.messagesReceived == 0)
            await client.close()
        }
    }

    @Test func slowHeaderBlockAndBodyTimeOut() async throws {
        try await withServer { $0.requestHeaderTimeoutSeconds = 1; $0.requestBodyTimeoutSeconds = 1 } _: { server in
            let slowHead = try await connect(server)
            try await slowHead.send(H2.frame(.headers, stream: 1, H2.requestFields(path: "/hello")))
            _ = try await slowHead.receiveAll()
            let slowBody = try await connect(server)
            try await slowBody.send(H2.post(stream: 1, path: "/echo") + H2.frame(.data, stream: 1, [1]))
            let received = try await slowBody.receive { occurrences(of: "took too long", in: $0) == 1 }
            #expect(occurrences(of: "408", in: received) >= 1)
            #expect(server.counters.refused[.timeout] == 2)
            await slowBody.close()
        }
    }

    @Test func idleConnectionIsTold() async throws {
        try await withServer { $0.idleTimeoutSeconds = 3 } _: { server in
            let client = try await connect(server)
            let received = try await client.receiveAll()
            #expect(H2.count(.goAway, in: received) == 1)
        }
    }

    /// A peer that never opens its window ties up a stream no longer than an idle connection.
    @Test func closedWindowTimesOut() async throws {
        try await withServer { $0.idleTimeoutSeconds = 3 } _: { server in
            let client = try await RawClient.connect(port: server.port)
            try await client.send(H2.preface + H2.settings([(4, 0)]) + H2.get(stream: 1, path: "/hello"))
            let received = try await client.receive { H2.count(.reset, in: $0) == 1 }
            #expect(H2.count(.data, in: received) == 0)
            await client.close()
        }
    }

    /// The codec alone: what is received counts against the windows until it is consumed.
    @Test func windowsFollowConsumption() throws {
        var limits = HTTP2Limits()
        limits.streamWindowBytes = 100_000
        limits.connectionWindowBytes = 100_000
        let session = try HTTP2Session.server(limits: limits)
        try session.receive(ByteBuffer(bytes: H2.preface + H2.settings() + H2.post(stream: 1, path: "/a")))
        _ = session.takeEvents()
        var output = ByteBuffer()
        #expect(session.writeOutput(into: &output, limitBytes: 1 << 20))
        output.clear()
        // The limits hold from the client's acknowledgement on.
        try session.receive(ByteBuffer(bytes: H2.frame(.settings, flags: H2.acknowledgement)))
        for _ in 0..<5 { try session.receive(ByteBuffer(bytes: H2.frame(.data, stream: 1, [UInt8](repeating: 0, count: 16_000)))) }
        #expect(session.writeOutput(into: &output, limitBytes: 1 << 20))
        #expect(H2.count(.windowUpdate, in: Array(output.readableBytesView)) == 0)
        let received = session.takeEvents().reduce(0) { sum, event in
            if case .data(1, let bytes) = event { sum + bytes.readableBytes } else { sum }
        }
        #expect(received == 80_000)
        session.consume(stream: 1, streamBytes: received, connectionBytes: received)
        #expect(session.writeOutput(into: &output, limitBytes: 1 << 20))
        #expect(H2.count(.windowUpdate, in: Array(output.readableBytesView)) == 2)
        // Beyond the window: the stream or connection ends with FLOW_CONTROL_ERROR.
        for _ in 0..<10 { try session.receive(ByteBuffer(bytes: H2.frame(.data, stream: 1, [UInt8](repeating: 0, count: 16_000)))) }
        output.clear()
        #expect(session.writeOutput(into: &output, limitBytes: 1 << 20))
        let isRefused = H2.frames(Array(output.readableBytesView)).contains { $0.kind == H2.Kind.reset.rawValue || $0.kind == H2.Kind.goAway.rawValue }
        #expect(isRefused)
    }

    @Test func prefaceMustBeRight() throws {
        let session = try HTTP2Session.server(limits: HTTP2Limits())
        let bytes = ByteBuffer(string: "GET / HTTP/1.1\r\n\r\nxxxxxx")
        do throws(HTTP2Error) {
            try session.receive(bytes)
            Issue.record("no error")
        } catch {
            #expect(error.reason == .badPreface)
        }
    }
}

@Suite(.timeLimit(.minutes(2))) struct HTTP2BackPressureTests {
    /// With an acknowledgement, from which on the server's own window sizes hold.
    private let opening = H2.preface + H2.settings() + H2.frame(.settings, flags: H2.acknowledgement)

    /// A request with a body of 3 MiB.
    private func post(stream: UInt32, path: String) -> [UInt8] {
        let piece = [UInt8](repeating: 0, count: 16_384)
        let data = (0..<192).flatMap { H2.frame(.data, flags: $0 == 191 ? H2.endStream : 0, stream: stream, piece) }
        return H2.post(stream: stream, path: path) + data
    }

    /// While responders hold more than one largest body, the connection's window of 4 MiB is not refilled: a client that
    /// minds it waits, one that does not is cut off.
    @Test func bodiesHeldByRespondersShutTheWindow() async throws {
        try await withServer { server in
            let client = try await RawClient.connect(port: server.port)
            try await client.send(opening)
            for stream: UInt32 in [1, 3, 5, 7] { await client.sendIgnoringErrors(post(stream: stream, path: "/wait")) }
            let received = try await client.receiveAll()
            let goAway = try #require(H2.frames(received).first { $0.kind == H2.Kind.goAway.rawValue })
            #expect(goAway.payload.suffix(4) == [0, 0, 0, 3])   // FLOW_CONTROL_ERROR
            #expect(server.counters.messagesReceived == 3)
        }
    }

    @Test func theWindowOpensWhenRespondersAreDone() async throws {
        try await withServer { server in
            let client = try await RawClient.connect(port: server.port)
            try await client.send(opening)
            for stream: UInt32 in [1, 3, 5] { try await client.send(post(stream: stream, path: "/wait")) }
            await server.responder.waiting.arrived.wait()
            server.responder.waiting.releaseAll()
            _ = try await client.receive { occurrences(of: "waited\n", in: $0) == 3 }
            for stream: UInt32 in [7, 9, 11, 13] { try await client.send(post(stream: stream, path: "/hello")) }
            let received = try await client.receive { occurrences(of: "hello world\n", in: $0) == 4 }
            #expect(H2.count(.goAway, in: received) == 0)
            await client.close()
        }
    }
}
