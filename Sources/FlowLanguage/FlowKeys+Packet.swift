// Keys of the sample and of the sampled packet's headers. The record that follows a header attribute is read where an
// agent sends no packet header, or one without that layer: sampled_ethernet (2), sampled_ipv4 (3), sampled_ipv6 (4).
// Sources of the records: sFlow version 5, section 5.3. Header fields: the files of the module Packets cite them.

internal import SFlow

extension FlowKeys {
    static let sample: [FlowKey] = [
        FlowKey("agent", .address, .sample(.agent), from: "sample_datagram_v5.agent_address (sFlow 5)"),
        FlowKey("datasource", .text, .sample(.dataSource), from: "flow_sample.source_id (sFlow 5)"),
        FlowKey(
            "inputifindex", .number, .sample(.inputIfIndex),
            from: "flow_sample.input, discarded_packet.input (sFlow 5)"),
        FlowKey(
            "outputifindex", .number, .sample(.outputIfIndex),
            from: "flow_sample.output, discarded_packet.output (sFlow 5)"),
        FlowKey(
            "direction", .text, .sample(.direction), from: "flow_sample.source_id against input and output (sFlow 5)"),
        FlowKey(
            "reason", .text, .sample(.reason),
            from: "discarded_packet.reason, flow_sample.output of format 1 (sFlow 5)"),
        FlowKey(
            "bytes", .number, .sample(.bytes),
            from: "sampled_header.frame_length (1); sampled_ethernet.length (2); sampled_ipv4.length (3); "
                + "sampled_ipv6.length (4); request and response bytes (2000, 2200, 2201, 2202, 2206)"),
        FlowKey("frames", aliases: ["fps"], .number, .sample(.frames), from: "1 for each packet (1, 2, 3, 4)"),
        FlowKey(
            "requests", .number, .sample(.requests),
            from: "1 for each transaction (2000, 2200, 2201, 2202, 2206); for each ARP message (RFC 826); "
                + "for each DNS message (RFC 1035, 4.1)"),
        FlowKey(
            "duration", .number, .sample(.duration),
            from: "duration of a transaction, microseconds (2000, 2200, 2201, 2202, 2206)"),
        FlowKey("stripped", .number, .sample(.stripped), from: "sampled_header.stripped (1)"),
        FlowKey("function", .text, .field(1038, .text, limit: 64), from: "extended_function.symbol (1038)"),
        FlowKey(
            "queueindex", .number, .field(1036, .u32), .record(.at(Tag(4413, 1), .u32)), .field(1019, .u32),
            from: "extended_egress_queue.queue (1036); the same of another number (4413:1); "
                + "extended_queue_length.queueIndex (1019)"),
        FlowKey(
            "queuelength", .number, .field(1019, lead: 4, .u32),
            from: "extended_queue_length.queueLength, segments (1019)"),
        FlowKey("queuedepth", .number, .field(1040, .u32), from: "extended_queue.depth, bytes (1040)"),
        FlowKey("transitdelay", .number, .field(1039, .u32), from: "extended_transit.delay, nanoseconds (1039)"),
        FlowKey("timestamp", .number, .field(1043, .u64), from: "extended_timestamp.nanoseconds (1043)"),
        FlowKey("hwtrapgroup", .text, .field(1041, .text, limit: 64), from: "extended_hw_trap.group (1041)"),
        FlowKey("hwtrap", .text, .field(1041, texts: 1, .text, limit: 64), from: "extended_hw_trap.trap (1041)"),
        FlowKey("linuxreason", .text, .field(1042, .text, limit: 64), from: "extended_linux_drop_reason.reason (1042)"),
        FlowKey("aclnumber", .number, .field(1037, .u32), from: "extended_acl.number (1037)"),
        FlowKey("aclname", .text, .field(1037, lead: 4, .text), from: "extended_acl.name (1037)"),
        FlowKey(
            "acldirection", .text, .field(1037, texts: 1, lead: 4, .aclDirection), from: "extended_acl.direction (1037)"
        ),
    ]

