// Keys of the records beside the packet: forwarding, tunnels, routing.
// Sources: sFlow version 5, section 5.3; sFlow Tunnel, NAT Port, VLAN, 802.11 and MPLS structures; the register of
// structure numbers. Numbers in parentheses are flow record formats of enterprise 0.

internal import SFlow

extension FlowKeys {
    static let forwarding: [FlowKey] = [
        FlowKey("vlansource", .number, .field(1001, .vlan), from: "extended_switch.src_vlan (1001)"),
        FlowKey(
            "prioritysource", .number, .field(1001, lead: 4, .u32OrAllOnes), from: "extended_switch.src_priority (1001)"
        ),
        FlowKey("vlandestination", .number, .field(1001, lead: 8, .vlan), from: "extended_switch.dst_vlan (1001)"),
        FlowKey(
            "prioritydestination", .number, .field(1001, lead: 12, .u32OrAllOnes),
            from: "extended_switch.dst_priority (1001)"),
        FlowKey("vlantunnel", .text, .field(1012, .tagList), from: "extended_vlantunnel.stack (1012)"),
        FlowKey("vlansin", .text, .field(1034, .tagList), from: "extended_vlanin.stack (1034)"),
        FlowKey("vlansout", .text, .field(1035, .tagList), from: "extended_vlanout.stack (1035)"),
        FlowKey("usersource", .text, .field(1004, lead: 4, .text), from: "extended_user.src_user (1004)"),
        FlowKey(
            "userdestination", .text, .field(1004, texts: 1, lead: 4, tail: 4, .text),
            from: "extended_user.dst_user (1004)"),
        FlowKey("urldirection", .text, .field(1005, .urlDirection), from: "extended_url.direction (1005)"),
        FlowKey("url", .text, .field(1005, lead: 4, .text), from: "extended_url.url (1005)"),
        FlowKey("urlhost", .text, .field(1005, texts: 1, lead: 4, .text), from: "extended_url.host (1005)"),
        FlowKey("natsourceport", .number, .field(1020, .u32), from: "extended_nat_port.src_port (1020)"),
        FlowKey("natdestinationport", .number, .field(1020, lead: 4, .u32), from: "extended_nat_port.dst_port (1020)"),
        FlowKey("mplstunnelname", .text, .field(1008, .text), from: "extended_mpls_tunnel.tunnel_lsp_name (1008)"),
        FlowKey("mplstunnelid", .number, .field(1008, texts: 1, .u32), from: "extended_mpls_tunnel.tunnel_id (1008)"),
        FlowKey(
            "mplstunnelcos", .number, .field(1008, texts: 1, tail: 4, .u32),
            from: "extended_mpls_tunnel.tunnel_cos (1008)"),
        FlowKey("mplsvcname", .text, .field(1009, .text), from: "extended_mpls_vc.vc_instance_name (1009)"),
        FlowKey("mplsvcid", .number, .field(1009, texts: 1, .u32), from: "extended_mpls_vc.vll_vc_id (1009)"),
        FlowKey(
            "mplsvccos", .number, .field(1009, texts: 1, tail: 4, .u32), from: "extended_mpls_vc.vc_label_cos (1009)"),
        FlowKey("mplsftndescr", .text, .field(1010, .text), from: "extended_mpls_ftn.mplsFTNDescr (1010)"),
        FlowKey("mplsftnmask", .number, .field(1010, texts: 1, .u32), from: "extended_mpls_ftn.mplsFTNMask (1010)"),
        FlowKey(
            "mplsfeclength", .number, .field(1011, .u32), from: "extended_mpls_ldp_fec.mplsFecAddrPrefixLength (1011)"),
        FlowKey(
            "wlanssid", .text, .field(1014, .text, limit: 32), .field(1015, .text, limit: 32),
            from: "extended_80211_rx.ssid (1014); extended_80211_tx.ssid (1015)"),
        FlowKey("wlanrxbssid", .mac, .field(1014, texts: 1, .mac), from: "extended_80211_rx.bssid (1014)"),
        FlowKey(
            "wlanrxchannel", .number, .field(1014, texts: 1, tail: 12, .u32), from: "extended_80211_rx.channel (1014)"),
        FlowKey("wlanrxspeed", .number, .field(1014, texts: 1, tail: 16, .u64), from: "extended_80211_rx.speed (1014)"),
        FlowKey("wlantxbssid", .mac, .field(1015, texts: 1, .mac), from: "extended_80211_tx.bssid (1015)"),
        FlowKey(
            "wlantxchannel", .number, .field(1015, texts: 1, tail: 24, .u32), from: "extended_80211_tx.channel (1015)"),
        FlowKey("wlantxspeed", .number, .field(1015, texts: 1, tail: 28, .u64), from: "extended_80211_tx.speed (1015)"),
        FlowKey("sourcedatasource", .text, .field(2210, .dataSource), from: "extended_entities.src_ds (2210)"),
        FlowKey(
            "destinationdatasource", .text, .field(2210, lead: 8, .dataSource),
            from: "extended_entities.dst_ds (2210)"),
    ]

