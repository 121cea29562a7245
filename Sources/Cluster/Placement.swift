// Where shards belong: rendezvous hashing (Thaler and Ravishankar, "Using name-based mappings to increase hit rates",
// IEEE/ACM Transactions on Networking 6(1), 1998). Each worker has a score for each shard; the highest is its place, the next
// its replica's. When a worker goes, the next one's turn has come and no other shard moves.

package struct Placement: Sendable {
    private var names: [String] = []
    /// Of each shard the names that should have it, the primary's first.
    private var wanted: [[String]] = []

    package init() {}

    /// Works out anew where shards should be, if other workers can have some than before.
    package mutating func arrange(_ names: [String], shardCount: Int, copies: Int) {
        guard names != self.names || wanted.count != shardCount else { return }
        self.names = names
        let hashes = names.map(Placement.hash)
        wanted = (0..<shardCount).map { shard in
            let mixed = Placement.mix(UInt64(shard))
            let scores = hashes.map { Placement.mix($0 ^ mixed) }
            // Depends on names alone, so that a worker that comes back gets its shards back.
            var best: [Int] = []
            for place in names.indices {
                let rank = best.firstIndex { (scores[$0], names[place]) < (scores[place], names[$0]) } ?? best.count
                if rank < copies { best = Array((best[..<rank] + [place] + best[rank...]).prefix(copies)) }
            }
            return best.map { names[$0] }
        }
    }

    /// The workers that should have a shard, best first; at most as many as copies are wanted.
    package func names(for shard: Int) -> [String] { wanted[shard] }

    /// FNV-1a, 64 bits (RFC 9923): the same on every machine and in every version.
    private static func hash(_ name: String) -> UInt64 {
        name.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
    }

    /// The splitmix64 finaliser: FNV alone leaves the high bits, which decide, too much alike for names like worker-1, worker-2.
    private static func mix(_ value: UInt64) -> UInt64 {
        var z = value &+ 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