    static let link: [FlowKey] = [
        FlowKey("stack", .text, .link(.stack), from: "all headers (sFlow 5)"),
        FlowKey(
            "eth_offset", .number, .link(.ethernetOffset), numbered: true,
            from: "Ethernet, first byte (IEEE 802.3, 3.1.1)"),
        FlowKey(
            "macsource", .mac, .link(.macSource), .field(2, lead: 4, .mac), numbered: true,
            from: "Ethernet source (IEEE 802.3, 3.1.1); sampled_ethernet.src_mac (2)"),
        FlowKey(
            "macdestination", .mac, .link(.macDestination), .field(2, lead: 12, .mac), numbered: true,
            from: "Ethernet destination (IEEE 802.3, 3.1.1); sampled_ethernet.dst_mac (2)"),
        FlowKey(
            "ethernetprotocol", .number, .link(.ethernetProtocol), .field(2, lead: 20, .u32), numbered: true,
            from: "EtherType behind tags (IEEE 802.3, 3.1.1); sampled_ethernet.eth_type (2)"),
        FlowKey(
            "isunicast", .boolean, .link(.isUnicast), numbered: true,
            from: "Ethernet destination, group bit 0 (IEEE 802.3, 3.1.1)"),
        FlowKey(
            "isbroadcast", .boolean, .link(.isBroadcast), numbered: true,
            from: "Ethernet destination, all ones (IEEE 802.3, 3.1.1)"),
        FlowKey(
            "ismulticast", .boolean, .link(.isMulticast), numbered: true,
            from: "Ethernet destination, group bit 1 (IEEE 802.3, 3.1.1)"),
        FlowKey("vlan", .number, .link(.vlan), numbered: true, from: "802.1Q tag, VID (IEEE 802.1Q, 9.6)"),
        FlowKey("priority", .number, .link(.priority), numbered: true, from: "802.1Q tag, PCP (IEEE 802.1Q, 9.6)"),
        FlowKey(
            "dropeligible", .boolean, .link(.dropEligible), numbered: true, from: "802.1Q tag, DEI (IEEE 802.1Q, 9.6)"),
        FlowKey("pppoesession", .number, .link(.pppoeSession), numbered: true, from: "PPPoE session (RFC 2516, 4)"),
        FlowKey("llcssap", .number, .link(.llcSource), numbered: true, from: "802.2 SSAP (IEEE 802.2, 3.2)"),
        FlowKey("llcdsap", .number, .link(.llcDestination), numbered: true, from: "802.2 DSAP (IEEE 802.2, 3.2)"),
        FlowKey("arpoperation", .number, .link(.arpOperation), from: "ARP ar$op (RFC 826)"),
        FlowKey("arpmacsender", .mac, .link(.arpSenderMAC), from: "ARP ar$sha (RFC 826)"),
        FlowKey("arpipsender", .address, .link(.arpSenderIP), from: "ARP ar$spa (RFC 826)"),
        FlowKey("arpmactarget", .mac, .link(.arpTargetMAC), from: "ARP ar$tha (RFC 826)"),
        FlowKey("arpiptarget", .address, .link(.arpTargetIP), from: "ARP ar$tpa (RFC 826)"),
        FlowKey("mplslabel", .number, .link(.mplsLabel), numbered: true, from: "MPLS label (RFC 3032, 2.1)"),
        FlowKey(
            "mplsexp", aliases: ["mplstc"], .number, .link(.mplsTrafficClass), numbered: true,
            from: "MPLS traffic class (RFC 5462)"),
        FlowKey("mplsttl", .number, .link(.mplsTTL), numbered: true, from: "MPLS TTL (RFC 3032, 2.1)"),
        FlowKey("mplslabels", .text, .link(.mplsLabels), from: "MPLS labels, outermost first (RFC 3032, 2.1)"),
        FlowKey("wlantype", .number, .link(.wlanType), from: "802.11 frame control, type (IEEE 802.11, 9.3)"),
        FlowKey("wlansubtype", .number, .link(.wlanSubtype), from: "802.11 frame control, subtype (IEEE 802.11, 9.3)"),
        FlowKey("wlansource", .mac, .link(.wlanSource), from: "802.11 source address (IEEE 802.11, 9.3)"),
        FlowKey(
            "wlandestination", .mac, .link(.wlanDestination), from: "802.11 destination address (IEEE 802.11, 9.3)"),
        FlowKey("wlanbssid", .mac, .link(.wlanBSSID), from: "802.11 BSSID (IEEE 802.11, 9.3)"),
    ]

