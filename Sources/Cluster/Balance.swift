// Shards that should be elsewhere than rendezvous hashing puts them. Hashing evens out how many agents a worker has, not how much
// they send: a worker with some of the busiest switches may have twice as much to do as the others. Loads and time in, overrides out.

package struct Balance: Sendable {
    /// Between two looks. Unit: nanoseconds.
    static let interval: Int64 = 10_000_000_000
    /// A worker has too much when it has this many times what workers have on average, for so many looks on end…
    static let tooMuch = 1.25, looks = 3
    /// …and is helped until no worker has more than this many times the average.
    static let enough = 1.1
    /// So many shards move for it at once; the rest follows, if it must, when new loads have been seen.
    static let movesMaximum = 16
    /// Below this all workers together have too little to do for it to matter. Unit: samples a second.
    static let least = 100.0

    /// By shard. Unit: samples a second.
    private var loads: [Int: Double] = [:]
    private var lastLook: Int64?
    private var looksTooMuch = 0

    package init() {}

    /// A worker tells the loads of shards.
    package mutating func note(_ loads: [UInt64: UInt64]) {
        for (shard, load) in loads where shard < UInt64(ClusterLimits.shardsMax) { self.loads[Int(shard)] = Double(load) }
    }

    /// Looks whether shards should move.
    /// - Parameters:
    ///   - map: one in which no shard is on its way.
    ///   - candidates: names of the workers that can have shards.
    /// - Returns: new overrides; nil when the present ones are as good as any.
    package mutating func overrides(for map: ShardMap, candidates: Set<String>, now: Int64) -> [Int: String]? {
        guard now - (lastLook ?? now - Balance.interval) >= Balance.interval else { return nil }
        lastLook = now
        var workers = Workers(map, candidates, loads)
        guard workers.total >= Balance.least, workers.worst > Balance.tooMuch else {
            looksTooMuch = 0
            return nil
        }
        looksTooMuch += 1
        guard looksTooMuch >= Balance.looks else { return nil }
        looksTooMuch = 0
        var overrides = map.overrides
        for _ in 0..<Balance.movesMaximum where workers.worst > Balance.enough {
            guard let move = workers.bestMove() else { break }
            overrides[move.shard] = move.worker
        }
        return overrides == map.overrides ? nil : overrides
    }
}

/// What workers have to do, and what they would have.
private struct Workers {
    private struct Worker {
        let name: String
        var load = 0.0
        var shards: [(shard: Int, load: Double)] = []
    }

    private var workers: [Worker]

    init(_ map: ShardMap, _ candidates: Set<String>, _ loads: [Int: Double]) {
        workers = map.workers.map { Worker(name: $0.name) }
        for (shard, owners) in map.owners.enumerated() {
            guard let primary = owners.primary, let load = loads[shard] else { continue }
            workers[primary].load += load
            workers[primary].shards.append((shard, load))
        }
        workers.removeAll { !candidates.contains($0.name) }
    }

    var total: Double { workers.reduce(0) { $0 + $1.load } }

    /// What the busiest has, in averages.
    var worst: Double {
        guard total > 0, let most = workers.map(\.load).max() else { return 0 }
        return most * Double(workers.count) / total
    }

    /// Moves from the busiest to the idlest the shard that brings them closest.
    mutating func bestMove() -> (shard: Int, worker: String)? {
        guard let from = workers.indices.max(by: { workers[$0].load < workers[$1].load }),
            let to = workers.indices.min(by: { workers[$0].load < workers[$1].load })
        else { return nil }
        let gap = workers[from].load - workers[to].load
        // A shard of more than the gap would only change who is the busier of the two. One of about half of it is the best there is,
        // whether the last measurement has it a little above or below; so the limit is where at most half of the gap is left over.
        let fitting = workers[from].shards.indices.filter {
            workers[from].shards[$0].load > 0 && workers[from].shards[$0].load <= gap * 3 / 4
        }
        func left(_ index: Int) -> Double { abs(gap - 2 * workers[from].shards[index].load) }
        guard let best = fitting.min(by: { left($0) < left($1) }) else { return nil }
        let moved = workers[from].shards.remove(at: best)
        workers[from].load -= moved.load
        workers[to].load += moved.load
        workers[to].shards.append(moved)
        return (moved.shard, workers[to].name)
    }
}
