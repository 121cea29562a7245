// Keys of the sample and of the sampled packet's headers. The record that follows a header attribute is read where an
// agent sends no packet header, or one without that layer: sampled_ethernet (2), sampled_ipv4 (3), sampled_ipv6 (4).
// Sources of the records: sFlow version 5, section 5.3. Header fields: the files of the module Packets cite them.

internal import SFlow

extension FlowKeys {
    static let sample: [FlowKey] = [
        FlowKey("agent", .address, .sample(.agent), from: "sample_datagram_v5.agent_address"),
        FlowKey("datasource", .text, .sample(.dataSource), from: "flow_sample.source_id"),
        FlowKey("inputifindex", .number, .sample(.inputIfIndex), from: "flow_sample.input; discarded_packet.input"),
        FlowKey("outputifindex", .number, .sample(.outputIfIndex), from: "flow_sample.output; discarded_packet.output"),
        FlowKey("direction", .text, .sample(.direction), from: "flow_sample.source_id against input and output"),
        FlowKey("reason", .text, .sample(.reason), from: "discarded_packet.reason; flow_sample.output, format 1"),
        FlowKey("bytes", .number, .sample(.bytes), from: "sampled_header.frame_length; request and response bytes"),
        FlowKey("frames", aliases: ["fps"], .number, .sample(.frames), from: "1 for each packet"),
        FlowKey("requests", .number, .sample(.requests), from: "1 for each transaction, DNS or ARP message"),
        FlowKey("duration", .number, .sample(.duration), from: "duration of a transaction, microseconds"),
        FlowKey("stripped", .number, .sample(.stripped), from: "sampled_header.stripped"),
        FlowKey("function", .text, .field(1038, .text, limit: 64), from: "extended_function.symbol (1038)"),
        FlowKey(
            "queueindex", .number, .field(1036, .u32), .record(.at(Tag(4413, 1), .u32)), .field(1019, .u32),
            from: "extended_egress_queue.queue (1036)"),
        FlowKey(
            "queuelength", .number, .field(1019, lead: 4, .u32),
            from: "extended_queue_length.queueLength (1019), segments"),
        FlowKey("queuedepth", .number, .field(1040, .u32), from: "extended_queue.depth (1040), bytes"),
        FlowKey("transitdelay", .number, .field(1039, .u32), from: "extended_transit.delay (1039), nanoseconds"),
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
        FlowKey("stack", .text, .link(.stack), from: "all headers"),
        FlowKey("eth_offset", .number, .link(.ethernetOffset), numbered: true, from: "Ethernet, first byte"),
        FlowKey(
            "macsource", .mac, .link(.macSource), .field(2, lead: 4, .mac), numbered: true,
            from: "Ethernet source; sampled_ethernet.src_mac"),
        FlowKey(
            "macdestination", .mac, .link(.macDestination), .field(2, lead: 12, .mac), numbered: true,
            from: "Ethernet destination; sampled_ethernet.dst_mac"),
        FlowKey(
            "ethernetprotocol", .number, .link(.ethernetProtocol), .field(2, lead: 20, .u32), numbered: true,
            from: "EtherType behind tags; sampled_ethernet.eth_type"),
        FlowKey("isunicast", .boolean, .link(.isUnicast), numbered: true, from: "Ethernet destination, group bit 0"),
        FlowKey("isbroadcast", .boolean, .link(.isBroadcast), numbered: true, from: "Ethernet destination, all ones"),
        FlowKey(
            "ismulticast", .boolean, .link(.isMulticast), numbered: true, from: "Ethernet destination, group bit 1"),
        FlowKey("vlan", .number, .link(.vlan), numbered: true, from: "802.1Q tag, VID"),
        FlowKey("priority", .number, .link(.priority), numbered: true, from: "802.1Q tag, PCP"),
        FlowKey("dropeligible", .boolean, .link(.dropEligible), numbered: true, from: "802.1Q tag, DEI"),
        FlowKey("pppoesession", .number, .link(.pppoeSession), numbered: true, from: "PPPoE session (RFC 2516)"),
        FlowKey("llcssap", .number, .link(.llcSource), numbered: true, from: "802.2 SSAP"),
        FlowKey("llcdsap", .number, .link(.llcDestination), numbered: true, from: "802.2 DSAP"),
        FlowKey("arpoperation", .number, .link(.arpOperation), from: "ARP ar$op (RFC 826)"),
        FlowKey("arpmacsender", .mac, .link(.arpSenderMAC), from: "ARP ar$sha"),
        FlowKey("arpipsender", .address, .link(.arpSenderIP), from: "ARP ar$spa"),
        FlowKey("arpmactarget", .mac, .link(.arpTargetMAC), from: "ARP ar$tha"),
        FlowKey("arpiptarget", .address, .link(.arpTargetIP), from: "ARP ar$tpa"),
        FlowKey("mplslabel", .number, .link(.mplsLabel), numbered: true, from: "MPLS label (RFC 3032)"),
        FlowKey(
            "mplsexp", aliases: ["mplstc"], .number, .link(.mplsTrafficClass), numbered: true,
            from: "MPLS traffic class"),
        FlowKey("mplsttl", .number, .link(.mplsTTL), numbered: true, from: "MPLS TTL"),
        FlowKey("mplslabels", .text, .link(.mplsLabels), from: "MPLS labels, outermost first"),
        FlowKey("wlantype", .number, .link(.wlanType), from: "802.11 frame control, type"),
        FlowKey("wlansubtype", .number, .link(.wlanSubtype), from: "802.11 frame control, subtype"),
        FlowKey("wlansource", .mac, .link(.wlanSource), from: "802.11 source address"),
        FlowKey("wlandestination", .mac, .link(.wlanDestination), from: "802.11 destination address"),
        FlowKey("wlanbssid", .mac, .link(.wlanBSSID), from: "802.11 BSSID"),
    ]

