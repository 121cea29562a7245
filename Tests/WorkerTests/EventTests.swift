// Promise P1 for what shards report: however agents are spread, the same events and flow records come of the same datagrams.

import Bytes
import Coordinator
import DatagramBuilding
import Datagrams
import FlowLanguage
import ShardEngine
import Testing
import Worker

@Suite struct SameEvents {
    private static func thresholds() -> [ActiveThreshold] {
        let up = RowFilter(grouping: [("ifname", "swp*")], in: .standard)
        return [
            ActiveThreshold(name: "busy", metric: "ifinoctets", level: 30_000_000, timeoutSeconds: 7),
            ActiveThreshold(name: "named", metric: "ifinoctets", level: 20_000_000, filter: up),
            ActiveThreshold(name: "load", metric: "load_one", level: 3, timeoutSeconds: 45),
            ActiveThreshold(name: "level", metric: "level", level: 0.5),
            ActiveThreshold(name: "all", metric: "packets", level: 40),
            ActiveThreshold(name: "ports", metric: "ports", level: 40, byFlow: true, timeoutSeconds: 5),
        ]
    }

    private static func flows() throws -> [ActiveFlow] {
        let environment = FlowEnvironment(seed: 1)
        return [
            ActiveFlow(
                name: "packets",
                compiled: try CompiledFlow(
                    FlowDefinition(value: "frames", log: true, activeTimeout: 30, aggMode: "AGENT"), environment: environment)),
            ActiveFlow(
                name: "ports",
                compiled: try CompiledFlow(
                    FlowDefinition(keys: ["inputifindex"], value: "frames", log: true, activeTimeout: 10), environment: environment)),
        ]
    }

    @Test(arguments: 0..<3 as Range<UInt64>) func overAnySplit(seed: UInt64) async throws {
        var stream = StreamGenerator(seed: seed, agents: 40)
        let arrivals = [60, 200, 30].map { stream.seconds($0) }
        var first: (events: [String], flows: [String])?
        for layout in [(1, 1), (1, 3), (2, 2), (3, 7)] {
            let process = Process(executors: layout.0, shards: layout.1)
            defer { process.stop() }
            await process.pool.setFlows(try SameEvents.flows())
            await process.pool.setThresholds(SameEvents.thresholds())
            for piece in arrivals {
                process.feed(piece)
                await process.pool.drain()
            }
            await process.pool.advance(to: process.clock.now + 60_000_000_000)
            let events = await process.events.events(after: nil, threshold: nil, limit: nil, timeout: .zero)
            let flows = await process.events.flows(after: nil, name: nil, limit: nil, timeout: .zero)
            #expect(events.map(\.id) == Array((0..<Int64(events.count)).reversed()))
            let found = (events: events.map { "\($0.record)" }.sorted(), flows: flows.map { "\($0.record)" }.sorted())
            let expected = first ?? found
            first = expected
            #expect(found.events == expected.events, "seed \(seed), \(layout)")
            #expect(found.flows == expected.flows, "seed \(seed), \(layout)")
            for threshold in SameEvents.thresholds() {
                #expect(events.contains { $0.record.threshold == threshold.name }, "seed \(seed): none of \(threshold.name)")
            }
            // Every agent's events are in the order of their times.
            for ofAgent in Dictionary(grouping: events, by: \.record.agent).values {
                #expect(ofAgent.map(\.record.time) == ofAgent.map(\.record.time).sorted(by: >))
            }
            // All packets are in some record.
            let packets = flows.filter { $0.record.name == "packets" }.reduce(0) { $0 + $1.record.value }
            #expect(packets == flows.filter { $0.record.name == "ports" }.reduce(0) { $0 + $1.record.value } && packets > 0)
            #expect(process.events.events.counters == .init(generated: UInt64(events.count), lost: 0))
            #expect(process.events.flows.counters == .init(generated: UInt64(flows.count), lost: 0))
        }
    }
}
