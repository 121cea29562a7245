// What can be asked about the topology, over the small fabric of these tests.

import Bytes
import Coordinator
import DatagramBuilding
import Definitions
import Foundation
import SFlow
import Testing

/// leaf1 is known by its address, leaf2 by its host name. Nothing is known of spine.
private let fabric = """
    {"nodes":{"leaf1":{"agent":"10.0.0.1","tags":{"role":"leaf"}},"leaf9":{"agent":"10.0.0.9"}},
     "links":{"a":{"node1":"leaf1","port1":"swp2","node2":"leaf2","port2":"swp1","tags":{"speed":"10G"}},
              "b":{"node1":"spine","port1":"p1","node2":"leaf1","port2":"swp3"}}}
    """

extension TestAPI {
    fileprivate func putTopology(_ text: String = fabric) async throws {
        let topology = try Definition(.topology, json: try RelaxedJSON.parse(Array(text.utf8), sizeMax: 1 << 20))
        try await definitions.apply(.put(name: "", topology))
    }

    /// Counters of an interface, or a packet from a host, some seconds after all else.
    fileprivate func send(_ agent: UInt32, _ sequence: UInt32, after seconds: Int64 = 30, _ samples: [Framed]) async {
        await send(
            [Datagram(agent: IPAddress(v4: 0x0A00_0000 + agent), sequence: sequence, uptime: sequence * 1_000, samples)],
            TestAPI.start + seconds * TestAPI.second)
    }
}

/// An object's members as text, without those whose names are listed.
private func text(_ object: [String: Any], without names: String...) -> String {
    object.filter { !names.contains($0.key) }.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: " ")
}

