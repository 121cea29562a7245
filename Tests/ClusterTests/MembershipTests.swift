// The leader's bookkeeping: who owns what after comings and goings, and what must hold whatever happens.

import Cluster
import SeededRandom
import Testing

@Suite struct MembershipTests {
    private static let second: Int64 = 1_000_000_000

    private static func make(_ shards: Int = 64, replicas: Int = 1, minWorkers: Int = 1, map: ShardMap? = nil) -> Membership {
        Membership(.init(shardCount: shards, replicas: replicas, minWorkers: minWorkers), map: map, now: 0)
    }

    private static func join(_ name: String, incarnation: UInt64 = 1) -> Join {
        Join(role: .worker, name: name, incarnation: incarnation, port: 7000, epoch: 0, version: "1")
    }

    /// Three workers with all shards given out at time 0.
    private static func three(replicas: Int = 1) throws -> Membership {
        var members = make(replicas: replicas, minWorkers: 3)
        for name in ["a", "b", "c"] { try members.join(join(name), host: "10.0.0.1", connection: 1, now: 0) }
        members.adopt(try Self.next(&members, at: 0))
        return members
    }

    /// - Parameter filled: everything that was to come to them has come.
    private static func hear(
        _ members: inout Membership, _ names: [String], at now: Int64, draining: Set<String> = [], filled: Bool = false,
        epoch: UInt64? = nil
    ) {
        for name in names {
            var heartbeat = Heartbeat()
            heartbeat.isDraining = draining.contains(name)
            heartbeat.epoch = epoch ?? members.map.epoch
            if filled, let worker = members.map.workers.first(where: { $0.name == name }) {
                heartbeat.filled = members.map.shards(of: worker).incoming
            }
            let isHeard = members.heard(name, connection: 1, heartbeat, now: now)
            #expect(isHeard)
        }
    }

    private static func next(_ members: inout Membership, at now: Int64) throws -> ShardMap {
        let map = members.nextMap(now: now)
        return try #require(map)
    }

    private static func expectNoChange(_ members: inout Membership, at now: Int64) {
        let map = members.nextMap(now: now)
        #expect(map == nil)
    }

    @Test func shardsAreGivenOutWhenEnoughWorkersAreThere() throws {
        var members = Self.make(minWorkers: 2)
        try members.join(Self.join("a"), host: "10.0.0.1", connection: 1, now: 0)
        Self.expectNoChange(&members, at: 0)
        try members.join(Self.join("b"), host: "2001:db8::1", connection: 2, now: 0)
        let map = try Self.next(&members, at: 0)
        #expect(map.epoch == 1)
        #expect(map.orphans.isEmpty)
        #expect(map.workers.map(\.address) == ["10.0.0.1:7000", "[2001:db8::1]:7000"])
        #expect(map.primaries.map(\.shards.count).reduce(0, +) == 64)
        members.adopt(map)
        Self.expectNoChange(&members, at: 0)
    }

    @Test func aWorkersDeathMovesOnlyItsShards() throws {
        var members = try Self.three()
        let before = members.map
        Self.hear(&members, ["a", "b"], at: 2 * Self.second)
        Self.expectNoChange(&members, at: 2 * Self.second)
        let after = try Self.next(&members, at: 3 * Self.second)
        for shard in 0..<64 {
            let old = try #require(before.owners[shard].primary), new = try #require(after.owners[shard].primary)
            if before.workers[old].name == "c" {
                #expect(after.owners[shard].lostIn == after.epoch)
            } else {
                #expect(before.workers[old] == after.workers[new])
                #expect(after.owners[shard].lostIn == 0)
            }
        }
    }

    @Test func aReplicaTakesOverWithoutLoss() throws {
        var members = try Self.three(replicas: 2)
        let before = members.map
        Self.hear(&members, ["a", "b"], at: 2 * Self.second)
        let after = try Self.next(&members, at: 3 * Self.second)
        for shard in 0..<64 {
            let old = before.owners[shard], new = after.owners[shard]
            #expect(new.lostIn == 0)
            #expect(new.primary != new.replica)
            if before.workers[try #require(old.primary)].name == "c" {
                #expect(after.workers[try #require(new.primary)] == before.workers[try #require(old.replica)])
                // The next in line is brought up to it first.
                #expect(new.replica == nil)
                #expect(new.incoming.map { after.workers[$0].name } == ["a", "b"].first { $0 != after.workers[new.primary!].name })
            }
        }
    }

