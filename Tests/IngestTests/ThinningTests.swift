// Datagrams that stand for others: weights add up to what came, favour nobody, and follow the queue.

import DatagramBuilding
import SeededRandom
@testable import Ingest
import Testing

@Suite struct ThinningTests {
    /// A queue that is so full keeps one of so many.
    @Test func followsTheQueue() {
        var thinning = Thinning(shardCount: 1)
        let path: [(fill: Double, level: Int)] = [
            (0, 0), (0.49, 0), (0.5, 1), (0.3, 1), (0.24, 0), (0.6, 2), (0.9, 6), (1, 6), (0.6, 6), (0.55, 5), (0.3, 1), (0, 0),
        ]
        for (fill, level) in path {
            thinning.follow(fill: fill)
            #expect(thinning.level == level, "at \(fill)")
        }
    }

    @Test func whatIsNotThinnedCountsForItself() {
        var thinning = Thinning(shardCount: 4)
        var random = SeededGenerator(seed: 1)
        #expect((0..<100).map { thinning.weight(of: $0 % 4, using: &random) } == Array(repeating: 1, count: 100))
        #expect(!thinning.isActive)
    }

    /// However the queue fills and empties: of each group of a shard one datagram is kept with the group's weight, so that the
    /// weights add up to what came, and what is open at the end is bounded.
    @Test(arguments: 0..<30 as Range<UInt64>) func weightsAddUp(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let shards = 5
        var thinning = Thinning(shardCount: shards)
        var came = Array(repeating: 0, count: shards), counted = came
        for step in 0..<5_000 {
            if step % 40 == 0 { thinning.follow(fill: .random(in: 0...1, using: &random)) }
            let shard = Int.random(in: 0..<shards, using: &random)
            came[shard] += 1
            counted[shard] += Int(thinning.weight(of: shard, using: &random))
            // A group that has begun has counted for all or for none of it.
            #expect(abs(came[shard] - counted[shard]) < 1 << Thinning.levelMax, "seed \(seed), step \(step)")
        }
        thinning.follow(fill: 0)
        for shard in 0..<shards {
            for _ in 0..<1 << Thinning.levelMax {
                came[shard] += 1
                counted[shard] += Int(thinning.weight(of: shard, using: &random))
            }
        }
        #expect(came == counted, "seed \(seed)")
        #expect(!thinning.isActive, "seed \(seed)")
    }

    /// The reference is what came, with nothing left out. An agent that sends flows and counters in turns, and one large datagram
    /// among many: the mean over many seeds is the truth, by the standard error of that mean.
    @Test func estimatesAreUnbiased() {
        let values = (0..<700).map { $0 == 333 ? 1_000_000.0 : $0 % 2 == 0 ? 1_500.0 : 0 }
        let truth = values.reduce(0, +)
        var random = SeededGenerator(seed: 42)
        let estimates = (0..<4_000).map { _ in
            var thinning = Thinning(shardCount: 1)
            var estimate = 0.0
            for (place, value) in values.enumerated() {
                // Half full, full, nearly empty, and half full again.
                if place % 100 == 0 { thinning.follow(fill: [0.5, 0.7, 0.9, 0.2, 0.6, 0, 0.5][place / 100]) }
                estimate += value * Double(thinning.weight(of: 0, using: &random))
            }
            // The group that is open at the end; nothing of value in it.
            thinning.follow(fill: 0)
            return estimate
        }
        let count = Double(estimates.count)
        let mean = estimates.reduce(0, +) / count
        let variance = estimates.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
        let error = (variance / count).squareRoot()
        #expect(abs(mean - truth) < 4 * error, "\(mean) for \(truth), standard error \(error)")
        // Each datagram by itself: a regular choice would always keep the same ones.
        var kept = Array(repeating: 0, count: 8)
        for _ in 0..<8_000 {
            var thinning = Thinning(shardCount: 1)
            thinning.follow(fill: 0.63)
            for place in kept.indices { kept[place] += Int(thinning.weight(of: 0, using: &random)) }
        }
        #expect(kept.allSatisfy { abs($0 - 8_000) < 1_000 }, "\(kept)")
    }
}
