// What a newer map means for a worker's shards.

internal import Cluster

struct OwnershipChange {
    let fed: ShardSet, primary: ShardSet
    /// Those of which the worker has all.
    let complete: ShardSet
    /// On their way to the worker, by the epoch since when.
    let coming: [Int: UInt64]
    /// Of these, those that were not on their way before, or began anew meanwhile.
    let begun: ShardSet
    /// Were on their way, and now are the worker's, with what they have.
    let ended: ShardSet
    /// Are on their way from the worker.
    let leaving: ShardSet
    /// Are no longer the worker's.
    let given: ShardSet

    /// - Parameters:
    ///   - before: what was on its way to the worker, by the epoch since when.
    ///   - fedBefore: all that it was fed.
    init(from before: [Int: UInt64], _ fedBefore: ShardSet, to map: ShardMap, of incarnation: UInt64) {
        let worker = map.workers.first { $0.incarnation == incarnation }
        let own = worker.map(map.shards) ?? (primary: ShardSet(), replica: ShardSet(), incoming: ShardSet())
        primary = own.primary
        let complete = own.primary.union(own.replica), fed = complete.union(own.incoming)
        self.complete = complete
        self.fed = fed
        coming = Dictionary(uniqueKeysWithValues: own.incoming.shards.map { ($0, map.owners[$0].incomingSince) })
        begun = ShardSet(coming.filter { before[$0.key] != $0.value }.keys)
        ended = ShardSet(before.keys.filter(complete.contains))
        leaving = ShardSet(own.primary.shards.filter { map.owners[$0].incoming != nil })
        given = fedBefore.subtracting(fed)
    }
}
