// Batches on their way between nodes: what goes in comes out, and bytes that no sender of ours makes are refused.

import Bytes
import Datagrams
import Testing

@Suite struct EnvelopeMessageTests {
    private static let header = EnvelopeMessage.Header(kind: .datagrams, epoch: 3, number: 9, time: 0, count: 2)

    private static func message() -> [UInt8] {
        var message = [UInt8](repeating: 0, count: EnvelopeMessage.headerBytes)
        message.withUnsafeMutableBytes { EnvelopeMessage.write(header, to: $0) }
        let payloads: [([UInt8], String)] = [([1, 2, 3], "10.0.0.1"), ([], "2001:db8::1")]
        for (place, (payload, source)) in payloads.enumerated() {
            let envelope = Envelope(
                offset: 0, byteCount: payload.count, udpSource: IPAddress(source) ?? IPAddress(v4: 0), arrival: Int64(1_000 + place),
                shard: place, weight: UInt8(1 + 31 * place))
            var bytes = [UInt8](repeating: 0, count: EnvelopeMessage.byteCount(of: envelope))
            bytes.withUnsafeMutableBytes { EnvelopeMessage.write(payload.span.bytes, envelope, to: $0) }
            message += bytes
        }
        return message
    }

    private static func read(_ bytes: [UInt8], shardCount: Int = 2) throws -> [Envelope] {
        let span = bytes.span.bytes
        var envelopes: [Envelope] = []
        let header = try EnvelopeMessage.readHeader(span)
        try EnvelopeMessage.readEnvelopes(span, header, shardCount: shardCount, into: &envelopes)
        return envelopes
    }

    @Test func datagramsComeBack() throws {
        let bytes = Self.message()
        let span = bytes.span.bytes
        let header = try EnvelopeMessage.readHeader(span)
        #expect(header == Self.header)
        let envelopes = try Self.read(bytes)
        #expect(envelopes.map(\.shard) == [0, 1])
        #expect(envelopes.map(\.weight) == [1, 32])
        #expect(envelopes.map(\.arrival) == [1_000, 1_001])
        #expect(envelopes.map(\.udpSource.description) == ["10.0.0.1", "2001:DB8::1"])
        #expect(Array(bytes[envelopes[0].offset..<(envelopes[0].offset + 3)]) == [1, 2, 3])
        #expect(envelopes[1].byteCount == 0)
    }

    @Test func noPrefixIsAMessage() {
        let bytes = Self.message()
        for count in bytes.indices {
            #expect(throws: EnvelopeMessage.Malformed.self) { try Self.read(Array(bytes[..<count])) }
        }
        #expect(throws: EnvelopeMessage.Malformed.self) { try Self.read(bytes + [0]) }
    }

    @Test func shardsThatAreNotThereAreRefused() {
        #expect(throws: EnvelopeMessage.Malformed.self) { try Self.read(Self.message(), shardCount: 1) }
    }

    @Test func aDatagramThatStandsForNoneIsRefused() {
        var bytes = Self.message()
        bytes[EnvelopeMessage.headerBytes + 2] = 0
        #expect(throws: EnvelopeMessage.Malformed.self) { try Self.read(bytes) }
    }

    @Test(arguments: 0..<50) func changedBytesNeverTrap(seed: Int) {
        for place in Self.message().indices {
            var bytes = Self.message()
            bytes[place] = UInt8(truncatingIfNeeded: seed &* 37 &+ place)
            _ = try? Self.read(bytes)
        }
    }

    /// What a batch has borrowed lives until the batch is given back, and no longer.
    @Test func aBatchReadsWhatItHasBorrowed() async {
        final class Memory {
            let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 3, alignment: 1)
            deinit { bytes.deallocate() }
        }
        let batch = await BatchPool(batches: 1, capacityBytes: 0, envelopesPerBatch: 1).takeSuspending()
        weak var lent: Memory?
        do {
            let memory = Memory()
            memory.bytes.copyBytes(from: [1, 2, 3])
            batch.borrow(UnsafeRawBufferPointer(memory.bytes), of: memory)
            lent = memory
        }
        let envelope = Envelope(offset: 1, byteCount: 2, udpSource: IPAddress(v4: 0), arrival: 0, shard: 0)
        let read = batch.withBytes(of: envelope) { bytes in bytes.withUnsafeBytes { Array($0) } }
        #expect(read == [2, 3] && lent != nil)
        batch.startReading(by: 1)
        batch.finishReading()
        #expect(lent == nil)
    }

    @Test func aBatchIsWaitedForWithoutAThread() async {
        let pool = BatchPool(batches: 1, capacityBytes: 64, envelopesPerBatch: 1)
        let first = await pool.takeSuspending()
        async let second = pool.takeSuspending()
        first.startReading(by: 1)
        first.finishReading()
        #expect(await second === first)
    }
}
