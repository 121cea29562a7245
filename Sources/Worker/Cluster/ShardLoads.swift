// What there is to do for each shard, from what its books say at two times: the leader evens workers out by it.

internal import Cluster

struct ShardLoads {
    /// Between two times.
    static let interval = Duration.seconds(5)

    private var last: (at: ContinuousClock.Instant, samples: [UInt64], answered: ShardSet)?

    /// Whether it is time to look again.
    func isDue(at now: ContinuousClock.Instant) -> Bool { last.map { $0.at.duration(to: now) >= ShardLoads.interval } ?? true }

    /// - Parameters:
    ///   - samples: in the books of each shard, since the start.
    ///   - answered: the shards that the worker answers for. One that has come since the last time has brought its books along, and
    ///     says nothing yet.
    /// - Returns: samples a second, by shard.
    mutating func rates(samples: [UInt64], answered: ShardSet, at now: ContinuousClock.Instant) -> [UInt64: UInt64] {
        defer { last = (now, samples, answered) }
        guard let last, last.samples.count == samples.count else { return [:] }
        let seconds = max(1e-3, last.at.duration(to: now) / .seconds(1))
        var rates: [UInt64: UInt64] = [:]
        for shard in answered.shards where last.answered.contains(shard) && samples.indices.contains(shard) {
            rates[UInt64(shard)] = UInt64(Double(samples[shard] &- min(samples[shard], last.samples[shard])) / seconds)
        }
        return rates
    }
}
