// Numbers that protocols give each other, and the header that follows each: one table per registry.
//
// A number that is not here ends dissection: the header before it still reports the number.

/// EtherTypes (IEEE registration authority; RFC 9542 section B.1 and the standards named).
enum EtherType {
    /// Smallest value that is a type and not an IEEE 802.3 length.
    static let minimum: UInt16 = 0x0600
    /// Largest value that is a length.
    static let lengthMax: UInt16 = 0x05DC

    /// The header that an EtherType announces; nil for those that are only reported by number.
    static func layer(_ type: UInt16) -> LayerKind? {
        switch type {
        case 0x0800: .ipv4
        case 0x86DD: .ipv6
        case 0x0806: .arp
        case 0x8100, 0x88A8, 0x9100, 0x9200, 0x9300: .vlan  // IEEE 802.1Q, 802.1ad and its predecessors
        case 0x8847, 0x8848: .mpls  // RFC 5332
        case 0x8863, 0x8864: .pppoe  // RFC 2516
        case 0x880B: .ppp
        case 0x6558: .ethernet  // transparent Ethernet bridging, RFC 1701
        case 0x88E7: .backboneTag  // IEEE 802.1ah
        case 0x88E5: .macsec  // IEEE 802.1AE
        case 0x893F: .eTag  // IEEE 802.1BR
        case 0x8926: .vnTag
        case 0x894F: .serviceHeader  // RFC 8300
        case 0x22F3: .trill  // RFC 6325
        case 0x8915: .infinibandGRH  // RoCE version 1
        default: nil
        }
    }

    /// Whether a frame of this type may be believed to be Ethernet where nothing says so.
    static func isPlausible(_ type: UInt16) -> Bool {
        if layer(type) != nil { return true }
        switch type {
        case 0x8035, 0x8137, 0x8809, 0x888E, 0x88CC, 0x8902, 0x8906, 0x8914, 0x88F7, 0x9000: return true
        default: return false
        }
    }
}

/// IP protocol numbers and IPv6 next headers (IANA "Protocol Numbers").
enum IPProtocolNumber {
    /// The header that a protocol number announces. Extension headers are such only after IPv6.
    static func layer(_ number: UInt8, afterIPv6: Bool) -> LayerKind? {
        switch number {
        case 6: .tcp
        case 17: .udp
        case 1: .icmp
        case 2: .igmp
        case 4: .ipv4
        case 33: .dccp
        case 41: .ipv6
        case 47: .gre
        case 50: .esp
        case 51: .ah
        case 58: .icmp6
        case 89: .ospf
        case 97: .etherIP
        case 132: .sctp
        case 136: .udpLite
        case 137: .mpls
        default: afterIPv6 ? extensionHeader(number) : nil
        }
    }

    private static func extensionHeader(_ number: UInt8) -> LayerKind? {
        switch number {
        case 0: .ipv6HopByHop
        case 43: .ipv6Routing
        case 44: .ipv6Fragment
        case 60: .ipv6DestinationOptions
        case 135: .ipv6Mobility
        case 139: .ipv6HIP
        case 140: .ipv6Shim6
        default: nil
        }
    }
}

extension LayerKind {
    /// Whether an IP packet, a label stack or PPP right after this header is a packet inside a packet.
    var carriesPackets: Bool {
        switch self {
        case .ipv4, .ipv6, .ipv6HopByHop, .ipv6Routing, .ipv6Fragment, .ipv6DestinationOptions, .ipv6Mobility, .ipv6HIP,
            .ipv6Shim6, .ah, .udp, .gre, .nvgre, .erspan, .vxlanGPE, .geneve, .gtp, .teredo, .l2tp, .lisp, .gue,
            .serviceHeader:
            true
        default: false
        }
    }

    /// The next-header number of an IPv6 extension header; nil for other kinds. RFC 8200 section 4.
    package var ipv6ExtensionNumber: UInt8? {
        switch self {
        case .ipv6HopByHop: 0
        case .ipv6Routing: 43
        case .ipv6Fragment: 44
        case .ah: 51
        case .ipv6DestinationOptions: 60
        case .ipv6Mobility: 135
        case .ipv6HIP: 139
        case .ipv6Shim6: 140
        default: nil
        }
    }
}

/// UDP ports whose payload is dissected (IANA "Service Name and Transport Protocol Port Number Registry").
enum UDPPort {
    /// What a datagram carries by its ports. Each kind still has to pass its own check, or it is plain UDP.
    static func layer(source: UInt16, destination: UInt16) -> LayerKind? {
        byDestination(destination) ?? byEither(destination) ?? byEither(source)
    }

    /// Tunnels whose source port is only entropy.
    private static func byDestination(_ port: UInt16) -> LayerKind? {
        switch port {
        case 4789, 8472: .vxlan  // RFC 7348; the second was Linux' default before the registration
        case 4790: .vxlanGPE
        case 6081: .geneve  // RFC 8926
        case 4341: .lisp  // RFC 9300
        case 6635: .mpls  // RFC 7510
        case 4791: .infinibandBTH  // RoCE version 2
        case 6080: .gue
        case 5247: .capwap  // RFC 5415
        default: nil
        }
    }

    private static func byEither(_ port: UInt16) -> LayerKind? {
        switch port {
        case 53: .dns
        case 2152: .gtp  // 3GPP TS 29.281
        case 3544: .teredo  // RFC 4380
        case 1701: .l2tp  // RFC 2661
        default: nil
        }
    }
}

/// Next protocols of the network service header (RFC 8300 section 11.2.5), which VXLAN-GPE uses too.
enum ServiceProtocol {
    static func layer(_ number: UInt8) -> LayerKind? {
        switch number {
        case 1: .ipv4
        case 2: .ipv6
        case 3: .ethernet
        case 4: .serviceHeader
        case 5: .mpls
        default: nil
        }
    }
}
