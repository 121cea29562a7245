// Connections between nodes: lost, paused, ended in an orderly way, never made.

import NIOCore
import Testing
@testable import Transport

private func open(_ path: String, by client: PeerClient) async -> PeerError? {
    await peerError { () async throws(PeerError) in try await client.open(path) }
}

private func receive(from stream: MessageStream) async -> PeerError? {
    await peerError { () async throws(PeerError) in try await stream.receive() }
}

private func echo(_ text: String, on stream: MessageStream) async throws {
    try await stream.send(ByteBuffer(string: text))
    #expect(try await stream.receive() == ByteBuffer(string: text))
}

@Suite(.timeLimit(.minutes(2))) struct PeerConnectionTests {
    @Test func nobodyListens() async throws {
        let port = try await withRawServer(sending: []) { $0 }
        let client = PeerClient(.init(host: "127.0.0.1", port: port), group: peerTestGroup, logger: silent)
        let error = await open("/test/echo", by: client)
        #expect(error?.reason == .unreachable && error?.message.contains("127.0.0.1:\(port)") == true)
        let nameless = PeerClient(.init(host: "no-such-host.invalid", port: 1), group: peerTestGroup, logger: silent)
        #expect(await open("/test/echo", by: nameless)?.reason == .unreachable)
        await client.close()
        await nameless.close()
    }

    @Test(arguments: ["HTTP/1.1 400 Bad Request\r\n\r\n", "\u{15}\u{3}\u{1}\u{0}\u{2}\u{2}\u{16}abcdefgh", "SSH-2.0-OpenSSH\r\nxxxxxxxxxxx"])
    func notHTTP2(greeting: String) async throws {
        try await withRawServer(sending: Array(greeting.utf8)) { port in
            let client = PeerClient(.init(host: "127.0.0.1", port: port), group: peerTestGroup, logger: silent)
            #expect(await open("/test/echo", by: client)?.reason == .protocolError)
            await client.close()
        }
    }

    /// Connected, and then not a word, or the beginning of one.
    @Test(arguments: [[], H2.settings(), H2.settings() + [0, 0, 99, 0]] as [[UInt8]])
    func silentPeer(bytes: [UInt8]) async throws {
        try await withRawServer(sending: bytes) { port in
            var configuration = PeerClient.Configuration(host: "127.0.0.1", port: port)
            configuration.pingIntervalSeconds = 0.02
            configuration.pingTimeoutSeconds = 0.1
            let client = PeerClient(configuration, group: peerTestGroup, logger: silent)
            let error = await open("/test/echo", by: client)
            #expect(error?.reason == .timeout && error?.message.contains("stopped answering") == true)
            await client.close()
        }
    }

    @Test func noAnswerToARequest() async throws {
        try await withPeers { _ in } client: { $0.openTimeoutSeconds = 0.5 } _: { peers in
            #expect(await open("/test/mute", by: peers.client)?.reason == .timeout)
            peers.acceptor.holding.releaseAll()
            await eventually { peers.server.counters.requestsInFlight == 0 }
        }
    }

    @Test func theClientNoticesAPausedLink() async throws {
        try await withPeers { $0.messageStreams.pingTimeoutSeconds = 60 } _: { peers in
            let link = try await PausableLink.start(to: peers.server.port)
            let client = peers.makeClient {
                $0.port = link.port
                $0.pingIntervalSeconds = 0.1
                $0.pingTimeoutSeconds = 4
            }
            let stream = try await client.open("/test/echo")
            try await echo("before", on: stream)
            try await link.pause()
            #expect(await receive(from: stream)?.reason == .timeout)
            await client.close()
            await link.stop()
        }
    }

    @Test func theServerNoticesAPausedLink() async throws {
        try await withPeers {
            $0.messageStreams.pingIntervalSeconds = 0.1
            $0.messageStreams.pingTimeoutSeconds = 4
        } _: { peers in
            let link = try await PausableLink.start(to: peers.server.port)
            let client = peers.makeClient {
                $0.port = link.port
                $0.pingTimeoutSeconds = 60
            }
            let stream = try await client.open("/test/echo")
            try await echo("before", on: stream)
            try await link.pause()
            await peers.acceptor.cancelled.wait()
            await eventually { peers.serverCounters.snapshot.failures[.timeout] == 1 }
            #expect(peers.server.counters.refused[.timeout] == 1)
            await client.close()
            await link.stop()
        }
    }

    /// Idle is not dead: PINGs go to and fro.
    @Test func idleStreamsLive() async throws {
        try await withPeers {
            $0.idleTimeoutSeconds = 2
            $0.requestBodyTimeoutSeconds = 2
            $0.messageStreams.pingIntervalSeconds = 0.02
        } client: {
            $0.pingIntervalSeconds = 0.02
        } _: { peers in
            let stream = try await peers.client.open("/test/echo")
            let before = peers.server.counters.bytesReceived
            await eventually { peers.server.counters.bytesReceived >= before + 150 * 17 }   // PING frames: for 3 s
            try await echo("after", on: stream)
        }
    }

    @Test func cutLink() async throws {
        try await withPeers { peers in
            let link = try await PausableLink.start(to: peers.server.port)
            let client = peers.makeClient { $0.port = link.port }
            let streams = [try await client.open("/test/echo"), try await client.open("/test/hold")]
            async let failures = (receive(from: streams[0]), receive(from: streams[1]))
            try await link.cut()
            let reasons = await failures
            #expect(reasons.0?.reason == .closed && reasons.1?.reason == .closed)
            await peers.acceptor.cancelled.wait()
            // A new stream finds its way over a new connection.
            let stream = try await client.open("/test/echo")
            try await echo("again", on: stream)
            await client.close()
            await link.stop()
        }
    }

    /// A connection without streams is ended by the server; the client makes another when it needs one.
    @Test func reconnectAfterGoAway() async throws {
        try await withPeers { $0.idleTimeoutSeconds = 1 } _: { peers in
            var connections = 0
            for _ in 1...3 {
                let stream = try await peers.client.open("/test/echo")
                try await echo("hello", on: stream)
                stream.finish()
                #expect(try await stream.receive() == nil)
                await eventually { peers.server.counters.connectionsCurrent == 0 }
                // Where the machine is busy, one may end before its first stream.
                #expect(peers.server.counters.connectionsTotal > connections)
                connections = peers.server.counters.connectionsTotal
            }
        }
    }

    /// A node is replaced: streams end on the old process while new ones begin on the new.
    @Test func gracefulRestart() async throws {
        try await withPeers { old in
            let oldStream = try await old.client.open("/test/echo")
            try await echo("old", on: oldStream)
            async let shutdown: Void = old.server.server.shutdown(drainSeconds: 20)
            var isReplaced = false
            while !isReplaced {
                do {
                    try await withPeers { $0.port = old.server.port } _: { new in
                        isReplaced = true
                        var newStream: MessageStream?
                        while newStream == nil {
                            let stream = try await old.client.open("/test/echo")
                            if new.server.counters.connectionsTotal > 0 { newStream = stream }
                        }
                        try await echo("old still", on: oldStream)
                        try await echo("new", on: try #require(newStream))
                    }
                } catch let error as HTTPServerError where error.reason == .portInUse { continue }
            }
            oldStream.finish()
            #expect(try await oldStream.receive() == nil)
            await shutdown
        }
    }

    @Test func shutdownEndsStreamsAfterTheDrainTime() async throws {
        try await withPeers { peers in
            let stream = try await peers.client.open("/test/echo")
            async let failure = receive(from: stream)
            await peers.server.server.shutdown(drainSeconds: 0.1)
            #expect(await failure?.reason == .closed)
            #expect(peers.server.counters.requestsInFlight == 0)
            #expect(await open("/test/echo", by: peers.client)?.reason == .unreachable)
        }
    }

    @Test func closedClient() async throws {
        try await withPeers { peers in
            let stream = try await peers.client.open("/test/echo")
            async let failure = receive(from: stream)
            await peers.client.close()
            #expect(await failure?.reason == .closed)
            #expect(await open("/test/echo", by: peers.client)?.reason == .closed)
            await eventually { peers.server.counters.connectionsCurrent == 0 }
        }
    }

    /// Streams outlive the client that opened them; its connection ends with the last.
    @Test func streamsOutliveTheirClient() async throws {
        try await withPeers { peers in
            let stream: MessageStream
            do {
                let client = peers.makeClient()
                stream = try await client.open("/test/echo")
            }
            try await echo("hello", on: stream)
            stream.finish()
            #expect(try await stream.receive() == nil)
            await eventually { peers.server.counters.connectionsCurrent == 0 }
        }
    }

    /// All who want a connection wait for the same one.
    @Test func oneConnectionForAll() async throws {
        try await withPeers { peers in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<50 {
                    group.addTask { try await echo("\(number)", on: try await peers.client.open("/test/echo")) }
                }
                try await group.waitForAll()
            }
            #expect(peers.server.counters.connectionsTotal == 1)
        }
    }
}
