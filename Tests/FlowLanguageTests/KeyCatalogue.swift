// One sample for each group of keys with the text that each key must have, built from the wire fields themselves.
import Bytes
import FlowLanguage
import PacketBuilding
import SFlow

struct KeyCase {
    var name: String
    var sample: Sample
    var expected: [(key: String, text: String?)]
}

private let tcpFrame = ethernet(
    0x8100, vlan(100, priority: 5, dropEligible: true, 0x0800, ipv4(6, tcp(51000, 443, flags: 0x112), tos: 0xB9)))

enum KeyCatalogue {
    static let all: [KeyCase] = sample + headers + controlMessages + tunnels + plainRecords + forwarding + applications

    static let sample: [KeyCase] = [
        KeyCase(
            name: "flow_sample", sample: Sample(packet: tcpFrame),
            expected: [
                ("agent", "10.0.0.1"), ("datasource", "3"), ("inputifindex", "3"), ("outputifindex", "7"),
                ("direction", "ingress"), ("bytes", "62"), ("frames", "1"), ("fps", "1"), ("requests", nil),
                ("duration", nil), ("stripped", "4"), ("reason", nil), ("nosuchkey", nil), ("ipsource.9", nil),
            ]),
        KeyCase(
            name: "discarded_packet",
            sample: {
                var sample = Sample(
                    packet: tcpFrame, (Tag(0, 1038), xdr("tcp_v4_rcv")), (Tag(0, 1036), be32(5)),
                    (Tag(0, 1041), xdr("l3_drops") + xdr("blackhole")), (Tag(0, 1042), xdr("NO_SOCKET")),
                    (Tag(0, 1037), be32(12) + xdr("deny") + be32(1)))
                sample.discarded = DiscardedPacket(
                    sequenceNumber: 1, dataSource: DataSource(classNumber: 2, index: 1), drops: 0, inputIndex: 3,
                    outputIndex: 0, reason: 258)
                return sample
            }(),
            expected: [
                ("datasource", "2.1"), ("inputifindex", "3"), ("outputifindex", "0"), ("reason", "acl"),
                ("function", "tcp_v4_rcv"), ("queueindex", "5"), ("hwtrapgroup", "l3_drops"), ("hwtrap", "blackhole"),
                ("linuxreason", "NO_SOCKET"), ("aclnumber", "12"), ("aclname", "deny"), ("acldirection", "ingress"),
                ("frames", "1"), ("ipsource", "192.0.2.10"), ("direction", nil),
            ]),
        KeyCase(
            name: "queues and times",
            sample: Sample(
                (Tag(0, 1019), be32(2) + be32(9)), (Tag(0, 1040), be32(4096)), (Tag(0, 1039), be32(0xFFFF_FFFF)),
                (Tag(0, 1043), be64(1_700_000_000_123_456_789)), (Tag(4413, 1), be32(6))),
            expected: [
                ("queueindex", "6"), ("queuelength", "9"), ("queuedepth", "4096"), ("transitdelay", "4294967295"),
                ("timestamp", "1700000000123456789"), ("frames", nil), ("bytes", nil),
            ]),
    ]

