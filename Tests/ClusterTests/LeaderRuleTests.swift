// Two rules of the leader: when a change of definitions is done, and whose reports count.

import Cluster
import Testing

@Suite struct LeaderRuleTests {
    private static let second: Int64 = 1_000_000_000

    private static func join(_ members: inout Membership, _ name: String, incarnation: UInt64 = 1, _ connection: UInt64 = 1, at now: Int64) throws {
        try members.join(
            Join(role: .worker, name: name, incarnation: incarnation, port: 1, epoch: 0, version: ""), host: "h", connection: connection,
            now: now)
    }

    private static func hear(_ members: inout Membership, _ name: String, version: UInt64, error: String? = nil, at now: Int64) {
        var heartbeat = Heartbeat()
        heartbeat.definitionsVersion = version
        heartbeat.error = error
        _ = members.heard(name, connection: 1, heartbeat, now: now)
    }

    private static func cluster(_ names: [String], replicas: Int = 1) throws -> Membership {
        var members = Membership(.init(shardCount: 16, replicas: replicas, minWorkers: names.count), map: nil, now: 0)
        for name in names { try join(&members, name, at: 0) }
        let map = members.nextMap(now: 0)
        members.adopt(try #require(map))
        return members
    }

    // MARK: Definitions

    @Test func theSlowestWorkerDecides() throws {
        var members = try Self.cluster(["a", "b"])
        #expect(members.definitionsInForce(now: 0) == 0)
        Self.hear(&members, "a", version: 8, at: Self.second)
        Self.hear(&members, "b", version: 7, at: Self.second)
        #expect(members.definitionsInForce(now: Self.second) == 7)
        Self.hear(&members, "b", version: 8, at: 2 * Self.second)
        #expect(members.definitionsInForce(now: 2 * Self.second) == 8)
    }

    @Test func whoCannotHoldsNobodyUp() throws {
        var members = try Self.cluster(["a", "b"])
        Self.hear(&members, "a", version: 8, at: Self.second)
        Self.hear(&members, "b", version: 7, error: "definitions 8: no such key", at: Self.second)
        #expect(members.definitionsInForce(now: Self.second) == 8)
    }

    /// A silent worker is waited for until it is gone, and no longer.
    @Test func whoIsGoneHoldsNobodyUp() throws {
        var members = try Self.cluster(["a", "b"])
        Self.hear(&members, "b", version: 7, at: Self.second)
        Self.hear(&members, "a", version: 8, at: 3 * Self.second)
        #expect(members.definitionsInForce(now: 3 * Self.second) == 7)
        #expect(members.definitionsInForce(now: 4 * Self.second) == 8)
    }

    @Test func withoutWorkersEverythingIsInForce() {
        let members = Membership(.init(shardCount: 16, replicas: 1, minWorkers: 1), map: nil, now: 0)
        #expect(members.definitionsInForce(now: 0) == .max)
    }

    /// A new leader waits for the workers of the map that it found, but only for as long as it gives them to come.
    @Test func aNewLeaderDoesNotSayDoneBeforeItKnows() throws {
        let map = try Self.cluster(["a", "b"]).map
        var members = Membership(.init(shardCount: 16, replicas: 1, minWorkers: 2), map: map, now: 0)
        #expect(members.definitionsInForce(now: 0) == nil)
        try Self.join(&members, "a", at: Self.second)
        Self.hear(&members, "a", version: 5, at: 5 * Self.second)
        #expect(members.definitionsInForce(now: 5 * Self.second) == nil)
        #expect(members.definitionsInForce(now: 6 * Self.second) == 5)
        try Self.join(&members, "b", at: 6 * Self.second)
        #expect(members.definitionsInForce(now: 6 * Self.second) == 0)
    }

    // MARK: Reports

    @Test func whoAnswersForShardsMayReport() throws {
        let members = try Self.cluster(["a", "b"])
        #expect(members.mayReport("a"))
        #expect(members.mayReport("b"))
        #expect(!members.mayReport("c"))
    }

    /// A worker that was given up has told, or others tell, what its shards had to say; its late reports would be told twice.
    @Test func whoHasBeenGivenUpMayNot() throws {
        var members = try Self.cluster(["a", "b"], replicas: 2)
        Self.hear(&members, "a", version: 0, at: 3 * Self.second)
        let map = members.nextMap(now: 4 * Self.second)
        members.adopt(try #require(map))
        #expect(members.mayReport("a"))
        try Self.join(&members, "b", 2, at: 5 * Self.second)
        #expect(!members.mayReport("b"))
    }

    /// Another process under the name of an owner has nothing of what that one had counted.
    @Test func aSuccessorMayNotSpeakForTheDead() throws {
        var members = try Self.cluster(["a", "b"])
        members.disconnected("b", connection: 1)
        try Self.join(&members, "b", incarnation: 2, 2, at: Self.second)
        #expect(!members.mayReport("b"))
        let map = members.nextMap(now: Self.second)
        members.adopt(try #require(map))
        #expect(members.map.hasPrimaries(.init(name: "b", incarnation: 2, address: "h:1")) == members.mayReport("b"))
    }
}
