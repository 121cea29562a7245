/// What a topology says about the interfaces of one agent: which are ends of links. A table of its own, so that whoever
/// handles one agent's samples finds its node once and then asks with two small lookups.
package struct NodePorts: Sendable {
    package struct Place: Hashable, Sendable {
        package let node: String
        package let port: String
        /// nil: an edge port, known by name.
        package let link: String?
    }

    private var byIfIndex: [UInt32: Place] = [:]
    private var byName: [String: Place] = [:]

    /// `ends`: the ends of links at this node.
    init(_ node: Topology.Node, ends: [Topology.LinkEnd], linkOfEnd: [Topology.LinkEnd: String]) {
        for port in node.ports {
            let link = linkOfEnd[Topology.LinkEnd(node: node.name, port: port.name)]
            let place = Place(node: node.name, port: port.name, link: link)
            byName[port.name] = place
            // Of two ports with one ifindex, the end of a link counts, else the first.
            if let ifIndex = port.ifIndex, byIfIndex[ifIndex]?.link == nil, link != nil || byIfIndex[ifIndex] == nil {
                byIfIndex[ifIndex] = place
            }
        }
        for end in ends where byName[end.port] == nil {
            byName[end.port] = Place(node: end.node, port: end.port, link: linkOfEnd[end])
        }
    }

    /// Takes in the ports of another node of the same agent; what is known already stays.
    mutating func add(_ other: NodePorts) {
        byIfIndex.merge(other.byIfIndex) { known, _ in known }
        byName.merge(other.byName) { known, _ in known }
    }

    /// The port of an interface: by its ifIndex where the topology gives one, else by its name. nil: an interface that
    /// the topology does not mention, and thus an edge port.
    package func place(ifIndex: UInt32?, ifName: String?) -> Place? {
        if let ifIndex, let place = byIfIndex[ifIndex] { return place }
        return ifName.flatMap { byName[$0] }
    }

    /// nil: not the end of a link.
    package func linkName(ifIndex: UInt32?, ifName: String?) -> String? {
        place(ifIndex: ifIndex, ifName: ifName)?.link
    }

    /// Core if true, edge if not.
    package func isLinkPort(ifIndex: UInt32?, ifName: String?) -> Bool {
        linkName(ifIndex: ifIndex, ifName: ifName) != nil
    }
}
