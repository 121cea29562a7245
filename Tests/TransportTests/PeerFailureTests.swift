// Message streams over real sockets: what goes wrong, and that it is told, counted, and stays where it is.

import NIOCore
import SeededRandom
import Testing
@testable import Transport

private func send(_ message: ByteBuffer, on stream: MessageStream) async -> PeerError? {
    await peerError { () async throws(PeerError) in try await stream.send(message) }
}

private func receive(from stream: MessageStream) async -> PeerError? {
    await peerError { () async throws(PeerError) in try await stream.receive() }
}

private func open(_ path: String, by client: PeerClient) async -> PeerError? {
    await peerError { () async throws(PeerError) in try await client.open(path) }
}

/// The connection, and with it everybody else's streams, is unharmed.
private func expectAlive(_ peers: TestPeers) async throws {
    let stream = try await peers.client.open("/test/echo")
    try await stream.send(ByteBuffer(string: "alive"))
    #expect(try await stream.receive() == ByteBuffer(string: "alive"))
    stream.finish()
    #expect(try await stream.receive() == nil)
}

@Suite(.timeLimit(.minutes(2))) struct PeerFailureTests {
    // MARK: Giving up

    @Test func theClientCancels() async throws {
        try await withPeers { peers in
            let stream = try await peers.client.open("/test/source")
            _ = try await stream.receive()
            stream.cancel()
            await peers.acceptor.cancelled.wait()
            #expect(await receive(from: stream)?.reason == .cancelled)
            #expect(await send(ByteBuffer(), on: stream)?.reason == .cancelled)
            try await expectAlive(peers)
            #expect(peers.serverCounters.snapshot.failures[.cancelled] == 1)
            #expect(peers.server.counters.connectionsTotal == 1)
        }
    }

    @Test func aReceiverIsWokenByCancel() async throws {
        try await withPeers { peers in
            let stream = try await peers.client.open("/test/hold")
            async let failure = receive(from: stream)
            await peers.acceptor.holding.arrived.wait()
            stream.cancel()
            #expect(await failure?.reason == .cancelled)
        }
    }

    @Test func lettingGoOfAStreamCancelsIt() async throws {
        try await withPeers { peers in
            _ = try await peers.client.open("/test/source")
            await peers.acceptor.cancelled.wait()
            try await expectAlive(peers)
        }
    }

    /// The call ends, the stream does not, and no message is lost.
    @Test func aCancelledTaskOnlyStopsWaiting() async throws {
        try await withPeers { peers in
            let stream = try await peers.client.open("/test/echo")
            for number in 0..<50 {
                let waiting = Task { await receive(from: stream) }
                waiting.cancel()
                #expect(await waiting.value?.reason == .cancelled)
                try await stream.send(ByteBuffer(integer: number))
                #expect(try await stream.receive() == ByteBuffer(integer: number))
            }
            let opening = Task { await open("/test/mute", by: peers.client) }
            opening.cancel()
            #expect(await opening.value?.reason == .cancelled)
        }
    }

    @Test func theServersTaskFails() async throws {
        try await withPeers { peers in
            #expect(await open("/test/fail", by: peers.client)?.reason == .closed)
            try await expectAlive(peers)
        }
    }

    /// Far more than a stranger may reset.
    @Test func manyCancelledStreams() async throws {
        try await withPeers { peers in
            for _ in 0..<1000 { try await peers.client.open("/test/echo").cancel() }
            try await expectAlive(peers)
            #expect(peers.server.counters.connectionsTotal == 1)
        }
    }

    // MARK: Being refused

    @Test func refusals() async throws {
        try await withPeers { peers in
            let plain = await open("/test/refuse", by: peers.client)
            #expect(plain == PeerError(.refused, "no room for you", status: 409))
            let loud = await open("/test/refuse-loudly", by: peers.client)
            #expect(loud?.status == 503 && loud?.message.utf8.count == 1024)
            // Too late for words; the head may or may not be on its way already.
            let late = await peerError { () async throws(PeerError) in try await peers.client.open("/test/refuse-late").receive() }
            #expect(late?.reason == .closed)
            let elsewhere = await open("/nowhere", by: peers.client)
            #expect(elsewhere == PeerError(.refused, "no message streams at /nowhere", status: 404))
            #expect(peers.clientCounters.snapshot.failures[.refused] == 3)
            #expect(peers.serverCounters.snapshot.failures[.refused] == 3)
            #expect(peers.serverCounters.snapshot.traffic["/test/refuse"]?.streamsTotal == 1)
            await eventually { peers.serverCounters.snapshot.traffic.values.allSatisfy { $0.streamsCurrent == 0 } }
            try await expectAlive(peers)
        }
    }

    @Test func noCommonVersion() async throws {
        try await withPeers { $0.messageStreams.protocolVersions = [2, 3] } _: { peers in
            let error = await open("/test/echo", by: peers.client)
            #expect(error == PeerError(.refused, "no common protocol version: this node speaks 2, 3, the peer 1", status: 400))
            let client = try await RawClient.connect(port: peers.server.port)
            try await client.send(H2.preface + H2.settings() + H2.post(stream: 1, path: "/test/echo"))
            _ = try await client.receive { occurrences(of: "header field weir-protocol is missing", in: $0) == 1 }
            await client.close()
        }
    }

    @Test func version1OfHTTPIsNoWay() async throws {
        try await withPeers { peers in
            let client = try await RawClient.connect(port: peers.server.port)
            try await client.send("POST /test/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc")
            let text = try await client.receiveAllText()
            #expect(text.hasPrefix("HTTP/1.1 505 ") && text.contains("streams of messages, which need HTTP/2"))
        }
    }

    @Test func tooManyStreams() async throws {
        try await withPeers { $0.maxRequests = 1 } _: { peers in
            let first = try await peers.client.open("/test/echo")
            #expect(await open("/test/echo", by: peers.client)?.status == 503)
            first.finish()
            #expect(try await first.receive() == nil)
        }
    }

    // MARK: Messages that are not taken

    @Test func messagesTooLarge() async throws {
        try await withPeers { $0.messageStreams.messageBytesMax = 10_000 } client: { $0.messageBytesMax = 20_000 } _: { peers in
            let stream = try await peers.client.open("/test/echo")
            #expect(await send(ByteBuffer(repeating: 1, count: 20_001), on: stream)?.reason == .messageTooLarge)
            try await stream.send(ByteBuffer(repeating: 1, count: 10_000))
            #expect(try await stream.receive()?.readableBytes == 10_000)
            try await stream.send(ByteBuffer(repeating: 1, count: 10_001))
            #expect(await receive(from: stream)?.reason == .messageTooLarge)
            try await expectAlive(peers)
            #expect(peers.serverCounters.snapshot.failures[.messageTooLarge] == 1)
        }
    }

    @Test func gzipBomb() async throws {
        try await withPeers { $0.messageStreams.messageBytesMax = 1_000_000 } client: { $0.messageBytesMax = 1 << 30 } _: { peers in
            let stream = try await peers.client.open("/test/echo")
            try await stream.send(ByteBuffer(repeating: 0, count: 50_000_000), compress: true)
            #expect(await receive(from: stream)?.reason == .messageTooLarge)
            try await expectAlive(peers)
        }
    }

    /// What a peer that speaks HTTP/2 and nonsense gets: its stream reset by this code.
    @Test(arguments: [
        ([2, 0, 0, 0, 0], 1), ([0, 0xff, 0xff, 0xff, 0xff], 11), ([1, 0, 0, 0, 3, 1, 2, 3], 1), ([1, 0, 0, 0, 0], 1), ([0, 0, 0, 0, 9, 1], 1), ([0, 0], 1),
    ] as [([UInt8], UInt8)])
    func nonsense(bytes: [UInt8], code: UInt8) async throws {
        // This client does not answer PINGs.
        try await withPeers { $0.messageStreams.pingTimeoutSeconds = 60 } _: { peers in
            let client = try await RawClient.connect(port: peers.server.port)
            let head = H2.frame(
                .headers, flags: H2.endHeaders, stream: 1,
                H2.requestFields(method: "POST", path: "/test/echo") + H2.field("weir-protocol", "1"))
            try await client.send(H2.preface + H2.settings() + head + H2.frame(.data, flags: H2.endStream, stream: 1, bytes))
            let received = try await client.receive { H2.count(.reset, in: $0) == 1 }
            #expect(H2.frames(received).first { $0.kind == H2.Kind.reset.rawValue }?.payload == [0, 0, 0, code])
            await eventually { peers.serverCounters.snapshot.failures.values.reduce(0, +) == 1 }
            await client.close()
        }
    }

    @Test func randomFrames() async throws {
        let seed = UInt64.random(in: .min ... .max)
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        try await withPeers { $0.lingerSeconds = 0.01 } _: { peers in
            for _ in 0..<200 {
                let client = try await RawClient.connect(port: peers.server.port)
                await client.sendIgnoringErrors(H2.preface + H2.settings())
                for stream in 0..<UInt32.random(in: 1...4, using: &random) {
                    let path = ["/test/echo", "/test/first", "/test/source"].randomElement(using: &random) ?? ""
                    await client.sendIgnoringErrors(H2.frame(
                        .headers, flags: H2.endHeaders, stream: stream * 2 + 1,
                        H2.requestFields(method: "POST", path: path) + H2.field("weir-protocol", "1")))
                }
                for _ in 0..<Int.random(in: 1...8, using: &random) {
                    let kind: H2.Kind = Bool.random(using: &random) ? .data : H2.Kind(rawValue: UInt8.random(in: 0...9, using: &random)) ?? .data
                    let noise = (0..<Int.random(in: 0...40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
                    let payload = Bool.random(using: &random) ? noise : [0, 0, 0, 0, UInt8(noise.count)] + noise
                    await client.sendIgnoringErrors(H2.frame(kind, flags: UInt8.random(in: 0...255, using: &random), stream: UInt32.random(in: 0...7, using: &random), payload))
                }
                await client.close()
            }
            try await expectAlive(peers)
            await eventually { peers.server.counters.requestsInFlight == 0 && peers.server.counters.connectionsCurrent == 1 }
        }
    }
}