    static let tunnels: [FlowKey] =
        tunnelKeys("input", layer2: 1022, ipv4: 1024, ipv6: 1026, inner: 1028, network: 1030)
        + tunnelKeys("output", layer2: 1021, ipv4: 1023, ipv6: 1025, inner: 1027, network: 1029)

    /// The records of one side of a tunnel, which repeat the layouts of sampled_ethernet, sampled_ipv4 and
    /// sampled_ipv6.
    private static func tunnelKeys(
        _ side: String, layer2: UInt32, ipv4: UInt32, ipv6: UInt32, inner: UInt32, network: UInt32
    ) -> [FlowKey] {
        [
            FlowKey(
                side + "macsource", .mac, .field(layer2, lead: 4, .mac), numbered: true,
                from: "l2_tunnel.src_mac (\(layer2))"),
            FlowKey(
                side + "macdestination", .mac, .field(layer2, lead: 12, .mac), numbered: true,
                from: "l2_tunnel.dst_mac (\(layer2))"),
            FlowKey(
                side + "ethernetprotocol", .number, .field(layer2, lead: 20, .u32), numbered: true,
                from: "l2_tunnel.eth_type (\(layer2))"),
            FlowKey(
                side + "ipbytes", .number, .field(ipv4, .u32), numbered: true, from: "ipv4_tunnel.length (\(ipv4))"),
            FlowKey(
                side + "ipprotocol", .number, .field(ipv4, lead: 4, .u32), numbered: true,
                from: "ipv4_tunnel.protocol (\(ipv4))"),
            FlowKey(
                side + "ipsource", .address, .field(ipv4, lead: 8, .ipv4), numbered: true,
                from: "ipv4_tunnel.src_ip (\(ipv4))"),
            FlowKey(
                side + "ipdestination", .address, .field(ipv4, lead: 12, .ipv4), numbered: true,
                from: "ipv4_tunnel.dst_ip (\(ipv4))"),
            FlowKey(
                side + "iptos", .bits, .field(ipv4, lead: 28, .tos), numbered: true, from: "ipv4_tunnel.tos (\(ipv4))"),
            FlowKey(
                side + "ip6nexthdr", .number, .field(ipv6, lead: 4, .u32), numbered: true,
                from: "ipv6_tunnel.protocol (\(ipv6))"),
            FlowKey(
                side + "ip6source", .address, .field(ipv6, lead: 8, .ipv6), numbered: true,
                from: "ipv6_tunnel.src_ip (\(ipv6))"),
            FlowKey(
                side + "ip6destination", .address, .field(ipv6, lead: 24, .ipv6), numbered: true,
                from: "ipv6_tunnel.dst_ip (\(ipv6))"),
            FlowKey(
                side + "ip6tos", .bits, .field(ipv6, lead: 52, .tos), numbered: true,
                from: "ipv6_tunnel.priority (\(ipv6))"),
        ] + ports(side, ipv4: ipv4, ipv6: ipv6) + [
            FlowKey(
                side + "innerheaderoffset", .number, .field(inner, .u32), numbered: true,
                from: "decapsulate.inner_header_offset (\(inner))"),
            FlowKey(side + "vni", .number, .field(network, .u32), numbered: true, from: "vni.vni (\(network))"),
        ]
    }

