// The topologies that belong to the shared captures, and which ports of theirs are links.

import Bytes
import Definitions
import Testing

@Suite(.enabled(if: SharedCaptures.areThere, "shared captures not found: skipped"))
struct SharedTopologyTests {
    @Test func demonstrationFabricIsClassifiedByNames() throws {
        let given = try RelaxedJSON.parse(SharedCaptures.bytes("ecmp.topology.json"), sizeMax: 1 << 20)
        let topology = try Topology(json: given)
        #expect(topology.links.count == 8)
        #expect(Set(topology.nodes.map(\.name)) == ["leaf1", "leaf2", "spine1", "spine2"])
        // Agents by their host names, ports by their interface names; nothing else is given.
        let agent = IPAddress(v4: 0xC0A8_000B)
        #expect(topology.node(of: agent, hostName: nil) == nil)
        let leaf = try #require(topology.ports(of: agent, hostName: "leaf1"))
        #expect(leaf.linkName(ifIndex: 5, ifName: "swp1s0") == "L1")
        #expect(leaf.linkName(ifIndex: 6, ifName: "swp1s3") == "L4")
        #expect(!leaf.isLinkPort(ifIndex: 7, ifName: "swp5"))
        let spine = try #require(topology.ports(of: agent, hostName: "spine1.lab"))
        #expect((49...52).compactMap { spine.linkName(ifIndex: nil, ifName: "swp\($0)") } == ["L1", "L2", "L7", "L8"])
        for node in topology.nodes { #expect(topology.links(of: node.name).count == 4) }
    }

    @Test func groupsOfTheDemonstrationComeBackAsTheyWere() throws {
        let given = try RelaxedJSON.parse(SharedCaptures.bytes("ecmp.groups.json"), sizeMax: 1 << 20)
        #expect(try AddressGroupDefinition(json: given).json == given)
    }

    @Test func syntheticFabricIsClassifiedByIndexes() throws {
        let truth = try RelaxedJSON.parse(SharedCaptures.bytes("fabric.truth.json"), sizeMax: 10 << 20)
        let topology = try Topology(json: #require(truth.object?["topology"]))
        guard case .array(let ports)? = truth.object?["ports"], case .array(let agents)? = truth.object?["agents"]
        else {
            Issue.record("the truth has another shape")
            return
        }
        let switches = Set(topology.nodes.map(\.name))
        var (core, edge) = (0, 0)
        for case .object(let port) in ports {
            guard case .string(let text)? = port["agent"], case .string(let node)? = port["node"],
                case .number(let ifIndex)? = port["ifindex"], case .string(let ifName)? = port["ifname"],
                switches.contains(node)
            else { continue }
            let agent = try #require(IPAddress(text))
            #expect(topology.node(of: agent, hostName: nil)?.name == node)
            let table = try #require(topology.ports(of: agent, hostName: nil))
            // The other end of a link is a switch.
            var isLink = false
            if case .array(let peer)? = port["peer"], case .string(let peerNode)? = peer.first {
                isLink = switches.contains(peerNode)
            }
            #expect(table.isLinkPort(ifIndex: UInt32(ifIndex), ifName: nil) == isLink)
            #expect(table.isLinkPort(ifIndex: nil, ifName: ifName) == isLink)
            if isLink { core += 1 } else { edge += 1 }
        }
        #expect(core == 16)
        #expect(edge == 16)
        #expect(agents.count == 22)
    }
}
