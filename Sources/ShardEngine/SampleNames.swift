// What the key functions `link:`, `ifname:`, `node:` and `host:` know while a sample is looked at: the topology, and what
// the sample's own agent has told about its names and its hosts. Nothing of other agents, so that the answer does not depend on which
// agents share a shard.

internal import Bytes
internal import Definitions
internal import FlowLanguage
internal import SFlow

/// One object a shard; the shard's definitions are bound to it.
///
/// Unchecked, and safe: a shard calls `begin` and evaluates its definitions, and nobody else does either; a shard is only
/// touched by the thread of its executor. Definitions carry the object to other threads no further than a reference:
/// what they offer there (names, texts of keys) does not ask it.
final class SampleNames: TopologyNames, HostDirectory, @unchecked Sendable {
    /// Owns this object, and outlives every question.
    private unowned let shard: Shard
    /// Tells the agents' places in the shard's topology from those in earlier ones.
    private var topologyNumber = 0
    /// The datagram at hand.
    private var agent: Agent?
    private var arrival: Int64 = 0

    init(_ shard: Shard) { self.shard = shard }

    /// The shard has another topology.
    func forgetPlaces() { topologyNumber += 1 }

    /// The following questions are about a datagram of this agent.
    func begin(_ agent: Agent, arrival: Int64) {
        self.agent = agent
        self.arrival = arrival
    }

    /// The agent's host name may be another one now.
    static func noteHostName(of agent: Agent) {
        // Finding the name looks through all data sources that have one. An agent with very many of them waits until its
        // place is looked for again anyway, or it could have that done for each of its samples.
        if agent.sources.count <= sourcesOfPromptAgent { agent.sampledPlace = nil }
    }

    private static let sourcesOfPromptAgent = 1024
    /// A place holds this long by the agent's own arrival times. Unit: nanoseconds.
    private static let placeLifetime: Int64 = 1_000_000_000

    // MARK: TopologyNames

    /// As the topology has it, else as the agent calls it.
    func interfaceName(agent address: IPAddress, ifIndex: UInt32) -> String? {
        guard let agent = agent(address) else { return nil }
        return place(of: agent).ports?.place(ifIndex: ifIndex, ifName: nil)?.port ?? ownName(of: ifIndex, at: agent)
    }

    func linkName(agent address: IPAddress, ifIndex: UInt32) -> String? {
        guard let agent = agent(address), let ports = place(of: agent).ports else { return nil }
        return ports.linkName(ifIndex: ifIndex, ifName: ownName(of: ifIndex, at: agent))
    }

    /// Of the sample's own agent also by host name, of others where the topology gives their address.
    func nodeName(agent address: IPAddress) -> String? {
        if let agent = agent(address) { return place(of: agent).node }
        return shard.topology.node(of: address, hostName: nil)?.name
    }

    // MARK: HostDirectory

    /// What host_descr tells of a machine, and of a guest with `vir_` before it.
    private static let hostAttributes: [String: MetricName] = {
        let names = ["host_name", "uuid", "machine_type", "os_name", "os_release"]
        return Dictionary(uniqueKeysWithValues: (names + names.map { "vir_\($0)" }).map { ($0, MetricName(kept: $0)) })
    }()

    func attribute(_ name: String, ofHostWith mac: MACAddress) -> String? {
        guard let agent else { return nil }
        // As of the last arrival: what came late finds what any other does.
        let owner = agent.adapters.owners.value(of: mac, at: agent.lastArrival, lifetime: shard.expiry.maximum)
        return owner.flatMap { attribute(name, ofSource: $0, at: agent) }
    }

    /// The agent's own machine is the only host whose address is told.
    func attribute(_ name: String, ofHostWith address: IPAddress) -> String? {
        guard let agent = agent(address) else { return nil }
        return agent.source(named: .machine).flatMap { attribute(name, ofSource: $0, at: agent) }
    }