    static let network: [FlowKey] = [
        FlowKey("ip_offset", .number, .ipv4(.headerOffset), numbered: true, from: "IPv4, first byte"),
        FlowKey(
            "ipsource", .address, .ipv4(.source), .field(3, lead: 8, .ipv4), numbered: true,
            from: "IPv4 source; sampled_ipv4.src_ip"),
        FlowKey(
            "ipdestination", .address, .ipv4(.destination), .field(3, lead: 12, .ipv4), numbered: true,
            from: "IPv4 destination; sampled_ipv4.dst_ip"),
        FlowKey(
            "ipprotocol", .number, .ipv4(.protocolNumber), .field(3, lead: 4, .u32), numbered: true,
            from: "IPv4 protocol; sampled_ipv4.protocol"),
        FlowKey(
            "ipbytes", .number, .ipv4(.totalLength), .field(3, .u32), numbered: true,
            from: "IPv4 total length; sampled_ipv4.length"),
        FlowKey(
            "iptos", .bits, .ipv4(.tos), .field(3, lead: 28, .tos), numbered: true, from: "IPv4 TOS; sampled_ipv4.tos"),
        FlowKey("ipdscp", .number, .ipv4(.dscp), .field(3, lead: 28, .dscp), numbered: true, from: "IPv4 DSCP"),
        FlowKey(
            "ipdscpname", .text, .ipv4(.dscpName), .field(3, lead: 28, .dscpName), numbered: true, from: "IPv4 DSCP"),
        FlowKey("ipecn", .bits, .ipv4(.ecn), .field(3, lead: 28, .ecn), numbered: true, from: "IPv4 ECN"),
        FlowKey("ipttl", .number, .ipv4(.ttl), numbered: true, from: "IPv4 TTL"),
        FlowKey("ipid", .number, .ipv4(.identification), numbered: true, from: "IPv4 identification"),
        FlowKey("ipflags", .bits, .ipv4(.flags), numbered: true, from: "IPv4 reserved, DF, MF"),
        FlowKey("ipfragoffset", .number, .ipv4(.fragmentOffset), numbered: true, from: "IPv4 fragment offset, 8 bytes"),
        FlowKey("ip6_offset", .number, .ipv6(.headerOffset), numbered: true, from: "IPv6, first byte"),
        FlowKey(
            "ip6source", .address, .ipv6(.source), .field(4, lead: 8, .ipv6), numbered: true,
            from: "IPv6 source; sampled_ipv6.src_ip"),
        FlowKey(
            "ip6destination", .address, .ipv6(.destination), .field(4, lead: 24, .ipv6), numbered: true,
            from: "IPv6 destination; sampled_ipv6.dst_ip"),
        FlowKey(
            "ip6nexthdr", .number, .ipv6(.nextHeader), .field(4, lead: 4, .u32), numbered: true,
            from: "IPv6 upper-layer protocol; sampled_ipv6.protocol"),
        FlowKey("ip6bytes", .number, .ipv6(.payloadLength), numbered: true, from: "IPv6 payload length"),
        FlowKey(
            "ip6tos", .bits, .ipv6(.trafficClass), .field(4, lead: 52, .tos), numbered: true,
            from: "IPv6 traffic class; sampled_ipv6.priority"),
        FlowKey("ip6dscp", .number, .ipv6(.dscp), .field(4, lead: 52, .dscp), numbered: true, from: "IPv6 DSCP"),
        FlowKey(
            "ip6dscpname", .text, .ipv6(.dscpName), .field(4, lead: 52, .dscpName), numbered: true, from: "IPv6 DSCP"),
        FlowKey("ip6ecn", .bits, .ipv6(.ecn), .field(4, lead: 52, .ecn), numbered: true, from: "IPv6 ECN"),
        FlowKey("ip6flowlabel", .number, .ipv6(.flowLabel), numbered: true, from: "IPv6 flow label"),
        FlowKey("ip6ttl", .number, .ipv6(.hopLimit), numbered: true, from: "IPv6 hop limit"),
        FlowKey("ip6extensions", .text, .ipv6(.extensions), numbered: true, from: "IPv6 extension headers"),
        FlowKey(
            "ip6fragoffset", .number, .ipv6(.fragmentOffset), numbered: true, from: "IPv6 fragment header, 8 bytes"),
        FlowKey("ip6fragm", .boolean, .ipv6(.moreFragments), numbered: true, from: "IPv6 fragment header, M"),
    ]

