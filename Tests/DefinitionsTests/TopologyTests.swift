import Bytes
import Definitions
import SeededRandom
import Testing

@Suite struct TopologyTests {
    private static let body = """
        {version:9, comment:'kept',
         nodes:{
          leaf1:{agent:'10.0.0.1',dpid:'0000000000000003',tags:{role:'leaf'},
                 ports:{swp1:{ifindex:'3',tags:{k:'v'}},swp2:{ifindex:4},swp9:{},swp10:{ifindex:'10'}}},
          leaf2:{tag:'edge'}},
         links:{
          link1:{node1:'leaf1',port1:'swp1',node2:'spine1',port2:'swp1',tags:{speed:'10G'}},
          link2:{node1:'spine1',port1:'swp2',node2:'leaf1',port2:'swp9'},
          link3:{node1:'leaf2',port1:'1',node2:'leaf1',port2:'swp2'}}}
        """

    private func topology(_ text: String = body) throws -> Topology { try Topology(json: json(text)) }

    private func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

    @Test func keepsWhatItWasGiven() throws {
        var topology = try topology()
        let without = #"{"comment":"kept","nodes":{"leaf1":{"agent":"10.0.0.1","dpid":"0000000000000003","#
        #expect(topology.json.text(indent: 0).hasPrefix(without))
        #expect(topology.json == .object(try #require(json(TopologyTests.body).object).without("version")))
        topology.version = 4
        #expect(topology.json.object?["version"] == .number(4))
        #expect(topology.json.object?.members.first?.name == "version")
        #expect(try Topology(json: topology.json) == topology)
        #expect(try Topology(json: json("{}")) == .empty)
        #expect(Topology.empty.json == json("{}"))
    }

    @Test func answersByName() throws {
        let topology = try topology()
        #expect(topology.nodes.map(\.name) == ["leaf1", "leaf2", "spine1"])
        #expect(topology.links.map(\.name) == ["link1", "link2", "link3"])
        #expect(topology.links(of: "leaf1").map(\.name) == ["link1", "link2", "link3"])
        #expect(topology.links(of: "spine1").map(\.name) == ["link1", "link2"])
        #expect(topology.links(of: "leaf2").map(\.name) == ["link3"])
        #expect(topology.links(of: "leaf3").isEmpty)
        let link = try #require(topology.link(named: "link2"))
        #expect(link.end(oppositeTo: "spine1")?.port == "swp9")
        #expect(link.end(oppositeTo: "leaf1")?.node == "spine1")
        #expect(link.end(oppositeTo: "leaf2") == nil)
        #expect(topology.link(named: "link4") == nil)
        let node = try #require(topology.node(named: "leaf1"))
        #expect(node.agent == IPAddress("10.0.0.1"))
        #expect(node.ports.map(\.ifIndex) == [3, 4, nil, 10])
        #expect(node.tags["role"] == .string("leaf"))
        #expect(node.ports.first?.tags["k"] == .string("v"))
        #expect(topology.link(named: "link1")?.tags["speed"] == .string("10G"))
        #expect(topology.node(named: "spine1")?.agent == nil)
        #expect(topology.node(named: "x") == nil)
        #expect(!topology.isEmpty && Topology.empty.isEmpty)
    }

    @Test func findsTheNodeOfAnAgent() throws {
        let topology = try topology()
        #expect(topology.node(of: try address("10.0.0.1"), hostName: nil)?.name == "leaf1")
        // The address counts more than the name.
        #expect(topology.node(of: try address("10.0.0.1"), hostName: "leaf2")?.name == "leaf1")
        #expect(topology.node(of: try address("::ffff:10.0.0.1"), hostName: nil)?.name == "leaf1")
        #expect(topology.node(of: try address("10.0.0.2"), hostName: nil) == nil)
        #expect(topology.node(of: try address("10.0.0.2"), hostName: "")?.name == nil)
        #expect(topology.node(of: try address("10.0.0.2"), hostName: "spine1")?.name == "spine1")
        #expect(topology.node(of: try address("10.0.0.2"), hostName: "spine1.dc.example")?.name == "spine1")
        #expect(topology.node(of: try address("10.0.0.2"), hostName: "Spine1") == nil)
        #expect(topology.node(of: try address("10.0.0.2"), hostName: ".spine1") == nil)
        #expect(topology.ports(of: try address("10.0.0.2"), hostName: "host7") == nil)
        #expect(Topology.empty.node(of: try address("10.0.0.1"), hostName: "leaf1") == nil)
    }

