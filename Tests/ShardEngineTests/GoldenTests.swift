// Captures with results from elsewhere: the simulated fabric with the simulator's own truth, and the demonstration fabric
// of fabric-view with sflowtool's decode, from which rates are computed again by a slow obvious reader.

import Bytes
import Capture
import DatagramBuilding
import Foundation
import SFlow
import ShardEngine
import Testing

@Suite(.enabled(if: Shared.exists(Shared.capture("fabric.truth.json")), Comment(rawValue: Shared.skipped)))
struct FabricGolden {
    struct Truth: Decodable {
        struct Port: Decodable {
            struct Interval: Decodable {
                let from: Double, to: Double
                let in_octets: Double, out_octets: Double, in_packets: Double, out_packets: Double
                let in_utilization: Double, out_utilization: Double
            }
            let agent: String, ifname: String
            let ifindex: UInt32
            let ifspeed: Double
            let intervals: [Interval]
        }
        struct Agent: Decodable {
            struct Samples: Decodable { let counter: UInt64, discard: UInt64, flow: UInt64 }
            let agent: String
            let datagrams: UInt64, lost_datagrams: UInt64, octets: UInt64
            let samples: Samples
        }
        let ports: [Port], agents: [Agent]
    }

    /// Each interval is looked at when the counter sample that ends it has come in.
    @Test func everyPortAndInterval() throws {
        let truth = try JSONDecoder().decode(Truth.self, from: Data(contentsOf: URL(filePath: Shared.capture("fabric.truth.json"))))
        let shard = Shard()
        var due = truth.ports.flatMap { port in port.intervals.map { (port, $0) } }.sorted { $0.1.to < $1.1.to }[...]
        var checked = 0
        try replay("fabric.pcap", into: shard) { arrival in
            // A counter sample waits for its datagram to fill; the next interval's is twenty seconds off.
            while let (port, interval) = due.first, Double(arrival) / 1e9 > interval.to + 5 {
                check(port, interval, of: shard, at: arrival)
                checked += 1
                due.removeFirst()
            }
        }
        #expect(checked + due.count == truth.ports.reduce(0) { $0 + $1.intervals.count })
        #expect(checked > 50)
        for (port, interval) in due where interval.to < 1_700_000_058 {
            check(port, interval, of: shard, at: 1_700_000_060_000_000_000)
        }
    }

