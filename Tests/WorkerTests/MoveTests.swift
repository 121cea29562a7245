// Shards that move from one worker's executors to another's while datagrams come: both get the same ones from a moment on, each
// at its own pace. Afterwards the new owner has what somebody has who was never disturbed, bit by bit.

import Bytes
import Cluster
import DatagramBuilding
import Datagrams
import SeededRandom
import SFlow
import ShardEngine
import Testing
import Worker

/// A worker's executors behind a link that may lag: batches wait until they are let through.
private final class LaggingWorker {
    let pool: ExecutorPool
    private let batches = BatchPool(batches: 4, capacityBytes: 256 << 10, envelopesPerBatch: 64)
    private(set) var waiting: [(origin: BatchOrigin, arrivals: [Arrival])] = []

    init(shards: Int) { pool = ExecutorPool(executors: 2, shards: shards, expiry: .standard, catalogue: .standard) }

    func send(_ arrivals: [Arrival], _ origin: BatchOrigin) {
        if !arrivals.isEmpty { waiting.append((origin, arrivals)) }
    }

    /// Lets so many batches through.
    func pass(_ count: Int) {
        for (origin, arrivals) in waiting.prefix(count) {
            let batch = batches.take()
            batch.origin = origin
            var filledBytes = 0
            for arrival in arrivals {
                for (offset, byte) in arrival.bytes.enumerated() { batch.writableBytes[filledBytes + offset] = byte }
                batch.envelopes.append(
                    Envelope(
                        offset: filledBytes, byteCount: arrival.bytes.count, udpSource: arrival.datagram.agent, arrival: arrival.time,
                        shard: shard(of: arrival)))
                filledBytes += arrival.bytes.count
            }
            pool.accept(batch)
        }
        waiting.removeFirst(min(count, waiting.count))
    }

    func shard(of arrival: Arrival) -> Int { Int(arrival.datagram.agent.stableHash % UInt64(pool.shardCount)) }

    /// The shard's state once everything is ended and removed as of one time.
    func hash(of shard: Int, at time: Int64) async -> UInt64 {
        await pool.executor(of: shard).run(on: ShardSet([shard])) { shards in
            shards[0].settle(advanced: time, swept: time)
            return shards[0].stateHash
        }
    }
}

@Suite struct Moves {
    private static let shards = 5

