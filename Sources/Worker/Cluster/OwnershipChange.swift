// What a newer map means for a worker's shards.

internal import Cluster

struct OwnershipChange {
    let fed: ShardSet, primary: ShardSet
    /// Those of which the worker has all.
    let complete: ShardSet
    /// On their way to the worker, by the epoch since when.
    let coming: [Int: UInt64]
    /// Of these, those that were not on their way before, or began anew meanwhile, by the epoch since when.
    let begun: [Int: UInt64]
    /// Of these, those of which the worker had all but for what was not sent to it: until they come again it keeps what it has, for questions
    /// that are under way.
    let demoted: ShardSet
    /// Were on their way, and now are the worker's, with what they have.
    let ended: ShardSet
    /// Were on their way, and are not any more.
    let dropped: ShardSet
    /// Are on their way from the worker, by the epoch since when.
    let leaving: [Int: UInt64]
    /// Are no longer the worker's.
    let given: ShardSet

    /// - Parameters:
    ///   - before: what was on its way to the worker, by the epoch since when.
    ///   - completeBefore: those of which it had all.
    init(from before: [Int: UInt64], complete completeBefore: ShardSet, to map: ShardMap, of incarnation: UInt64) {
        let worker = map.workers.first { $0.incarnation == incarnation }
        let own = worker.map(map.shards) ?? (primary: ShardSet(), replica: ShardSet(), incoming: ShardSet())
        let complete = own.primary.union(own.replica), fed = complete.union(own.incoming)
        let coming = Dictionary(uniqueKeysWithValues: own.incoming.shards.map { ($0, map.owners[$0].incomingSince) })
        (primary, self.complete, self.fed, self.coming) = (own.primary, complete, fed, coming)
        begun = coming.filter { before[$0.key] != $0.value }
        demoted = ShardSet(begun.keys.filter(completeBefore.contains))
        ended = ShardSet(before.keys.filter(complete.contains))
        dropped = ShardSet(before.keys.filter { !fed.contains($0) })
        leaving = Dictionary(
            uniqueKeysWithValues: own.primary.shards.filter { map.owners[$0].incoming != nil }.map { ($0, map.owners[$0].incomingSince) })
        given = completeBefore.subtracting(fed)
    }
}
