// The books of an ingest node that passes datagrams on: whatever a worker takes or not, each copy is accounted for.

import Bytes
import Cluster
import ClusterMember
import Datagrams
@testable import Ingest
import Logging
import NIOPosix
import Testing

@Suite struct ShardForwarderTests {
    /// Workers that never answer: their queues fill, then datagrams stand for others, then they are dropped.
    @Test(arguments: [1, 2]) func booksBalanceWhenWorkersDoNotAnswer(replicas: Int) throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let workers = (0..<2).map { ShardMap.Worker(name: "w\($0)", incarnation: UInt64($0), address: "127.0.0.1:1") }
        var map = ShardMap(epoch: 1, shardCount: 4, replicas: replicas, workers: workers)
        for shard in 0..<3 {
            map.owners[shard].primary = shard % 2
            if replicas > 1 { map.owners[shard].replica = 1 - shard % 2 }
        }
        let forwarder = ShardForwarder(
            shardCount: 4, name: "test", incarnation: 7, queueBytesMax: 100_000, waitsForRoom: false,
            peers: PeerDialer(group: group, tls: nil, logger: logger), logger: logger)
        forwarder.adopt(map)
        let pool = BatchPool(batches: 1, capacityBytes: 8_192, envelopesPerBatch: 8)
        for _ in 0..<3_000 {
            let batch = pool.take()
            for place in 0..<8 {
                batch.envelopes.append(
                    Envelope(offset: 0, byteCount: 200, udpSource: IPAddress(v4: 1), arrival: 1, shard: place % 4))
            }
            forwarder.accept(batch)
        }
        let counters = forwarder.counters
        let (owned, orphaned) = (UInt64(3_000 * 6 * replicas), UInt64(3_000 * 2))
        #expect(counters.received == 24_000)
        #expect(counters.noOwner == orphaned)
        #expect(counters.passedOn + counters.thinned + counters.queueFull == owned)
        #expect(counters.thinned > counters.passedOn)
        #expect(counters.queueFull > 0)
        #expect(forwarder.waitingCount == Int(counters.passedOn))
        // Where there are two copies, what one lacks the other may have.
        let short = forwarder.shortCopies
        #expect(short.shards == (replicas > 1 ? ShardSet(0..<3) : ShardSet()))
        #expect(short.lately == short.shards)
        #expect(short.lacking.keys.allSatisfy { $0 < 2 })
        forwarder.stop()
        #expect(forwarder.counters.ownerGone == counters.passedOn)
    }
}
