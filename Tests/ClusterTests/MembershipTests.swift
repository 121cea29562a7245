// The leader's bookkeeping: who owns what after comings and goings, and what must hold whatever happens.

import Cluster
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

    private static func hear(_ members: inout Membership, _ names: [String], at now: Int64, draining: Set<String> = []) {
        for name in names {
            var heartbeat = Heartbeat()
            heartbeat.isDraining = draining.contains(name)
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
                // The next in line begins empty.
                #expect(!new.isReplicaWhole)
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

    @Test func aDrainingWorkerIsReleasedWhenNothingDependsOnItAnyMore() throws {
        var members = try Self.three()
        var ingest = Join(role: .ingest, name: "i", incarnation: 9, port: 0, epoch: 0, version: "1")
        ingest.port = 7001
        try members.join(ingest, host: "10.0.0.7", connection: 1, now: 0)
        Self.hear(&members, ["a", "b", "c"], at: Self.second, draining: ["c"])
        let leaving = try #require(members.members["c"])
        #expect(!members.isReleased(leaving, now: Self.second), "it has shards")
        let map = try Self.next(&members, at: Self.second)
        members.adopt(map)
        #expect(map.shards(of: try #require(map.workers.first { $0.name == "c" })).primary.isEmpty)
        #expect(map.owners.count { $0.lostIn == map.epoch } == 64 - map.owners.count { $0.lostIn == 0 })
        #expect(!members.isReleased(leaving, now: Self.second), "the ingest node still goes by the old map")
        var heartbeat = Heartbeat()
        heartbeat.epoch = map.epoch
        _ = members.heard("i", connection: 1, heartbeat, now: Self.second)
        #expect(members.isReleased(leaving, now: Self.second))
        #expect(!members.isReleased(try #require(members.members["a"]), now: Self.second), "it does not drain")
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
        var random = SplitMix(state: UInt64(seed))
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
                    _ = members.heard(name, connection: member.connection, Heartbeat(), now: now)
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
                if owners.lostIn == next.epoch, old.isReplicaWhole, let replica = old.replica {
                    #expect(next.place(of: before.workers[replica]) == nil, "seed \(seed)")
                }
            }
            members.adopt(next)
        }
    }
}

struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
