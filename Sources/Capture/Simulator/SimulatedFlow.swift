// A flow of equal packets and its way through the fabric.

import Bytes

/// The 5-tuple. Ports of ICMP are 0.
struct FlowTuple: Sendable {
    var source: IPAddress
    var destination: IPAddress
    var transport: UInt8
    var sourcePort: UInt16
    var destinationPort: UInt16

    /// What switches choose a spine by.
    func hash(seed: UInt64) -> UInt64 {
        let ports = UInt64(transport) << 32 | UInt64(sourcePort) << 16 | UInt64(destinationPort)
        return [source.high, source.low, destination.high, destination.low, ports]
            .reduce(SplitMix64.mix(seed)) { SplitMix64.mix($0 &+ 0x9E37_79B9_7F4A_7C15 ^ $1) }
    }
}

enum Transport {
    static let icmp: UInt8 = 1
    static let tcp: UInt8 = 6
    static let udp: UInt8 = 17
    static let icmpv6: UInt8 = 58
}

/// A switch on a flow's way.
struct Hop: Sendable {
    let node: Int
    let input: Int
    let output: Int
    let sourceMAC: MACAddress
    let destinationMAC: MACAddress
    let hopLimit: UInt8
    let sourceVLAN: UInt32
    let destinationVLAN: UInt32
    /// Nil where the frame is bridged.
    let nextHop: IPAddress?
}

struct SimulatedFlow: Sendable {
    let tuple: FlowTuple
    let sourceHost: Int
    let destinationHost: Int
    /// Of the IP packet, its header included. Unit: octets.
    let packetOctets: Int
    /// Thousandths of a packet sent in each tick.
    let milliPacketsPerTick: Int
    /// First tick in which it is over.
    let endTick: UInt64
    /// 802.1Q tag, on every link of the way.
    var vlan: UInt16?
    /// Carries VXLAN (RFC 7348) with this network identifier.
    var vxlanNetwork: UInt32?
    /// Denied by an access list of the first switch.
    var isDenied = false
    var hops: [Hop] = []

    var packetsSent = 0
    private var milliPackets = 0

    init(
        _ tuple: FlowTuple, from sourceHost: Int, to destinationHost: Int, packetOctets: Int, milliPacketsPerTick: Int,
        endTick: UInt64
    ) {
        self.tuple = tuple
        self.sourceHost = sourceHost
        self.destinationHost = destinationHost
        self.packetOctets = packetOctets
        self.milliPacketsPerTick = milliPacketsPerTick
        self.endTick = endTick
    }

    /// On the wire: 14 octets of Ethernet header, a tag, padding to the minimum, and 4 of FCS; without preamble.
    var frameOctets: Int { max(18 + packetOctets, 64) + (vlan == nil ? 0 : 4) }

    /// Whole packets that are due in this tick; what is left over counts in the next.
    mutating func packetsDue() -> Int {
        milliPackets += milliPacketsPerTick
        let (packets, rest) = milliPackets.quotientAndRemainder(dividingBy: 1000)
        milliPackets = rest
        return packets
    }
}

extension FabricLayout {
    /// The switches between two hosts. A way between racks takes the spine that the flow's 5-tuple hashes to (ECMP, RFC
    /// 2992 for the idea); within a rack the leaf bridges.
    func hops(of flow: SimulatedFlow, seed: UInt64) -> [Hop] {
        let (source, destination) = (flow.sourceHost, flow.destinationHost)
        let (sourceRack, destinationRack) = (rack(ofHost: source), rack(ofHost: destination))
        let (sourceLeaf, destinationLeaf) = (leafNode(sourceRack), leafNode(destinationRack))
        let (hostMAC, firstMAC) = (mac(ofNode: hostNode(source)), mac(ofNode: sourceLeaf))
        let sourceVLAN = flow.vlan.map { UInt32($0) } ?? vlan(ofRack: sourceRack)
        let destinationVLAN = flow.vlan.map { UInt32($0) } ?? vlan(ofRack: destinationRack)
        if sourceRack == destinationRack {
            return [
                Hop(
                    node: sourceLeaf, input: leafPort(toHost: source), output: leafPort(toHost: destination),
                    sourceMAC: hostMAC, destinationMAC: mac(ofNode: hostNode(destination)), hopLimit: 64,
                    sourceVLAN: sourceVLAN, destinationVLAN: destinationVLAN, nextHop: nil)
            ]
        }
        let spine = Int(flow.tuple.hash(seed: seed) % UInt64(spines))
        let isIPv6 = flow.tuple.source.isIPv6
        return [
            Hop(
                node: sourceLeaf, input: leafPort(toHost: source), output: leafPort(sourceRack, toSpine: spine),
                sourceMAC: hostMAC, destinationMAC: firstMAC, hopLimit: 64,
                sourceVLAN: sourceVLAN, destinationVLAN: 0,
                nextHop: isIPv6 ? ipv6(ofNode: spine) : ipv4(ofNode: spine)),
            Hop(
                node: spine, input: spinePort(spine, toLeaf: sourceRack),
                output: spinePort(spine, toLeaf: destinationRack),
                sourceMAC: firstMAC, destinationMAC: mac(ofNode: spine), hopLimit: 63, sourceVLAN: 0,
                destinationVLAN: 0,
                nextHop: isIPv6 ? ipv6(ofNode: destinationLeaf) : ipv4(ofNode: destinationLeaf)),
            Hop(
                node: destinationLeaf, input: leafPort(destinationRack, toSpine: spine),
                output: leafPort(toHost: destination),
                sourceMAC: mac(ofNode: spine), destinationMAC: mac(ofNode: destinationLeaf), hopLimit: 62,
                sourceVLAN: 0, destinationVLAN: destinationVLAN, nextHop: flow.tuple.destination),
        ]
    }
}
