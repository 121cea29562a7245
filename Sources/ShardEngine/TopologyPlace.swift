// Where an agent and its ports stand in the topology, as queries see them: at one instant, by what is known then.

package import Definitions
internal import SFlow

/// Which side of the fabric a port is on.
package enum PortClass: Hashable, Sendable {
    /// An interface of an agent of the topology that is no end of a link.
    case edge
    /// An end of a link, or an aggregate with a member that is one.
    case core
}

extension AgentView {
    /// The agent's node; nil when the agent is not in the topology.
    package var nodeName: String? { place?.node(of: self)?.name }

    /// nil: the agent is not in the topology, or the data source is no interface.
    package func portClass(_ source: Int) -> PortClass? {
        guard let place, let ifIndex = ifIndex(ofSource: source), let node = place.node(of: self) else { return nil }
        if isLinkEnd(source, ifIndex: ifIndex, of: node.ports) { return .core }
        return place.coreAggregates(of: self, node.ports).contains(Double(ifIndex)) ? .core : .edge
    }

    /// The interface's port in the topology; nil when the topology does not mention it.
    package func port(_ source: Int) -> NodePorts.Place? {
        guard let place, let ifIndex = ifIndex(ofSource: source), let node = place.node(of: self) else { return nil }
        return node.ports.place(ifIndex: ifIndex, ifName: interfaceName(ofSource: source))
    }

    /// The interface's name, from its port_name record.
    package func interfaceName(ofSource source: Int) -> String? {
        guard case .text(let name)? = reading(of: .interfaceName, source: source)?.value else { return nil }
        return name
    }

    fileprivate func isLinkEnd(_ source: Int, ifIndex: UInt32, of ports: NodePorts) -> Bool {
        ports.isLinkPort(ifIndex: ifIndex, ifName: interfaceName(ofSource: source))
    }

    /// nil for what is no interface.
    package func ifIndex(ofSource source: Int) -> UInt32? {
        guard case .numbered(let name) = agent.sources[source], name.classNumber == 0 else { return nil }
        return name.index
    }
}

/// The agent's place, found when it is first asked for, since most queries never ask. A class, so that all copies of a
/// view have it found once.
final class TopologyPlace {
    struct Node {
        let name: String
        let ports: NodePorts
    }

    private let topology: Topology
    /// Outer nil: not looked for yet. Inner nil: not in the topology.
    private var node: Node??
    private var aggregates: Set<Double>?

    init(_ topology: Topology) { self.topology = topology }

    func node(of view: AgentView) -> Node? {
        if let node { return node }
        let found = topology.node(of: view.agent.address, nameIfNeeded: view.hostName)
        node = .some(found)
        return found
    }

    /// The ifIndexes of aggregates that ends of links belong to: links are drawn between members, traffic is counted at
    /// the aggregate as well.
    func coreAggregates(of view: AgentView, _ ports: NodePorts) -> Set<Double> {
        if let aggregates { return aggregates }
        var found: Set<Double> = []
        view.forEachReading(of: .aggregate) { source, reading in
            // 0: the port belongs to none (IEEE 802.1AX, aAggPortAttachedAggID).
            guard case .number(let aggregate) = reading.value, aggregate != 0, !found.contains(aggregate),
                let ifIndex = view.ifIndex(ofSource: source), view.isLinkEnd(source, ifIndex: ifIndex, of: ports)
            else { return }
            found.insert(aggregate)
        }
        aggregates = found
        return found
    }
}

extension MetricName {
    fileprivate static let aggregate = MetricName("agg_attachedaggid")
}
