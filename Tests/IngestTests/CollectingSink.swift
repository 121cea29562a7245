// What the sources hand over, kept for the tests to look at.

import Bytes
import Datagrams
import DatagramBuilding
import Ingest
import SFlow
import Synchronization
import Testing

/// Takes batches over as the executors would, on the source's own thread.
final class CollectingSink: DatagramSink {
    struct Received: Sendable {
        var bytes: [UInt8]
        var udpSource: IPAddress
        /// Unit: nanoseconds since the Unix epoch.
        var arrival: Int64
        var shard: Int
    }

    let shardCount: Int
    private let state = Mutex<(received: [Received], batches: Int)>(([], 0))

    init(shardCount: Int = 1) { self.shardCount = shardCount }

    func accept(_ batch: DatagramBatch) {
        batch.startReading(by: 1)
        let datagrams = batch.envelopes.map { envelope in
            Received(
                bytes: batch.withBytes(of: envelope) { $0.withUnsafeBytes { Array($0) } },
                udpSource: envelope.udpSource, arrival: envelope.arrival, shard: envelope.shard)
        }
        state.withLock { state in
            state.received += datagrams
            state.batches += 1
        }
        batch.finishReading()
    }

    var received: [Received] { state.withLock { $0.received } }
    var count: Int { state.withLock { $0.received.count } }
    var batches: Int { state.withLock { $0.batches } }
}

/// Waits until a condition holds; the test ends when it does not within the deadline.
func waitUntil(_ what: Comment, seconds: Double = 20, _ condition: () -> Bool) async throws {
    try #require(try await holds(within: seconds, condition), what)
}

/// Whether a condition comes true in time.
func holds(within seconds: Double, _ condition: () -> Bool) async throws -> Bool {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while !condition() {
        guard ContinuousClock.now < deadline else { return false }
        try await Task.sleep(for: .milliseconds(1))
    }
    return true
}

/// A datagram of one agent without samples.
func datagram(_ sequence: Int, agent: IPAddress = IPAddress(v4: 0xC000_0201)) -> [UInt8] {
    Datagram(agent: agent, sequence: UInt32(sequence), uptime: UInt32(sequence)).bytes
}
