// Puts datagrams, one by one, into batches for the shards' owners: the way of captures and the simulator. (The UDP
// receiver lets the kernel write into a batch directly.)

package import Bytes
package import Datagrams
internal import SFlow

/// The shard of a datagram, by its agent's address; 0 when it names none that can be read: the full decoder will refuse
/// it there and count why.
func shard(of bytes: RawSpan, udpSource: IPAddress, count: Int) -> Int {
    guard count > 1, let agent = try? readAgent(bytes, udpSource: udpSource) else { return 0 }
    return Int(agent.stableHash % UInt64(count))
}

package struct BatchFiller {
    /// Room for the largest UDP payload several times over.
    private static let capacityBytes = 512 << 10
    private static let envelopesPerBatch = 256
    private static let batches = 16

    private let sink: any DatagramSink
    private let pool = BatchPool(
        batches: batches, capacityBytes: capacityBytes, envelopesPerBatch: envelopesPerBatch)
    private let counters: IngestCounters
    private var batch: DatagramBatch?
    private var filledBytes = 0

    package init(sink: any DatagramSink, counters: IngestCounters) {
        self.sink = sink
        self.counters = counters
    }

    /// Adds a datagram; hands the batch on when it is full. Waits for the owners when they are behind.
    package mutating func add(_ bytes: RawSpan, udpSource: IPAddress, arrival: Int64) {
        if filledBytes + bytes.byteCount > BatchFiller.capacityBytes { flush() }
        let batch = self.batch ?? pool.take()
        self.batch = batch
        bytes.withUnsafeBytes { source in
            UnsafeMutableRawBufferPointer(rebasing: batch.writableBytes[filledBytes...]).copyMemory(from: source)
        }
        batch.envelopes.append(
            Envelope(
                offset: filledBytes, byteCount: bytes.byteCount, udpSource: udpSource, arrival: arrival,
                shard: shard(of: bytes, udpSource: udpSource, count: sink.shardCount)))
        counters.note(datagrams: 1, bytes: bytes.byteCount)
        filledBytes += bytes.byteCount
        if batch.envelopes.count >= BatchFiller.envelopesPerBatch { flush() }
    }

    package mutating func flush() {
        guard let batch else { return }
        self.batch = nil
        filledBytes = 0
        sink.accept(batch)
    }
}