    private func check(_ port: Truth.Port, _ interval: Truth.Port.Interval, of shard: Shard, at now: Int64) {
        let name = Comment(rawValue: "\(port.agent) \(port.ifname) to \(interval.to)")
        guard let address = IPAddress(port.agent), let agent = shard.agents[address],
            let source = agent.source(named: .numbered(.port(port.ifindex)))
        else {
            Issue.record(name)
            return
        }
        let view = AgentView(agent, at: Instant(nanoseconds: now), of: shard)
        func number(_ metric: String) -> Double {
            guard case .number(let number)? = view.reading(of: MetricName(metric), source: source)?.value else { return .nan }
            return number
        }
        // The truth has the time at which the agent read its counters; the datagram leaves when it is full, up to a second
        // later, and its time is what the rate is of. So the steps of all counters must tell the same interval.
        let steps = [
            ("ifinoctets", interval.in_octets), ("ifoutoctets", interval.out_octets), ("ifinpkts", interval.in_packets),
            ("ifoutpkts", interval.out_packets),
        ]
        let seconds = steps.filter { $0.1 > 0 }.map { $0.1 / number($0.0) }
        for interval in seconds { #expect(abs(interval - (seconds.first ?? 0)) < 1e-9, name) }
        #expect(seconds.allSatisfy { abs($0 - (interval.to - interval.from)) <= 1 }, name)
        for (metric, step) in steps where step == 0 { #expect(number(metric) == 0, name) }
        #expect(number("ifspeed") == port.ifspeed)
        #expect(abs(number("ifinutilization") - number("ifinoctets") * 800 / port.ifspeed) < 1e-9, name)
        #expect(abs(number("ifinutilization") - interval.in_utilization) <= 0.05 * interval.in_utilization + 1e-6, name)
        #expect(abs(number("ifoututilization") - interval.out_utilization) <= 0.05 * interval.out_utilization + 1e-6, name)
        #expect(view.reading(of: MetricName("ifname"), source: source)?.value == .text(port.ifname), name)
    }

    @Test func booksOfEachAgent() throws {
        let truth = try JSONDecoder().decode(Truth.self, from: Data(contentsOf: URL(filePath: Shared.capture("fabric.truth.json"))))
        let shard = Shard()
        try replay("fabric.pcap", into: shard) { _ in }
        #expect(shard.agents.count == truth.agents.count)
        for expected in truth.agents {
            guard let address = IPAddress(expected.agent), let agent = shard.agents[address] else {
                Issue.record("\(expected.agent)")
                continue
            }
            #expect(agent.statistics.datagrams == expected.datagrams)
            #expect(agent.statistics.lost == expected.lost_datagrams)
            #expect(agent.statistics.bytes == expected.octets)
            func samples(_ kind: SampleKind) -> UInt64 {
                agent.instances.filter { $0.key.kind == kind }.reduce(0) { $0 + $1.samples }
            }
            #expect(samples(.counter) == expected.samples.counter)
            #expect(samples(.flow) == expected.samples.flow)
            #expect(samples(.notification) == expected.samples.discard)
        }
        #expect(shard.counters.faults.isEmpty)
        #expect(shard.counters.unknownFormats.isEmpty)
    }
}

@Suite(.enabled(if: Shared.exists(Shared.capture("ecmp.sflowtool.json.gz")), Comment(rawValue: Shared.skipped)))
struct DemonstrationFabricGolden {
    /// What the slow reader knows of one port.
    struct Port {
        var name = ""
        var values: [String: UInt64] = [:]
        var arrival: Int64 = 0, uptime: Double = 0
        var rates: [String: Double] = [:]
    }

    static let counters: [(field: String, metric: String)] = [
        ("ifInOctets", "ifinoctets"), ("ifInUcastPkts", "ifinucastpkts"), ("ifInMulticastPkts", "ifinmulticastpkts"),
        ("ifInDiscards", "ifindiscards"), ("ifOutOctets", "ifoutoctets"), ("ifOutUcastPkts", "ifoutucastpkts"),
        ("ifOutErrors", "ifouterrors"), ("ifInUnknownProtos", "ifinunknownprotos"),
    ]

    @Test func ratesFromAnIndependentDecode() throws {
        let shard = Shard()
        var arrivals: [Int64] = []
        try replay("ecmp.pcap", into: shard) { arrivals.append($0) }
        let end = arrivals.last ?? 0
        #expect(shard.agents.keys.sorted().map(\.description) == ["192.168.0.11", "192.168.0.12", "192.168.0.13", "192.168.0.14"])
        let ports = try slowDecode(arrivals)
        #expect(ports.count > 150)
        var compared = 0
        for (key, port) in ports {
            let parts = key.split(separator: " ")
            guard let address = IPAddress(String(parts[0])), let agent = shard.agents[address], let index = UInt32(parts[1]),
                let source = agent.source(named: .numbered(.port(index)))
            else { Issue.record("\(key)"); continue }
            let view = AgentView(agent, at: Instant(nanoseconds: end), of: shard)
            #expect(view.reading(of: MetricName("ifname"), source: source)?.value == .text(port.name))
            for (field, metric) in DemonstrationFabricGolden.counters {
                let value = view.reading(of: MetricName(metric), source: source)?.value
                #expect(value == port.rates[field].map(MetricValue.number), "\(key) \(metric)")
                if value != nil { compared += 1 }
            }
        }
        #expect(compared > 1_000)
        print("ecmp: \(ports.count) ports, \(compared) rates compared")
    }

    /// Line n of sflowtool's decode belongs to datagram n of the capture.
    private func slowDecode(_ arrivals: [Int64]) throws -> [String: Port] {
        var ports: [String: Port] = [:]
        for (line, arrival) in zip(try lines(), arrivals) {
            guard let datagram = try JSONSerialization.jsonObject(with: line) as? [String: Any],
                let agent = datagram["agent"] as? String, let samples = datagram["samples"] as? [[String: Any]],
                let uptime = (datagram["sysUpTime"] as? String).flatMap(Double.init)
            else { continue }
            for sample in samples {
                let blocks = sample["elements"] as? [[String: String]] ?? []
                guard let generic = blocks.first(where: { $0["counterBlock_tag"] == "0:1" }), let index = generic["ifIndex"] else { continue }
                var port = ports["\(agent) \(index)"] ?? Port()
                if let name = blocks.first(where: { $0["counterBlock_tag"] == "0:1005" })?["ifName"] { port.name = name }
                take(generic, arrival, uptime, into: &port)
                ports["\(agent) \(index)"] = port
            }
        }
        return ports
    }

    private func take(_ block: [String: String], _ arrival: Int64, _ uptime: Double, into port: inout Port) {
        let (byArrival, byUptime) = (Double(arrival - port.arrival) * 1e-9, (uptime - port.uptime) * 1e-3)
        let seconds = abs(byUptime - byArrival) <= 0.2 * byArrival + 1 ? byUptime : byArrival
        for (field, _) in DemonstrationFabricGolden.counters {
            guard let new = block[field].flatMap(UInt64.init) else { continue }
            let is64 = field.hasSuffix("Octets")
            if new == (is64 ? UInt64.max : UInt64(UInt32.max)) { continue }
            if let old = port.values[field] {
                port.rates[field] = Double(is64 ? new - old : (new &- old) & 0xFFFF_FFFF) / seconds
            }
            port.values[field] = new
        }
        (port.arrival, port.uptime) = (arrival, uptime)
    }

    private func lines() throws -> [Data] {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["gzip", "-dc", Shared.capture("ecmp.sflowtool.json.gz")]
        process.standardOutput = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return data.split(separator: UInt8(ascii: "\n"))
    }
}

/// Feeds a shared capture to a shard; `after` is called with each datagram's arrival.
func replay(_ name: String, into shard: Shard, after: (Int64) -> Void) throws {
    var reader = try DatagramReader(path: Shared.capture(name))
    while let datagram = try reader.next() {
        reader.withPayload(of: datagram) { bytes in
            shard.ingest(bytes, udpSource: datagram.source, arrival: datagram.arrivalNanoseconds)
        }
        after(datagram.arrivalNanoseconds)
    }
}
