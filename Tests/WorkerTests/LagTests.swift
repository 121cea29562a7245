// How far a worker is behind: what has come and its executors have not taken in.

import Bytes
import Cluster
import Datagrams
import ShardEngine
import Testing
@testable import Worker

@Suite struct LagTests {
    @Test func whatWaitsIsCountedAndAges() async {
        let pool = ExecutorPool(executors: 1, shards: 2, expiry: .standard, catalogue: .standard, events: nil)
        defer { pool.stop() }
        let running = RunningShards(pool: pool, incarnation: 1)
        var map = ShardMap(
            epoch: 1, shardCount: 2, replicas: 1, workers: [ShardMap.Worker(name: "a", incarnation: 1, address: "127.0.0.1:1")])
        map.owners[0].primary = 0
        _ = await running.adopt(map)
        let start = ContinuousClock.now
        #expect(running.waiting(at: start) == (0, .zero))
        // An executor that is busy with something else.
        let (busy, go) = (Semaphore(), Semaphore())
        async let work: Void = pool.executors[0].run { _ in
            busy.signal()
            go.wait()
        }
        await withCheckedContinuation { continuation in
            startThread(named: "waiter") {
                busy.wait()
                continuation.resume()
            }
        }
        for number: UInt64 in 1...3 {
            let batch = await running.batches.takeSuspending()
            for shard in 0..<2 {
                batch.envelopes.append(Envelope(offset: 0, byteCount: 0, udpSource: IPAddress(v4: 1), arrival: 1, shard: shard))
            }
            running.take(batch, .init(kind: .datagrams, epoch: 1, number: number), from: 9) {}
        }
        let waiting = running.waiting(at: .now + .seconds(5))
        #expect(waiting.datagrams == 3)
        #expect(waiting.lag >= .seconds(5))
        #expect(running.refusedCount == 3)
        go.signal()
        await work
        await pool.drain()
        #expect(running.waiting(at: .now) == (0, .zero))
    }

    /// After a broken stream a sender repeats what was not confirmed to it, while the end of the old stream may still be on its way through.
    @Test func aMessageThatComesTwiceCountsOnceAndIsConfirmedTwice() async {
        let pool = ExecutorPool(executors: 1, shards: 1, expiry: .standard, catalogue: .standard, events: nil)
        defer { pool.stop() }
        let running = RunningShards(pool: pool, incarnation: 1)
        var map = ShardMap(
            epoch: 1, shardCount: 1, replicas: 1, workers: [ShardMap.Worker(name: "a", incarnation: 1, address: "127.0.0.1:1")])
        map.owners[0].primary = 0
        _ = await running.adopt(map)
        let (confirmed, confirm) = AsyncStream.makeStream(of: UInt64.self)
        for number: UInt64 in [1, 2, 2] {
            let batch = await running.batches.takeSuspending()
            batch.envelopes.append(Envelope(offset: 0, byteCount: 0, udpSource: IPAddress(v4: 1), arrival: 1, shard: 0))
            running.take(batch, .init(kind: .datagrams, epoch: 1, number: number), from: 9) { confirm.yield(number) }
        }
        var numbers: [UInt64] = []
        for await number in confirmed.prefix(3) { numbers.append(number) }
        #expect(numbers.sorted() == [1, 2, 2])
        #expect(running.datagramCount == 2)
        // What tells the time on the old stream comes after what the new one has brought.
        await running.advance(to: 5, message: 1, from: 9)
        #expect(running.lastTaken(from: 9) == 2)
    }
}
