// How questions about the topology are answered: the topology's names brought together with the agents and interfaces that
// were found for them, and written down.

internal import Bytes
internal import Definitions
internal import FlowLanguage
internal import Queries
internal import Routing
internal import ShardEngine

/// The interfaces at the ends of links.
struct LinkEnds {
    private let ports: [Topology.LinkEnd: PortSummary]

    /// - Parameter ports: in order; of several interfaces that are one port the first counts.
    init(_ ports: [PortSummary]) {
        let named = ports.compactMap { port in port.port.map { (Topology.LinkEnd(node: port.node, port: $0), port) } }
        self.ports = Dictionary(named, uniquingKeysWith: { first, _ in first })
    }

    func port(at end: Topology.LinkEnd) -> PortSummary? { ports[end] }

    func status(_ link: Topology.Link) -> String {
        guard let isUp1 = port(at: link.end1)?.isUp, let isUp2 = port(at: link.end2)?.isUp else { return "unmonitored" }
        return isUp1 && isUp2 ? "up" : "down"
    }
}

/// The agents that nodes are.
struct NodeAgents {
    private var agents: [String: AgentSummary] = [:]
    /// Those that are no node.
    private(set) var unknown: [AgentSummary] = []

    /// - Parameter found: in order; of several agents that are one node the first counts.
    init(_ found: [AgentSummary], _ topology: Topology) {
        for agent in found {
            let names = topology.nodeNames(of: agent.address, hostName: agent.hostName)
            if names.isEmpty { unknown.append(agent) }
            for name in names where agents[name] == nil { agents[name] = agent }
        }
    }

    func agent(_ node: String) -> AgentSummary? { agents[node] }

    func status(_ node: String) -> String {
        agents[node].map { $0.flow.samples > 0 ? "flows" : "noflows" } ?? "unmonitored"
    }
}

extension Topology {
    /// The agents that some nodes may be.
    func selector(ofNodes names: [String]) -> AgentSelector {
        .listed(addresses: Set(names.compactMap { node(named: $0)?.agent }), names: Set(names))
    }
}

func write(_ node: Topology.Node, _ agents: NodeAgents, _ topology: Topology, _ json: inout JSONWriter) {
    json.object { json in
        if let agent = agents.agent(node.name)?.address ?? node.agent { json.member("agent", agent.description) }
        if let name = agents.agent(node.name)?.hostName { json.member("hostName", name) }
        json.member("status", agents.status(node.name))
        json.member("links") { json in
            json.array { json in for link in topology.links(of: node.name) { json.element { $0.string(link.name) } } }
        }
        json.tags(node.tags)
    }
}

func write(_ link: Topology.Link, _ ends: LinkEnds, _ json: inout JSONWriter) {
    json.object { json in
        for (number, end) in [(1, link.end1), (2, link.end2)] {
            json.member("node\(number)", end.node)
            json.member("port\(number)", end.port)
            guard let port = ends.port(at: end) else { continue }
            json.member("agent\(number)", port.agent.description)
            json.member("ifindex\(number)", String(port.ifIndex))
        }
        json.member("status", ends.status(link))
        json.tags(link.tags)
    }
}

func write(_ port: PortSummary, _ topology: Topology, _ json: inout JSONWriter) {
    json.object { json in
        json.member("agent", port.agent.description)
        json.member("ifindex", String(port.ifIndex))
        if let name = port.interfaceName { json.member("ifname", name) }
        json.member("node", port.node)
        if let name = port.port { json.member("port", name) }
        json.member("class", port.portClass == .core ? "core" : "edge")
        guard let name = port.link else { return }
        json.member("link", name)
        // A link between two ports of one node is seen from the other one.
        guard let link = topology.link(named: name) else { return }
        let own = Topology.LinkEnd(node: port.node, port: port.port ?? "")
        let remote = link.end1 == own ? link.end2 : link.end1
        json.member("remotenode", remote.node)
        json.member("remoteport", remote.port)
    }
}

func write(
    _ location: HostLocation, _ vendors: any VendorNames, _ instant: Instant, _ json: inout JSONWriter
) {
    let host = location.host
    json.object { json in
        json.member("mac", host.mac.description)
        if let vendor = vendors.name(ofVendor: UInt32(truncatingIfNeeded: host.mac.bits >> 24)) {
            json.member("ouiname", vendor)
        }
        if let node = location.node { json.member("node", node) }
        if let port = location.port { json.member("port", port) }
        json.member("agent", location.agent.description)
        json.member("ifindex", String(host.ifIndex))
        if let vlan = host.vlan { json.member("vlan", vlan) }
        if let address = host.ipv4 { json.member("ipaddress", address.description) }
        if let address = host.ipv6 { json.member("ip6address", address.description) }
        if let aggregate = location.aggregate { json.member("agg_attachedaggid", aggregate) }
        if let partner = location.partner { json.member("agg_partneropersystemid", partner) }
        json.member("lastUpdate", instant.age(of: host.arrival))
    }
}

extension JSONWriter {
    /// As they were put; nothing without any.
    fileprivate mutating func tags(_ tags: JSONObject) {
        if tags.count > 0 { member("tags") { $0.raw(JSONValue.object(tags).text(indent: 0)) } }
    }

    /// Numbers by name, in the order of the names.
    mutating func counts(_ counts: [String: Int]) {
        object { json in for (name, count) in counts.sorted(by: { $0.key < $1.key }) { json.member(name, count) } }
    }
}
