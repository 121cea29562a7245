// Copies of shards that were not sent all that other copies of the same shard were: whoever leaves a datagram out for one owner
// only, because that one has fallen behind, notes it here until the leader has had the copies made the same again
// (`MapPlan.mend`). Pure: maps and times in, what the leader is to be told out.

package import Wire

package struct ShortCopies: Sendable {
    /// So long nothing more was left out of a shard before its copies are made the same: while a worker is behind, a new copy
    /// would be short again before it is whole. So no copy is made again more often than this. Unit: nanoseconds.
    package static let rest: Int64 = 5_000_000_000

    private struct Shortage {
        /// Of the newest map by which something was left out.
        var epoch: UInt64
        /// On a clock that only goes forward. Unit: nanoseconds.
        var last: Int64
        /// Incarnations of the workers that lack something.
        var workers: Set<UInt64>
    }

    /// By shard.
    private var shortages: [Int: Shortage] = [:]
    /// The newest that was heard of.
    private var map: ShardMap?

    package init() {}

    /// Goes by a newer map: what that mends is forgotten.
    package mutating func adopt(_ map: ShardMap) {
        guard map.epoch > self.map?.epoch ?? 0 else { return }
        self.map = map
        shortages = shortages.filter { !ShortCopies.isMended($0.key, since: $0.value.epoch, by: map) }
    }

    /// Something of these shards was not sent to a worker, or in another way than to others.
    /// - Parameters:
    ///   - place: of the worker in `sent`, the map by which the others got it.
    ///   - now: on a clock that only goes forward. Unit: nanoseconds.
    package mutating func note(_ shards: ShardSet, at place: Int, by sent: ShardMap, now: Int64) {
        let worker = sent.workers[place].incarnation
        for shard in shards.shards {
            if ShortCopies.isMended(shard, since: sent.epoch, by: map ?? sent) { continue }
            var shortage = shortages[shard] ?? Shortage(epoch: sent.epoch, last: now, workers: [])
            shortage.epoch = max(sent.epoch, shortage.epoch)
            shortage.last = max(now, shortage.last)
            shortage.workers.insert(worker)
            shortages[shard] = shortage
        }
    }

    /// Whether all copies are the same by a map, whatever somebody lacked of what was sent by maps up to an epoch: there is one only, and who
    /// is being given another gets what that one has.
    private static func isMended(_ shard: Int, since epoch: UInt64, by map: ShardMap) -> Bool {
        guard map.owners.indices.contains(shard) else { return true }
        let owners = map.owners[shard]
        return owners.replica == nil && (owners.incoming == nil || owners.incomingSince > epoch)
    }

    package func report(now: Int64) -> ShortReport {
        var report = ShortReport()
        for (shard, shortage) in shortages {
            for worker in shortage.workers { report.lacking[worker, default: ShardSet()].insert(shard) }
            if now - shortage.last < ShortCopies.rest { report.lately.insert(shard) }
        }
        return report
    }
}

/// What a member tells the leader of copies that are short.
package struct ShortReport: Hashable, Sendable {
    /// By incarnation of a worker, the shards of which it lacks something that others have.
    package var lacking: [UInt64: ShardSet] = [:]
    /// Those of which something was left out just now.
    package var lately = ShardSet()

    package init() {}

    /// All that are named.
    package var shards: ShardSet { lacking.values.reduce(ShardSet()) { $0.union($1) } }

    mutating func add(_ other: ShortReport) { lacking.merge(other.lacking) { $0.union($1) } }
}

extension ShortReport: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(lacking)
        writer.write(lately)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        lacking = try reader.value()
        lately = try reader.value()
        guard lacking.count <= ClusterLimits.workersMax else { throw reader.fault(.badValue) }
    }
}
