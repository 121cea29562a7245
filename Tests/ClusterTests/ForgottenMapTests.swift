// A store that has lost the map, or has been made anew: what members still know of it counts.

import Cluster
import Testing

@Suite struct ForgottenMapTests {
    /// A new leader with an empty store, while workers still go by an old map: its own maps are newer, so that they are followed,
    /// and it does not claim that nothing has been counted.
    @Test func numbersGoOnBehindThoseOfTheMembers() throws {
        var members = Membership(.init(shardCount: 8, replicas: 2, minWorkers: 2), map: nil, now: 0)
        for (name, epoch) in [("a", UInt64(57)), ("b", 56)] {
            try members.join(
                Join(role: .worker, name: name, incarnation: 1, port: 1, epoch: epoch, version: ""), host: "h", connection: 1, now: 0)
        }
        let made = members.nextMap(now: 0)
        let map = try #require(made)
        #expect(map.epoch == 58)
        #expect(map.owners.allSatisfy { $0.lostIn == 58 && $0.replica == nil })
        members.adopt(map)
        let again = members.nextMap(now: 0)
        #expect(again == nil)
    }

    /// A worker that comes with a newer map than the leader's makes for a newer one, with the same owners.
    @Test func aMemberThatKnowsMoreIsOvertaken() throws {
        var members = Membership(.init(shardCount: 8, replicas: 1, minWorkers: 1), map: nil, now: 0)
        func join(_ name: String, _ epoch: UInt64) -> Join {
            Join(role: .worker, name: name, incarnation: 1, port: 1, epoch: epoch, version: "")
        }
        try members.join(join("a", 0), host: "h", connection: 1, now: 0)
        let firstMap = members.nextMap(now: 0)
        let first = try #require(firstMap)
        members.adopt(first)
        try members.join(join("b", 9), host: "h", connection: 2, now: 0)
        let secondMap = members.nextMap(now: 0)
        let second = try #require(secondMap)
        #expect(second.epoch == 10)
        #expect(second.owners.map(\.primary) == first.owners.map(\.primary))
        #expect(second.owners.allSatisfy { $0.lostIn == 0 })
    }
}
