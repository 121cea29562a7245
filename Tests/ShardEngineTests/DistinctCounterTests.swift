// How many different values: exact for few, near for many, and only lately.

import DatagramBuilding
import SeededRandom
import Testing

@testable import ShardEngine

@Suite struct DistinctCounters {
    static let second: Int64 = 1_000_000_000
    static let start = 1_700_000_000 * second

    @Test func exactUpTo64() {
        var random = SeededGenerator(seed: 1)
        var counter = DistinctCounter()
        for count in 1...64 {
            let value = random.next()
            for _ in 0..<3 { counter.add(value, at: DistinctCounters.start, window: DistinctCounters.second) }
            #expect(counter.estimate(at: DistinctCounters.start, window: DistinctCounters.second) == Double(count))
        }
    }

    @Test(arguments: 0..<6 as Range<UInt64>) func nearUpToAMillion(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var counter = DistinctCounter()
        for count in 1...(seed == 0 ? 1_000_000 : 100_000) {
            counter.add(random.next(), at: DistinctCounters.start, window: DistinctCounters.second)
            guard [65, 100, 300, 1_000, 2_000, 2_500, 3_000, 4_000, 5_000, 10_000, 30_000, 100_000, 300_000, 1_000_000].contains(count)
            else { continue }
            let estimate = counter.estimate(at: DistinctCounters.start, window: DistinctCounters.second)
            #expect(abs(estimate - Double(count)) <= 0.1 * Double(count), "seed \(seed): \(estimate), not \(count)")
        }
    }

    /// Seen for at least one window and less than two, by few and by many values.
    @Test(arguments: [10, 5_000]) func forgetsAfterTwoWindows(count: Int) {
        let window = 2 * DistinctCounters.second
        var random = SeededGenerator(seed: 3)
        var counter = DistinctCounter()
        for _ in 0..<count { counter.add(random.next(), at: DistinctCounters.start, window: window) }
        let before = counter.estimate(at: DistinctCounters.start, window: window)
        #expect(counter.estimate(at: DistinctCounters.start + window, window: window) == before)
        #expect(counter.estimate(at: DistinctCounters.start + 2 * window, window: window) == 0)
        counter.add(1, at: DistinctCounters.start + window, window: window)
        #expect(counter.estimate(at: DistinctCounters.start + window, window: window) >= before)
        #expect(counter.estimate(at: DistinctCounters.start + 2 * window, window: window) == 1)
        #expect(counter.estimate(at: DistinctCounters.start + 3 * window, window: window) == 0)
        counter.add(1, at: 1, window: window)
        counter.add(1, at: .max, window: window)
        #expect(counter.estimate(at: .max, window: window) == 1)
    }
}