    @Test func namesWithDotsAreExact() throws {
        let topology = try topology("{nodes:{'a.b':{},a:{}}}")
        #expect(topology.node(of: try address("1.1.1.1"), hostName: "a.b")?.name == "a.b")
        #expect(topology.node(of: try address("1.1.1.1"), hostName: "a.b.c")?.name == "a")
    }

    @Test func classifiesPorts() throws {
        let ports = try #require(try topology().ports(of: try address("10.0.0.1"), hostName: nil))
        // By ifIndex, whatever the name says.
        #expect(ports.linkName(ifIndex: 3, ifName: nil) == "link1")
        #expect(ports.linkName(ifIndex: 3, ifName: "swp9") == "link1")
        #expect(ports.linkName(ifIndex: 4, ifName: nil) == "link3")
        // By name where no ifIndex is given.
        #expect(ports.linkName(ifIndex: 77, ifName: "swp9") == "link2")
        #expect(ports.linkName(ifIndex: nil, ifName: "swp1") == "link1")
        #expect(ports.isLinkPort(ifIndex: 77, ifName: "swp9"))
        // A port that is listed, but not wired.
        #expect(ports.place(ifIndex: 10, ifName: nil)?.port == "swp10")
        #expect(!ports.isLinkPort(ifIndex: 10, ifName: nil))
        // Not mentioned at all.
        #expect(ports.place(ifIndex: 11, ifName: "swp11") == nil)
        #expect(!ports.isLinkPort(ifIndex: nil, ifName: nil))
        let spine = try #require(try topology().ports(of: try address("10.0.0.9"), hostName: "spine1.example"))
        #expect(spine.linkName(ifIndex: 1, ifName: "swp2") == "link2")
        #expect(spine.place(ifIndex: nil, ifName: "swp1")?.node == "spine1")
    }

    @Test func oddWiring() throws {
        let topology = try topology("""
            {nodes:{a:{agent:'10.0.0.1',ports:{p:{ifindex:1},q:{ifindex:1},r:{ifindex:2}}},
                    b:{agent:'10.0.0.1',ports:{x:{ifindex:9}}},c:{agent:'::ffff:10.0.0.1',ports:{y:{ifindex:8},r:{}}}},
             links:{loop:{node1:'a',port1:'q',node2:'a',port2:'r'},again:{node1:'b',port1:'x',node2:'a',port2:'q'},
                    far:{node1:'c',port1:'y',node2:'d',port2:'1'}}}
            """)
        // A loop is one link of its node; a port of two links belongs to the first.
        #expect(topology.links(of: "a").map(\.name) == ["loop", "again"])
        let ports = try #require(topology.ports(of: try address("10.0.0.1"), hostName: nil))
        #expect(ports.linkName(ifIndex: 1, ifName: nil) == "loop")
        #expect(ports.linkName(ifIndex: 2, ifName: nil) == "loop")
        // Several nodes with one agent: the ports of all, the first node's name.
        #expect(topology.node(of: try address("10.0.0.1"), hostName: nil)?.name == "a")
        #expect(ports.linkName(ifIndex: 9, ifName: nil) == "again")
        #expect(ports.linkName(ifIndex: 8, ifName: nil) == "far")
        #expect(ports.place(ifIndex: nil, ifName: "r")?.node == "a")
        #expect(topology.ports(of: try address("10.0.0.7"), hostName: "b")?.linkName(ifIndex: 1, ifName: nil) == nil)
    }

