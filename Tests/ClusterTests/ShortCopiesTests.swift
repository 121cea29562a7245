// Copies of shards that lack something: how an ingest node remembers them, and what the leader does about it.

import Cluster
import Testing

@Suite struct ShortCopiesTests {
    private static let second: Int64 = 1_000_000_000

    /// Shards 0 and 1 are both workers', shard 2 is the first one's alone.
    private static func map(epoch: UInt64) -> ShardMap {
        var map = ShardMap(
            epoch: epoch, shardCount: 3, replicas: 2,
            workers: [.init(name: "a", incarnation: 11, address: "h:1"), .init(name: "b", incarnation: 12, address: "h:2")])
        for shard in 0..<3 { map.owners[shard].primary = 0 }
        for shard in 0..<2 { map.owners[shard].replica = 1 }
        return map
    }

    /// `map` with shard 0 on its way to the second worker.
    private static func mending(epoch: UInt64, since: UInt64) -> ShardMap {
        var map = map(epoch: epoch)
        map.owners[0].replica = nil
        map.owners[0].incoming = 1
        map.owners[0].incomingSince = since
        return map
    }

    // MARK: The ingest node

    @Test func whatWasLeftOutIsToldUntilAMapMendsIt() {
        var short = ShortCopies()
        short.adopt(Self.map(epoch: 4))
        #expect(short.report(now: 0) == ShortReport())
        short.note(ShardSet([0, 1, 2]), at: 1, by: Self.map(epoch: 4), now: 0)
        var report = short.report(now: 0)
        #expect(report.lacking == [12: ShardSet([0, 1])], "a shard with one copy lacks nothing that another has")
        #expect(report.lately == ShardSet([0, 1]))
        short.note(ShardSet([1]), at: 0, by: Self.map(epoch: 4), now: 2 * Self.second)
        report = short.report(now: ShortCopies.rest)
        #expect(report.lacking == [11: ShardSet([1]), 12: ShardSet([0, 1])])
        #expect(report.lately == ShardSet([1]))
        short.adopt(Self.map(epoch: 5))
        #expect(short.report(now: 0).shards == ShardSet([0, 1]), "both copies are still what they were")
        short.adopt(Self.mending(epoch: 6, since: 6))
        #expect(short.report(now: 0).shards == ShardSet([1]))
    }

    @Test func whatIsLeftOutWhileACopyIsMadeMakesItShortAgain() {
        var short = ShortCopies()
        short.adopt(Self.mending(epoch: 6, since: 6))
        short.note(ShardSet([0]), at: 1, by: Self.map(epoch: 5), now: 0)
        #expect(short.report(now: 0).shards.isEmpty, "the other owner had it before the copy was begun")
        short.note(ShardSet([0]), at: 1, by: Self.mending(epoch: 6, since: 6), now: 0)
        short.adopt(Self.mending(epoch: 7, since: 6))
        #expect(short.report(now: 0).shards == ShardSet([0]))
        short.adopt(Self.map(epoch: 8))
        #expect(short.report(now: 0).shards == ShardSet([0]), "whole in name only")
        short.adopt(Self.map(epoch: 3))
        short.adopt(Self.mending(epoch: 9, since: 9))
        #expect(short.report(now: 0).shards.isEmpty)
    }

    @Test func aShardWithoutASecondCopyIsForgotten() {
        var short = ShortCopies()
        short.note(ShardSet([0, 1]), at: 1, by: Self.map(epoch: 4), now: 0)
        var alone = Self.map(epoch: 5)
        alone.owners[0].replica = nil
        short.adopt(alone)
        #expect(short.report(now: 0).shards == ShardSet([1]))
        short.adopt(ShardMap(epoch: 6, shardCount: 1, replicas: 2))
        #expect(short.report(now: 0).shards.isEmpty, "another cluster's map")
    }

    // MARK: The leader

