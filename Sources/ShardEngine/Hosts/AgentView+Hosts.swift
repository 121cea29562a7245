// Hosts as queries see them: at the ports that are edge ports now, whatever they were when the packets came.

package import Bytes
internal import FlowLanguage
internal import SFlow

/// A host at one port.
package struct HostReading: Hashable, Sendable {
    package let mac: MACAddress
    package let vlan: UInt16?
    /// The data source's place in the agent's list, and its ifIndex.
    package let source: Int
    package let ifIndex: UInt32
    /// The addresses used last. Other hosts' where a router forwards their packets.
    package fileprivate(set) var ipv4: IPAddress?
    package fileprivate(set) var ipv6: IPAddress?
    /// Of the last packet. Unit: nanoseconds since the Unix epoch.
    package let arrival: Int64

    package init(
        mac: MACAddress, vlan: UInt16?, source: Int, ifIndex: UInt32, ipv4: IPAddress? = nil, ipv6: IPAddress? = nil,
        arrival: Int64
    ) {
        self.mac = mac
        self.vlan = vlan
        self.source = source
        self.ifIndex = ifIndex
        self.ipv4 = ipv4
        self.ipv6 = ipv6
        self.arrival = arrival
    }

    fileprivate mutating func show(_ address: IPAddress) {
        if address.isIPv6 { ipv6 = address } else { ipv4 = address }
    }
}

/// How a host is asked for.
package enum HostAddress: Hashable, Sendable {
    case mac(MACAddress)
    case ip(IPAddress)
}

extension AgentView {
    /// Hosts at the agent's edge ports, in no particular order; one for each MAC address, port and VLAN.
    /// - Parameter address: only those that have it; nil for all.
    package func hosts(with address: HostAddress? = nil) -> [HostReading] {
        var classes: [Int: Bool] = [:]
        var wanted: Set<HostPlace>?
        if case .ip(let ip)? = address {
            var places: Set<HostPlace> = []
            agent.hosts.forEach(at: instant.nanoseconds) { sighting, _ in
                if sighting.sender.address == ip { places.insert(HostPlace(sighting)) }
            }
            wanted = places
        }
        var found: [HostPlace: HostTally] = [:]
        agent.hosts.forEach(at: instant.nanoseconds) { sighting, arrival in
            let place = HostPlace(sighting)
            if case .mac(let mac)? = address, mac != place.mac { return }
            if let wanted, !wanted.contains(place) { return }
            let isEdge = classes[place.source] ?? (portClass(place.source) == .edge)
            classes[place.source] = isEdge
            if isEdge { found[place, default: HostTally()].add(sighting.sender.address, arrival) }
        }
        return found.compactMap { place, tally in
            ifIndex(ofSource: place.source).map { ifIndex in
                var reading = tally.reading(place, ifIndex)
                // Asked for by one of many addresses: it is this one that is meant.
                if case .ip(let ip)? = address { reading.show(ip) }
                return reading
            }
        }
    }
}

private struct HostPlace: Hashable {
    let mac: MACAddress
    let vlan: UInt16?
    let source: Int

    init(_ sighting: HostSightings.Sighting) {
        mac = sighting.sender.mac
        vlan = sighting.sender.vlan
        source = sighting.source
    }
}

/// The addresses of one host, the last of each family.
private struct HostTally {
    private var ipv4: (address: IPAddress, arrival: Int64)?
    private var ipv6: (address: IPAddress, arrival: Int64)?
    private var newest: Int64 = 0

    mutating func add(_ address: IPAddress?, _ arrival: Int64) {
        newest = max(newest, arrival)
        guard let address else { return }
        if address.isIPv6 {
            ipv6 = HostTally.later(ipv6, (address, arrival))
        } else {
            ipv4 = HostTally.later(ipv4, (address, arrival))
        }
    }

    /// Addresses that hold on one link only come after all others; of two at one time the smaller counts.
    private static func later(
        _ a: (address: IPAddress, arrival: Int64)?, _ b: (address: IPAddress, arrival: Int64)
    ) -> (address: IPAddress, arrival: Int64) {
        guard let a else { return b }
        if a.address.isLinkLocal != b.address.isLinkLocal { return a.address.isLinkLocal ? b : a }
        if a.arrival != b.arrival { return a.arrival > b.arrival ? a : b }
        return a.address < b.address ? a : b
    }

    func reading(_ place: HostPlace, _ ifIndex: UInt32) -> HostReading {
        HostReading(
            mac: place.mac, vlan: place.vlan, source: place.source, ifIndex: ifIndex, ipv4: ipv4?.address,
            ipv6: ipv6?.address, arrival: newest)
    }
}

extension IPAddress {
    /// fe80::/10 and 169.254.0.0/16. Sources: RFC 4291 section 2.5.6, RFC 3927.
    fileprivate var isLinkLocal: Bool { isIPv6 ? high >> 54 == 0xFE80 >> 6 : low >> 16 == 0xA9FE }
}