    static let transport: [FlowKey] = [
        FlowKey(
            "tcpsourceport", .number, .transport(.tcpSourcePort), .field(3, lead: 16, .tcpPort),
            .field(4, lead: 40, .tcpPort), numbered: true, from: "TCP source port; sampled_ipv4, _ipv6.src_port"),
        FlowKey(
            "tcpdestinationport", .number, .transport(.tcpDestinationPort), .field(3, lead: 20, .tcpPort),
            .field(4, lead: 44, .tcpPort), numbered: true,
            from: "TCP destination port; sampled_ipv4, _ipv6.dst_port"),
        FlowKey(
            "tcpflags", .bits, .transport(.tcpFlags), .field(3, lead: 24, .tcpFlags), .field(4, lead: 48, .tcpFlags),
            numbered: true, from: "TCP NS CWR ECE URG ACK PSH RST SYN FIN; sampled_ipv4, sampled_ipv6.tcp_flags"),
        FlowKey("tcpwindow", .number, .transport(.tcpWindow), numbered: true, from: "TCP window"),
        FlowKey("tcpseqno", .number, .transport(.tcpSequence), numbered: true, from: "TCP sequence number"),
        FlowKey("tcpackno", .number, .transport(.tcpAcknowledgment), numbered: true, from: "TCP acknowledgment number"),
        FlowKey("tcpoffset", .number, .transport(.tcpDataOffset), numbered: true, from: "TCP data offset, 4 bytes"),
        FlowKey(
            "udpsourceport", .number, .transport(.udpSourcePort), .field(3, lead: 16, .udpPort),
            .field(4, lead: 40, .udpPort), numbered: true, from: "UDP source port; sampled_ipv4, _ipv6.src_port"),
        FlowKey(
            "udpdestinationport", .number, .transport(.udpDestinationPort), .field(3, lead: 20, .udpPort),
            .field(4, lead: 44, .udpPort), numbered: true,
            from: "UDP destination port; sampled_ipv4, _ipv6.dst_port"),
        FlowKey("udpbytes", .number, .transport(.udpLength), numbered: true, from: "UDP length"),
        FlowKey("sctpsourceport", .number, .transport(.sctpSourcePort), numbered: true, from: "SCTP source port"),
        FlowKey(
            "sctpdestinationport", .number, .transport(.sctpDestinationPort), numbered: true,
            from: "SCTP destination port"),
        FlowKey("dccpsourceport", .number, .transport(.dccpSourcePort), numbered: true, from: "DCCP source port"),
        FlowKey(
            "dccpdestinationport", .number, .transport(.dccpDestinationPort), numbered: true,
            from: "DCCP destination port"),
        FlowKey("icmptype", .number, .transport(.icmpType), numbered: true, from: "ICMP type"),
        FlowKey("icmpcode", .number, .transport(.icmpCode), numbered: true, from: "ICMP code"),
        FlowKey("icmpseqno", .number, .transport(.icmpSequence), numbered: true, from: "ICMP sequence number"),
        FlowKey("icmp6type", .number, .transport(.icmp6Type), numbered: true, from: "ICMPv6 type"),
        FlowKey("icmp6code", .number, .transport(.icmp6Code), numbered: true, from: "ICMPv6 code"),
        FlowKey("icmpunreachablenet", .address, .transport(.icmpUnreachableNet), from: "ICMP 3/0, quoted destination"),
        FlowKey(
            "icmpunreachablehost", .address, .transport(.icmpUnreachableHost), from: "ICMP 3/1, quoted destination"),
        FlowKey(
            "icmpunreachableprotocol", .number, .transport(.icmpUnreachableProtocol), from: "ICMP 3/2, quoted"),
        FlowKey(
            "icmpunreachableport", .text, .transport(.icmpUnreachablePort), from: "ICMP 3/3, quoted port"),
        FlowKey("igmptype", .number, .transport(.igmpType), numbered: true, from: "IGMP type"),
        FlowKey("igmpgroup", .address, .transport(.igmpGroup), numbered: true, from: "IGMP group address"),
        FlowKey("espspi", .number, .transport(.espSPI), numbered: true, from: "ESP security parameters index"),
        FlowKey("ahspi", .number, .transport(.ahSPI), numbered: true, from: "AH security parameters index"),
    ]

