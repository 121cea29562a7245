// The fabric as its operators describe it: which switches there are and which of their ports are wired to each other.
//
// A topology is built once, when it is put, and then only asked. It holds the document as it was given, because a GET
// shows that again, members unknown to us included.

package import Bytes

package struct Topology: Sendable {
    package struct Port: Sendable {
        package let name: String
        /// nil: to be learned from the interface's name.
        package let ifIndex: UInt32?
        package let tags: JSONObject
    }

    package struct Node: Sendable {
        package let name: String
        /// nil: to be learned from the agent's host name.
        package let agent: IPAddress?
        /// The ports listed under the node; ends of links need not be among them.
        package let ports: [Port]
        package let tags: JSONObject
    }

    package struct LinkEnd: Hashable, Sendable {
        package let node: String
        package let port: String

        package init(node: String, port: String) {
            self.node = node
            self.port = port
        }
    }

    package struct Link: Sendable {
        package let name: String
        /// `node1` and `port1`.
        package let end1: LinkEnd
        /// `node2` and `port2`.
        package let end2: LinkEnd
        package let tags: JSONObject

        /// The far end as seen from a node; nil when the link does not touch it.
        package func end(oppositeTo node: String) -> LinkEnd? {
            if end1.node == node { return end2 }
            return end2.node == node ? end1 : nil
        }
    }

    package static let empty = Topology(document: JSONObject(), nodes: [], links: [])

    /// Grows by one with each accepted change; 0 before the first. Not part of the comparison of two topologies.
    package var version: UInt64 = 0

    /// As given, without `version`.
    let document: JSONObject

    /// First those of `nodes`, then those that only links mention, each in the order given.
    package let nodes: [Node]
    /// In the order given.
    package let links: [Link]

    private let index: TopologyIndex

    /// `listed`: those that the document's `nodes` has. Time linear in nodes, ports and links.
    init(document: JSONObject, nodes listed: [Node], links: [Link]) {
        self.document = document
        self.links = links
        nodes = listed + Topology.nodesOnlyInLinks(links, listed: listed)
        index = TopologyIndex(nodes: nodes, links: links)
    }

    private static func nodesOnlyInLinks(_ links: [Link], listed: [Node]) -> [Node] {
        var known = Set(listed.map(\.name))
        var nodes: [Node] = []
        for link in links {
            for end in [link.end1, link.end2] where known.insert(end.node).inserted {
                nodes.append(Node(name: end.node, agent: nil, ports: [], tags: JSONObject()))
            }
        }
        return nodes
    }

    // MARK: Asking by name

    package var isEmpty: Bool { nodes.isEmpty && links.isEmpty }

    package func node(named name: String) -> Node? { index.nodes[name].map { nodes[$0] } }

    package func link(named name: String) -> Link? { index.links[name].map { links[$0] } }

    /// In the order given; none for an unknown node.
    package func links(of node: String) -> [Link] {
        index.nodes[node].map { index.linksOfNode[$0].map { links[$0] } } ?? []
    }

    // MARK: Asking by agent

    /// The names of all nodes that an agent is: of those that name its address, else of the one that has its host name.
    package func nodeNames(of agent: IPAddress, hostName: String?) -> [String] {
        let named = index.nodesOfAgent[agent.unmapped] ?? []
        return (named.isEmpty ? nodePosition(hostName: hostName).map { [$0] } ?? [] : named).map { nodes[$0].name }
    }

    /// Which node an agent is: by its address where a node names it, else by its host name, else by the part of the
    /// host name before the first dot. nil: not an agent of the topology. Of several nodes with one agent, the first.
    package func node(of agent: IPAddress, hostName: String?) -> Node? {
        (index.nodesOfAgent[agent.unmapped]?.first ?? nodePosition(hostName: hostName)).map { nodes[$0] }
    }

    /// The port table of an agent, found as its node is; with several nodes of one agent, the ports of all.
    package func ports(of agent: IPAddress, hostName: String?) -> NodePorts? {
        (index.portTableOfAgent[agent.unmapped] ?? nodePosition(hostName: hostName)).map { index.portTables[$0] }
    }

    private func nodePosition(hostName: String?) -> Int? {
        guard let hostName, !hostName.isEmpty, !nodes.isEmpty else { return nil }
        if let position = index.nodes[hostName] { return position }
        guard let dot = hostName.firstIndex(of: ".") else { return nil }
        return index.nodes[String(hostName[..<dot])]
    }
}

extension Topology: Equatable {
    /// Whether they say the same; versions aside.
    package static func == (a: Topology, b: Topology) -> Bool { a.document == b.document }
}
