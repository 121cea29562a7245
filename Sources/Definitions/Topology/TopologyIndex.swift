// What a topology's questions are answered from: dictionaries, built once.

import Bytes

/// Everything that a topology is asked by, as positions in its `nodes` and `links`.
struct TopologyIndex: Sendable {
    /// Node name to position.
    let nodes: [String: Int]
    /// Link name to position.
    let links: [String: Int]
    /// For each node the positions of its links, in order.
    let linksOfNode: [[Int]]
    /// The nodes with that agent, in order.
    private(set) var nodesOfAgent: [IPAddress: [Int]] = [:]
    /// One for each node; behind them, one for each agent that several nodes name.
    private(set) var portTables: [NodePorts] = []
    /// Agent to position in `portTables`.
    private(set) var portTableOfAgent: [IPAddress: Int] = [:]

    init(nodes: [Topology.Node], links: [Topology.Link]) {
        // Names are unique: they are those of members of a JSON object.
        let positions = Dictionary(nodes.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        self.nodes = positions
        self.links = Dictionary(links.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })

        var linksOfNode = [[Int]](repeating: [], count: nodes.count)
        var linkOfEnd: [Topology.LinkEnd: String] = [:]
        for (position, link) in links.enumerated() {
            for end in [link.end1, link.end2] {
                if let node = positions[end.node], linksOfNode[node].last != position {
                    linksOfNode[node].append(position)
                }
                // A port of two links counts as the end of the first.
                if linkOfEnd[end] == nil { linkOfEnd[end] = link.name }
            }
        }
        self.linksOfNode = linksOfNode

        for (node, ownLinks) in zip(nodes, linksOfNode) {
            let ends = ownLinks.flatMap { [links[$0].end1, links[$0].end2] }.filter { $0.node == node.name }
            portTables.append(NodePorts(node, ends: ends, linkOfEnd: linkOfEnd))
        }
        for (position, node) in nodes.enumerated() {
            if let agent = node.agent { add(agent, of: position, nodeCount: nodes.count) }
        }
    }

    private mutating func add(_ agent: IPAddress, of node: Int, nodeCount: Int) {
        nodesOfAgent[agent, default: []].append(node)
        guard let table = portTableOfAgent[agent] else {
            portTableOfAgent[agent] = node
            return
        }
        let added = portTables[node]
        if table >= nodeCount {
            portTables[table].add(added)
        } else {
            portTableOfAgent[agent] = portTables.count
            portTables.append(portTables[table])
            portTables[portTables.count - 1].add(added)
        }
    }
}