    static let network: [FlowKey] = [
        FlowKey("ip_offset", .number, .ipv4(.headerOffset), numbered: true, from: "IPv4, first byte (RFC 791, 3.1)"),
        FlowKey(
            "ipsource", .address, .ipv4(.source), .field(3, lead: 8, .ipv4), numbered: true,
            from: "IPv4 source (RFC 791, 3.1); sampled_ipv4.src_ip (3)"),
        FlowKey(
            "ipdestination", .address, .ipv4(.destination), .field(3, lead: 12, .ipv4), numbered: true,
            from: "IPv4 destination (RFC 791, 3.1); sampled_ipv4.dst_ip (3)"),
        FlowKey(
            "ipprotocol", .number, .ipv4(.protocolNumber), .field(3, lead: 4, .u32), numbered: true,
            from: "IPv4 protocol (RFC 791, 3.1); sampled_ipv4.protocol (3)"),
        FlowKey(
            "ipbytes", .number, .ipv4(.totalLength), .field(3, .u32), numbered: true,
            from: "IPv4 total length (RFC 791, 3.1); sampled_ipv4.length (3)"),
        FlowKey(
            "iptos", .bits, .ipv4(.tos), .field(3, lead: 28, .tos), numbered: true,
            from: "IPv4 TOS (RFC 791, 3.1); sampled_ipv4.tos (3)"),
        FlowKey(
            "ipdscp", .number, .ipv4(.dscp), .field(3, lead: 28, .dscp), numbered: true,
            from: "IPv4 DSCP (RFC 2474, 3); sampled_ipv4.tos (3)"),
        FlowKey(
            "ipdscpname", .text, .ipv4(.dscpName), .field(3, lead: 28, .dscpName), numbered: true,
            from: "IPv4 DSCP (RFC 2474, 3); sampled_ipv4.tos (3)"),
        FlowKey(
            "ipecn", .bits, .ipv4(.ecn), .field(3, lead: 28, .ecn), numbered: true,
            from: "IPv4 ECN (RFC 3168, 5); sampled_ipv4.tos (3)"),
        FlowKey("ipttl", .number, .ipv4(.ttl), numbered: true, from: "IPv4 TTL (RFC 791, 3.1)"),
        FlowKey("ipid", .number, .ipv4(.identification), numbered: true, from: "IPv4 identification (RFC 791, 3.1)"),
        FlowKey("ipflags", .bits, .ipv4(.flags), numbered: true, from: "IPv4 reserved, DF, MF (RFC 791, 3.1)"),
        FlowKey(
            "ipfragoffset", .number, .ipv4(.fragmentOffset), numbered: true,
            from: "IPv4 fragment offset, 8 bytes (RFC 791, 3.1)"),
        FlowKey("ip6_offset", .number, .ipv6(.headerOffset), numbered: true, from: "IPv6, first byte (RFC 8200, 3)"),
        FlowKey(
            "ip6source", .address, .ipv6(.source), .field(4, lead: 8, .ipv6), numbered: true,
            from: "IPv6 source (RFC 8200, 3); sampled_ipv6.src_ip (4)"),
        FlowKey(
            "ip6destination", .address, .ipv6(.destination), .field(4, lead: 24, .ipv6), numbered: true,
            from: "IPv6 destination (RFC 8200, 3); sampled_ipv6.dst_ip (4)"),
        FlowKey(
            "ip6nexthdr", .number, .ipv6(.nextHeader), .field(4, lead: 4, .u32), numbered: true,
            from: "IPv6 upper-layer protocol (RFC 8200, 3); sampled_ipv6.protocol (4)"),
        FlowKey("ip6bytes", .number, .ipv6(.payloadLength), numbered: true, from: "IPv6 payload length (RFC 8200, 3)"),
        FlowKey(
            "ip6tos", .bits, .ipv6(.trafficClass), .field(4, lead: 52, .tos), numbered: true,
            from: "IPv6 traffic class (RFC 8200, 3); sampled_ipv6.priority (4)"),
        FlowKey(
            "ip6dscp", .number, .ipv6(.dscp), .field(4, lead: 52, .dscp), numbered: true,
            from: "IPv6 DSCP (RFC 2474, 3); sampled_ipv6.priority (4)"),
        FlowKey(
            "ip6dscpname", .text, .ipv6(.dscpName), .field(4, lead: 52, .dscpName), numbered: true,
            from: "IPv6 DSCP (RFC 2474, 3); sampled_ipv6.priority (4)"),
        FlowKey(
            "ip6ecn", .bits, .ipv6(.ecn), .field(4, lead: 52, .ecn), numbered: true,
            from: "IPv6 ECN (RFC 3168, 5); sampled_ipv6.priority (4)"),
        FlowKey("ip6flowlabel", .number, .ipv6(.flowLabel), numbered: true, from: "IPv6 flow label (RFC 8200, 3)"),
        FlowKey("ip6ttl", .number, .ipv6(.hopLimit), numbered: true, from: "IPv6 hop limit (RFC 8200, 3)"),
        FlowKey(
            "ip6extensions", .text, .ipv6(.extensions), numbered: true, from: "IPv6 extension headers (RFC 8200, 4)"),
        FlowKey(
            "ip6fragoffset", .number, .ipv6(.fragmentOffset), numbered: true,
            from: "IPv6 fragment header, 8 bytes (RFC 8200, 4.5)"),
        FlowKey(
            "ip6fragm", .boolean, .ipv6(.moreFragments), numbered: true,
            from: "IPv6 fragment header, M (RFC 8200, 4.5)"),
    ]

