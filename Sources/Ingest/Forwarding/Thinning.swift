// What a worker that falls behind still gets: of each shard one datagram of k, which then stands for k. A pure state machine,
// apart from the queue whose filling it follows: chance and filling are arguments.
//
// Datagrams of a shard are taken in groups of k, of which one at random is kept with weight k (stratified sampling: Cochran,
// "Sampling Techniques", 1977, chapter 5). So whatever a datagram holds, its expected weight is 1, and all weights of finished
// groups add up to what came. A regular choice (each k-th) would not do: an agent may send counters and flows in turns. A new k
// begins with a shard's next group, since to break a group off would favour what came first in it.

struct Thinning: Sendable {
    /// k is 2 to this power at most: beyond 64 the rest is not worth its noise, and datagrams are dropped.
    static let levelMax = 6

    private struct Group: Sendable {
        var size: UInt8 = 1
        /// Datagrams that are still to come, and how many will be left when the chosen one comes.
        var left: UInt8 = 0
        var chosen: UInt8 = 0
    }

    /// k is 2 to this power for groups that begin now.
    private(set) var level = 0
    private var groups: [Group] = []
    private var openCount = 0
    private let shardCount: Int

    init(shardCount: Int) { self.shardCount = shardCount }

    /// Whether any datagram may be passed over or count for more than itself.
    var isActive: Bool { level > 0 || openCount > 0 }

    /// Follows the queue: from half full on it keeps less and less, and more again when much less is waiting. In between k stays
    /// as it is, so that it does not change with each batch.
    /// - Parameter fill: share of the queue that is taken, 0 to 1.
    mutating func follow(fill: Double) {
        while level < Thinning.levelMax, fill >= Thinning.threshold(level) { level += 1 }
        while level > 0, fill < Thinning.threshold(level - 1) - 0.25 { level -= 1 }
    }

    /// Where a level ends: 1/2, 9/16, … 13/16. The last three sixteenths are for bursts.
    private static func threshold(_ level: Int) -> Double { 0.5 + Double(level) / 16 }

    /// How many datagrams of its shard the next one stands for; 0: it is passed over.
    mutating func weight(of shard: Int, using random: inout some RandomNumberGenerator) -> UInt8 {
        guard isActive else { return 1 }
        if groups.isEmpty { groups = Array(repeating: Group(), count: shardCount) }
        if groups[shard].left == 0 {
            guard level > 0 else { return 1 }
            let size = UInt8(1) << UInt8(level)
            groups[shard] = Group(size: size, left: size, chosen: .random(in: 1...size, using: &random))
            openCount += 1
        }
        defer {
            groups[shard].left -= 1
            if groups[shard].left == 0 { openCount -= 1 }
        }
        return groups[shard].left == groups[shard].chosen ? groups[shard].size : 0
    }
}
