// The pure parts of message streams: framing, versions, liveness, delays, queues, counters.

import NIOCore
import SeededRandom
import Testing
@testable import Transport

private func bytes(of messages: [FramedMessage]) -> ByteBuffer {
    var stream = ByteBuffer()
    for piece in messages.flatMap({ $0.pieces() }) { stream.writeImmutableBuffer(piece) }
    return stream
}

/// Feeds the pieces one after the other, as a connection does.
private func decode(_ pieces: [ByteBuffer], messageBytesMax: Int = 1 << 20) throws(PeerError) -> (messages: [FramedMessage], rest: Int) {
    var decoder = MessageDecoder(messageBytesMax: messageBytesMax)
    var messages: [FramedMessage] = []
    for var piece in pieces {
        while let message = try decoder.decode(&piece) { messages.append(message) }
        #expect(piece.readableBytes == 0)
    }
    return (messages, decoder.bufferedBytes)
}

@Suite struct MessageFramingTests {
    @Test func layout() throws {
        let message = FramedMessage(isCompressed: true, payload: ByteBuffer(bytes: [9, 8, 7]))
        #expect(Array(bytes(of: [message]).readableBytesView) == [1, 0, 0, 0, 3, 9, 8, 7])
        #expect(message.framedBytes == 8)
    }

    @Test func everySplit() throws {
        let seed = UInt64.random(in: .min ... .max)
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let messages = [0, 1, 0, 30, 5, 2].map { FramedMessage(isCompressed: $0 % 2 == 1, payload: randomMessage($0, using: &random)) }
        let stream = bytes(of: messages)
        let count = stream.readableBytes
        for first in 0...count {
            for second in first...count {
                let cuts = [0, first, second, count]
                let pieces = (0..<3).compactMap { stream.getSlice(at: cuts[$0], length: cuts[$0 + 1] - cuts[$0]) }
                let decoded = try decode(pieces)
                #expect(decoded.messages.map(\.payload) == messages.map(\.payload) && decoded.rest == 0)
                #expect(decoded.messages.map(\.isCompressed) == messages.map(\.isCompressed))
            }
        }
    }

    @Test func largeMessagesInRandomPieces() throws {
        let seed = UInt64.random(in: .min ... .max)
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let messages = [4096, 4097, 300_000, 70_000].map { FramedMessage(isCompressed: false, payload: randomMessage($0, using: &random)) }
        var stream = bytes(of: messages)
        var pieces: [ByteBuffer] = []
        while stream.readableBytes > 0 {
            if let piece = stream.readSlice(length: min(stream.readableBytes, Int.random(in: 1...20_000, using: &random))) { pieces.append(piece) }
        }
        #expect(try decode(pieces).messages.map(\.payload) == messages.map(\.payload))
    }

    @Test func nonsense() {
        func reason(_ bytes: [UInt8]) -> PeerError.Reason? {
            do throws(PeerError) {
                _ = try decode([ByteBuffer(bytes: bytes)], messageBytesMax: 100)
                return nil
            } catch { return error.reason }
        }
        #expect(reason([2, 0, 0, 0, 0]) == .protocolError && reason([0xff]) == nil)
        #expect(reason([0, 0, 0, 0, 100]) == nil && reason([0, 0, 0, 0, 101]) == .messageTooLarge)
        #expect(reason([1, 0xff, 0xff, 0xff, 0xff]) == .messageTooLarge)
        #expect(reason([0, 0, 0, 0, 0, 3, 0, 0, 0, 0]) == .protocolError)
    }

    @Test func compression() throws {
        let text = ByteBuffer(string: String(repeating: "weir ", count: 1000))
        let packed = try FramedMessage(text, compress: true, messageBytesMax: 5000)
        #expect(packed.isCompressed && packed.payload.readableBytes < 500)
        #expect(try packed.unpacked(messageBytesMax: 5000) == text)
        #expect(throws: PeerError.self) { try packed.unpacked(messageBytesMax: 4999) }
        #expect(throws: PeerError.self) { try FramedMessage(text, compress: true, messageBytesMax: 4999) }
        var random = SeededGenerator(seed: 1)
        let noise = ByteBuffer(bytes: (0..<5000).map { _ in UInt8.random(in: 0...255, using: &random) })
        #expect(try !FramedMessage(noise, compress: true, messageBytesMax: 5000).isCompressed)
        #expect(try !FramedMessage(ByteBuffer(repeating: 0, count: 1023), compress: true, messageBytesMax: 5000).isCompressed)
        for count in 0..<packed.payload.readableBytes {
            let cut = FramedMessage(isCompressed: true, payload: packed.payload.getSlice(at: 0, length: count) ?? ByteBuffer())
            #expect(throws: PeerError.self) { try cut.unpacked(messageBytesMax: 5000) }
        }
    }
}

