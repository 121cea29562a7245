// Workers that have much more to do than others give shards away: few at a time, and not to and fro.

import Cluster
import SeededRandom
import Testing

@Suite struct BalanceTests {
    private static let second: Int64 = 1_000_000_000
    private static let names = ["a", "b", "c"]

    /// A cluster of three whose map stands still; every worker has filled what came to it.
    private struct Simulated {
        var members = Membership(.init(shardCount: 96, replicas: 1, minWorkers: 3), map: nil, now: 0)
        var now: Int64 = 0

        init() throws {
            for name in BalanceTests.names {
                try members.join(
                    Join(role: .worker, name: name, incarnation: 1, port: 7000, epoch: 0, version: "1"), host: "10.0.0.1", connection: 1,
                    now: 0)
            }
            pass(seconds: 1) { _ in 0 }
        }

        mutating func pass(seconds: Int, draining: Set<String> = [], load: (Int) -> UInt64) {
            for _ in 0..<seconds {
                now += BalanceTests.second
                for worker in members.map.workers {
                    let own = members.map.shards(of: worker)
                    var heartbeat = Heartbeat()
                    heartbeat.epoch = members.map.epoch
                    heartbeat.filled = own.incoming
                    heartbeat.isDraining = draining.contains(worker.name)
                    for shard in own.primary.shards { heartbeat.shardLoads[UInt64(shard)] = load(shard) }
                    _ = members.heard(worker.name, connection: 1, heartbeat, now: now)
                }
                if members.map.workers.isEmpty {
                    for name in BalanceTests.names { _ = members.heard(name, connection: 1, Heartbeat(), now: now) }
                }
                while let map = members.nextMap(now: now) {
                    members.adopt(map)
                    guard map.owners.allSatisfy({ $0.incoming == nil }) else { break }
                }
            }
        }

        /// Of the busiest, in averages.
        func worst(_ load: (Int) -> UInt64) -> Double {
            let loads = members.map.primaries.map { $0.shards.shards.reduce(0) { $0 + Double(load($1)) } }
            return (loads.max() ?? 0) * Double(loads.count) / loads.reduce(0, +)
        }

        func owner(of shard: Int) -> String? { members.map.owners[shard].primary.map { members.map.workers[$0].name } }
    }

    @Test func aWorkerWithTheBusiestShardsGivesSomeAway() throws {
        var cluster = try Simulated()
        // All that "a" has is five times as busy as the rest.
        let busy = Set(cluster.members.map.owners.indices.filter { cluster.owner(of: $0) == "a" })
        let load: (Int) -> UInt64 = { busy.contains($0) ? 500 : 100 }
        let before = cluster.worst(load)
        #expect(before > 1.5)
        cluster.pass(seconds: 25, load: load)
        #expect(cluster.members.map.overrides.isEmpty, "it may pass")
        cluster.pass(seconds: 120, load: load)
        #expect(cluster.worst(load) < 1.15, "\(cluster.worst(load))")
        #expect((1...40).contains(cluster.members.map.overrides.count))
        #expect(cluster.members.map.owners.allSatisfy { $0.lostIn == 0 && $0.primary != nil })
        let epoch = cluster.members.map.epoch
        cluster.pass(seconds: 300, load: load)
        #expect(cluster.members.map.epoch == epoch, "then nothing moves any more")
    }

    /// Ten agents that send the same, but are measured a little apart each time: five, four and one become four, three and three.
    @Test(arguments: 0..<20) func measurementsThatWaverDoNotDecide(seed: UInt64) throws {
        var cluster = try Simulated()
        var agents = Set<Int>()
        for (worker, count) in ["a": 5, "b": 4, "c": 1] {
            agents.formUnion(cluster.members.map.owners.indices.filter { cluster.owner(of: $0) == worker }.prefix(count))
        }
        var random = SeededGenerator(seed: seed)
        cluster.pass(seconds: 120) { agents.contains($0) ? .random(in: 1_900...2_100, using: &random) : 0 }
        #expect(BalanceTests.names.map { name in agents.count { cluster.owner(of: $0) == name } }.sorted() == [3, 3, 4])
    }

    @Test func evenLoadsAndSmallOnesMoveNothing() throws {
        for load in [{ _ in 100 }, { $0 == 0 ? 90 : 0 }] as [(Int) -> UInt64] {
            var cluster = try Simulated()
            let epoch = cluster.members.map.epoch
            cluster.pass(seconds: 200, load: load)
            #expect(cluster.members.map.epoch == epoch)
        }
    }

    /// A shard that is too much by itself stays where it is; what else its worker has goes.
    @Test func oneShardThatIsTooMuchIsLeftAlone() throws {
        var cluster = try Simulated()
        let owner = cluster.owner(of: 7)
        let load: (Int) -> UInt64 = { $0 == 7 ? 10_000 : 50 }
        cluster.pass(seconds: 400, load: load)
        #expect(cluster.owner(of: 7) == owner)
        let own = cluster.members.map.primaries.first { $0.worker.name == owner }?.shards.count ?? 0
        #expect(own < 10, "\(own)")
        let epoch = cluster.members.map.epoch
        cluster.pass(seconds: 300, load: load)
        #expect(cluster.members.map.epoch <= epoch + 2)
    }

    @Test func aWorkerThatGoesTakesItsOverridesAlong() throws {
        var cluster = try Simulated()
        let busy = Set(cluster.members.map.owners.indices.filter { cluster.owner(of: $0) == "a" })
        let load: (Int) -> UInt64 = { busy.contains($0) ? 500 : 100 }
        cluster.pass(seconds: 150, load: load)
        let target = try #require(cluster.members.map.overrides.values.first)
        cluster.pass(seconds: 20, draining: [target], load: load)
        #expect(!cluster.members.map.overrides.values.contains(target))
        #expect(cluster.members.map.owners.allSatisfy { $0.primary != nil && $0.lostIn == 0 })
        #expect(!cluster.members.map.workers.contains { $0.name == target })
    }
}
