// Records that describe the packet itself, and the tunnel records that reuse their layouts for outer headers.
// Sources: sFlow version 5, section 5.3; sFlow Tunnel Structures.

extension FlowLayouts {
    static let ethernetFields: [[Field]] = [
        .u32("length"), .mac("src_mac", "dst_mac"), .u32("eth_type", range: 0...65535),
    ]

    static let ipv4Fields: [[Field]] = [
        .u32("length"), .ipProtocol("protocol"), .ip4("src_ip", "dst_ip"), .port("src_port", "dst_port"),
        .u32("tcp_flags"), .u32("tos", range: 0...255),
    ]

    static let ipv6Fields: [[Field]] = [
        .u32("length"), .ipProtocol("protocol"), .ip6("src_ip", "dst_ip"), .port("src_port", "dst_port"),
        .u32("tcp_flags"), .u32("priority", range: 0...255),
    ]

    static let sampledHeaderFields: [[Field]] = [
        .u32("protocol", enumeration: .headerProtocol), .u32("frame_length", "stripped"), .opaque("header"),
    ]

    static let packet: [RecordLayout] = [
        RecordLayout(Tag(0, 1), "sampled_header", .published, sampledHeaderFields),
        RecordLayout(
            Tag(0, 2), "sampled_ethernet", .published, ethernetFields,
            // One vendor's switches send 20 bytes: addresses without padding.
            alternatives: [
                [
                    .u32("length"), .fields(Field("src_mac", .unpaddedMAC), Field("dst_mac", .unpaddedMAC)),
                    .u32("eth_type", range: 0...65535),
                ]
            ]),
        RecordLayout(Tag(0, 3), "sampled_ipv4", .published, ipv4Fields),
        RecordLayout(Tag(0, 4), "sampled_ipv6", .published, ipv6Fields),
    ]

    static let tunnels: [RecordLayout] = [
        RecordLayout(Tag(0, 1021), "extended_l2_tunnel_egress", .published, ethernetFields),
        RecordLayout(Tag(0, 1022), "extended_l2_tunnel_ingress", .published, ethernetFields),
        RecordLayout(Tag(0, 1023), "extended_ipv4_tunnel_egress", .published, ipv4Fields),
        RecordLayout(Tag(0, 1024), "extended_ipv4_tunnel_ingress", .published, ipv4Fields),
        RecordLayout(Tag(0, 1025), "extended_ipv6_tunnel_egress", .published, ipv6Fields),
        RecordLayout(Tag(0, 1026), "extended_ipv6_tunnel_ingress", .published, ipv6Fields),
        RecordLayout(Tag(0, 1027), "extended_decapsulate_egress", .published, [.u32("inner_header_offset")]),
        RecordLayout(Tag(0, 1028), "extended_decapsulate_ingress", .published, [.u32("inner_header_offset")]),
        RecordLayout(Tag(0, 1029), "extended_vni_egress", .published, [.u32("vni")]),
        RecordLayout(Tag(0, 1030), "extended_vni_ingress", .published, [.u32("vni")]),
    ]
}
