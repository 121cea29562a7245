// TOPOLOGY, EDGE and CORE in queries: a small fabric built by hand, and the demonstration fabric of the shared captures.

import Bytes
import Capture
import DatagramBuilding
import SFlow
import Testing

/// leaf1 (10.0.0.1): ports 1 and 2 are members of the aggregate 10, port 3 leads to a host, 2.1 is the machine.
/// leaf2 (10.0.0.2): ports 1 and 2, known by their names only. 10.0.0.9: a stranger.
private enum SmallFabric {
    static let topology = """
        {"nodes":{"leaf1":{"agent":"10.0.0.1","ports":{"up1":{"ifindex":"1"},"up2":{"ifindex":"2"}}}},
         "links":{"a":{"node1":"leaf1","port1":"up1","node2":"leaf2","port2":"swp1"},
                  "b":{"node1":"leaf1","port1":"up2","node2":"spine","port2":"swp9"}}}
        """

    static func datagrams(sequence: UInt32) -> [Datagram] {
        let octets = UInt64(sequence) * 1000
        func port(_ index: UInt32, _ more: [Framed]) -> Framed {
            .counters(
                sequence, DataSource(classNumber: 0, index: index),
                [.interface(index, inOctets: octets * UInt64(index))] + more)
        }
        func machine(_ name: String) -> Framed {
            .counters(sequence, DataSource(classNumber: 2, index: 1), [.hostDescription(name)])
        }
        let member = Framed.lagMember(of: 10)
        func datagram(_ agent: UInt32, _ samples: [Framed]) -> Datagram {
            Datagram(agent: IPAddress(v4: 0x0A00_0000 + agent), sequence: sequence, uptime: sequence * 10_000, samples)
        }
        return [
            datagram(1, [port(1, [member]), port(2, [member]), port(3, [.lagMember(of: 0)]), port(10, []), machine("other")]),
            datagram(2, [port(1, [.portName("swp1")]), port(2, [.portName("swp2")]), machine("leaf2.example.com")]),
            datagram(9, [port(1, [.portName("swp1")]), machine("stranger")]),
        ]
    }
}

extension Framed {
    /// lag_port_stats (sFlow LAG counters, 0:7): the interface belongs to an aggregate, or to none if 0.
    fileprivate static func lagMember(of aggregate: UInt32) -> Framed {
        Framed(7) { record in
            record.mac(1)
            record.mac(2)
            record.u32(aggregate)
            for _ in 0..<9 { record.u32(0) }
        }
    }
}

