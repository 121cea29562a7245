// The two rounds that find the largest flows against the obvious way, which adds up all flows at all data sources.

import Bytes
import DatagramBuilding
import FlowLanguage
import Queries
import SFlow
import ShardEngine
import Testing

extension Fabric {
    /// As the coordinator does it with one host a shard.
    fileprivate func inTwoRounds(_ query: ActiveFlowsQuery) -> [ActiveFlowAnswer] {
        var merged = FlowPartial()
        for shard in shards {
            var largest = LargestFlows(query)
            shard.collect(query, at: Fabric.instant, into: &largest)
            for (key, tally) in largest.partial { merged[key, default: FlowTally()].merge(tally) }
        }
        var answer = query.answer(merged)
        var counts = Array(repeating: 0, count: answer.count)
        for shard in shards { shard.count(query, keys: answer.map(\.key), at: Fabric.instant, into: &counts) }
        for place in answer.indices { answer[place].tally.setCount(counts[place]) }
        return answer
    }

    /// Samples of some agents' ports over the last half minute: few sizes, so that many flows are equal; more flows at a port
    /// than a table keeps; some that have expired.
    fileprivate func fill(_ random: inout SeededGenerator, flows: UInt32) {
        for agent in 1...6 as ClosedRange<UInt32> {
            for number in 1...60 as ClosedRange<UInt32> {
                let samples = (0..<UInt32.random(in: 1...12, using: &random)).map { place -> Framed in
                    let source = DataSource(classNumber: 0, index: .random(in: 1...4, using: &random))
                    return .packet(
                        number * 16 + place, source, rate: 10, from: .random(in: 1...flows, using: &random), to: 2,
                        frameBytes: 100 * .random(in: 1...3, using: &random))
                }
                send(agent, age: Int64(60 - number) / 2, sequence: number, samples)
            }
        }
    }
}

@Suite struct LargestFlowsProperties {
    @Test(arguments: 0..<12 as Range<UInt64>) func sameAsTheObviousWay(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let fabric = Fabric(shards: [1, 2, 5][Int(seed % 3)])
        let (value, n, mode) = [("bytes", 5, nil), ("avg:bytes", 5, nil), ("bytes", 20, nil), ("count:ipsource", 7, "AGENT")][Int(seed % 4)]
        let definition = FlowDefinition(keys: ["ipsource"], value: value, values: ["frames"], n: n, t: 3, aggMode: mode)
        let flow = ActiveFlow(name: "f", compiled: try CompiledFlow(definition, environment: FlowEnvironment(seed: seed)))
        for shard in fabric.shards { shard.setFlows([flow]) }
        fabric.fill(&random, flows: [3, 40, 400][Int(seed / 4)])
        for maxFlows in [0, 1, 7, 100, 10_000] {
            for minValue in [0, 150, 1e9] as [Double] {
                for pattern in [nil, ["0.0.0.2"], [nil, nil]] as [[String?]?] {
                    let query = ActiveFlowsQuery(
                        agents: seed % 2 == 0 ? .all : AgentSelector(listing: ["0.0.0.1", "0.0.0.4"]), flow: "f", maxFlows: maxFlows,
                        minValue: minValue, keyPattern: pattern)
                    let found = fabric.inTwoRounds(query), expected = fabric.active(query)
                    #expect(
                        found.count == expected.count
                            && zip(found, expected).allSatisfy {
                                $0.key == $1.key && $0.value == $1.value && $0.tally.count == $1.tally.count
                                    && $0.tally.best.map { "\($0)" } == $1.tally.best.map { "\($0)" }
                            }, "seed \(seed), \(query)")
                }
            }
        }
    }

    /// Keys without bytes, and more keys than a filter is made for.
    @Test func searchesOfAllSizes() throws {
        let fabric = Fabric()
        try fabric.define("all", keys: [])
        fabric.packets(1, 4, from: 1, bytes: 100)
        fabric.packets(2, 4, from: 1, bytes: 300)
        #expect(fabric.inTwoRounds(ActiveFlowsQuery(agents: .all, flow: "all")).map(\.tally.count) == [2])
        var counts = Array(repeating: 0, count: 70_001)
        let keys = (0..<70_000 as Range<UInt32>).map { [0x13, UInt8($0 >> 16), UInt8($0 >> 8 & 255), UInt8($0 & 255)] } + [[]]
        fabric.shards[0].count(ActiveFlowsQuery(agents: .all, flow: "all"), keys: keys, at: Fabric.instant, into: &counts)
        #expect(counts.last == 2 && counts.dropLast().allSatisfy { $0 == 0 })
    }
}
