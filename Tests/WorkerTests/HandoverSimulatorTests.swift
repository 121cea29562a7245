// What must hold in a cluster whose shards move, after each step and whatever the seed; the cluster is in `SimulatedHandovers.swift`.

import Cluster
import Testing
@testable import Worker

@Suite struct HandoverSimulatorTests {
    @Test(arguments: 0..<24) func whatHoldsAfterEachStep(seed: Int) {
        var simulation = Handovers(seed: UInt64(seed), replicas: 1 + seed % 2)
        // Then messages get through again, and nobody dies any more: past the silence, the grace of a new leader and all moves. In the end
        // all datagrams have come.
        for step in 0..<1_500 {
            simulation.step(isCalm: step >= 1_000, hasTraffic: step < 1_450)
            if let wrong = simulation.wrong {
                Issue.record("seed \(seed) at \(simulation.now / 1_000_000) ms: \(wrong)")
                return
            }
        }
        if let wrong = simulation.unsettled { Issue.record("seed \(seed): \(wrong)") }
    }
}

extension Handovers {
    /// A shard goes to who has all of it, and begins anew only when nobody is left who has.
    mutating func checkOwners(from old: ShardMap, to new: ShardMap) {
        guard old.epoch > 0 else { return }
        for (shard, owners) in new.owners.enumerated() {
            let before = old.owners[shard]
            let had = [before.primary, before.replica].compactMap { $0.map { old.workers[$0] } }
            if owners.lostIn == new.epoch {
                counted[shard] = []
                if let left = had.first(where: { new.place(of: $0) != nil }) { wrong = "shard \(shard) begins anew although \(left.name) has it" }
                continue
            }
            for place in [owners.primary, owners.replica].compactMap(\.self) where !had.contains(new.workers[place]) {
                let worker = workers.first { $0.incarnation == new.workers[place].incarnation }
                guard before.incoming.map({ old.workers[$0] }) == new.workers[place] else {
                    wrong = "shard \(shard) goes to \(new.workers[place].name), who was not given it"
                    return
                }
                if let worker, worker.isRunning, !worker.ownership.toldFilled.contains(shard) || worker.coming[shard] != nil {
                    wrong = "shard \(shard) goes to \(worker.name), who has not got it yet"
                }
            }
        }
    }

    mutating func check() {
        for (epoch, map) in history where map.epoch != epoch { wrong = "two numbers for map \(epoch)" }
        for map in workers.compactMap(\.ownership.map) + ingests.compactMap(\.map) where history[map.epoch] != map {
            wrong = "somebody has a map \(map.epoch) that nobody has kept"
        }
        for (shard, owners) in leader.map.owners.enumerated() where !leader.map.workers.isEmpty {
            if owners.primary == nil { wrong = "shard \(shard) has no primary in map \(leader.map.epoch)" }
            if Set(owners.places.compactMap(\.self)).count < owners.places.compactMap(\.self).count {
                wrong = "shard \(shard) has one owner twice in map \(leader.map.epoch)"
            }
        }
        for worker in workers where worker.isRunning {
            for (shard, counts) in worker.shards {
                if let twice = counts.first(where: { $0.value > 1 }) { wrong = "\(worker.name) has counted datagram \(twice.key) of shard \(shard) twice" }
            }
        }
    }

    /// What does not hold although messages have flowed for long enough; nil when everything does.
    var unsettled: String? {
        let map = leader.map
        for worker in workers {
            guard worker.ownership.map == map else { return "\(worker.name) has map \(worker.ownership.epoch), not \(map.epoch)" }
            if map.workers.first(where: { $0.incarnation == worker.incarnation }) == nil { return "\(worker.name) has no place in the map" }
        }
        for (shard, owners) in map.owners.enumerated() {
            if owners.incoming != nil { return "shard \(shard) is still on its way" }
            let copies = [owners.primary, owners.replica].compactMap { $0 }.compactMap { place in
                workers.first { $0.incarnation == map.workers[place].incarnation }
            }
            guard copies.count == map.replicas else { return "shard \(shard) has \(copies.count) copies" }
            let ids = copies.map { Set(($0.shards[shard] ?? [:]).keys) }
            let lost = counted[shard, default: []].subtracting(ids[0]).subtracting(excused)
            if !lost.isEmpty { return "shard \(shard) has lost datagrams \(lost.sorted().prefix(5)), which a primary had counted" }
            if ids.count > 1, !ids[0].symmetricDifference(ids[1]).subtracting(excused).isEmpty {
                return "the copies of shard \(shard) differ in \(ids[0].symmetricDifference(ids[1]).sorted().prefix(5))"
            }
        }
        return nil
    }
}