    static let transport: [FlowKey] = [
        FlowKey(
            "tcpsourceport", .number, .transport(.tcpSourcePort), .field(3, lead: 16, .tcpPort),
            .field(4, lead: 40, .tcpPort), numbered: true, from: "TCP source port (RFC 9293, 3.1); src_port (3, 4)"),
        FlowKey(
            "tcpdestinationport", .number, .transport(.tcpDestinationPort), .field(3, lead: 20, .tcpPort),
            .field(4, lead: 44, .tcpPort), numbered: true,
            from: "TCP destination port (RFC 9293, 3.1); dst_port (3, 4)"),
        FlowKey(
            "tcpflags", .bits, .transport(.tcpFlags), .field(3, lead: 24, .tcpFlags), .field(4, lead: 48, .tcpFlags),
            numbered: true, from: "TCP NS CWR ECE URG ACK PSH RST SYN FIN (RFC 9293, 3.1); tcp_flags (3, 4)"),
        FlowKey("tcpwindow", .number, .transport(.tcpWindow), numbered: true, from: "TCP window (RFC 9293, 3.1)"),
        FlowKey(
            "tcpseqno", .number, .transport(.tcpSequence), numbered: true, from: "TCP sequence number (RFC 9293, 3.1)"),
        FlowKey(
            "tcpackno", .number, .transport(.tcpAcknowledgment), numbered: true,
            from: "TCP acknowledgment number (RFC 9293, 3.1)"),
        FlowKey(
            "tcpoffset", .number, .transport(.tcpDataOffset), numbered: true,
            from: "TCP data offset, 4 bytes (RFC 9293, 3.1)"),
        FlowKey(
            "udpsourceport", .number, .transport(.udpSourcePort), .field(3, lead: 16, .udpPort),
            .field(4, lead: 40, .udpPort), numbered: true, from: "UDP source port (RFC 768); src_port (3, 4)"),
        FlowKey(
            "udpdestinationport", .number, .transport(.udpDestinationPort), .field(3, lead: 20, .udpPort),
            .field(4, lead: 44, .udpPort), numbered: true,
            from: "UDP destination port (RFC 768); dst_port (3, 4)"),
        FlowKey("udpbytes", .number, .transport(.udpLength), numbered: true, from: "UDP length (RFC 768)"),
        FlowKey(
            "sctpsourceport", .number, .transport(.sctpSourcePort), numbered: true,
            from: "SCTP source port (RFC 9260, 3)"),
        FlowKey(
            "sctpdestinationport", .number, .transport(.sctpDestinationPort), numbered: true,
            from: "SCTP destination port (RFC 9260, 3)"),
        FlowKey(
            "dccpsourceport", .number, .transport(.dccpSourcePort), numbered: true,
            from: "DCCP source port (RFC 4340, 5.1)"),
        FlowKey(
            "dccpdestinationport", .number, .transport(.dccpDestinationPort), numbered: true,
            from: "DCCP destination port (RFC 4340, 5.1)"),
        FlowKey("icmptype", .number, .transport(.icmpType), numbered: true, from: "ICMP type (RFC 792)"),
        FlowKey("icmpcode", .number, .transport(.icmpCode), numbered: true, from: "ICMP code (RFC 792)"),
        FlowKey(
            "icmpseqno", .number, .transport(.icmpSequence), numbered: true, from: "ICMP sequence number (RFC 792)"),
        FlowKey("icmp6type", .number, .transport(.icmp6Type), numbered: true, from: "ICMPv6 type (RFC 4443)"),
        FlowKey("icmp6code", .number, .transport(.icmp6Code), numbered: true, from: "ICMPv6 code (RFC 4443)"),
        FlowKey(
            "icmpunreachablenet", .address, .transport(.icmpUnreachableNet),
            from: "ICMP 3/0, quoted destination (RFC 792)"),
        FlowKey(
            "icmpunreachablehost", .address, .transport(.icmpUnreachableHost),
            from: "ICMP 3/1, quoted destination (RFC 792)"),
        FlowKey(
            "icmpunreachableprotocol", .number, .transport(.icmpUnreachableProtocol),
            from: "ICMP 3/2, quoted (RFC 792)"),
        FlowKey(
            "icmpunreachableport", .text, .transport(.icmpUnreachablePort), from: "ICMP 3/3, quoted port (RFC 792)"),
        FlowKey("igmptype", .number, .transport(.igmpType), numbered: true, from: "IGMP type (RFC 3376, 4)"),
        FlowKey(
            "igmpgroup", .address, .transport(.igmpGroup), numbered: true, from: "IGMP group address (RFC 3376, 4)"),
        FlowKey(
            "espspi", .number, .transport(.espSPI), numbered: true,
            from: "ESP security parameters index (RFC 4303, 2)"),
        FlowKey(
            "ahspi", .number, .transport(.ahSPI), numbered: true, from: "AH security parameters index (RFC 4302, 2)"),
    ]

