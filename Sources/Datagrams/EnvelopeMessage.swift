// Datagrams on their way from an ingest node to a worker: one message a batch, laid out so that the worker reads the datagrams
// where they are.
//
// ```
//  0  kind          1 byte    1 datagrams, 2 time
//  1  epoch         8 bytes   of the map that the sender went by
//  9  number        8 bytes   counted by the sender from 1 over all workers: what one batch has for each of them has the same
// 17  time          8 bytes   of kind 2: nothing that arrived earlier follows; nanoseconds since the Unix epoch
// 25  count         4 bytes   datagrams
// 29  datagrams     each: shard (2), weight (1), arrival (8), family of the UDP source (1: 4 or 6), source (4 or 16), length (4), bytes
// ```
// Integers are big-endian.

internal import Bytes

package enum EnvelopeMessage {
    package static let headerBytes = 29
    /// Shard, weight, arrival, family, IPv6 source, length.
    package static let envelopeOverheadMax = 2 + 1 + 8 + 1 + 16 + 4

    package enum Kind: UInt8, Sendable {
        case datagrams = 1
        case time = 2
    }

    package struct Header: Hashable, Sendable {
        package var kind: Kind
        package var epoch: UInt64
        package var number: UInt64
        package var time: Int64
        package var count: Int

        package init(kind: Kind, epoch: UInt64, number: UInt64, time: Int64 = 0, count: Int = 0) {
            self.kind = kind
            self.epoch = epoch
            self.number = number
            self.time = time
            self.count = count
        }
    }

    /// A message that no sender of ours makes.
    package struct Malformed: Error, Hashable, Sendable {
        /// Unit: bytes from the start of the message.
        package let offset: Int
    }

    package static func readHeader(_ bytes: RawSpan) throws(Malformed) -> Header {
        do throws(OutOfBounds) {
            guard let kind = Kind(rawValue: try bytes.uint8(at: 0)) else { throw OutOfBounds(offset: 0) }
            let count = Int(try bytes.uint32(at: 25))
            // Each takes at least its frame: a claim beyond that is none.
            guard count <= (bytes.byteCount - headerBytes) / (envelopeOverheadMax - 12) else { throw OutOfBounds(offset: 25) }
            return Header(
                kind: kind, epoch: try bytes.uint64(at: 1), number: try bytes.uint64(at: 9),
                time: Int64(bitPattern: try bytes.uint64(at: 17)), count: count)
        } catch {
            throw Malformed(offset: error.offset)
        }
    }

    /// The datagrams of a message, with offsets into it.
    /// - Parameter shardCount: shards are below it.
    package static func readEnvelopes(
        _ bytes: RawSpan, _ header: Header, shardCount: Int, into envelopes: inout [Envelope]
    ) throws(Malformed) {
        do throws(OutOfBounds) {
            var offset = headerBytes
            for _ in 0..<header.count { envelopes.append(try readEnvelope(bytes, at: &offset, shardCount: shardCount)) }
            guard offset == bytes.byteCount else { throw OutOfBounds(offset: offset) }
        } catch {
            throw Malformed(offset: error.offset)
        }
    }

    private static func readEnvelope(
        _ bytes: RawSpan, at offset: inout Int, shardCount: Int
    ) throws(OutOfBounds) -> Envelope {
        let shard = Int(try bytes.uint16(at: offset))
        let weight = try bytes.uint8(at: offset + 2)
        let arrival = Int64(bitPattern: try bytes.uint64(at: offset + 3))
        guard shard < shardCount, weight > 0, arrival >= 0 else { throw OutOfBounds(offset: offset) }
        let source: IPAddress
        switch try bytes.uint8(at: offset + 11) {
        case 4:
            source = try bytes.ipv4(at: offset + 12)
            offset += 16
        case 6:
            source = try bytes.ipv6(at: offset + 12)
            offset += 28
        default: throw OutOfBounds(offset: offset + 11)
        }
        let byteCount = Int(try bytes.uint32(at: offset))
        offset += 4
        guard byteCount <= bytes.byteCount - offset else { throw OutOfBounds(offset: offset) }
        defer { offset += byteCount }
        return Envelope(offset: offset, byteCount: byteCount, udpSource: source, arrival: arrival, shard: shard, weight: weight)
    }
}

// MARK: Writing

extension EnvelopeMessage {
    /// What a datagram takes of a message.
    package static func byteCount(of envelope: Envelope) -> Int {
        envelopeOverheadMax - (envelope.udpSource.isIPv6 ? 0 : 12) + envelope.byteCount
    }

    /// - Parameter room: `headerBytes`, or more.
    package static func write(_ header: Header, to room: UnsafeMutableRawBufferPointer) {
        room[0] = header.kind.rawValue
        room.store(header.epoch, at: 1)
        room.store(header.number, at: 9)
        room.store(UInt64(bitPattern: header.time), at: 17)
        room.store(UInt32(clamping: header.count), at: 25)
    }

    /// - Parameters:
    ///   - payload: as long as the envelope says, at most `UInt32.max` bytes.
    ///   - envelope: its shard is below 65,536.
    ///   - room: `byteCount(of:)`, or more.
    package static func write(_ payload: RawSpan, _ envelope: Envelope, to room: UnsafeMutableRawBufferPointer) {
        room.store(UInt16(clamping: envelope.shard), at: 0)
        room[2] = envelope.weight
        room.store(UInt64(bitPattern: envelope.arrival), at: 3)
        var offset = 12
        if envelope.udpSource.isIPv6 {
            room[11] = 6
            room.store(envelope.udpSource.high, at: offset)
            room.store(envelope.udpSource.low, at: offset + 8)
            offset += 16
        } else {
            room[11] = 4
            room.store(UInt32(truncatingIfNeeded: envelope.udpSource.low), at: offset)
            offset += 4
        }
        room.store(UInt32(clamping: payload.byteCount), at: offset)
        payload.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: room[(offset + 4)...]).copyMemory(from: $0) }
    }
}

extension UnsafeMutableRawBufferPointer {
    fileprivate func store<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value, at offset: Int) {
        storeBytes(of: value.bigEndian, toByteOffset: offset, as: Value.self)
    }
}