    static let headers: [KeyCase] = [
        KeyCase(
            name: "Ethernet, VLAN, IPv4, TCP", sample: Sample(packet: tcpFrame),
            expected: [
                ("stack", "eth.vlan.ip.tcp"), ("eth_offset", "0"), ("macsource", "02005E005302"),
                ("macdestination", "02005E005301"), ("ethernetprotocol", "2048"), ("isunicast", "true"),
                ("isbroadcast", "false"), ("ismulticast", "false"), ("vlan", "100"), ("priority", "5"),
                ("dropeligible", "true"), ("vlan.1", nil), ("ip_offset", "18"), ("ipsource", "192.0.2.10"),
                ("ipdestination", "198.51.100.20"), ("ipprotocol", "6"), ("ipbytes", "40"), ("iptos", "10111001"),
                ("ipdscp", "46"), ("ipdscpname", "ef(46)"), ("ipecn", "01"), ("ipttl", "63"), ("ipid", "4660"),
                ("ipflags", "010"), ("ipfragoffset", "0"), ("tcpsourceport", "51000"), ("tcpdestinationport", "443"),
                ("tcpflags", "100010010"), ("tcpwindow", "64240"), ("tcpseqno", "16909060"), ("tcpackno", "84281096"),
                ("tcpoffset", "5"), ("udpsourceport", nil), ("ip6source", nil),
            ]),
        KeyCase(
            name: "IPv6 with a fragment header, UDP",
            sample: Sample(
                packet: ethernet(
                    0x86DD,
                    ipv6(
                        0,
                        extensionHeader(next: 44, fragment(next: 17, offset: 0, more: true, udp(5000, 6000, zeros(9)))),
                        trafficClass: 0x2B, flowLabel: 0xABCDE), to: [0x33, 0x33, 0, 0, 0, 1])),
            expected: [
                ("isunicast", "false"), ("ismulticast", "true"), ("isbroadcast", "false"), ("ip6_offset", "14"),
                ("ip6source", "2001:DB8::1"), ("ip6destination", "2001:DB8::2"), ("ip6nexthdr", "17"),
                ("ip6bytes", "33"), ("ip6tos", "00101011"), ("ip6dscp", "10"), ("ip6dscpname", "af11(10)"),
                ("ip6ecn", "11"), ("ip6flowlabel", "703710"), ("ip6ttl", "62"), ("ip6extensions", "0-44"),
                ("ip6fragoffset", "0"), ("ip6fragm", "true"), ("udpsourceport", "5000"), ("udpdestinationport", "6000"),
                ("udpbytes", "17"), ("stack", "eth.ip6.udp"),
            ]),
        KeyCase(
            name: "802.2, broadcast", sample: Sample(packet: macB + macA + be16(3) + [0x42, 0x43, 0x03]),
            expected: [("llcdsap", "66"), ("llcssap", "67"), ("ethernetprotocol", nil), ("stack", "eth.llc")]),
        KeyCase(
            name: "PPPoE",
            sample: Sample(packet: ethernet(0x8864, pppoe(session: 77, be16(0x0021) + ipv4(17, udp(1, 2))))),
            expected: [("pppoesession", "77"), ("stack", "eth.pppoe.ppp.ip.udp")]),
        KeyCase(
            name: "ARP", sample: Sample(packet: ethernet(0x0806, arp(1), to: Octets(repeating: 0xFF, count: 6))),
            expected: [
                ("arpoperation", "1"), ("arpmacsender", "02005E005302"), ("arpipsender", "10.0.0.1"),
                ("arpmactarget", "02005E005301"), ("arpiptarget", "10.0.0.2"), ("isbroadcast", "true"),
                ("requests", "1"), ("stack", "eth.arp"),
            ]),
        KeyCase(
            name: "MPLS",
            sample: Sample(
                packet: ethernet(
                    0x8847,
                    label(1000, trafficClass: 3, bottom: false, ttl: 60, label(2000, bottom: true, ipv4(17, udp(1, 2))))
                )),
            expected: [
                ("mplslabel", "1000"), ("mplsexp", "3"), ("mplstc", "3"), ("mplsttl", "60"), ("mplslabel.1", "2000"),
                ("mplslabels", "1000.2000"), ("stack", "eth.mpls.ip.udp"),
            ]),
        KeyCase(
            name: "802.11",
            sample: Sample(
                (
                    Tag(0, 1),
                    sampledHeader(
                        [0x88, 0x01, 0, 0] + macA + macB + [2, 0, 0, 0, 0, 9] + [0, 0, 0, 0], protocolNumber: 15)
                )),
            expected: [
                ("wlantype", "2"), ("wlansubtype", "8"), ("wlanbssid", "02005E005301"), ("wlansource", "02005E005302"),
                ("wlandestination", "020000000009"), ("stack", "wlan"),
            ]),
    ]

