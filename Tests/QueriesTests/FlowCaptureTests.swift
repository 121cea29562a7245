// Flows of real and simulated captures: against the simulator's own truth, and what is known of the demonstration fabric.

import Bytes
import Capture
import DatagramBuilding
import Foundation
import FlowLanguage
import Queries
import SFlow
import ShardEngine
import Testing

private func replay(_ name: String, into shard: Shard, _ body: (_ arrival: Int64, _ datagram: IPAddress) throws -> Void) throws {
    var reader = try DatagramReader(path: Shared.capture(name))
    while let datagram = try reader.next() {
        var agent = IPAddress(v4: 0)
        reader.withPayload(of: datagram) { bytes in
            shard.ingest(bytes, udpSource: IPAddress(v4: 1), arrival: datagram.arrivalNanoseconds)
            agent = (try? bytes.uint32(at: 8)).map { IPAddress(v4: $0) } ?? agent
        }
        try body(datagram.arrivalNanoseconds, agent)
    }
}

@Suite(.enabled(if: Shared.exists(Shared.capture("fabric.truth.json")), Comment(rawValue: Shared.skipped)))
struct FabricFlows {
    struct Truth: Decodable {
        struct Flow: Decodable {
            struct Sight: Decodable {
                let agent: String, samples: Int
                let estimated_octets: Double
            }
            let kind: String, src: String, dst: String
            let ip_version: Int, `protocol`: Int
            let src_port: Int?, dst_port: Int?
            let seen_by: [Sight]

            var key: String { "\(IPAddress(src)?.description ?? src),\(IPAddress(dst)?.description ?? dst),\(src_port ?? 0),\(dst_port ?? 0)" }
        }
        let flows: [Flow]
    }

    struct Sight: Hashable {
        let agent: IPAddress
        let key: String
    }

    private func truth() throws -> [Truth.Flow] {
        try JSONDecoder().decode(Truth.self, from: Data(contentsOf: URL(filePath: Shared.capture("fabric.truth.json")))).flows
            .filter { $0.protocol == 6 && $0.kind != "discard" }
    }

    private func shard() throws -> Shard {
        let shard = Shard()
        shard.setFlows(
            try [("tcp4", "ipsource,ipdestination", "ipprotocol=6"), ("tcp6", "ip6source,ip6destination", nil)].map { name, keys, filter in
                // The filter leaves out what is TCP inside the tunnel only.
                let definition = FlowDefinition(
                    keys: [keys, "tcpsourceport", "tcpdestinationport"], value: "bytes", filter: filter, n: 1_000, t: 600)
                return ActiveFlow(name: name, compiled: try CompiledFlow(definition, environment: FlowEnvironment(seed: 1)))
            })
        return shard
    }

    /// From one datagram to the next a rate decays, and what it then has more was sampled: rate × t − earlier rate × t ×
    /// e^−Δ/t. Added up over the capture that is every switch's estimate of every flow, to the octet.
    @Test func octetsOfEveryFlowAtEverySwitch() throws {
        let shard = try shard()
        var rates: [String: (value: Double, time: Int64)] = [:]
        var sums: [Sight: Double] = [:]
        try replay("fabric.pcap", into: shard) { arrival, address in
            guard let agent = shard.agents[address] else { return }
            let view = AgentView(agent, at: Instant(nanoseconds: arrival), of: shard)
            for flow in shard.flows.indices {
                for source in view.flowSources(flow) {
                    // Only what has just been sampled has changed.
                    for reading in view.flows(flow, source: source) where reading.arrival == arrival {
                        let key = shard.flows[flow].keyText(reading.key)
                        let earlier = rates["\(address) \(source) \(key)"] ?? (0, arrival)
                        let decayed = earlier.value * exp(-Double(arrival - earlier.time) * 1e-9 / 600)
                        sums[Sight(agent: address, key: key), default: 0] += (reading.value - decayed) * 600
                        rates["\(address) \(source) \(key)"] = (reading.value, arrival)
                    }
                }
            }
        }
        var checked = 0
        for flow in try truth() {
            for sight in flow.seen_by where sight.samples > 0 {
                let address = try #require(IPAddress(sight.agent))
                let sum = sums.removeValue(forKey: Sight(agent: address, key: flow.key))
                #expect(sum.map { abs($0 - sight.estimated_octets) < 1 } == true, "\(flow.key) at \(sight.agent): \(sum ?? -1), not \(sight.estimated_octets)")
                checked += 1
            }
        }
        #expect(checked > 280)
        #expect(sums.isEmpty, "flows that the truth does not have")
    }

    @Test func placesOfEveryFlow() throws {
        let shard = try shard()
        var end: Int64 = 0
        try replay("fabric.pcap", into: shard) { arrival, _ in end = max(end, arrival) }
        var found: [String: Int] = [:]
        for (flow, name) in ["tcp4", "tcp6"].enumerated() {
            let query = ActiveFlowsQuery(agents: .all, flow: name, maxFlows: 10_000)
            for answer in query.answer(from: [shard], at: Instant(nanoseconds: end)) { found[shard.flows[flow].keyText(answer.key)] = answer.tally.count }
        }
        for flow in try truth() {
            let places = flow.seen_by.count { $0.samples > 0 }
            #expect(found[flow.key] ?? 0 == places, "\(flow.key)")
        }
    }
}

@Suite(.enabled(if: Shared.exists(Shared.capture("ecmp.pcap")), Comment(rawValue: Shared.skipped)))
struct DemonstrationFabric {
    /// Two elephants of some 10 Gbit/s between the racks: each burst at the three switches of its path, bursts of a longer
    /// time over several paths.
    @Test func elephants() throws {
        let shard = Shard()
        // Visible for 40 s, and for 100 s.
        shard.setFlows(
            try [("srcdst", 4.0), ("places", 10)].map { name, t in
                let definition = FlowDefinition(keys: ["ipsource", "ipdestination"], value: "bytes", t: t)
                return ActiveFlow(name: name, compiled: try CompiledFlow(definition, environment: FlowEnvironment(seed: 1)))
            })
        var next: Int64 = 0
        var seen: [String: [String: [(value: Double, count: Int)]]] = [:]
        try replay("ecmp.pcap", into: shard) { arrival, _ in
            guard arrival >= next else { return }
            next = arrival + 1_000_000_000
            for flow in shard.flows {
                let query = ActiveFlowsQuery(agents: .all, flow: flow.name, maxFlows: 5)
                for answer in query.answer(from: [shard], at: Instant(nanoseconds: arrival)) {
                    seen[flow.name, default: [:]][flow.keyText(answer.key), default: []].append((answer.value, answer.tally.count))
                }
            }
        }
        for elephant in ["10.4.1.2,10.4.2.2", "10.4.3.2,10.4.4.2"] {
            let readings = try #require(seen["srcdst"]?[elephant])
            // Bursts of some seconds. 10 Gbit/s are 41 samples a second at each place, 330 of weight: 6 % for one place, and
            // the largest of seven is a little above.
            let bursts = readings.filter { $0.value > 1.0e9 }
            let sentence = Comment(rawValue: "\(elephant): \(bursts.count) of \(readings.count), \(bursts.map(\.count))")
            #expect(bursts.count > 30, sentence)
            #expect(readings.allSatisfy { $0.value < 1.5e9 }, "\(readings.map(\.value).max() ?? 0)")
            #expect(bursts.allSatisfy { (3...7).contains($0.count) }, sentence)
            let places = try #require(seen["places"]?[elephant]?.map(\.count).max())
            #expect((6...7).contains(places), "\(elephant): \(places)")
        }
    }
}
