// What a worker is to each shard, by the maps that it has heard of, and how far those have come that are on their way to it. A pure state
// machine: maps and what the leader says in, what to do with the shards out (`OwnershipChange`). The shards are elsewhere.

internal import Cluster

struct Ownership: Sendable {
    private let incarnation: UInt64
    private(set) var map: ShardMap?
    /// What of a message is taken in.
    struct Feed: Sendable {
        fileprivate(set) var shards = ShardSet()
        /// Of shards that were given to others, by the epoch since when those are fed, too: what was sent by maps before is not in what they got
        /// if it comes only now. It comes from ingest nodes that were given up.
        fileprivate var floors: [Int: UInt64] = [:]
        fileprivate var highestFloor: UInt64 = 0

        /// - Parameter epoch: of the map that the sender goes by.
        func takes(_ shard: Int, by epoch: UInt64) -> Bool {
            shards.contains(shard) && (epoch >= highestFloor || epoch >= floors[shard] ?? 0)
        }
    }

    private(set) var feed = Feed()
    /// Of those that are fed those that this worker answers for, and may answer for.
    private(set) var primary = ShardSet(), complete = ShardSet()
    /// Those that are on their way to this worker, by the epoch since when, and of them those that have come.
    private(set) var coming: [Int: UInt64] = [:]
    private var filled = ShardSet()
    /// Of these, those that the leader is told of.
    private(set) var toldFilled = ShardSet()
    private(set) var settledEpoch: UInt64 = 0
    /// Those that others have now, with what was counted until then: for questions by the map before.
    private(set) var retained = ShardSet()

    /// - Parameter incarnation: of this worker.
    init(incarnation: UInt64) { self.incarnation = incarnation }

    var epoch: UInt64 { map?.epoch ?? 0 }

    /// What a map means; nil for one that is not newer.
    func change(to map: ShardMap) -> OwnershipChange? {
        map.epoch > epoch ? OwnershipChange(from: coming, complete: complete, to: map, of: incarnation) : nil
    }

    /// Goes by a map from now on. What comes by it must find its shards ready by then.
    mutating func adopt(_ map: ShardMap, _ change: OwnershipChange) {
        self.map = map
        (feed.shards, primary, complete) = (change.fed, change.primary, change.complete)
        coming = change.coming
        filled = ShardSet(filled.shards.filter { change.coming[$0] != nil && change.begun[$0] == nil })
        toldFilled = ShardSet(toldFilled.shards.filter(filled.contains))
        retained = retained.union(change.given).subtracting(change.fed)
        closeOff()
    }

    /// Of shards of which others were given, or are about to be given, what there was, nothing is taken in any more that was sent before.
    private mutating func closeOff() {
        guard let map else { return }
        let moved = complete.shards.filter { map.owners[$0].incomingSince > 0 && map.owners[$0].incomingSince <= settledEpoch }
        feed.floors = Dictionary(uniqueKeysWithValues: moved.map { ($0, map.owners[$0].incomingSince) })
        feed.highestFloor = feed.floors.values.max() ?? 0
    }

    /// - Returns: those of the shards that are still retained; from now on they are not.
    mutating func release(_ shards: ShardSet) -> ShardSet {
        let released = ShardSet(shards.shards.filter(retained.contains))
        retained = retained.subtracting(released)
        return released
    }

    /// The shards of a question that this worker may answer for, by the map that the question goes by.
    func answerable(_ shards: ShardSet, epoch: UInt64) -> ShardSet {
        let known = epoch < self.epoch ? complete.union(retained) : complete
        return ShardSet(shards.shards.filter(known.contains))
    }

    // MARK: Shards on their way

    /// Everything sent by maps older than this has been counted where it was sent to.
    mutating func settle(_ epoch: UInt64) {
        guard epoch > settledEpoch else { return }
        settledEpoch = epoch
        closeOff()
    }

    /// What can be fetched now, by who has it.
    var fetchable: [(worker: ShardMap.Worker, shards: ShardSet)] {
        guard let map else { return [] }
        let ready = ShardSet(coming.filter { $0.value <= settledEpoch && !filled.contains($0.key) }.keys)
        return map.primaries.map { ($0.worker, ShardSet($0.shards.shards.filter(ready.contains))) }.filter { !$0.1.isEmpty }
    }

    /// A shard that was on its way since an epoch has come.
    mutating func noteFilled(_ shard: Int, since epoch: UInt64) {
        if coming[shard] == epoch { filled.insert(shard) }
    }

    /// The leader is told of all that have come so far: not of each by itself, since each time makes a map.
    mutating func tellFilled() { toldFilled = filled }

    /// Whether this worker has a shard that another one may ask for as a whole: not before all is in that was not sent to that one.
    func gives(_ shard: Int) -> Bool {
        guard primary.contains(shard), let map else { return false }
        return map.owners[shard].incoming != nil && map.owners[shard].incomingSince <= settledEpoch
    }
}