    static let controlMessages: [KeyCase] = [
        KeyCase(
            name: "ICMP echo", sample: Sample(packet: ethernet(0x0800, ipv4(1, icmp(8, 0, be16(1) + be16(77))))),
            expected: [("icmptype", "8"), ("icmpcode", "0"), ("icmpseqno", "77"), ("icmpunreachableport", nil)]),
        KeyCase(
            name: "port unreachable",
            sample: Sample(packet: ethernet(0x0800, ipv4(1, icmp(3, 3, zeros(4) + ipv4(17, udp(5353, 53)))))),
            expected: [("icmpunreachableport", "UDP_53"), ("icmpunreachablehost", nil), ("udpsourceport", nil)]),
        KeyCase(
            name: "protocol unreachable",
            sample: Sample(packet: ethernet(0x0800, ipv4(1, icmp(3, 2, zeros(4) + ipv4(47, zeros(8)))))),
            expected: [("icmpunreachableprotocol", "47")]),
        KeyCase(
            name: "host unreachable",
            sample: Sample(packet: ethernet(0x0800, ipv4(1, icmp(3, 1, zeros(4) + ipv4(6, tcp(1, 2)))))),
            expected: [("icmpunreachablehost", "198.51.100.20"), ("icmpunreachablenet", nil)]),
        KeyCase(
            name: "net unreachable",
            sample: Sample(packet: ethernet(0x0800, ipv4(1, icmp(3, 0, zeros(4) + ipv4(6, tcp(1, 2)))))),
            expected: [("icmpunreachablenet", "198.51.100.20")]),
        KeyCase(
            name: "ICMPv6", sample: Sample(packet: ethernet(0x86DD, ipv6(58, icmp(135, 4, zeros(20))))),
            expected: [("icmp6type", "135"), ("icmp6code", "4"), ("stack", "eth.ip6.icmp6")]),
        KeyCase(
            name: "SCTP", sample: Sample(packet: ethernet(0x0800, ipv4(132, be16(2905) + be16(2906) + zeros(12)))),
            expected: [("sctpsourceport", "2905"), ("sctpdestinationport", "2906")]),
        KeyCase(
            name: "DCCP", sample: Sample(packet: ethernet(0x0800, ipv4(33, be16(7) + be16(8) + zeros(12)))),
            expected: [("dccpsourceport", "7"), ("dccpdestinationport", "8")]),
        KeyCase(
            name: "IGMP", sample: Sample(packet: ethernet(0x0800, ipv4(2, [0x16, 0, 0, 0, 239, 1, 2, 3]))),
            expected: [("igmptype", "22"), ("igmpgroup", "239.1.2.3")]),
        KeyCase(
            name: "ESP", sample: Sample(packet: ethernet(0x0800, ipv4(50, be32(0xABCD) + be32(1)))),
            expected: [("espspi", "43981")]),
        KeyCase(
            name: "AH", sample: Sample(packet: ethernet(0x0800, ipv4(51, authentication(next: 17, udp(1, 2))))),
            expected: [("ahspi", "659918")]),
        KeyCase(
            name: "DNS",
            sample: Sample(
                packet: ethernet(
                    0x0800, ipv4(17, udp(53, 40000, dns(flags: 0x8403, ["WWW", "Example", "com"], type: 28))))),
            expected: [
                ("dnsqname", "www.example.com"), ("dnsqr", "true"), ("dnsopcode", "0"), ("dnsrcode", "3"),
                ("dnsqtype", "28"), ("dnsqtypename", "AAAA"), ("dnsqclass", "1"), ("requests", "1"),
            ]),
    ]

