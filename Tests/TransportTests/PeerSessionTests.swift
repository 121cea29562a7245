// The codec alone: a client's and a server's session back to back in memory, whatever pieces the bytes come in.

import NIOCore
import Testing
@testable import Transport

/// Two sessions and what has happened to them. What one writes the other gets in pieces of `pieceBytes`.
private struct Pair {
    let client: HTTP2Session
    let server: HTTP2Session
    var clientEvents: [String] = []
    var serverEvents: [String] = []
    var clientBody: [UInt8] = []
    var serverBody: [UInt8] = []
    let pieceBytes: Int

    init(pieceBytes: Int, windowBytes: Int = 1 << 20, clientFrameBytes: Int = 16 << 10, serverFrameBytes: Int = 16 << 10) throws {
        var limits = HTTP2Limits()
        limits.streamWindowBytes = windowBytes
        limits.frameBytes = clientFrameBytes
        client = try HTTP2Session.client(limits: limits)
        limits.frameBytes = serverFrameBytes
        server = try HTTP2Session.server(limits: limits)
        self.pieceBytes = pieceBytes
    }

    /// Until neither has anything more to say.
    mutating func exchange() throws {
        var isActive = true
        while isActive {
            isActive = false
            for (from, to) in [(client, server), (server, client)] {
                var output = ByteBuffer()
                #expect(from.writeOutput(into: &output, limitBytes: 1 << 22))
                isActive = isActive || output.readableBytes > 0
                while output.readableBytes > 0, let piece = output.readSlice(length: min(pieceBytes, output.readableBytes)) {
                    try to.receive(piece)
                }
            }
            note(client.takeEvents(), events: \.clientEvents, body: \.clientBody)
            note(server.takeEvents(), events: \.serverEvents, body: \.serverBody)
        }
    }

    private mutating func note(
        _ happened: [HTTP2Event], events: WritableKeyPath<Pair, [String]>, body: WritableKeyPath<Pair, [UInt8]>
    ) {
        for event in happened {
            switch event {
            case .headers(let id, let fields, _):
                self[keyPath: events].append("headers \(id) " + fields.fields.map { "\($0.name)=\($0.value)" }.joined(separator: " "))
            case .data(_, let bytes): self[keyPath: body] += bytes.readableBytesView
            case .messageEnd(let id): self[keyPath: events].append("end \(id)")
            case .streamClosed(let id, let code): self[keyPath: events].append("closed \(id) \(code)")
            case .pingAcknowledged(let ping): self[keyPath: events].append("ping \(ping)")
            case .goAway: self[keyPath: events].append("goaway")
            case .connectionError(let code): self[keyPath: events].append("error \(code)")
            case .bodyDrained, .responseSent: break
            }
        }
    }

    func request(_ path: String) throws -> Int32 {
        try #require(client.submitRequest([
            .init(name: ":method", value: "POST"), .init(name: ":scheme", value: "http"), .init(name: ":authority", value: "x"),
            .init(name: ":path", value: path),
        ]))
    }
}