    static let overlay: [FlowKey] = [
        FlowKey(
            "vxlanvni", aliases: ["vni"], .number, .overlay(.vxlanVNI), numbered: true,
            from: "VXLAN VNI (RFC 7348, 5)"),
        FlowKey("genevevni", .number, .overlay(.geneveVNI), numbered: true, from: "Geneve VNI (RFC 8926, 3.4)"),
        FlowKey(
            "grevsid", .number, .overlay(.nvgreSubnet), numbered: true,
            from: "NVGRE virtual subnet ID (RFC 7637, 3.2)"),
        FlowKey("grekey", .number, .overlay(.greKey), numbered: true, from: "GRE key (RFC 2890, 2.1)"),
        FlowKey(
            "greprotocol", .number, .overlay(.greProtocol), numbered: true, from: "GRE protocol type (RFC 2784, 2.4)"),
        FlowKey("gtpteid", .number, .overlay(.gtpEndpoint), numbered: true, from: "GTP-U TEID (3GPP TS 29.281, 5.1)"),
        FlowKey(
            "erspanid", .number, .overlay(.erspanSession), numbered: true,
            from: "ERSPAN session (draft-foschiano-erspan-03, 4)"),
        FlowKey("l2tptunnel", .number, .overlay(.l2tpTunnel), numbered: true, from: "L2TP tunnel ID (RFC 2661, 3.1)"),
        FlowKey(
            "l2tpsession", .number, .overlay(.l2tpSession), numbered: true, from: "L2TP session ID (RFC 2661, 3.1)"),
        FlowKey(
            "ibbt_offset", .number, .overlay(.ibOffset), numbered: true, from: "BTH, first byte (InfiniBand 1, 9.2)"),
        FlowKey("ibbtopcode", .number, .overlay(.ibOpcode), numbered: true, from: "BTH opcode (InfiniBand 1, 9.2)"),
        FlowKey(
            "ibbtopname", .text, .overlay(.ibOperation), numbered: true,
            from: "BTH opcode, operation (InfiniBand 1, 9.2)"),
        FlowKey(
            "ibbtoptransport", .text, .overlay(.ibTransport), numbered: true,
            from: "BTH opcode, transport (InfiniBand 1, 9.2)"),
        FlowKey("ibbttver", .number, .overlay(.ibVersion), numbered: true, from: "BTH TVer (InfiniBand 1, 9.2)"),
        FlowKey("ibbtse", .boolean, .overlay(.ibSolicited), numbered: true, from: "BTH SE (InfiniBand 1, 9.2)"),
        FlowKey("ibbtm", .boolean, .overlay(.ibMigration), numbered: true, from: "BTH MigReq (InfiniBand 1, 9.2)"),
        FlowKey(
            "ibbtdestinationqp", aliases: ["ibbtdestqp"], .number, .overlay(.ibQueuePair), numbered: true,
            from: "BTH DestQP (InfiniBand 1, 9.2)"),
        FlowKey("ibbtpsn", .number, .overlay(.ibSequence), numbered: true, from: "BTH PSN (InfiniBand 1, 9.2)"),
        FlowKey("ibbtpkey", .number, .overlay(.ibPartition), numbered: true, from: "BTH P_Key (InfiniBand 1, 9.2)"),
        FlowKey("ibbtack", .boolean, .overlay(.ibAckRequest), numbered: true, from: "BTH A (InfiniBand 1, 9.2)"),
        FlowKey(
            "ibbtrdmalen", .number, .overlay(.ibRDMALength), numbered: true, from: "RETH DMALen (InfiniBand 1, 9.3.3)"),
        FlowKey(
            "ibbtaethack", .number, .overlay(.ibSyndrome), numbered: true, from: "AETH syndrome (InfiniBand 1, 9.3.5)"),
        FlowKey("dnsqname", .text, .overlay(.dnsName), from: "DNS first question, name (RFC 1035, 4.1)"),
        FlowKey("dnsqr", .boolean, .overlay(.dnsIsResponse), from: "DNS QR (RFC 1035, 4.1)"),
        FlowKey("dnsopcode", .number, .overlay(.dnsOpcode), from: "DNS Opcode (RFC 1035, 4.1)"),
        FlowKey("dnsrcode", .number, .overlay(.dnsCode), from: "DNS RCODE (RFC 1035, 4.1)"),
        FlowKey("dnsqtype", .number, .overlay(.dnsType), from: "DNS first question, type (RFC 1035, 4.1)"),
        FlowKey("dnsqtypename", .text, .overlay(.dnsTypeName), from: "DNS first question, type (RFC 1035, 4.1)"),
        FlowKey("dnsqclass", .number, .overlay(.dnsClass), from: "DNS first question, class (RFC 1035, 4.1)"),
    ]
}
