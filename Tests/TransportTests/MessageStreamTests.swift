// Message streams between two nodes over real sockets: what goes well.

import NIOCore
import SeededRandom
import Testing
@testable import Transport

@Suite(.timeLimit(.minutes(2))) struct MessageStreamTests {
    @Test func echoOfManyMessagesBothWays() async throws {
        let seed = UInt64.random(in: .min ... .max)
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        try await withPeers { peers in
            let stream = try await peers.client.open("/test/echo")
            var sizes = (0..<400).map { _ in Int.random(in: 0...3000, using: &random) }
            sizes += [0, 1, 16_379, 16_384, 150_000, 1_048_576, 5_000_000]   // around frames and windows, and beyond
            sizes.shuffle(using: &random)
            let messages = sizes.map { randomMessage($0, using: &random) }
            let sender = Task {
                for message in messages { try await stream.send(message, compress: message.readableBytes % 3 == 0) }
                stream.finish()
            }
            for (index, message) in messages.enumerated() {
                #expect(try await stream.receive() == message, "message \(index)")
            }
            #expect(try await stream.receive() == nil)
            #expect(try await stream.receive() == nil)
            try await sender.value
            #expect(await peerError { () async throws(PeerError) in try await stream.send(ByteBuffer()) }?.reason == .closed)

            let (ours, theirs) = (peers.clientCounters.snapshot, peers.serverCounters.snapshot)
            let sent = try #require(ours.traffic["/test/echo"])
            let served = try #require(theirs.traffic["/test/echo"])
            #expect(sent.messagesSent == messages.count && served.messagesReceived == messages.count)
            #expect(served.messagesSent == messages.count && sent.messagesReceived == messages.count)
            #expect(sent.bytesSent == served.bytesReceived && served.bytesSent == sent.bytesReceived)
            #expect(ours.failures.values.allSatisfy { $0 == 0 } && theirs.failures.values.allSatisfy { $0 == 0 })
        }
    }

    /// Whatever is sent and taken at once, messages are the same and in order; no more are taken than was asked for.
    @Test func severalAtOnce() async throws {
        let seed = UInt64.random(in: .min ... .max)
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        try await withPeers { peers in
            let stream = try await peers.client.open("/test/echo")
            let messages = (0..<600).map { number in
                randomMessage(number % 7 == 0 ? Int.random(in: 4000...70_000, using: &random) : number % 40, using: &random)
            }
            let sender = Task {
                for first in stride(from: 0, to: messages.count, by: 13) {
                    try await stream.send(Array(messages[first..<min(first + 13, messages.count)]))
                }
                stream.finish()
            }
            var received: [ByteBuffer] = []
            while true {
                let bytesMax = [0, 100, 1 << 20].randomElement(using: &random) ?? 0
                let several = try await stream.receive(bytesMax: bytesMax)
                if several.isEmpty { break }
                #expect(several.count == 1 || several.reduce(0) { $0 + $1.readableBytes } <= bytesMax)
                received += several
            }
            try await sender.value
            #expect(received == messages)
            #expect(try await stream.receive(bytesMax: 1 << 20).isEmpty)
        }
    }

    @Test func headersAndVersion() async throws {
        try await withPeers {
            $0.messageStreams.protocolVersions = [1, 2, 3]
        } client: {
            $0.limits.protocolVersions = [2, 3, 4]
        } _: { peers in
            let stream = try await peers.client.open("/test/greeting", headers: ["x-name": "worker 7"])
            #expect(stream.headers["x-greeting"] == "hello worker 7" && stream.protocolVersion == 3)
            #expect(stream.remoteAddress == "127.0.0.1" && stream.path == "/test/greeting")
            stream.finish()
            #expect(try await stream.receive() == nil)
        }
    }

    /// Not to return before the client's own end is seen: half closed, the other direction goes on.
    @Test func halfClose() async throws {
        try await withPeers { peers in
            let stream = try await peers.client.open("/test/hold")
            for number in 0..<10 { try await stream.send(ByteBuffer(integer: number)) }
            stream.finish()
            await peers.acceptor.holding.arrived.wait()
            peers.acceptor.holding.releaseAll()
            #expect(try await stream.receive() == ByteBuffer(integer: 10))
            #expect(try await stream.receive() == nil)
        }
    }

    /// The server's task returns; the client's further messages are not wanted.
    @Test func theServerMayFinishFirst() async throws {
        try await withPeers { peers in
            let stream = try await peers.client.open("/test/first")
            try await stream.send(ByteBuffer(string: "first"))
            #expect(try await stream.receive() == ByteBuffer(string: "first"))
            #expect(try await stream.receive() == nil)
            var failure: PeerError?
            while failure == nil { failure = await peerError { () async throws(PeerError) in try await stream.send(ByteBuffer(string: "more")) } }
            #expect(failure?.reason == .closed)
            #expect(try await stream.receive() == nil)
            #expect(peers.serverCounters.snapshot.failures.values.allSatisfy { $0 == 0 })
            #expect(peers.serverCounters.snapshot.traffic["/test/first"]?.streamsCurrent == 0)
        }
    }

    /// Half closed by one task while another's message still waits for the window.
    @Test func finishWhileSending() async throws {
        try await withPeers { peers in
            let stream = try await peers.client.open("/test/hold")
            let sending = Task { try await stream.send(ByteBuffer(repeating: 1, count: 3_000_000)) }
            await eventually { peers.clientCounters.snapshot.traffic["/test/hold"]?.messagesSent == 1 }
            stream.finish()
            peers.acceptor.holding.releaseAll()
            try await sending.value
            #expect(try await stream.receive() == ByteBuffer(integer: 1))
            #expect(try await stream.receive() == nil)
        }
    }

    /// The writer stops at the reader's window, and goes on when the reader does.
    @Test(arguments: [64 * 1024, 1024 * 1024]) func aReaderThatRestsStopsTheWriter(windowBytes: Int) async throws {
        try await withPeers { $0.messageStreams.streamWindowBytes = windowBytes } _: { peers in
            let stream = try await peers.client.open("/test/hold")
            let message = ByteBuffer(repeating: 1, count: 10_000)
            let count = 4 * windowBytes / message.readableBytes
            let writer = Task {
                for _ in 0..<count { try await stream.send(message) }
                stream.finish()
            }
            await eventually { peers.serverCounters.snapshot.traffic["/test/hold"]?.bytesReceived ?? 0 >= windowBytes }
            // Whatever could still be on its way has come by the time that others have been there and back.
            let other = try await peers.client.open("/test/echo")
            for number in 0..<20 {
                try await other.send(ByteBuffer(integer: number))
                #expect(try await other.receive() == ByteBuffer(integer: number))
            }
            #expect(peers.serverCounters.snapshot.traffic["/test/hold"]?.bytesReceived == windowBytes)
            let sentBytes = try #require(peers.clientCounters.snapshot.traffic["/test/hold"]?.bytesSent)
            #expect(sentBytes <= windowBytes + 64 * 1024 + 2 * 10_005)
            peers.acceptor.holding.releaseAll()
            #expect(try await stream.receive() == ByteBuffer(integer: count))
            try await writer.value
        }
    }

    @Test func aThousandStreamsAtOnce() async throws {
        try await withPeers { $0.maxStreamsPerConnection = 1000 } _: { peers in
            let streams = try await withThrowingTaskGroup(of: MessageStream.self) { group in
                for _ in 0..<1000 { group.addTask { try await peers.client.open("/test/echo") } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(peers.server.counters.connectionsTotal == 1)
            #expect(peers.serverCounters.snapshot.traffic["/test/echo"]?.streamsCurrent == 1000)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, stream) in streams.enumerated() {
                    group.addTask {
                        for number in 0..<5 {
                            try await stream.send(ByteBuffer(integer: index * 10 + number))
                            #expect(try await stream.receive() == ByteBuffer(integer: index * 10 + number))
                        }
                        stream.finish()
                        #expect(try await stream.receive() == nil)
                    }
                }
                try await group.waitForAll()
            }
            await eventually { peers.server.counters.requestsInFlight == 0 }
        }
    }

    /// More streams than the server allows at once: they take turns.
    @Test func streamsBeyondTheLimitWait() async throws {
        try await withPeers { $0.maxStreamsPerConnection = 2 } _: { peers in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        let stream = try await peers.client.open("/test/echo")
                        try await stream.send(ByteBuffer(integer: number))
                        #expect(try await stream.receive() == ByteBuffer(integer: number))
                        stream.finish()
                        #expect(try await stream.receive() == nil)
                    }
                }
                try await group.waitForAll()
            }
            #expect(peers.server.counters.connectionsTotal == 1)
        }
    }

    /// Neither side reads before it has sent more than the sockets hold: the windows take it, and nobody waits for ever.
    @Test func bothSidesPour() async throws {
        func widen(_ limits: inout MessageStreamLimits) {
            limits.streamWindowBytes = 128 << 20
            limits.connectionWindowBytes = 128 << 20
        }
        try await withPeers { widen(&$0.messageStreams) } client: { widen(&$0.limits) } _: { peers in
            let stream = try await peers.client.open("/test/pour")
            for _ in 0..<SampleAcceptor.pourCount { try await stream.send(ByteBuffer(repeating: 1, count: 1 << 20)) }
            stream.finish()
            for _ in 0..<SampleAcceptor.pourCount { #expect(try await stream.receive()?.readableBytes == 1 << 20) }
            #expect(try await stream.receive() == ByteBuffer(integer: SampleAcceptor.pourCount))
        }
    }

    /// A stream that pours does not keep the others of its connection waiting, in neither direction.
    @Test func streamsShareTheirConnection() async throws {
        try await withPeers { peers in
            let source = try await peers.client.open("/test/source")
            let sink = Task { while try await source.receive() != nil {} }
            let up = try await peers.client.open("/test/echo")
            let pouring = Task { while true { try await up.send(ByteBuffer(repeating: 1, count: 100_000)) } }
            let draining = Task { while try await up.receive() != nil {} }
            let small = try await peers.client.open("/test/echo")
            for number in 0..<100 {
                try await small.send(ByteBuffer(integer: number))
                #expect(try await small.receive() == ByteBuffer(integer: number))
            }
            for stream in [source, up] { stream.cancel() }
            for task in [sink, pouring, draining] { await #expect(throws: PeerError.self) { try await task.value } }
        }
    }

    /// The other requests of the port go to the responder, as ever.
    @Test func otherRequestsAreOrdinary() async throws {
        try await withPeers { peers in
            let stream = try await peers.client.open("/test/echo")
            let client = try await RawClient.connect(port: peers.server.port)
            try await client.send("GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(try await client.receiveAllText().hasSuffix("hello world\n"))
            let framed = try await RawClient.connect(port: peers.server.port)
            try await framed.send(H2.preface + H2.settings() + H2.get(stream: 1, path: "/hello") + H2.get(stream: 3, path: "/test/echo"))
            let received = try await framed.receive { H2.count(.data, in: $0) >= 2 }
            #expect(occurrences(of: "hello world\n", in: received) == 1 && occurrences(of: "no such path", in: received) == 1)
            await framed.close()
            stream.finish()
            #expect(try await stream.receive() == nil)
        }
    }
}