    @Test(arguments: 0..<12 as Range<UInt64>) func nothingIsLostOrCountedTwice(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        var stream = StreamGenerator(seed: seed, agents: 30)
        let old = LaggingWorker(shards: Self.shards), new = LaggingWorker(shards: Self.shards)
        let undisturbed = LaggingWorker(shards: Self.shards)
        let workers = [old, new, undisturbed]
        defer { for worker in workers { worker.pool.stop() } }
        var numbers: [UInt64: UInt64] = [:]
        var now: Int64 = 0

        /// Sends some seconds of datagrams by a map: each agent's over one of two senders, a few over both.
        func feed(_ seconds: Int, epoch: UInt64, toNew isMoving: (Int) -> Bool) {
            var lots: [UInt64: [Arrival]] = [1: [], 2: []]
            for arrival in stream.seconds(seconds) {
                now = max(now, arrival.time)
                lots[1 + arrival.datagram.agent.stableHash / 7 % 2]?.append(arrival)
            }
            for (sender, arrivals) in lots.sorted(by: { $0.key < $1.key }) {
                for start in stride(from: 0, to: arrivals.count, by: 20) {
                    let part = Array(arrivals[start..<min(start + 20, arrivals.count)])
                    numbers[sender, default: 0] += 1
                    let origin = BatchOrigin(sender: sender, number: numbers[sender] ?? 0, epoch: epoch)
                    old.send(part, origin)
                    undisturbed.send(part, origin)
                    new.send(part.filter { isMoving(new.shard(of: $0)) }, origin)
                }
            }
        }

        let moving = Set((0..<Self.shards).shuffled(using: &random).prefix(3))
        feed(20, epoch: 1) { _ in false }
        old.pass(.random(in: 0...old.waiting.count, using: &random))
        // The map in which they begin to move: both are ready for it before it is followed.
        let expected = Dictionary(uniqueKeysWithValues: moving.map { ($0, UInt64(2)) })
        await new.pool.expect(expected)
        await old.pool.give(expected)
        feed(.random(in: 1...10, using: &random), epoch: 2, toNew: moving.contains)
        // What was sent by older maps is counted; what was sent by this one only in part.
        old.pass(old.waiting.count { $0.origin.epoch < 2 })

        for shard in moving {
            var attempts = 0
            while true {
                attempts += 1
                try #require(attempts < 50, "seed \(seed): shard \(shard) never comes")
                old.pass(.random(in: 0...3, using: &random))
                new.pass(.random(in: 0...3, using: &random))
                let executor = new.pool.executor(of: shard)
                let state = await old.pool.executor(of: shard).state(of: shard)
                new.pass(.random(in: 0...3, using: &random))
                guard case .success = await executor.restore(shard, since: 2, state) else { continue }
                if random.chance(4) {
                    await executor.giveUp(shard)
                    continue
                }
                old.pass(.random(in: 0...3, using: &random))
                let check = await old.pool.executor(of: shard).check(of: shard)
                var verdict = await executor.compare(shard, with: check)
                while case .early = verdict {
                    try #require(!new.waiting.isEmpty, "seed \(seed): nothing is left to wait for")
                    new.pass(1)
                    verdict = await executor.compare(shard, with: check)
                }
                guard case .agrees = verdict else {
                    Issue.record("seed \(seed), shard \(shard): \(verdict)")
                    return
                }
                break
            }
            feed(.random(in: 0...3, using: &random), epoch: 2, toNew: moving.contains)
        }
        for worker in workers { worker.pass(worker.waiting.count) }
        for shard in 0..<Self.shards {
            let hashes = (
                await old.hash(of: shard, at: now), await new.hash(of: shard, at: now), await undisturbed.hash(of: shard, at: now))
            #expect(hashes.0 == hashes.2, "seed \(seed)")
            if moving.contains(shard) { #expect(hashes.1 == hashes.2, "seed \(seed), shard \(shard)") }
        }
    }

    /// A replica that lacks a batch gets everything from the primary; until then it shows what it has.
    @Test func aShortCopyIsMadeWhole() async throws {
        let whole = LaggingWorker(shards: 1), short = LaggingWorker(shards: 1)
        defer { for worker in [whole, short] { worker.pool.stop() } }
        var stream = StreamGenerator(seed: 8, agents: 10)
        for number: UInt64 in 1...4 {
            let arrivals = Array(stream.seconds(3).prefix(60))
            whole.send(arrivals, BatchOrigin(sender: 1, number: number, epoch: 1))
            if number != 2 { short.send(arrivals, BatchOrigin(sender: 1, number: number, epoch: 1)) }
        }
        for worker in [whole, short] { worker.pass(4) }
        await short.pool.expect([0: 2], keeping: ShardSet([0]))
        await whole.pool.give([0: 2])
        #expect(await short.pool.executors[0].run { !$0[0].agents.isEmpty })
        let more = Array(stream.seconds(3).prefix(60))
        for worker in [whole, short] {
            worker.send(more, BatchOrigin(sender: 1, number: 5, epoch: 2))
            worker.pass(1)
        }
        let (from, to) = (whole.pool.executor(of: 0), short.pool.executor(of: 0))
        _ = try await to.restore(0, since: 2, await from.state(of: 0)).get()
        guard case .agrees = await to.compare(0, with: await from.check(of: 0)) else {
            Issue.record("the copies differ")
            return
        }
        let end = more.map(\.time).max() ?? 0
        #expect(await short.hash(of: 0, at: end) == whole.hash(of: 0, at: end))
    }

    /// An ingest node dies when the old owner has its last batch and the new one has not.
    @Test func aBatchThatNeverComesDoesNotHoldAShardUp() async throws {
        let old = LaggingWorker(shards: 1), new = LaggingWorker(shards: 1)
        defer { for worker in [old, new] { worker.pool.stop() } }
        var stream = StreamGenerator(seed: 6, agents: 10)
        await new.pool.expect([0: 2])
        await old.pool.give([0: 2])
        let (from, to) = (old.pool.executor(of: 0), new.pool.executor(of: 0))
        _ = try await to.restore(0, since: 2, await from.state(of: 0)).get()
        old.send(Array(stream.seconds(3).prefix(60)), BatchOrigin(sender: 1, number: 5, epoch: 2))
        old.pass(1)
        guard case .early = await to.compare(0, with: await from.check(of: 0)) else {
            Issue.record("nothing of the batch has come")
            return
        }
        await to.giveUp(0)
        _ = try await to.restore(0, since: 2, await from.state(of: 0)).get()
        guard case .agrees = await to.compare(0, with: await from.check(of: 0)) else {
            Issue.record("the second snapshot has the batch")
            return
        }
    }

    @Test func whatDoesNotFitIsRefusedAndLeavesNothing() async throws {
        let old = LaggingWorker(shards: 1), new = LaggingWorker(shards: 1)
        defer { for worker in [old, new] { worker.pool.stop() } }
        var stream = StreamGenerator(seed: 5, agents: 10)
        old.send(Array(stream.seconds(5).prefix(60)), BatchOrigin(sender: 1, number: 1, epoch: 1))
        old.pass(1)
        let executor = new.pool.executor(of: 0)
        let state = await old.pool.executor(of: 0).state(of: 0)
        func refusal(_ state: ShardState, since: UInt64 = 2) async -> String? {
            if case .failure(let refusal) = await executor.restore(0, since: since, state) { refusal.why } else { nil }
        }
        #expect(await refusal(state) == "it is not expected any more", "nobody expects it")
        await new.pool.expect([0: 2])
        #expect(await refusal(state, since: 3) == "it is not expected any more", "it is expected since another time")
        for cut in [0, 1, state.pieces.count / 2, state.pieces.count - 1] {
            var less = state
            less.pieces.removeLast(state.pieces.count - cut)
            #expect(await refusal(less) != nil)
            var wrong = state
            if !wrong.pieces[cut].isEmpty { wrong.pieces[cut][wrong.pieces[cut].count / 2] ^= 1 }
            #expect(await refusal(wrong) != nil)
            #expect(await executor.run { $0[0].agents.isEmpty }, "nothing of it is left")
        }
        #expect(await refusal(state) == nil, "the whole one fits after all that")
    }
}