    @Test func aWorkerThatWasStartedAgainHasForgottenEverything() throws {
        var members = try Self.three()
        members.disconnected("c", connection: 1)
        try members.join(Self.join("c", incarnation: 2), host: "10.0.0.1", connection: 2, now: Self.second)
        let map = try Self.next(&members, at: Self.second)
        let lost = map.owners.filter { $0.lostIn == map.epoch }
        #expect(lost.count == members.map.primaries.first { $0.worker.name == "c" }?.shards.count)
    }

    @Test func aNameIsTakenWhileItsOwnerIsHeard() throws {
        var members = try Self.three()
        #expect(throws: Membership.Refusal.self) {
            try members.join(Self.join("c", incarnation: 2), host: "10.0.0.9", connection: 2, now: Self.second)
        }
        // After its silence the name is free.
        try members.join(Self.join("c", incarnation: 2), host: "10.0.0.9", connection: 2, now: 4 * Self.second)
    }

    @Test func theSameProcessMayComeBackOnAnotherStream() throws {
        var members = try Self.three()
        try members.join(Self.join("c"), host: "10.0.0.1", connection: 2, now: Self.second)
        let isHeard = members.heard("c", connection: 1, Heartbeat(), now: Self.second)
        #expect(!isHeard)
        Self.expectNoChange(&members, at: Self.second)
    }

    @Test func ownershipFreezesWhenTooManyVanishAtOnce() throws {
        var members = try Self.three()
        Self.hear(&members, ["a"], at: 2 * Self.second)
        Self.expectNoChange(&members, at: 4 * Self.second)
        #expect(members.isFrozen)
        // One of them is back: if the other does not follow, it has really gone.
        Self.hear(&members, ["a", "b"], at: 4 * Self.second)
        Self.expectNoChange(&members, at: 4 * Self.second)
        Self.hear(&members, ["a", "b"], at: 7 * Self.second)
        _ = try Self.next(&members, at: 7 * Self.second)
        #expect(!members.isFrozen)
    }

    @Test func aNewLeaderGivesTheWorkersTimeToCome() throws {
        let map = try Self.three().map
        var members = Self.make(map: map)
        Self.expectNoChange(&members, at: Self.second)
        for name in ["a", "b", "c"] {
            try members.join(Self.join(name), host: "10.0.0.1", connection: 1, now: 2 * Self.second)
        }
        Self.expectNoChange(&members, at: 2 * Self.second)
        Self.hear(&members, ["a", "b"], at: 7 * Self.second)
        let next = try Self.next(&members, at: 7 * Self.second)
        #expect(next.epoch == map.epoch + 1)
    }

    @Test func aDrainingWorkerHandsOverToWholeReplicas() throws {
        var members = try Self.three(replicas: 2)
        Self.hear(&members, ["a", "b", "c"], at: Self.second, draining: ["c"])
        let map = try Self.next(&members, at: Self.second)
        let leaving = try #require(map.workers.firstIndex { $0.name == "c" })
        for owners in map.owners {
            #expect(owners.primary != leaving)
            #expect(owners.lostIn == 0)
        }
    }

    @Test func aDrainingWorkersShardsMoveWithWhatTheyHave() throws {
        var members = try Self.three()
        Self.hear(&members, ["a", "b", "c"], at: Self.second, draining: ["c"])
        let begun = try Self.next(&members, at: Self.second)
        let leaving = try #require(begun.workers.firstIndex { $0.name == "c" })
        members.adopt(begun)
        for owners in begun.owners {
            #expect((owners.incoming != nil) == (owners.primary == leaving), "it answers until another one has everything")
            #expect(owners.incomingSince == (owners.incoming == nil ? 0 : begun.epoch))
        }
        Self.hear(&members, ["a", "b", "c"], at: Self.second, draining: ["c"])
        Self.expectNoChange(&members, at: Self.second)
        Self.hear(&members, ["a", "b", "c"], at: Self.second, draining: ["c"], filled: true)
        let moved = try Self.next(&members, at: Self.second)
        for (before, after) in zip(begun.owners, moved.owners) {
            #expect(after.primary == before.incoming ?? before.primary)
            #expect(after.incoming == nil)
            #expect(after.lostIn == 0)
        }
    }

    /// What a worker said by an older map, about an earlier attempt, does not count.
    @Test func whatWasFilledBeforeIsNotTakenForFilledNow() throws {
        var members = try Self.three()
        Self.hear(&members, ["a", "b", "c"], at: Self.second, draining: ["c"])
        let begun = try Self.next(&members, at: Self.second)
        members.adopt(begun)
        Self.hear(&members, ["a", "b", "c"], at: Self.second, draining: ["c"], filled: true, epoch: begun.epoch - 1)
        Self.expectNoChange(&members, at: Self.second)
    }

    @Test func aWorkerThatComesGetsItsShareInTurns() throws {
        var members = Self.make(1024)
        try members.join(Self.join("a"), host: "10.0.0.1", connection: 1, now: 0)
        members.adopt(try Self.next(&members, at: 0))
        try members.join(Self.join("b"), host: "10.0.0.2", connection: 1, now: 0)
        var turns = 0
        while let map = members.nextMap(now: 0) {
            #expect(map.owners.count { $0.incoming != nil } <= Membership.movesMaximum)
            #expect(map.owners.allSatisfy { $0.primary != nil && $0.lostIn == 0 })
            members.adopt(map)
            Self.hear(&members, ["a", "b"], at: 0, filled: true)
            turns += 1
        }
        #expect((4...7).contains(turns), "\(turns)")
        #expect(members.map.primaries.map(\.shards.count).allSatisfy { (400...624).contains($0) })
        #expect(members.map.owners.allSatisfy { $0.incoming == nil })
    }

    @Test func aSourceThatDiesAmidAMoveCostsWhatItHadOnly() throws {
        var members = try Self.three()
        Self.hear(&members, ["a", "b", "c"], at: Self.second, draining: ["c"])
        let begun = try Self.next(&members, at: Self.second)
        members.adopt(begun)
        Self.hear(&members, ["a", "b"], at: 5 * Self.second)
        let after = try Self.next(&members, at: 5 * Self.second)
        for (old, new) in zip(begun.owners, after.owners) where old.incoming != nil {
            #expect(new.primary.map { after.workers[$0] } == old.incoming.map { begun.workers[$0] }, "it was fed already")
            #expect(new.lostIn == after.epoch)
        }
    }

    @Test func aDrainingWorkerIsReleasedWhenNothingDependsOnItAnyMore() throws {
        var members = try Self.three()
        var ingest = Join(role: .ingest, name: "i", incarnation: 9, port: 0, epoch: 0, version: "1")
        ingest.port = 7001
        try members.join(ingest, host: "10.0.0.7", connection: 1, now: 0)
        let leaving = try #require(members.members["c"]).join.name
        func isReleased() throws -> Bool { members.isReleased(try #require(members.members[leaving]), now: Self.second) }
        while true {
            Self.hear(&members, ["a", "b", "c"], at: Self.second, draining: ["c"], filled: true)
            guard let map = members.nextMap(now: Self.second) else { break }
            #expect(try !isReleased(), "it has shards")
            members.adopt(map)
        }
        #expect(try !isReleased(), "the ingest node still goes by the old map")
        var heartbeat = Heartbeat()
        heartbeat.epoch = members.map.epoch
        _ = members.heard("i", connection: 1, heartbeat, now: Self.second)
        #expect(try isReleased())
        #expect(!members.isReleased(try #require(members.members["a"]), now: Self.second), "it does not drain")
    }

    /// An ingest node that has passed on everything, and says that it stops, is not waited for.
    @Test func aGoodbyeIsTheLastWord() throws {
        var members = try Self.three()
        try members.join(
            Join(role: .ingest, name: "i", incarnation: 9, port: 0, epoch: 0, version: "1"), host: "10.0.0.7", connection: 1, now: 0)
        #expect(members.settledEpoch(now: 0) == 0)
        var goodbye = Heartbeat()
        goodbye.isDraining = true
        _ = members.heard("i", connection: 1, goodbye, now: 0)
        #expect(members.settledEpoch(now: 0) == members.map.epoch)
        members.forgetGone(now: 0)
        #expect(members.members["i"] != nil, "its stream is there until it ends it")
        members.disconnected("i", connection: 1)
        #expect(members.members["i"] == nil)
    }

    /// A shard can be fetched when nothing is on its way to its owner alone.
    @Test func aMapIsSettledWhenAllIngestNodesSaySo() throws {
        var members = try Self.three()
        #expect(members.settledEpoch(now: 0) == members.map.epoch, "there is none")
        for name in ["i", "j"] {
            try members.join(
                Join(role: .ingest, name: name, incarnation: 9, port: 0, epoch: 0, version: "1"), host: "10.0.0.7", connection: 1, now: 0)
        }
        #expect(members.settledEpoch(now: 0) == 0)
        var heartbeat = Heartbeat()
        heartbeat.settledEpoch = 7
        _ = members.heard("i", connection: 1, heartbeat, now: 0)
        #expect(members.settledEpoch(now: 0) == 0)
        _ = members.heard("j", connection: 1, heartbeat, now: 0)
        #expect(members.settledEpoch(now: 0) == 7)
        heartbeat.settledEpoch = 9
        _ = members.heard("j", connection: 1, heartbeat, now: 9 * Self.second)
        #expect(members.settledEpoch(now: 9 * Self.second) == 7, "the other one may be paused, with something that it sent by an older map")
        members.disconnected("i", connection: 1)
        #expect(members.settledEpoch(now: 9 * Self.second) == 7, "or has lost its connection only")
        members.forgetGone(now: 9 * Self.second)
        #expect(members.settledEpoch(now: 10 * Self.second) == 9, "it is given up")
        members.forgetGone(now: 10 * Self.second)
        #expect(members.members.keys.contains("j") && !members.members.keys.contains("i"))
    }

    /// A new leader does not know yet who sends by which map.
    @Test func aNewLeaderWaitsForIngestNodes() throws {
        let map = try Self.three().map
        var members = Self.make(map: map)
        #expect(members.settledEpoch(now: 9 * Self.second) == 0)
        try members.join(
            Join(role: .ingest, name: "i", incarnation: 9, port: 0, epoch: 0, version: "1"), host: "10.0.0.7", connection: 1, now: 9 * Self.second)
        #expect(members.settledEpoch(now: 10 * Self.second) == 0, "it has not said anything yet")
        var heartbeat = Heartbeat()
        heartbeat.settledEpoch = map.epoch
        _ = members.heard("i", connection: 1, heartbeat, now: 10 * Self.second)
        #expect(members.settledEpoch(now: 10 * Self.second) == map.epoch)
    }

    @Test func theLastWorkerMayGo() throws {
        var members = Self.make()
        try members.join(Self.join("a"), host: "10.0.0.1", connection: 1, now: 0)
        members.adopt(try Self.next(&members, at: 0))
        Self.hear(&members, ["a"], at: Self.second, draining: ["a"])
        Self.expectNoChange(&members, at: Self.second)
        #expect(members.isReleased(try #require(members.members["a"]), now: Self.second))
    }

    /// Whatever happens, in any order: maps only go forward, nobody is its own replica, owners are there unless ownership is
    /// frozen, and nothing is lost while a whole replica lives.
    @Test(arguments: 0..<20)
    func invariantsHold(seed: Int) throws {
        var random = SeededGenerator(seed: seed)
        var members = Self.make(32, replicas: 2, minWorkers: 2)
        var incarnations: [String: UInt64] = [:]
        var connections: UInt64 = 0
        var now: Int64 = 0
        for _ in 0..<400 {
            now += Int64.random(in: 0...Self.second, using: &random)
            let name = ["a", "b", "c", "d", "e"].randomElement(using: &random) ?? "a"
            switch Int.random(in: 0..<8, using: &random) {
            case 0:
                incarnations[name, default: 0] += 1
                connections += 1
                members.disconnected(name, connection: members.members[name]?.connection ?? 0)
                try? members.join(
                    Self.join(name, incarnation: incarnations[name] ?? 1), host: "10.0.0.1", connection: connections, now: now)
            case 1: members.disconnected(name, connection: members.members[name]?.connection ?? 0)
            default:
                for (name, member) in members.members where member.isConnected {
                    var heartbeat = Heartbeat()
                    heartbeat.epoch = members.map.epoch
                    if Bool.random(using: &random), let worker = members.map.workers.first(where: { $0.incarnation == member.join.incarnation && $0.name == name }) {
                        heartbeat.filled = members.map.shards(of: worker).incoming
                    }
                    _ = members.heard(name, connection: member.connection, heartbeat, now: now)
                }
            }
            let before = members.map
            guard let next = members.nextMap(now: now) else { continue }
            #expect(next.epoch == before.epoch + 1, "seed \(seed)")
            let alive = Set(members.alive(.worker, now: now).map { $0.join.name })
            for (shard, owners) in next.owners.enumerated() {
                let primary = try #require(owners.primary)
                #expect(owners.replica != primary, "seed \(seed)")
                #expect(alive.contains(next.workers[primary].name), "seed \(seed)")
                let old = before.owners[shard]
                if owners.lostIn == next.epoch, let replica = old.replica {
                    #expect(next.place(of: before.workers[replica]) == nil, "seed \(seed)")
                }
                let holders = [old.primary, old.replica].compactMap { $0.map { before.workers[$0] } }
                for holder in [owners.primary, owners.replica].compactMap({ $0.map { next.workers[$0] } })
                where !holders.contains(holder) && owners.lostIn != next.epoch && before.epoch > 0 {
                    #expect(old.incoming.map { before.workers[$0] } == holder, "seed \(seed): only who was filled")
                }
                #expect(owners.incoming == nil || ![owners.primary, owners.replica].contains(owners.incoming), "seed \(seed)")
            }
            members.adopt(next)
        }
    }
}