@Suite struct TopologySelection {
    private func plant(_ topology: String?) async throws -> Plant {
        let plant = try await Plant()
        if let topology { #expect(try await plant.put("/topology/json", topology) == 204) }
        await plant.send(SmallFabric.datagrams(sequence: 1), at: 0)
        await plant.send(SmallFabric.datagrams(sequence: 2), at: 10)
        return plant
    }

    private func rows(_ plant: Plant, _ agents: String) async throws -> [String] {
        // [[{"agent":"10.0.0.1","dataSource":"3",…}],…]
        try await plant.get("/table/\(agents)/ifindex/json").split(separator: "\"agent\":\"").dropFirst().map { row in
            let parts = row.split(separator: "\"", omittingEmptySubsequences: false)
            return "\(parts[0]) \(parts[4])"
        }
    }

    @Test func edgeAndCore() async throws {
        let plant = try await plant(SmallFabric.topology)
        #expect(try await rows(plant, "CORE") == ["10.0.0.1 1", "10.0.0.1 2", "10.0.0.1 10", "10.0.0.2 1"])
        #expect(try await rows(plant, "EDGE") == ["10.0.0.1 3", "10.0.0.2 2"])
        #expect(try await rows(plant, "TOPOLOGY").count == 6)
        #expect(try await rows(plant, "ALL").count == 7)
        // Rows that are no interface are neither.
        #expect(try await plant.get("/table/TOPOLOGY/host_name/json").contains("leaf2.example.com"))
        #expect(try await plant.get("/table/EDGE/host_name/json") == "[]")
        #expect(try await plant.get("/table/CORE/host_name/json") == "[]")
        #expect(try await plant.get("/table/TOPOLOGY/sort:ifindex:-1/json").contains(#""dataSource":"10""#))
        #expect(try await plant.get("/table/EDGE/sort:ifindex:-1/json").contains(#""dataSource":"3""#))
    }

    @Test func statistics() async throws {
        let plant = try await plant(SmallFabric.topology)
        // 100 bytes a second times the port's number.
        #expect(try await plant.get("/metric/EDGE/sum:ifinoctets/json").contains(#""metricValue":500"#))
        #expect(try await plant.get("/metric/CORE/sum:ifinoctets/json").contains(#""metricValue":1400"#))
        #expect(try await plant.get("/metric/TOPOLOGY/sum:ifinoctets/json").contains(#""metricValue":1900"#))
        #expect(try await plant.get("/metric/ALL/sum:ifinoctets/json").contains(#""metricValue":2000"#))
        #expect(try await plant.get("/dump/EDGE/ifindex/json").split(separator: "metricName").count == 3)
    }

    @Test func withoutATopologyNothingIsSelected() async throws {
        let plant = try await plant(nil)
        for token in ["TOPOLOGY", "EDGE", "CORE"] {
            #expect(try await plant.get("/table/\(token)/ifindex/json") == "[]")
            #expect(try await plant.get("/metric/\(token)/sum:ifinoctets/json").contains("metricValue") == false)
        }
        // Decided when asked: a topology that comes after the traffic counts at once, and goes at once.
        #expect(try await plant.put("/topology/json", SmallFabric.topology) == 204)
        #expect(try await rows(plant, "EDGE").count == 2)
        #expect(try await plant.ask("DELETE", "/topology/json").status == 204)
        #expect(try await rows(plant, "EDGE").isEmpty)
    }

    @Test func nodesAreNamesOfAgents() async throws {
        let plant = try await plant(SmallFabric.topology)
        #expect(try await rows(plant, "leaf1").count == 4)
        #expect(try await rows(plant, "leaf1;leaf2").count == 6)
        #expect(try await rows(plant, "other").count == 4)
        #expect(try await rows(plant, "spine").isEmpty)
    }

    private static let capture = Shared.capture("ecmp.pcap")
    private static let topology = Shared.capture("ecmp.topology.json")

    /// Ports that the file's links name are core, others edge; nodes are found by host name.
    @Test(.enabled(if: Shared.exists(capture) && Shared.exists(topology), "\(Shared.skipped)"))
    func theDemonstrationFabric() async throws {
        let plant = try await Plant(now: 0)
        #expect(try await plant.put("/topology/json", try read(TopologySelection.topology)) == 204)
        var reader = try DatagramReader(path: TopologySelection.capture)
        var datagrams: [(bytes: [UInt8], source: IPAddress, arrival: Int64)] = []
        while let datagram = try reader.next() {
            let bytes = reader.withPayload(of: datagram) { payload in
                (0..<payload.byteCount).compactMap { try? payload.uint8(at: $0) }
            }
            datagrams.append((bytes, datagram.source, datagram.arrivalNanoseconds))
        }
        await plant.send(datagrams)
        let names = ["192.168.0.11": "swp1s", "192.168.0.12": "swp1s", "192.168.0.13": "swp", "192.168.0.14": "swp"]
        let core = try await plant.get("/table/CORE/ifname/json")
        for (agent, prefix) in names {
            for number in prefix == "swp" ? 49...52 : 0...3 {
                #expect(core.contains(#"{"agent":"\#(agent)""#))
                #expect(core.contains(#""metricValue":"\#(prefix)\#(number)""#))
            }
        }
        #expect(core.split(separator: "\"agent\"").count - 1 == 16)
        let edge = try await plant.get("/table/EDGE/ifname/json")
        let all = try await plant.get("/table/TOPOLOGY/ifname/json")
        let count = { (text: String) in text.split(separator: "\"agent\"").count - 1 }
        #expect(count(edge) > 0)
        #expect(count(edge) + count(core) == count(all))
        #expect(try await plant.get("/table/ALL/ifname/json") == all)
        #expect(try await plant.get("/topology/links/json").split(separator: #""status":"up""#).count - 1 == 8)
        // The four servers of the demonstration, two at each leaf.
        for (host, node) in [(1, "leaf1"), (2, "leaf2"), (3, "leaf1"), (4, "leaf2")] {
            let found = try await plant.get("/topology/locate/json?address=10.4.\(host).2")
            #expect(found.contains(#""node":"\#(node)""#) && found.contains(#""ipaddress":"10.4.\#(host).2""#), "\(found)")
        }
        #expect(try await plant.get("/topology/hosts/ALL/json").split(separator: #""mac""#).count - 1 == 4)
    }
}