    static let refusals: [(String, String)] = [
        ("[]", "expected an object with \"links\" and perhaps \"nodes\", found a list"),
        ("'x'", "expected an object with \"links\" and perhaps \"nodes\", found a text"),
        ("{links:[]}", "links: expected an object with a member for each name, found a list"),
        ("{nodes:{a:{ports:5}}}", "nodes.a.ports: expected an object with a member for each name, found a number"),
        ("{links:{l:'x'}}", "links.l: expected an object with node1, port1, node2 and port2, found a text"),
        ("{links:{l:{port1:'p',node2:'b',port2:'q'}}}",
            "links.l.node1: missing; expected the name of the node at the first end"),
        ("{links:{l:{node1:'a',node2:'b',port2:'q'}}}",
            "links.l.port1: missing; expected the name of the port at the first end"),
        ("{links:{l:{node1:'a',port1:'p',port2:'q'}}}",
            "links.l.node2: missing; expected the name of the node at the second end"),
        ("{links:{l:{node1:'a',port1:'p',node2:'b',port2:''}}}",
            "links.l.port2: missing; expected the name of the port at the second end"),
        ("{links:{l:{node1:{},port1:'p',node2:'b',port2:'q'}}}", "links.l.node1: expected a text, found an object"),
        ("{nodes:{a:{agent:'leaf1'}}}",
            "nodes.a.agent: expected the IP address of the sFlow agent, found \"leaf1\"; "
                + "leave it out to have the agent found by its host name"),
        ("{nodes:{a:7}}", "nodes.a: expected an object, which may be empty, found a number"),
        ("{nodes:{a:{ports:{p:[]}}}}", "nodes.a.ports.p: expected an object, which may be empty, found a list"),
        ("{nodes:{a:{ports:{p:{ifindex:'x'}}}}}",
            "nodes.a.ports.p.ifindex: expected a whole number from 0 to 4294967295, found \"x\"; "
                + "leave it out to have the port found by its name"),
        ("{nodes:{a:{ports:{p:{ifindex:4294967296}}}}}",
            "nodes.a.ports.p.ifindex: expected a whole number from 0 to 4294967295, found \"4294967296\"; "
                + "leave it out to have the port found by its name"),
        ("{nodes:{a:{ports:{'eth 0':{ifindex:-1}}}}}",
            "nodes.a.ports.\"eth 0\".ifindex: expected a whole number from 0 to 4294967295, found \"-1\"; "
                + "leave it out to have the port found by its name"),
    ]

    @Test(arguments: refusals.indices)
    func saysWhatToChange(index: Int) {
        let (body, message) = TopologyTests.refusals[index]
        #expect(refusal(.topology, body) == message)
    }

    /// Random wiring against looking through all links.
    @Test func agreesWithLookingThroughEverything() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<100 {
            var nodes = JSONObject()
            var links = JSONObject()
            for node in 0..<Int.random(in: 0...4, using: &random) {
                nodes.set("n\(node)", json("{agent:'10.0.0.\(node)',ports:{p0:{ifindex:0},p1:{ifindex:1}}}"))
            }
            for link in 0..<Int.random(in: 0...8, using: &random) {
                let ends = (1...2).map { end in
                    let (node, port) = (Int.random(in: 0..<6, using: &random), Int.random(in: 0..<4, using: &random))
                    return "node\(end):'n\(node)',port\(end):'p\(port)'"
                }
                links.set("l\(link)", json("{\(ends.joined(separator: ","))}"))
            }
            var document = JSONObject()
            document.set("nodes", .object(nodes))
            document.set("links", .object(links))
            let topology = try Topology(json: .object(document))
            for node in 0..<6 {
                let name = "n\(node)"
                let touching = topology.links.filter { $0.end1.node == name || $0.end2.node == name }
                #expect(topology.links(of: name).map(\.name) == touching.map(\.name), "seed \(seed)")
                let isListed = nodes[name] != nil
                let agent = try address("10.0.0.\(node)")
                let ports = topology.ports(of: agent, hostName: isListed ? nil : name)
                #expect((ports != nil) == (isListed || !touching.isEmpty), "seed \(seed)")
                for port in 0..<4 {
                    let expected = topology.links.first { link in
                        [link.end1, link.end2].contains { $0.node == name && $0.port == "p\(port)" }
                    }
                    #expect(ports?.linkName(ifIndex: 99, ifName: "p\(port)") == expected?.name, "seed \(seed)")
                    if isListed, port < 2 {
                        #expect(ports?.linkName(ifIndex: UInt32(port), ifName: nil) == expected?.name, "seed \(seed)")
                    }
                }
            }
        }
    }
}