@Suite struct PeerSessionTests {
    @Test(arguments: [1, 2, 3, 5, 8, 9, 10, 17, 100, 1 << 20]) func everyPieceSize(pieceBytes: Int) throws {
        var pair = try Pair(pieceBytes: pieceBytes)
        let up = (0..<40_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let down = (0..<30_000).map { UInt8(truncatingIfNeeded: $0 &* 11) }
        let id = try pair.request("/a")
        try pair.exchange()
        #expect(pair.serverEvents == ["headers 1 :method=POST :scheme=http :authority=x :path=/a"])
        pair.client.append(ByteBuffer(bytes: up[..<5]), to: id)
        pair.client.append(ByteBuffer(bytes: up[5...]), to: id)
        pair.server.submitResponse(stream: id, status: 200, headers: ["X-Y": "z"], endsStream: false)
        pair.server.takeTurns(stream: id)
        pair.server.append(ByteBuffer(bytes: down), to: id)
        try pair.exchange()
        #expect(pair.clientEvents == ["headers 1 :status=200 x-y=z"])
        #expect(pair.serverBody == up && pair.clientBody == down)
        pair.client.endBody(stream: id)
        try pair.exchange()
        #expect(pair.serverEvents.last == "end 1" && pair.clientEvents.count == 1)
        pair.server.endBody(stream: id)
        pair.client.ping(.liveness)
        try pair.exchange()
        #expect(pair.serverEvents.last == "closed 1 0")
        #expect(Set(pair.clientEvents.suffix(3)) == ["end 1", "closed 1 0", "ping liveness"])
    }

    @Test func nothingBeyondTheWindowIsSent() throws {
        var pair = try Pair(pieceBytes: 1000, windowBytes: 50_000)
        try pair.exchange()
        let id = try pair.request("/a")
        pair.client.append(ByteBuffer(repeating: 1, count: 120_000), to: id)
        try pair.exchange()
        #expect(pair.serverBody.count == 50_000 && pair.client.unsentBytes(stream: id) == 70_000)
        pair.server.consume(stream: id, streamBytes: 50_000, connectionBytes: 50_000)
        try pair.exchange()
        #expect(pair.serverBody.count == 100_000)
    }

    /// A frame is as long as both sides take; for one that does not say so, as long as everybody takes.
    @Test(arguments: [(16, 16), (256, 16), (16, 256), (256, 256)]) func framesAreAsLongAsBothTake(client: Int, server: Int) throws {
        var pair = try Pair(pieceBytes: 1 << 20, clientFrameBytes: client << 10, serverFrameBytes: server << 10)
        try pair.exchange()
        let id = try pair.request("/a")
        pair.client.append(ByteBuffer(repeating: 1, count: 600_000), to: id)
        var output = ByteBuffer()
        #expect(pair.client.writeOutput(into: &output, limitBytes: 1 << 20))
        let data = H2.frames(Array(output.readableBytesView)).filter { $0.kind == H2.Kind.data.rawValue }
        #expect(data.reduce(0) { $0 + $1.payload.count } == 600_000)
        #expect(data.map(\.payload.count).max() == min(client, server) << 10)
        try pair.server.receive(output)
        try pair.exchange()
        #expect(pair.serverBody == [UInt8](repeating: 1, count: 600_000))
    }

    /// Two endless bodies share a server's connection.
    @Test func streamsTakeTurns() throws {
        var pair = try Pair(pieceBytes: 1 << 20)
        try pair.exchange()
        let ids = [try pair.request("/a"), try pair.request("/b")]
        try pair.exchange()
        for id in ids {
            pair.server.submitResponse(stream: id, status: 200, headers: [:], endsStream: false)
            pair.server.takeTurns(stream: id)
            pair.server.append(ByteBuffer(repeating: 1, count: 500_000), to: id)
        }
        var output = ByteBuffer()
        #expect(pair.server.writeOutput(into: &output, limitBytes: 200_000))
        let data = H2.frames(Array(output.readableBytesView)).filter { $0.kind == H2.Kind.data.rawValue }
        let counts = ids.map { id in data.count { $0.stream == UInt32(id) } }
        #expect(data.count >= 10 && abs(counts[0] - counts[1]) <= 1)
    }

    @Test func requestsAfterGoAwayAreRefusedUntouched() throws {
        var pair = try Pair(pieceBytes: 1000)
        let first = try pair.request("/a")
        try pair.exchange()
        pair.server.goAway()
        let second = try pair.request("/b")
        try pair.exchange()
        #expect(pair.clientEvents.contains("goaway") && pair.clientEvents.contains("closed \(second) 7"))
        #expect(!pair.clientEvents.contains { $0.hasPrefix("closed \(first)") })
        #expect(!pair.client.isFinished)
        pair.client.reset(stream: first, code: .cancel)
        try pair.exchange()
        #expect(pair.serverEvents.last == "closed 1 8" && pair.client.isFinished)
    }

    /// A request that has not been sent can be taken back.
    @Test func requestsAreTakenBack() throws {
        var pair = try Pair(pieceBytes: 1000)
        let id = try pair.request("/a")
        pair.client.reset(stream: id, code: .cancel)
        try pair.exchange()
        #expect(pair.clientEvents.contains { $0.hasPrefix("closed \(id)") })
        #expect(!pair.serverEvents.contains { $0.hasPrefix("headers") } || pair.serverEvents.contains("closed 1 8"))
    }
}