    static let tunnels: [KeyCase] = [
        KeyCase(
            name: "VXLAN",
            sample: Sample(
                packet: ethernet(
                    0x0800,
                    ipv4(
                        17,
                        udp(50000, 4789, vxlan(5001, ethernet(0x0800, ipv4(6, tcp(1000, 22)), to: macB, from: macA)))))),
            expected: [
                ("vxlanvni", "5001"), ("vni", "5001"), ("macsource.1", "02005E005301"), ("eth_offset.1", "50"),
                ("ipprotocol", "17"), ("ipprotocol.1", "6"), ("isunicast.1", "true"), ("tcpdestinationport", "22"),
                ("stack", "eth.ip.udp.vxlan.eth.ip.tcp"), ("ipsource.1", "192.0.2.10"), ("ipsource.2", nil),
            ]),
        KeyCase(
            name: "Geneve",
            sample: Sample(
                packet: ethernet(0x0800, ipv4(17, udp(1, 6081, geneve(77, 0x6558, ethernet(0x0800, ipv4(6))))))),
            expected: [("genevevni", "77")]),
        KeyCase(
            name: "NVGRE",
            sample: Sample(
                packet: ethernet(
                    0x0800, ipv4(47, gre(0x2000, 0x6558, fields: be24(4097) + [9], ethernet(0x0800, ipv4(6)))))),
            expected: [("grevsid", "4097"), ("greprotocol", "25944"), ("grekey", "1048841")]),
        KeyCase(
            name: "GTP",
            sample: Sample(packet: ethernet(0x0800, ipv4(17, udp(2152, 2152, gtp(flags: 0x30, ipv4(6, tcp(1, 2))))))),
            expected: [("gtpteid", "51966")]),
        KeyCase(
            name: "ERSPAN",
            sample: Sample(
                packet: ethernet(
                    0x0800,
                    ipv4(
                        47,
                        gre(
                            0x1000, 0x88BE, fields: be32(1),
                            be16(0x1064) + be16(0x0005) + be32(0) + ethernet(0x0800, ipv4(6)))))),
            expected: [("erspanid", "5")]),
        KeyCase(
            name: "L2TP",
            sample: Sample(
                packet: ethernet(
                    0x0800,
                    ipv4(
                        17, udp(1701, 1701, be16(0x0002) + be16(11) + be16(12) + [0xFF, 0x03] + be16(0x0021) + ipv4(6)))
                )),
            expected: [("l2tptunnel", "11"), ("l2tpsession", "12")]),
        KeyCase(
            name: "RoCE version 2, RDMA write",
            sample: Sample(
                packet: ethernet(0x0800, ipv4(17, udp(1, 4791, bth(0x0A, zeros(12) + be32(8192)))))),
            expected: [
                ("ibbt_offset", "42"), ("ibbtopcode", "10"), ("ibbtopname", "RDMA_WRITE_ONLY"),
                ("ibbtoptransport", "RC"),
                ("ibbttver", "0"), ("ibbtse", "true"), ("ibbtm", "true"), ("ibbtdestinationqp", "43981"),
                ("ibbtdestqp", "43981"), ("ibbtpsn", "1193046"), ("ibbtpkey", "65535"), ("ibbtack", "true"),
                ("ibbtrdmalen", "8192"), ("ibbtaethack", nil), ("stack", "eth.ip.udp.ibbt"),
            ]),
        KeyCase(
            name: "RoCE version 2, acknowledgement",
            sample: Sample(packet: ethernet(0x0800, ipv4(17, udp(1, 4791, bth(0x11, [0x1F] + be24(1)))))),
            expected: [("ibbtaethack", "31"), ("ibbtopname", "ACKNOWLEDGE"), ("ibbtrdmalen", nil)]),
        KeyCase(
            name: "RoCE version 2, congestion notification",
            sample: Sample(packet: ethernet(0x0800, ipv4(17, udp(1, 4791, bth(0x81, zeros(16)))))),
            expected: [("ibbtopcode", "129"), ("ibbtopname", "CNP"), ("ibbtoptransport", "CNP")]),
    ]
}