@Suite(.timeLimit(.minutes(2))) struct TopologyRouteTests {
    @Test(arguments: Way.available) func withoutATopology(way: Way) async throws {
        try await withAPI([way]) { api in
            #expect(try await api.ask(way, "/topology/nodes/json").object.isEmpty)
            #expect(try await api.ask(way, "/topology/links/json").object.isEmpty)
            for list in ["ports/ALL", "ports/EDGE", "hosts/ALL"] {
                #expect(try await api.ask(way, "/topology/\(list)/json").objects.isEmpty)
            }
            #expect(try await api.ask(way, "/topology/unknown/json").objects.count == 3)
            for one in ["node/leaf1", "link/a", "link/a/ifinoctets", "port/10.0.0.1/1"] {
                let answer = try await api.ask(way, "/topology/\(one)/json")
                #expect(answer.status == 404)
            }
        }
    }

    @Test(arguments: Way.available) func nodes(way: Way) async throws {
        try await withAPI([way]) { api in
            try await api.putTopology()
            await api.send(1, 3, [.fromHost(1, DataSource(classNumber: 0, index: 1), mac: 1)])
            let nodes = try await api.ask(way, "/topology/nodes/json").object
            #expect(nodes.keys.sorted() == ["leaf1", "leaf2", "leaf9", "spine"])
            let texts = nodes.compactMapValues { ($0 as? [String: Any]).map { text($0, without: "links", "tags") } }
            #expect(texts == [
                "leaf1": "agent=10.0.0.1 hostName=leaf1 status=flows", "leaf2": "agent=10.0.0.2 hostName=leaf2.example status=noflows",
                "leaf9": "agent=10.0.0.9 status=unmonitored", "spine": "status=unmonitored",
            ])
            for name in nodes.keys {
                let one = try await api.ask(way, "/topology/node/\(name)/json").object
                #expect(one as NSDictionary == nodes[name] as? NSDictionary)
            }
            let leaf1 = try #require(nodes["leaf1"] as? [String: Any])
            #expect(leaf1["links"] as? [String] == ["a", "b"])
            #expect(leaf1["tags"] as? [String: String] == ["role": "leaf"])
            let status = try await api.ask(way, "/topology/status/json").object
            #expect(status["nodes"] as? [String: Int] == ["flows": 1, "noflows": 1, "unmonitored": 2])
            #expect(status["links"] as? [String: Int] == ["up": 1, "unmonitored": 1])
            #expect(status["unknownAgents"] as? Int == 1 && status["version"] as? Int == 1)
            #expect(try await api.ask(way, "/topology/unknown/json").objects.map { text($0) } == ["agent=2001:DB8::3"])
        }
    }

    @Test(arguments: Way.available) func links(way: Way) async throws {
        try await withAPI([way]) { api in
            try await api.putTopology()
            let links = try await api.ask(way, "/topology/links/json").object
            let a = try #require(links["a"] as? [String: Any]), b = try #require(links["b"] as? [String: Any])
            #expect(
                text(a, without: "tags")
                    == "agent1=10.0.0.1 agent2=10.0.0.2 ifindex1=2 ifindex2=1 node1=leaf1 node2=leaf2 port1=swp2 port2=swp1 status=up")
            #expect(a["tags"] as? [String: String] == ["speed": "10G"])
            #expect(text(b) == "node1=spine node2=leaf1 port1=p1 port2=swp3 status=unmonitored")
            for name in ["a", "b"] {
                #expect(try await api.ask(way, "/topology/link/\(name)/json").object as NSDictionary == links[name] as? NSDictionary)
            }
            await api.send(2, 9, [.counters(9, DataSource(classNumber: 0, index: 1), [.interface(1, status: 1), .portName("swp1")])])
            #expect(try await api.ask(way, "/topology/link/a/json").object["status"] as? String == "down")
        }
    }

    @Test(arguments: Way.available) func linkMetrics(way: Way) async throws {
        try await withAPI([way]) { api in
            try await api.putTopology()
            let path = "/topology/link/a/ifinoctets,ifspeed/json"
            func values(_ target: String) async throws -> [String] {
                try await api.ask(way, target).objects.map { text($0, without: "lastUpdate", "lastUpdateMin", "lastUpdateMax", "metricN") }
            }
            let first = ["agent=10.0.0.1 dataSource=2 metricName=ifinoctets metricValue=12500000", "agent=10.0.0.1 dataSource=2 metricName=ifspeed metricValue=10000000000"]
            let second = ["agent=10.0.0.2 dataSource=1 metricName=ifinoctets metricValue=50000000", "agent=10.0.0.2 dataSource=1 metricName=ifspeed metricValue=1000000000"]
            #expect(try await values(path) == first + second)
            #expect(try await values(path + "?node=leaf1") == first + second)
            #expect(try await values(path + "?node=leaf2") == second + first)
            #expect(try await values("/topology/link/b/sum:ifspeed/json") == ["metricName=sum:ifspeed", "metricName=sum:ifspeed"])
            for (target, status) in [(path + "?node=spine", 400), ("/topology/link/a/foo:ifspeed/json", 400), ("/topology/link/c/ifspeed/json", 404)] {
                let answer = try await api.ask(way, target)
                #expect(answer.status == status)
                #expect(try !answer.message.isEmpty)
            }
        }
    }

    @Test(arguments: Way.available) func ports(way: Way) async throws {
        try await withAPI([way]) { api in
            try await api.putTopology()
            func ports(_ agents: String) async throws -> [String] {
                try await api.ask(way, "/topology/ports/\(agents)/json").objects.map { text($0) }
            }
            let edge = "agent=10.0.0.1 class=edge ifindex=1 ifname=swp1 node=leaf1 port=swp1"
            let core = [
                "agent=10.0.0.1 class=core ifindex=2 ifname=swp2 link=a node=leaf1 port=swp2 remotenode=leaf2 remoteport=swp1",
                "agent=10.0.0.2 class=core ifindex=1 ifname=swp1 link=a node=leaf2 port=swp1 remotenode=leaf1 remoteport=swp2",
            ]
            #expect(try await ports("ALL") == [edge] + core)
            #expect(try await ports("TOPOLOGY") == [edge] + core)
            #expect(try await ports("EDGE") == [edge])
            #expect(try await ports("CORE") == core)
            #expect(try await ports("leaf2") == [core[1]])
            #expect(try text(await api.ask(way, "/topology/port/leaf1/2/json").object) == core[0])
            for one in ["leaf1/3", "leaf1/x", "leaf8/1", "2001:DB8::3/7"] {
                let answer = try await api.ask(way, "/topology/port/\(one)/json")
                #expect(answer.status == 404)
            }
            // A port that has only sent samples of packets.
            await api.send(1, 3, [.fromHost(1, DataSource(classNumber: 0, index: 33), mac: 1)])
            #expect(try await ports("EDGE") == [edge, "agent=10.0.0.1 class=edge ifindex=33 node=leaf1"])
        }
    }

    @Test(arguments: Way.available) func hosts(way: Way) async throws {
        try await withAPI([way]) { api in
            try await api.putTopology()
            let port = DataSource(classNumber: 0, index: 1)
            let (one, two) = (IPAddress(v4: 0x0A01_0001), IPAddress(v6High: 0x2001_0DB8_0000_0000, low: 9))
            await api.send(1, 3, [.fromHost(1, port, mac: 0x0001_E8D9_5A67, vlan: 5, address: one)])
            await api.send(1, 4, after: 31, [.fromHost(2, port, mac: 0x0001_E8D9_5A67, vlan: 5, address: two)])
            await api.send(1, 5, after: 32, [.fromHost(3, port, mac: 2, switchVLAN: 6)])
            // At the end of a link.
            await api.send(2, 5, after: 32, [.fromHost(3, port, mac: 0x0001_E8D9_5A67, address: one)])
            let first = "agent=10.0.0.1 ifindex=1 ip6address=2001:DB8::9 ipaddress=10.1.0.1 lastUpdate=1000 mac=0001E8D95A67 node=leaf1 port=swp1 vlan=5"
            let second = "agent=10.0.0.1 ifindex=1 lastUpdate=0 mac=000000000002 node=leaf1 port=swp1 vlan=6"
            for address in ["0001E8D95A67", "00:01:e8:d9:5a:67", "10.1.0.1", "2001:db8::9"] {
                #expect(try await api.ask(way, "/topology/locate/json?address=\(address)").objects.map { text($0) } == [first])
            }
            #expect(try await api.ask(way, "/topology/locate/json?address=10.9.9.9").objects.isEmpty)
            func hosts(_ target: String) async throws -> [String] {
                try await api.ask(way, "/topology/hosts/\(target)").objects.map { text($0) }
            }
            #expect(try await hosts("ALL/json") == [second, first])
            #expect(try await hosts("ALL/json?maxHosts=1") == [second])
            #expect(try await hosts("leaf1/json?ifindex=1") == [second, first])
            #expect(try await hosts("leaf1/json?ifindex=2").isEmpty)
            #expect(try await hosts("leaf2/json").isEmpty)
            for wrong in ["locate/json", "locate/json?address=", "locate/json?address=leaf1", "hosts/ALL/json?ifindex=x", "hosts/ALL/json?maxHosts=x"] {
                let answer = try await api.ask(way, "/topology/\(wrong)")
                #expect(answer.status == 400)
            }
        }
    }

    /// Names from outside, in the topology and in paths.
    @Test func oddNames() async throws {
        try await withAPI { api in
            try await api.putTopology(
                #"{"nodes":{"a/b \"c\"":{"agent":"10.0.0.1"}},"links":{"é%":{"node1":"a/b \"c\"","port1":"swp1","node2":"a/b \"c\"","port2":"swp2"}}}"#)
            let node = try await api.ask(.call, "/topology/node/a%2Fb%20%22c%22/json").object
            #expect(node["links"] as? [String] == ["é%"])
            let link = try await api.ask(.call, "/topology/link/%C3%A9%25/json").object
            #expect(link["status"] as? String == "up")
            // Between two ports of one node each is the other's far end.
            let ports = try await api.ask(.call, "/topology/ports/CORE/json").objects
            #expect(ports.map { $0["remoteport"] as? String } == ["swp2", "swp1"])
        }
    }
}