@Suite struct PeerRulesTests {
    @Test func versions() throws {
        #expect(try PeerProtocol.choose(offered: "1", spoken: [1]) == 1)
        #expect(try PeerProtocol.choose(offered: " 3,1 ,2, 9", spoken: [1, 2]) == 2)
        for offered in [nil, "", "x", "2", "-1", "99999999999999999999", String(repeating: "9,", count: 100_000)] {
            #expect(throws: StreamRefusal.self) { try PeerProtocol.choose(offered: offered, spoken: [1]) }
        }
    }

    private func ticks(_ liveness: inout PeerLiveness, _ count: Int) -> [PeerLiveness.Action] {
        (0..<count).map { _ in liveness.tick() }
    }

    @Test func aSilentPeerIsGivenUp() {
        var liveness = PeerLiveness(intervalSeconds: 1, timeoutSeconds: 2, tickSeconds: 0.5)
        #expect(ticks(&liveness, 7) == [.wait, .ask, .wait, .wait, .wait, .wait, .giveUp])
    }

    @Test func anAnsweringPeerIsAskedAgainAndAgain() {
        var liveness = PeerLiveness(intervalSeconds: 1, timeoutSeconds: 2, tickSeconds: 0.5)
        for _ in 0..<100 {
            #expect(ticks(&liveness, 2) == [.wait, .ask])
            liveness.acknowledged()
        }
    }

    /// Behind a large message the answer takes its time; one that never answers is given up all the same.
    @Test func bytesAreASignOfLifeForAWhile() {
        var liveness = PeerLiveness(intervalSeconds: 1, timeoutSeconds: 2, tickSeconds: 0.5)
        #expect(ticks(&liveness, 2) == [.wait, .ask])
        var count = 0
        while count < 1000, liveness.tick() == .wait {
            liveness.received()
            count += 1
        }
        #expect(count == 16)
    }

    @Test func delaysDoubleAndScatter() {
        var random = SeededGenerator(seed: 7)
        var delay = ReconnectDelay(firstSeconds: 0.1, maxSeconds: 5)
        for bound in [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5, 5, 5] {
            let seconds = delay.next(using: &random)
            #expect(seconds >= bound / 2 && seconds <= bound)
        }
        delay.reset()
        #expect(delay.next(using: &random) <= 0.1)
    }

    @Test func repeatedLogLinesAreSwallowed() {
        var throttle = LogThrottle(intervalSeconds: 60, keysMax: 2)
        #expect(throttle.admit("a", nowSeconds: 0) == 0 && throttle.admit("b", nowSeconds: 1) == 0)
        #expect(throttle.admit("a", nowSeconds: 2) == nil && throttle.admit("a", nowSeconds: 59) == nil)
        #expect(throttle.admit("c", nowSeconds: 59) == nil)
        #expect(throttle.admit("a", nowSeconds: 60) == 2)
        #expect(throttle.admit("c", nowSeconds: 61) == 0)
        #expect(throttle.admit("b", nowSeconds: 62) == nil)
    }

    @Test func queuesKeepOrder() {
        var random = SeededGenerator(seed: 3)
        var queue = ByteQueue()
        var expected: [UInt8] = []
        var received: [UInt8] = []
        for step in 0..<2000 {
            // Fills up at first, runs dry at last.
            if Int.random(in: 0..<2000, using: &random) > step {
                // Every tenth is one of those that are passed on without a copy.
                let count = Int.random(in: 0..<10, using: &random) == 0 ? 4096 : Int.random(in: 0...20, using: &random)
                let piece = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
                queue.append(ByteBuffer(bytes: piece))
                expected += piece
            } else {
                let limit = Int.random(in: 0..<20, using: &random) == 0 ? 6000 : Int.random(in: 0...40, using: &random)
                var output = HTTP2Output()
                queue.move(limit, to: &output)
                #expect(output.readableBytes == min(limit, expected.count - received.count))
                received += output.takePieces().flatMap { Array($0.readableBytesView) }
                #expect(output.readableBytes == 0 && output.takePieces().isEmpty)
            }
            #expect(queue.readableBytes == expected.count - received.count)
        }
        #expect(received == Array(expected.prefix(received.count)))
    }

    @Test func pathPrefixesAreBounded() {
        let counters = PeerCounters()
        for number in 0..<1000 { counters.traffic(path: "/weir/\(number)/x").opened() }
        let traffic = counters.snapshot.traffic
        #expect(traffic.count == 33 && traffic["/weir/0"]?.streamsTotal == 1 && traffic["other"]?.streamsTotal == 968)
        #expect(counters.traffic(path: "/weir/0/another") === counters.traffic(path: "/weir/0?x"[...].prefix { $0 != "?" }.description))
    }
}