    /// Three workers, an ingest node, two copies of each shard.
    private static func cluster() throws -> Membership {
        var members = Membership(.init(shardCount: 512, replicas: 2, minWorkers: 3), map: nil, now: 0)
        for (number, name) in ["a", "b", "c"].enumerated() {
            try members.join(
                Join(role: .worker, name: name, incarnation: UInt64(number + 1), port: 1, epoch: 0, version: ""), host: "h", connection: 1,
                now: 0)
        }
        try members.join(
            Join(role: .ingest, name: "i", incarnation: 9, port: 0, epoch: 0, version: ""), host: "h", connection: 1, now: 0)
        let map = members.nextMap(now: 0)
        members.adopt(try #require(map))
        return members
    }

    /// All are heard; what was to come to the workers has come.
    private static func hear(_ members: inout Membership, _ short: ShortReport, epoch: UInt64? = nil) {
        for (name, member) in members.members {
            var heartbeat = Heartbeat()
            heartbeat.epoch = epoch ?? members.map.epoch
            if member.join.role == .ingest { heartbeat.short = short }
            if let worker = members.map.workers.first(where: { $0.name == name }) { heartbeat.filled = members.map.shards(of: worker).incoming }
            let isHeard = members.heard(name, connection: 1, heartbeat, now: 0)
            #expect(isHeard)
        }
    }

    /// What an ingest node says that left things out for a worker.
    private static func report(_ members: Membership, _ incarnation: UInt64, lately: ShardSet = ShardSet()) throws -> ShortReport {
        let own = members.map.shards(of: try #require(members.map.workers.first { $0.incarnation == incarnation }))
        var report = ShortReport()
        report.lacking[incarnation] = own.primary.union(own.replica)
        report.lately = lately
        return report
    }

    @Test func aShortCopyIsMadeAgainFromTheWholeOne() throws {
        var members = try Self.cluster()
        let before = members.map
        var short = try Self.report(members, 2)
        Self.hear(&members, short)
        var mended = ShardSet(), turns = 0
        while let map = members.nextMap(now: 0) {
            turns += 1
            try #require(turns < 20)
            #expect(map.owners.count { $0.incoming != nil } <= Membership.movesMaximum)
            for (shard, owners) in map.owners.enumerated() where owners.incoming != nil {
                let place = try #require(owners.incoming)
                #expect(map.workers[place].incarnation == 2, "who lacks something gets it")
                #expect(owners.incomingSince == map.epoch, "all that came by this map's predecessors is told anew")
                #expect(owners.replica == nil && owners.primary != place && owners.lostIn == 0)
                mended.insert(shard)
            }
            members.adopt(map)
            // The ingest node forgets what the map has mended.
            var copies = ShortCopies()
            for shards in short.lacking.values { copies.note(shards, at: 1, by: before, now: -ShortCopies.rest) }
            copies.adopt(map)
            short.lacking = copies.report(now: 0).lacking.mapValues { $0.subtracting(mended) }
            Self.hear(&members, short)
        }
        #expect(mended == (try Self.report(members, 2).shards), "all of them, in turns")
        #expect(turns > mended.count / Membership.movesMaximum)
        #expect(members.copiesMended == mended.count)
        #expect(members.map.owners.map(\.places) == before.owners.map(\.places), "in the end everybody is again what it was")
    }

    @Test func whoIsStillBehindIsLeftAlone() throws {
        var members = try Self.cluster()
        let short = try Self.report(members, 2)
        var busy = short
        busy.lately = short.shards
        Self.hear(&members, busy)
        #expect(members.nextMap(now: 0) == nil)
        #expect(members.shortCopies(now: 0).shards == short.shards)
        Self.hear(&members, short, epoch: members.map.epoch - 1)
        #expect(members.nextMap(now: 0) == nil, "said by a map before, it may be mended already")
        Self.hear(&members, short)
        #expect(members.nextMap(now: 0) != nil)
    }

    /// Another ingest node still leaves things out: it would do so of the new copy.
    @Test func allIngestNodesMustBeAtRest() throws {
        var members = try Self.cluster()
        try members.join(
            Join(role: .ingest, name: "j", incarnation: 10, port: 0, epoch: 0, version: ""), host: "h", connection: 1, now: 0)
        let short = try Self.report(members, 2)
        Self.hear(&members, short)
        var other = Heartbeat()
        other.short.lately = ShardSet(short.shards.shards.dropFirst())
        _ = members.heard("j", connection: 1, other, now: 0)
        let next = members.nextMap(now: 0)
        let map = try #require(next)
        #expect(map.owners.indices.filter { map.owners[$0].incoming != nil } == [short.shards.shards[0]])
    }

    /// Both lack something, not the same: who has answered so far goes on answering, and the other is made the same.
    @Test func whereNoneIsWholeTheReplicaIsMadeAgain() throws {
        var members = try Self.cluster()
        var short = try Self.report(members, 2)
        for worker in [UInt64(1), 3] { short.lacking[worker] = try Self.report(members, worker).shards }
        Self.hear(&members, short)
        let before = members.map, next = members.nextMap(now: 0)
        let map = try #require(next)
        #expect(map.owners.count { $0.incoming != nil } == Membership.movesMaximum)
        for (old, new) in zip(before.owners, map.owners) {
            #expect(new.primary == old.primary)
            if new.incoming != nil { #expect(new.incoming == old.replica && new.replica == nil) }
        }
    }

    /// A worker that leaves is not given a copy again; another one that should have it is.
    @Test func whoLeavesIsReplaced() throws {
        var members = try Self.cluster()
        let short = try Self.report(members, 2)
        Self.hear(&members, short)
        var draining = Heartbeat()
        draining.epoch = members.map.epoch
        draining.isDraining = true
        _ = members.heard("b", connection: 1, draining, now: 0)
        let next = members.nextMap(now: 0)
        let map = try #require(next)
        for owners in map.owners where owners.incoming != nil {
            #expect(owners.incoming.map { map.workers[$0].incarnation } != 2)
            #expect(owners.incomingSince == map.epoch)
        }
        for owners in map.owners { #expect(owners.primary.map { map.workers[$0].incarnation } != 2) }
    }
}
