// Promise P1 for what a topology is asked: however agents are spread over shards and shards over threads, ports and hosts
// are the same.

import Bytes
import Coordinator
import DatagramBuilding
import Definitions
import Queries
import SeededRandom
import SFlow
import ShardEngine
import Testing
import Worker

@Suite struct SameTopology {
    /// Twenty agents with three ports each; the first port of all but the last is the end of a link.
    static func topology() throws -> Topology {
        let nodes = (1...20).map { #""n\#($0)":{"agent":"172.16.0.\#($0)","ports":{"p1":{"ifindex":"1"}}}"# }
        let links = (1...19).map { #""l\#($0)":{"node1":"n\#($0)","port1":"p1","node2":"n\#($0 + 1)","port2":"p2"}"# }
        let text = #"{"nodes":{\#(nodes.joined(separator: ","))},"links":{\#(links.joined(separator: ","))}}"#
        return try Topology(json: try RelaxedJSON.parse(Array(text.utf8), sizeMax: 1 << 20))
    }

    private func arrivals(_ random: inout SeededGenerator, _ sequences: inout [UInt32: UInt32], from start: Int64) -> [Arrival] {
        (0..<600).map { step in
            let agent = UInt32.random(in: 1...22, using: &random)
            sequences[agent, default: 0] += 1
            let number = sequences[agent] ?? 0
            let port = DataSource(classNumber: 0, index: .random(in: 1...3, using: &random))
            // The same hosts at many places, and addresses that many share: ties.
            let address = IPAddress(v4: 0x0A00_0000 + .random(in: 0...9, using: &random))
            let host = Framed.fromHost(
                number, port, mac: .random(in: 1...40, using: &random), vlan: random.chance(2) ? nil : .random(in: 1...3, using: &random),
                address: random.chance(3) ? nil : address, isEgress: random.chance(6))
            let samples = random.chance(5) ? [.counters(number, port, [.interface(port.index), .portName("p\(port.index)")]), host] : [host]
            let datagram = Datagram(agent: IPAddress(v4: 0xAC10_0000 + agent), sequence: number, uptime: 1_000 &* number, samples)
            return Arrival(datagram: datagram, bytes: datagram.bytes, time: start + Int64(step) * 100_000_000)
        }
    }

    private func answers(_ process: Process, at now: Int64) async throws -> [String] {
        let instant = Instant(nanoseconds: now)
        var lines: [String] = []
        for selector in [AgentSelector.all, .edge, .core, AgentSelector(listing: ["n3", "172.16.0.4"])] {
            for port in try await process.coordinator.ports(of: selector, at: instant) { lines.append("\(port)") }
            for hostsMax in [7, 10_000] {
                let query = HostQuery(agents: selector, ifIndex: hostsMax == 7 ? 3 : nil, hostsMax: hostsMax)
                for location in try await process.coordinator.hosts(query, at: instant) { lines.append("\(location)") }
            }
        }
        for address in [HostAddress.mac(MACAddress(7)), .ip(IPAddress(v4: 0x0A00_0003))] {
            let query = HostQuery(agents: .topology, address: address, hostsMax: 1_000)
            for location in try await process.coordinator.hosts(query, at: instant) { lines.append("\(location)") }
        }
        return lines
    }

    @Test(arguments: 0..<3 as Range<UInt64>) func overAnySplit(seed: UInt64) async throws {
        let layouts: [(executors: Int, shards: Int)] = [(1, 1), (1, 2), (3, 7)]
        let processes = layouts.map { Process(executors: $0.executors, shards: $0.shards) }
        defer { for process in processes { process.stop() } }
        for process in processes { await process.pool.setTopology(try SameTopology.topology()) }
        var random = SeededGenerator(seed: seed)
        var sequences: [UInt32: UInt32] = [:]
        var now: Int64 = 1_700_000_000_000_000_000
        for pause: Int64 in [0, 10, 200, 400, 1_000] {
            now += pause * 1_000_000_000
            let arrivals = arrivals(&random, &sequences, from: now)
            now = arrivals.last?.time ?? now
            var found: [[String]] = []
            for process in processes {
                process.feed(arrivals)
                await process.pool.drain()
                found.append(try await answers(process, at: now))
            }
            #expect(found[0].count > 100, "seed \(seed)")
            for (other, layout) in zip(found, layouts).dropFirst() where other != found[0] {
                let difference = zip(found[0], other).first { $0 != $1 }
                Issue.record("seed \(seed), \(layout): \(difference?.0 ?? "\(found[0].count)") but \(difference?.1 ?? "\(other.count)")")
            }
        }
    }
}
