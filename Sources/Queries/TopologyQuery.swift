// What a topology looks like from the agents' side: which of their interfaces are which ports, and which hosts are behind
// them. Where the two ends of a link are is for the coordinator to find out: they are different agents' interfaces, and
// those may be on different shards.

package import Bytes
package import ShardEngine
internal import Definitions
internal import SFlow

/// One interface of an agent of the topology.
package struct PortSummary: Hashable, Sendable {
    package let agent: IPAddress
    package let ifIndex: UInt32
    package let interfaceName: String?
    package let node: String
    /// Its name in the topology, else as the agent calls it; nil when neither says.
    package let port: String?
    /// The link that it is an end of.
    package let link: String?
    package let portClass: PortClass
    /// Whether it is up, by order and in fact; nil when the agent does not say.
    package let isUp: Bool?
}

/// Which hosts are asked for.
package struct HostQuery: Hashable, Sendable {
    package let agents: AgentSelector
    /// nil for all addresses.
    package let address: HostAddress?
    /// nil for all ports.
    package let ifIndex: UInt32?
    package let hostsMax: Int

    /// Hosts of one answer.
    package static let hostsMaxMax = 100_000

    package init(agents: AgentSelector, address: HostAddress? = nil, ifIndex: UInt32? = nil, hostsMax: Int) {
        self.agents = agents
        self.address = address
        self.ifIndex = ifIndex
        self.hostsMax = max(0, min(hostsMax, HostQuery.hostsMaxMax))
    }
}

extension HostAddress {
    /// Reads an IPv4 or IPv6 address, or a MAC address: twelve hexadecimal digits, also in groups with `:`, `-` or `.`
    /// between them.
    package init(_ text: String) throws(QueryError) {
        if let address = IPAddress(text) {
            self = .ip(address.unmapped)
            return
        }
        let digits = text.utf8.filter { ![UInt8(ascii: ":"), UInt8(ascii: "-"), UInt8(ascii: ".")].contains($0) }
        guard text.utf8.count <= 17, digits.count == 12, digits.first != UInt8(ascii: "+"),
            let bits = UInt64(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw QueryError("expected an IP address or a MAC address such as 0001E8D95A67") }
        self = .mac(MACAddress(bits))
    }
}

/// Where a host is.
package struct HostLocation: Hashable, Sendable {
    package let agent: IPAddress
    package let host: HostReading
    package let node: String?
    /// As in `PortSummary`.
    package let port: String?
    /// The ifIndex of the aggregate that the port belongs to, and the other side's identifier; nil when it belongs to none.
    package let aggregate: UInt32?
    package let partner: String?

    /// The order of answers: no two locations have all of it in common.
    fileprivate static func isBefore(_ a: HostLocation, _ b: HostLocation) -> Bool {
        (a.host.mac.bits, a.agent, a.host.ifIndex, a.host.vlan ?? 0)
            < (b.host.mac.bits, b.agent, b.host.ifIndex, b.host.vlan ?? 0)
    }
}

extension HostQuery {
    /// The answer from the locations that parts of the shards have found.
    package func answer(_ found: [HostLocation]) -> [HostLocation] {
        Array(found.sorted(by: HostLocation.isBefore).prefix(hostsMax))
    }
}

extension Shard {
    /// Interfaces that report counters or samples, of agents of the topology, by agent and ifIndex.
    package func ports(of selector: AgentSelector, at instant: Instant) -> [PortSummary] {
        views(of: selector, at: instant).flatMap { view -> [PortSummary] in
            guard let node = view.nodeName else { return [] }
            let sampled = Set(view.agent.instances.filter { $0.key.kind == .flow }.map(\.source))
            return view.agent.sortedSources.compactMap { source in
                guard let ifIndex = view.ifIndex(ofSource: source), let portClass = view.portClass(source),
                    selector.selects(view, source: source),
                    sampled.contains(source) || view.reading(of: .ifIndex, source: source) != nil
                else { return nil }
                let (place, name) = (view.port(source), view.interfaceName(ofSource: source))
                return PortSummary(
                    agent: view.agent.address, ifIndex: ifIndex, interfaceName: name, node: place?.node ?? node,
                    port: place?.port ?? name, link: place?.link, portClass: portClass,
                    isUp: view.isUp(source))
            }
        }
    }

    /// Where hosts are; at most as many as the query wants, in the order of answers.
    package func hosts(_ query: HostQuery, at instant: Instant) -> [HostLocation] {
        query.answer(
            views(of: query.agents, at: instant).flatMap { view in
                view.hosts(with: query.address).filter {
                    query.ifIndex == nil || query.ifIndex == $0.ifIndex
                }.map { view.location(of: $0) }
            })
    }
}

extension AgentView {
    fileprivate func isUp(_ source: Int) -> Bool? {
        guard case .text(let ordered)? = reading(of: .adminStatus, source: source)?.value,
            case .text(let actual)? = reading(of: .operStatus, source: source)?.value
        else { return nil }
        return ordered == "up" && actual == "up"
    }

    fileprivate func location(of host: HostReading) -> HostLocation {
        let place = port(host.source)
        var aggregate: UInt32?, partner: String?
        // 0: the port belongs to none (IEEE 802.1AX, aAggPortAttachedAggID).
        if case .number(let number)? = reading(of: .aggregate, source: host.source)?.value, number != 0 {
            aggregate = UInt32(exactly: number)
            if case .text(let text)? = reading(of: .partner, source: host.source)?.value { partner = text }
        }
        return HostLocation(
            agent: agent.address, host: host, node: place?.node ?? nodeName,
            port: place?.port ?? interfaceName(ofSource: host.source), aggregate: aggregate, partner: partner)
    }
}

extension MetricName {
    fileprivate static let ifIndex = MetricName("ifindex")
    fileprivate static let adminStatus = MetricName("ifadminstatus")
    fileprivate static let operStatus = MetricName("ifoperstatus")
    fileprivate static let aggregate = MetricName("agg_attachedaggid")
    fileprivate static let partner = MetricName("agg_partneropersystemid")
}