    static let overlay: [FlowKey] = [
        FlowKey("vxlanvni", aliases: ["vni"], .number, .overlay(.vxlanVNI), numbered: true, from: "VXLAN VNI"),
        FlowKey("genevevni", .number, .overlay(.geneveVNI), numbered: true, from: "Geneve VNI"),
        FlowKey("grevsid", .number, .overlay(.nvgreSubnet), numbered: true, from: "NVGRE virtual subnet ID"),
        FlowKey("grekey", .number, .overlay(.greKey), numbered: true, from: "GRE key"),
        FlowKey("greprotocol", .number, .overlay(.greProtocol), numbered: true, from: "GRE protocol type"),
        FlowKey("gtpteid", .number, .overlay(.gtpEndpoint), numbered: true, from: "GTP-U TEID"),
        FlowKey("erspanid", .number, .overlay(.erspanSession), numbered: true, from: "ERSPAN session"),
        FlowKey("l2tptunnel", .number, .overlay(.l2tpTunnel), numbered: true, from: "L2TP tunnel ID"),
        FlowKey("l2tpsession", .number, .overlay(.l2tpSession), numbered: true, from: "L2TP session ID"),
        FlowKey("ibbt_offset", .number, .overlay(.ibOffset), numbered: true, from: "BTH, first byte"),
        FlowKey("ibbtopcode", .number, .overlay(.ibOpcode), numbered: true, from: "BTH opcode"),
        FlowKey("ibbtopname", .text, .overlay(.ibOperation), numbered: true, from: "BTH opcode, operation"),
        FlowKey("ibbtoptransport", .text, .overlay(.ibTransport), numbered: true, from: "BTH opcode, transport"),
        FlowKey("ibbttver", .number, .overlay(.ibVersion), numbered: true, from: "BTH TVer"),
        FlowKey("ibbtse", .boolean, .overlay(.ibSolicited), numbered: true, from: "BTH SE"),
        FlowKey("ibbtm", .boolean, .overlay(.ibMigration), numbered: true, from: "BTH MigReq"),
        FlowKey(
            "ibbtdestinationqp", aliases: ["ibbtdestqp"], .number, .overlay(.ibQueuePair), numbered: true,
            from: "BTH DestQP"),
        FlowKey("ibbtpsn", .number, .overlay(.ibSequence), numbered: true, from: "BTH PSN"),
        FlowKey("ibbtpkey", .number, .overlay(.ibPartition), numbered: true, from: "BTH P_Key"),
        FlowKey("ibbtack", .boolean, .overlay(.ibAckRequest), numbered: true, from: "BTH A"),
        FlowKey("ibbtrdmalen", .number, .overlay(.ibRDMALength), numbered: true, from: "RETH DMALen"),
        FlowKey("ibbtaethack", .number, .overlay(.ibSyndrome), numbered: true, from: "AETH syndrome"),
        FlowKey("dnsqname", .text, .overlay(.dnsName), from: "DNS first question, name"),
        FlowKey("dnsqr", .boolean, .overlay(.dnsIsResponse), from: "DNS QR"),
        FlowKey("dnsopcode", .number, .overlay(.dnsOpcode), from: "DNS Opcode"),
        FlowKey("dnsrcode", .number, .overlay(.dnsCode), from: "DNS RCODE"),
        FlowKey("dnsqtype", .number, .overlay(.dnsType), from: "DNS first question, type"),
        FlowKey("dnsqtypename", .text, .overlay(.dnsTypeName), from: "DNS first question, type"),
        FlowKey("dnsqclass", .number, .overlay(.dnsClass), from: "DNS first question, class"),
    ]
}
