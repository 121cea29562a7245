// Where everything is in the fabric: pure arithmetic from indices to names, addresses and ports, so that neither tables
// nor strings are looked up while traffic flows.
//
// Nodes are numbered spines first, then leaves, then hosts rack by rack; ports node by node in the same order. Every
// leaf has one link to every spine. ifIndex n is port swpN; a leaf's uplinks start behind 48 host ports (or more).

import Bytes

struct FabricLayout: Sendable {
    let spines: Int
    let leaves: Int
    let hostsPerLeaf: Int

    init(_ configuration: FabricConfiguration) {
        spines = configuration.spines
        leaves = configuration.leaves
        hostsPerLeaf = configuration.hostsPerLeaf
    }

    enum Role: Sendable {
        case spine, leaf, host
    }

    // MARK: Nodes

    var hostCount: Int { leaves * hostsPerLeaf }
    var nodeCount: Int { spines + leaves + hostCount }

    func leafNode(_ leaf: Int) -> Int { spines + leaf }
    func hostNode(_ host: Int) -> Int { spines + leaves + host }
    func rack(ofHost host: Int) -> Int { host / hostsPerLeaf }

    /// A node's role and its number among its like.
    func role(ofNode node: Int) -> (role: Role, index: Int) {
        if node < spines { return (.spine, node) }
        if node < spines + leaves { return (.leaf, node - spines) }
        return (.host, node - spines - leaves)
    }

    func name(ofNode node: Int) -> String {
        let (role, index) = role(ofNode: node)
        return "\(role)\(index + 1)"
    }

    // MARK: Ports

    private var portsPerLeaf: Int { hostsPerLeaf + spines }
    private var firstLeafPort: Int { spines * leaves }
    private var firstHostPort: Int { firstLeafPort + leaves * portsPerLeaf }

    func spinePort(_ spine: Int, toLeaf leaf: Int) -> Int { spine * leaves + leaf }
    func leafPort(_ leaf: Int, toSpine spine: Int) -> Int { firstLeafPort + leaf * portsPerLeaf + hostsPerLeaf + spine }
    func hostPort(_ host: Int) -> Int { firstHostPort + host }

    /// The leaf's port that the host is attached to.
    func leafPort(toHost host: Int) -> Int {
        firstLeafPort + rack(ofHost: host) * portsPerLeaf + host % hostsPerLeaf
    }

    func ports(ofNode node: Int) -> Range<Int> {
        let (role, index) = role(ofNode: node)
        switch role {
        case .spine: return (index * leaves)..<((index + 1) * leaves)
        case .leaf: return (firstLeafPort + index * portsPerLeaf)..<(firstLeafPort + (index + 1) * portsPerLeaf)
        case .host: return hostPort(index)..<(hostPort(index) + 1)
        }
    }

    /// `position` counts the node's ports from 0.
    func ifIndex(role: Role, position: Int) -> UInt32 {
        switch role {
        case .spine: UInt32(position + 1)
        case .leaf: UInt32(position < hostsPerLeaf ? position + 1 : max(48, hostsPerLeaf) + position - hostsPerLeaf + 1)
        // 1 is the loopback interface, as on any Linux machine.
        case .host: 2
        }
    }

    func portName(role: Role, ifIndex: UInt32) -> String { role == .host ? "eth0" : "swp\(ifIndex)" }

    // MARK: Addresses

    /// Spines 10.0.0.s, leaves 10.0.1.l (from 200 on 10.0.2.… and so forth), hosts 10.1.rack.h, all counted from 1. It
    /// is the agent's address, and a host's own.
    func ipv4(ofNode node: Int) -> IPAddress {
        let (role, index) = role(ofNode: node)
        let low =
            switch role {
            case .spine: index + 1
            case .leaf: (1 + index / 200) << 8 | (1 + index % 200)
            case .host:
                (1 + rack(ofHost: index) / 250) << 16 | (1 + rack(ofHost: index) % 250) << 8
                    | (1 + index % hostsPerLeaf)
            }
        return IPAddress(v4: 10 << 24 | UInt32(low))
    }

    /// Unique local addresses: fd00:0:2::s, fd00:0:1::l and fd00:1:rack::h.
    func ipv6(ofNode node: Int) -> IPAddress {
        let (role, index) = role(ofNode: node)
        let network: UInt64
        let number: Int
        switch role {
        case .spine: (network, number) = (2, index)
        case .leaf: (network, number) = (1, index)
        case .host: (network, number) = (1 << 16 | UInt64(rack(ofHost: index) + 1), index % hostsPerLeaf)
        }
        return IPAddress(v6High: 0xFD00 << 48 | network << 16, low: UInt64(number + 1))
    }

    /// Locally administered, by role and number.
    func mac(ofNode node: Int) -> MACAddress {
        let (role, index) = role(ofNode: node)
        let kind: UInt64 =
            switch role {
            case .spine: 2
            case .leaf: 1
            case .host: 0
            }
        return MACAddress(0x02 << 40 | kind << 32 | UInt64(index + 1) << 8 | 1)
    }

    /// VLAN of a rack's untagged host ports. At most 100 + 1023.
    func vlan(ofRack rack: Int) -> UInt32 { UInt32(100 + rack) }
}
