// When the leader suspects itself: many workers that fall silent together, whose heartbeats were not due together.

import Cluster
import Testing

@Suite struct FreezeTests {
    private static let millisecond: Int64 = 1_000_000

    /// Workers that send each second, each at an offset of its own.
    private static func cluster(_ count: Int) throws -> Membership {
        var members = Membership(.init(shardCount: 64, replicas: 2, minWorkers: count), map: nil, now: 0)
        for number in 0..<count {
            try members.join(
                Join(role: .worker, name: "w\(number)", incarnation: 1, port: 1, epoch: 0, version: ""), host: "h", connection: 1, now: 0)
        }
        let map = members.nextMap(now: 0)
        members.adopt(try #require(map))
        return members
    }

    /// Lets time pass in steps of the leader's clock; those in `silent` are not heard.
    /// - Returns: how many maps were made.
    private static func pass(_ members: inout Membership, from start: Int64, seconds: Int64, silent: Set<Int> = []) -> Int {
        var maps = 0
        let count = members.members.count
        for step in 0..<(seconds * 5) {
            let now = start + step * 200 * millisecond
            for number in 0..<count where !silent.contains(number) && step % 5 == Int64(number % 5) {
                _ = members.heard("w\(number)", connection: 1, Heartbeat(), now: now)
            }
            if let map = members.nextMap(now: now) {
                members.adopt(map)
                maps += 1
            }
        }
        return maps
    }

    @Test(arguments: [(3, [0, 1]), (4, [1, 2]), (5, [0, 2]), (5, [0, 1, 2, 3, 4])])
    func aThirdThatFallsSilentFreezes(count: Int, silent: [Int]) throws {
        var members = try Self.cluster(count)
        let second = 1_000 * Self.millisecond
        #expect(Self.pass(&members, from: 0, seconds: 3) == 0)
        #expect(Self.pass(&members, from: 3 * second, seconds: 20, silent: Set(silent)) == 0)
        #expect(members.isFrozen)
        #expect(Self.pass(&members, from: 23 * second, seconds: 3) == 0)
        #expect(!members.isFrozen)
    }

    @Test(arguments: [(2, 0), (3, 1), (8, 5)]) func oneThatFallsSilentDoesNot(count: Int, silent: Int) throws {
        var members = try Self.cluster(count)
        let maps = Self.pass(&members, from: 0, seconds: 8, silent: [silent])
        #expect(maps == 1)
        #expect(!members.map.workers.contains { $0.name == "w\(silent)" })
        #expect(!members.isFrozen)
    }

    /// After a power failure all workers are other processes: the cluster begins anew instead of waiting for the dead.
    @Test func thoseWhoAreStartedAgainAreNotWaitedFor() throws {
        var members = try Self.cluster(4)
        let now = 10_000 * Self.millisecond
        for number in 0..<4 {
            members.disconnected("w\(number)", connection: 1)
            try members.join(
                Join(role: .worker, name: "w\(number)", incarnation: 2, port: 1, epoch: 0, version: ""), host: "h", connection: 2, now: now)
        }
        let next = members.nextMap(now: now)
        let map = try #require(next)
        #expect(map.workers.allSatisfy { $0.incarnation == 2 })
        #expect(map.orphans.isEmpty && map.owners.allSatisfy { $0.lostIn == map.epoch })
    }

    /// One after the other is not at once.
    @Test func thoseWhoGoOneByOneDoNot() throws {
        var members = try Self.cluster(4)
        let second = 1_000 * Self.millisecond
        #expect(Self.pass(&members, from: 0, seconds: 6, silent: [0]) == 1)
        #expect(Self.pass(&members, from: 6 * second, seconds: 6, silent: [0, 1]) == 1)
        #expect(!members.isFrozen)
    }
}