    private func attribute(_ name: String, ofSource source: Int, at agent: Agent) -> String? {
        guard let metric = SampleNames.hostAttributes[name] else { return nil }
        let view = view(of: agent)
        for column in metric.columns {
            if case .text(let text)? = view.reading(column, source: source)?.value { return text }
        }
        return nil
    }

    // MARK: Edge ports

    /// Whether an interface of the agent at hand is no end of a link; false for agents that are not in the topology.
    func isEdgePort(_ ifIndex: UInt32) -> Bool {
        guard let agent, let ports = place(of: agent).ports else { return false }
        if let isEdge = agent.sampledPlace?.isEdge[ifIndex] { return isEdge }
        let isEdge = !ports.isLinkPort(ifIndex: ifIndex, ifName: ownName(of: ifIndex, at: agent))
        agent.sampledPlace?.isEdge[ifIndex] = isEdge
        return isEdge
    }

    // MARK: The agent at hand

    private func agent(_ address: IPAddress) -> Agent? {
        agent.flatMap { $0.address == address ? $0 : nil }
    }

    private func ownName(of ifIndex: UInt32, at agent: Agent) -> String? {
        agent.source(named: .numbered(DataSource(classNumber: 0, index: ifIndex))).flatMap {
            view(of: agent).interfaceName(ofSource: $0)
        }
    }

    /// Whether a place was found in the topology that is in force.
    func isCurrent(_ place: SampledPlace) -> Bool { place.topologyNumber == topologyNumber }

    /// A place as another process found it; nil when the topology in force has no such node.
    func place(of agent: Agent, found: Int64, node name: String?, isEdge: [UInt32: Bool]) -> SampledPlace? {
        // A node's own name serves where the agent's address says nothing: it is what the host name led to.
        let node = name.flatMap { shard.topology.node(of: agent.address, nameIfNeeded: $0) }
        guard node?.name == name else { return nil }
        return SampledPlace(
            topologyNumber: topologyNumber, found: found, node: node?.name, ports: node?.ports, isEdge: isEdge)
    }

    private func place(of agent: Agent) -> SampledPlace {
        if let place = agent.sampledPlace, place.topologyNumber == topologyNumber,
            (place.found...place.found + SampleNames.placeLifetime).contains(arrival)
        {
            return place
        }
        let topology = shard.topology
        let node = topology.isEmpty ? nil : topology.node(of: agent.address, nameIfNeeded: view(of: agent).hostName)
        // An arrival is at most the largest number there is: the sum must not overflow.
        let place = SampledPlace(
            topologyNumber: topologyNumber, found: min(arrival, .max - SampleNames.placeLifetime), node: node?.name,
            ports: node?.ports)
        agent.sampledPlace = place
        return place
    }

    private func view(of agent: Agent) -> AgentView {
        AgentView(agent, at: Instant(nanoseconds: arrival), of: shard)
    }
}

/// An agent's place in the topology when one of its samples asked for it.
struct SampledPlace {
    let topologyNumber: Int
    /// Arrival of the sample's datagram. Unit: nanoseconds since the Unix epoch.
    let found: Int64
    /// nil when the agent is not in the topology.
    let node: String?
    let ports: NodePorts?
    /// What was found out about its ports since.
    var isEdge: [UInt32: Bool] = [:]
}

extension Topology {
    /// - Parameter hostName: found only when the address says nothing.
    func node(of agent: IPAddress, nameIfNeeded hostName: @autoclosure () -> String?) -> TopologyPlace.Node? {
        let name = node(of: agent, hostName: nil) == nil ? hostName() : nil
        guard let node = node(of: agent, hostName: name), let ports = ports(of: agent, hostName: name) else { return nil }
        return TopologyPlace.Node(name: node.name, ports: ports)
    }
}

extension ActiveFlow {
    /// The same definition; itself, unless it asks for names.
    func asking(_ names: SampleNames) -> ActiveFlow {
        compiled.asksNames ? ActiveFlow(name: name, compiled: compiled.bound(to: names)) : self
    }
}