    private static func ports(_ side: String, ipv4: UInt32, ipv6: UInt32) -> [FlowKey] {
        [("tcp", FieldShape.tcpPort), ("udp", .udpPort)].flatMap { name, shape in
            [
                FlowKey(
                    side + name + "sourceport", .number, .field(ipv4, lead: 16, shape), .field(ipv6, lead: 40, shape),
                    numbered: true, from: "tunnel.src_port (\(ipv4), \(ipv6))"),
                FlowKey(
                    side + name + "destinationport", .number, .field(ipv4, lead: 20, shape),
                    .field(ipv6, lead: 44, shape), numbered: true, from: "tunnel.dst_port (\(ipv4), \(ipv6))"),
            ]
        }
    }

    static let routing: [FlowKey] = [
        FlowKey("ipnexthoprouter", .address, .routing(.nextHop), from: "extended_router.next_hop (1002)"),
        FlowKey("ipsourcemaskbits", .number, .routing(.sourceMaskBits), from: "extended_router.src_mask_len (1002)"),
        FlowKey(
            "ipdestinationmaskbits", .number, .routing(.destinationMaskBits),
            from: "extended_router.dst_mask_len (1002)"),
        FlowKey(
            "ipsourceprefix", .text, .routing(.sourcePrefix),
            from: "IP source and extended_router.src_mask_len (1002)"),
        FlowKey(
            "ipdestinationprefix", .text, .routing(.destinationPrefix),
            from: "IP destination and extended_router.dst_mask_len (1002)"),
        FlowKey("bgpnexthop", .address, .routing(.bgpNextHop), from: "extended_gateway.next_hop (1003)"),
        FlowKey("bgpas", .number, .routing(.bgpAS), from: "extended_gateway.as (1003)"),
        FlowKey("bgpsourceas", .number, .routing(.bgpSourceAS), from: "extended_gateway.src_as (1003)"),
        FlowKey("bgpsourcepeeras", .number, .routing(.bgpSourcePeerAS), from: "extended_gateway.src_peer_as (1003)"),
        FlowKey("bgpdestinationaspath", .text, .routing(.bgpPath), from: "extended_gateway.dst_as_path (1003)"),
        FlowKey(
            "bgpdestinationas", .number, .routing(.bgpDestinationAS),
            from: "extended_gateway.dst_as_path, last (1003)"),
        FlowKey(
            "bgpdestinationpeeras", .number, .routing(.bgpDestinationPeerAS),
            from: "extended_gateway.dst_as_path, first (1003)"),
        FlowKey("bgpcommunities", .text, .routing(.bgpCommunities), from: "extended_gateway.communities (1003)"),
        FlowKey("bgplocalpref", .number, .routing(.bgpLocalPreference), from: "extended_gateway.localpref (1003)"),
        FlowKey("natipsource", .address, .routing(.natSource), from: "extended_nat.src_address (1007)"),
        FlowKey("natipdestination", .address, .routing(.natDestination), from: "extended_nat.dst_address (1007)"),
        FlowKey("mplsnexthop", .address, .routing(.mplsNextHop), from: "extended_mpls.next_hop (1006)"),
        FlowKey("mplslabelsin", .text, .routing(.mplsLabelsIn), from: "extended_mpls.in_stack (1006)"),
        FlowKey("mplslabelsout", .text, .routing(.mplsLabelsOut), from: "extended_mpls.out_stack (1006)"),
    ]
}
