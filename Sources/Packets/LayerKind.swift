// The kinds of header that dissection tells apart, their tokens in the `stack` key, and sets of kinds.
//
// Kept apart from the stack itself because everything else in the module speaks in these names.

/// One kind of header. Fewer than 64, so that a set of kinds is one word.
package enum LayerKind: UInt8, CaseIterable, Sendable, BitwiseCopyable {
    // Link layers and what stands between them and the network layer.
    case ethernet, tokenRing, fddi, wlan, frameRelay, hdlc, ppp, pppoe, llc, snap
    case vlan, backboneTag, macsec, eTag, vnTag, serviceHeader, trill, mpls, controlWord
    // Network layer.
    case arp, ipv4, ipv6, infinibandGRH
    case ipv6HopByHop, ipv6Routing, ipv6Fragment, ipv6DestinationOptions, ipv6Mobility, ipv6HIP, ipv6Shim6
    case ah, esp
    // Transport and control.
    case icmp, icmp6, igmp, tcp, udp, udpLite, sctp, dccp, ospf
    // Tunnels.
    case etherIP, gre, nvgre, erspan, vxlan, vxlanGPE, geneve, gtp, teredo, l2tp, lisp, gue, capwap
    // On top of UDP.
    case infinibandBTH, dns

    /// The word for this header in the `stack` key; nil for parts of a header that is named already (SNAP after LLC,
    /// IPv6 extension headers, a pseudowire's control word).
    package var stackToken: String? {
        switch self {
        case .ethernet: "eth"
        case .tokenRing: "tr"
        case .fddi: "fddi"
        case .wlan: "wlan"
        case .frameRelay: "fr"
        case .hdlc: "hdlc"
        case .ppp: "ppp"
        case .pppoe: "pppoe"
        case .llc: "llc"
        case .vlan: "vlan"
        case .backboneTag: "pbb"
        case .macsec: "macsec"
        case .eTag: "etag"
        case .vnTag: "vntag"
        case .serviceHeader: "nsh"
        case .trill: "trill"
        case .mpls: "mpls"
        case .arp: "arp"
        case .ipv4: "ip"
        case .ipv6: "ip6"
        case .infinibandGRH: "grh"
        case .ah: "ah"
        case .esp: "esp"
        case .icmp: "icmp"
        case .icmp6: "icmp6"
        case .igmp: "igmp"
        case .tcp: "tcp"
        case .udp: "udp"
        case .udpLite: "udplite"
        case .sctp: "sctp"
        case .dccp: "dccp"
        case .ospf: "ospf"
        case .etherIP: "etherip"
        case .gre: "gre"
        case .nvgre: "nvgre"
        case .erspan: "erspan"
        case .vxlan: "vxlan"
        case .vxlanGPE: "vxlangpe"
        case .geneve: "geneve"
        case .gtp: "gtp"
        case .teredo: "teredo"
        case .l2tp: "l2tp"
        case .lisp: "lisp"
        case .gue: "gue"
        case .capwap: "capwap"
        case .infinibandBTH: "ibbt"
        case .dns: "dns"
        case .snap, .controlWord, .ipv6HopByHop, .ipv6Routing, .ipv6Fragment, .ipv6DestinationOptions,
            .ipv6Mobility, .ipv6HIP, .ipv6Shim6:
            nil
        }
    }
}

/// A set of kinds in one word: a family of headers that number their occurrences together, or the kinds that a stack
/// holds.
package struct LayerKindSet: OptionSet, Sendable, BitwiseCopyable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    @inline(__always)
    package init(_ kind: LayerKind) { rawValue = 1 &<< UInt64(kind.rawValue) }

    @inline(__always)
    package func contains(_ kind: LayerKind) -> Bool { rawValue &>> UInt64(kind.rawValue) & 1 == 1 }
}

// Families whose members number their occurrences together.
extension LayerKindSet {
    package static var anyIP: LayerKindSet { LayerKindSet(.ipv4).union(LayerKindSet(.ipv6)) }
    package static var anyGRE: LayerKindSet { LayerKindSet(.gre).union(LayerKindSet(.nvgre)) }
    package static var anyVXLAN: LayerKindSet { LayerKindSet(.vxlan).union(LayerKindSet(.vxlanGPE)) }

    /// Headers that start with source and destination port.
    package static var withPorts: LayerKindSet {
        LayerKindSet(.tcp).union(LayerKindSet(.udp)).union(LayerKindSet(.udpLite)).union(LayerKindSet(.sctp))
            .union(LayerKindSet(.dccp))
    }
}
