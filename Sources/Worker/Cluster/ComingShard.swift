// A shard on its way to this worker: what came for it since it is fed here, kept until what was counted before has come too;
// and one on its way from it. Pure bookkeeping; what is done with the shard stands in `ShardExecutor+Moves.swift`.

internal import Bytes
internal import Datagrams
internal import Wire

/// Of each process that sends batches, the number of the last one that counts for something.
struct BatchPositions: Hashable, Sendable, WireCodable {
    private(set) var numbers: [UInt64: UInt64] = [:]

    /// Processes that are remembered. They come and go; those with the lowest numbers have sent least.
    private static let sendersMax = 4_096

    init() {}

    subscript(sender: UInt64) -> UInt64 { numbers[sender] ?? 0 }

    mutating func note(_ origin: BatchOrigin) {
        if numbers.updateValue(max(origin.number, self[origin.sender]), forKey: origin.sender) == nil,
            numbers.count > BatchPositions.sendersMax, let least = numbers.min(by: { $0.value < $1.value })
        {
            numbers[least.key] = nil
        }
    }

    /// Whether everything of the other is before or at these positions.
    func reaches(_ other: BatchPositions) -> Bool { other.numbers.allSatisfy { self[$0.key] >= $0.value } }

    func includes(_ origin: BatchOrigin) -> Bool { self[origin.sender] >= origin.number }

    func encode(into writer: inout WireWriter) { writer.write(numbers) }

    init(from reader: inout WireReader) throws(WireError) {
        numbers = try reader.value()
        guard numbers.count <= BatchPositions.sendersMax else { throw reader.fault(.badValue) }
    }
}

struct LeavingShard {
    /// The epoch of the map from which on the new owner is fed as well.
    let since: UInt64
    /// The last batches with datagrams of the shard that were sent to both.
    private(set) var positions = BatchPositions()

    init(since: UInt64) { self.since = since }

    mutating func note(_ origin: BatchOrigin) { if origin.epoch >= since { positions.note(origin) } }
}

struct ComingShard {
    struct Datagram {
        let origin: BatchOrigin
        let udpSource: IPAddress
        let arrival: Int64
        /// How many datagrams it stands for.
        let weight: UInt8
        let bytes: [UInt8]
    }

    /// Against a source that never comes up with the shard. Unit: bytes of datagrams.
    static let bytesMax = 4 << 20

    /// The epoch of the map from which on it is fed here.
    let since: UInt64
    private(set) var datagrams: [Datagram] = []
    private(set) var byteCount = 0
    /// The last batches that had datagrams of the shard.
    private(set) var received = BatchPositions()
    /// What is not here any more, because there was no room for it or because it was counted in an attempt that has failed:
    /// the next snapshot must have it.
    private(set) var missing = BatchPositions()
    /// Up to which batches the snapshot goes that is in the shard, and that what is kept here follows on; nil without one.
    private(set) var restored: BatchPositions?

    init(since: UInt64) { self.since = since }

    mutating func add(_ datagram: Datagram) {
        // Sent to others by a map of before, and to this worker when it had the shard at that time.
        guard datagram.origin.epoch >= since else { return }
        received.note(datagram.origin)
        // The old owner was further on when it gave the snapshot.
        if restored?.includes(datagram.origin) == true { return }
        guard byteCount + datagram.bytes.count <= ComingShard.bytesMax else {
            forget()
            return missing.note(datagram.origin)
        }
        datagrams.append(datagram)
        byteCount += datagram.bytes.count
    }

    /// Whether everything up to these batches is here. An ingest node that has died may have sent a batch to the old owner alone: that comes
    /// with the next snapshot only.
    func reaches(_ positions: BatchPositions) -> Bool {
        positions.numbers.allSatisfy { max(received[$0.key], restored?[$0.key] ?? 0) >= $0.value }
    }

    /// Of these batches, by sender the last one that is in the snapshot and has not come itself: if it still comes it does not count.
    func outstanding(of positions: BatchPositions) -> [UInt64: UInt64] {
        guard let restored else { return [:] }
        return positions.numbers.filter { received[$0.key] < $0.value && restored[$0.key] >= $0.value }
    }

    /// Takes out what belongs to batches up to these.
    mutating func take(upTo positions: BatchPositions) -> [Datagram] {
        let taken = datagrams.filter { positions.includes($0.origin) }
        datagrams.removeAll { positions.includes($0.origin) }
        byteCount -= taken.reduce(0) { $0 + $1.bytes.count }
        return taken
    }

    /// A snapshot is in the shard.
    mutating func restore(upTo positions: BatchPositions) {
        _ = take(upTo: positions)
        restored = positions
    }

    /// The attempt has failed: what has come so far must be in the next snapshot.
    mutating func forget() {
        missing = received
        restored = nil
        datagrams = []
        byteCount = 0
    }
}
