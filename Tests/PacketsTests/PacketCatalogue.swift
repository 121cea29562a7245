// One packet for each protocol and each way in which one is put into another. The stack tests say what each holds; the
// hostile ones cut and change all of them.
import PacketBuilding
import Testing

struct CataloguedPacket: Sendable, CustomTestStringConvertible {
    let name: String
    let stack: String
    var headerProtocol: UInt32 = 1
    let bytes: Octets

    init(_ name: String, _ stack: String, headerProtocol: UInt32 = 1, _ bytes: Octets) {
        self.name = name
        self.stack = stack
        self.headerProtocol = headerProtocol
        self.bytes = bytes
    }

    var testDescription: String { name }
}

private let segment = tcp(51000, 443, options: zeros(12), [1, 2, 3, 4])
private let packet4 = ipv4(6, segment)
private let packet6 = ipv6(6, segment)
private let frame4 = ethernet(0x0800, packet4)

private func overUDP(_ port: Int, _ payload: Octets) -> Octets {
    ethernet(0x0800, ipv4(17, udp(49152, port, payload)))
}
private func overIP(_ number: UInt8, _ payload: Octets) -> Octets { ethernet(0x0800, ipv4(number, payload)) }

let catalogue: [CataloguedPacket] = linkPackets + otherLinkPackets + networkPackets + tunnelPackets + udpTunnelPackets

private let linkPackets: [CataloguedPacket] = [
    .init("Ethernet, IPv4, TCP", "eth.ip.tcp", frame4),
    .init("Ethernet, IPv6, TCP", "eth.ip6.tcp", ethernet(0x86DD, packet6)),
    .init("ARP, RFC 826", "eth.arp", ethernet(0x0806, arp(1))),
    .init("LLDP is reported by its type only", "eth", ethernet(0x88CC, zeros(20))),
    .init("802.1Q", "eth.vlan.ip.tcp", ethernet(0x8100, vlan(100, priority: 3, 0x0800, packet4))),
    .init("802.1ad", "eth.vlan.vlan.ip.tcp", ethernet(0x88A8, vlan(1062, 0x8100, vlan(1493, 0x0800, packet4)))),
    .init(
        "pre-standard double tag", "eth.vlan.vlan.ip6.tcp", ethernet(0x9100, vlan(5, 0x9300, vlan(6, 0x86DD, packet6)))),
    .init("802.1ah I-tag", "eth.pbb.eth.ip.tcp", ethernet(0x88E7, be32(0x0001_E240) + frame4)),
    .init("MACsec in clear", "eth.macsec.ip.tcp", ethernet(0x88E5, [0x00, 0] + be32(9) + be16(0x0800) + packet4)),
    .init(
        "MACsec with SCI", "eth.macsec.ip.tcp",
        ethernet(0x88E5, [0x20, 0] + be32(9) + zeros(8) + be16(0x0800) + packet4)),
    .init("MACsec encrypted", "eth.macsec", ethernet(0x88E5, [0x2C, 0] + be32(9) + zeros(8) + zeros(40))),
    .init("802.1BR E-tag", "eth.etag.ip.tcp", ethernet(0x893F, zeros(6) + be16(0x0800) + packet4)),
    .init("VN-tag", "eth.vntag.ip.tcp", ethernet(0x8926, zeros(4) + be16(0x0800) + packet4)),
    .init("NSH, RFC 8300", "eth.nsh.ip.tcp", ethernet(0x894F, [0x0F, 0xC6, 1, 1] + zeros(20) + packet4)),
    .init(
        "TRILL with 4 bytes of options", "eth.trill.eth.ip.tcp", ethernet(0x22F3, be16(1 << 6 | 5) + zeros(8) + frame4)),
    .init("802.3 spanning tree", "eth.llc", ieee8023([0x42, 0x42, 0x03] + zeros(35))),
    .init("802.3 numbered LLC frame", "eth.llc", ieee8023([0xF0, 0xF0, 0x02, 0x04] + zeros(30))),
    .init("802.3 raw IPX", "eth", ieee8023([0xFF, 0xFF] + zeros(30))),
    .init("802.3 SNAP with IPv4", "eth.llc.ip.tcp", ieee8023(snap(organisation: 0, 0x0800, packet4))),
    .init("802.3 SNAP of Cisco", "eth.llc", ieee8023(snap(organisation: 0xC, 0x2000, zeros(30)))),
    .init("802.3 SNAP bridged", "eth.llc.eth.ip.tcp", ieee8023(snap(organisation: 0x80C2, 7, zeros(2) + frame4))),
    .init("802.3 LLC with IPv4", "eth.llc.ip.tcp", ieee8023([0x06, 0x06, 0x03] + packet4)),
    .init("PPPoE session", "eth.pppoe.ppp.ip.tcp", ethernet(0x8864, pppoe(session: 7, be16(0x21) + packet4))),
    .init("PPPoE session, IPv6", "eth.pppoe.ppp.ip6.tcp", ethernet(0x8864, pppoe(session: 7, be16(0x57) + packet6))),
    .init("PPPoE discovery", "eth.pppoe", ethernet(0x8863, pppoe(session: 0, code: 9, zeros(20)))),
    .init(
        "MPLS, IPv4", "eth.mpls.ip.tcp", ethernet(0x8847, label(100, bottom: false, label(200, bottom: true, packet4)))),
    .init("MPLS, IPv6", "eth.mpls.ip6.tcp", ethernet(0x8848, label(2, bottom: true, packet6))),
    .init("MPLS, pseudowire", "eth.mpls.eth.ip.tcp", ethernet(0x8847, label(16, bottom: true, zeros(4) + frame4))),
    .init(
        "MPLS, Ethernet without control word", "eth.mpls.eth.ip.tcp", ethernet(0x8847, label(16, bottom: true, frame4))),
    .init(
        "MPLS, associated channel", "eth.mpls", ethernet(0x8847, label(13, bottom: true, [0x10, 0, 0, 7] + zeros(20)))),
    .init("RoCE version 1", "eth.grh.ibbt", ethernet(0x8915, zeros(6) + [0x1B, 0] + zeros(32) + bth(0x04) + zeros(8))),
]

private let addresses80211 = macA + macB + [0x02, 0, 0, 0, 0, 9]

private let otherLinkPackets: [CataloguedPacket] = [
    .init(
        "token ring", "tr.llc.ip.tcp", headerProtocol: 3,
        [0x10, 0x40] + macA + macB + snap(organisation: 0, 0x0800, packet4)),
    .init(
        "token ring, source routed", "tr.llc.ip.tcp", headerProtocol: 3,
        [0x10, 0x40] + macA + [0x82, 0, 0, 0, 0, 1] + [6, 0, 1, 2, 3, 4] + snap(organisation: 0, 0x0800, packet4)),
    .init("FDDI", "fddi.llc.ip.tcp", headerProtocol: 4, [0x50] + macA + macB + snap(organisation: 0, 0x0800, packet4)),
    .init("frame relay, IPv4", "fr.ip.tcp", headerProtocol: 5, [0x18, 0x41, 0x03, 0xCC] + packet4),
    .init(
        "frame relay, IPv6, long address", "fr.ip6.tcp", headerProtocol: 5,
        [0x18, 0x40, 0x00, 0x01, 0x03, 0x8E] + packet6),
    .init(
        "frame relay, bridged", "fr.eth.ip.tcp", headerProtocol: 5,
        [0x18, 0x41, 0x03, 0, 0x80] + be24(0x80C2) + be16(7) + frame4),
    .init("frame relay, Cisco", "fr.ip.tcp", headerProtocol: 5, [0x18, 0x41] + be16(0x0800) + packet4),
    .init("PPP", "ppp.ip.tcp", headerProtocol: 7, [0xFF, 0x03] + be16(0x0021) + packet4),
    .init("PPP, compressed", "ppp.ip6.tcp", headerProtocol: 7, [0x57] + packet6),
    .init("PPP, MPLS", "ppp.mpls.ip.tcp", headerProtocol: 7, be16(0x0281) + label(20, bottom: true, packet4)),
    .init("PPP, link control", "ppp", headerProtocol: 7, be16(0xC021) + zeros(10)),
    .init("AAL5, SNAP", "llc.ip.tcp", headerProtocol: 9, snap(organisation: 0, 0x0800, packet4)),
    .init("AAL5, multiplexed by circuit", "ip.tcp", headerProtocol: 9, packet4),
    .init("AAL5, bridged", "eth.ip.tcp", headerProtocol: 9, zeros(2) + frame4),
    .init("AAL5, IP", "ip.tcp", headerProtocol: 10, packet4),
    .init("IPv4", "ip.tcp", headerProtocol: 11, packet4),
    .init("IPv6 under the number of IPv4", "ip6.tcp", headerProtocol: 11, packet6),
    .init("IPv6", "ip6.tcp", headerProtocol: 12, packet6),
    .init("MPLS", "mpls.ip.tcp", headerProtocol: 13, label(30, bottom: true, packet4)),
    .init("POS, PPP", "ppp.ip.tcp", headerProtocol: 14, [0xFF, 0x03] + be16(0x0021) + packet4),
    .init("POS, Cisco HDLC", "hdlc.ip.tcp", headerProtocol: 14, [0x0F, 0] + be16(0x0800) + packet4),
    .init("POS under the number of Ethernet", "hdlc.ip.tcp", [0x0F, 0] + be16(0x0800) + packet4),
    .init(
        "802.11 data", "wlan.llc.ip.tcp", headerProtocol: 15,
        [0x08, 0x01] + zeros(2) + addresses80211 + zeros(2) + snap(organisation: 0, 0x0800, packet4)),
    .init(
        "802.11 QoS data with HT control, between access points", "wlan.llc.ip.tcp", headerProtocol: 15,
        [0x88, 0x83] + zeros(2) + addresses80211 + zeros(2) + macB + zeros(6) + snap(organisation: 0, 0x0800, packet4)),
    .init(
        "802.11 aggregated subframe", "wlan.eth.llc.ip.tcp", headerProtocol: 15,
        [0x88, 0x02] + zeros(2) + addresses80211 + zeros(2) + [0x80, 0]
            + ieee8023(snap(organisation: 0, 0x0800, packet4))),
    .init("802.11 protected", "wlan", headerProtocol: 15, [0x08, 0x41] + zeros(2) + addresses80211 + zeros(42)),
    .init("802.11 beacon", "wlan", headerProtocol: 15, [0x80, 0x00] + zeros(2) + addresses80211 + zeros(42)),
    .init("802.11 acknowledgement", "wlan", headerProtocol: 15, [0xD4, 0x00] + zeros(2) + macA),
    .init(
        "802.11 behind an A-MPDU delimiter", "wlan.llc.ip.tcp", headerProtocol: 16,
        zeros(4) + [0x08, 0x02] + zeros(2) + addresses80211 + zeros(2) + snap(organisation: 0, 0x0800, packet4)),
    .init("A-MSDU subframe", "eth.llc.ip.tcp", headerProtocol: 17, ieee8023(snap(organisation: 0, 0x0800, packet4))),
]

private let networkPackets: [CataloguedPacket] = [
    .init("IPv4 with options", "eth.ip.udp", ethernet(0x0800, ipv4(17, udp(1000, 2000, [1]), options: [7, 3, 4, 0]))),
    .init("IPv4 ICMP echo", "eth.ip.icmp", overIP(1, icmp(8, 0, be16(0x77) + be16(5) + zeros(8)))),
    .init(
        "IPv4 ICMP port unreachable", "eth.ip.icmp",
        overIP(1, icmp(3, 3, zeros(4) + ipv4(17, udp(4000, 53, zeros(8)))))),
    .init("IPv6 ICMP echo", "eth.ip6.icmp6", ethernet(0x86DD, ipv6(58, icmp(128, 0, zeros(8))))),
    .init("IGMP", "eth.ip.igmp", overIP(2, [0x16, 0, 0, 0, 239, 1, 2, 3])),
    .init("SCTP", "eth.ip.sctp", overIP(132, be16(36412) + be16(5000) + be32(0xABCD) + be32(0) + [1, 0] + be16(20))),
    .init("DCCP", "eth.ip.dccp", overIP(33, be16(5001) + be16(5002) + zeros(4) + [0x05] + zeros(7))),
    .init("UDP-Lite", "eth.ip.udplite", overIP(136, udp(6000, 6001, zeros(4), length: 8))),
    .init("OSPF", "eth.ip.ospf", overIP(89, [2, 1] + zeros(22))),
    .init("PIM is reported by its number only", "eth.ip", overIP(103, zeros(8))),
    .init("ESP", "eth.ip.esp", overIP(50, be32(0x5151) + zeros(20))),
    .init("AH over IPv4", "eth.ip.ah.tcp", overIP(51, authentication(next: 6, segment))),
    .init(
        "IPv6 with extension headers", "eth.ip6.ah.tcp",
        ethernet(
            0x86DD,
            ipv6(
                0,
                extensionHeader(
                    next: 43,
                    extensionHeader(
                        next: 60, extra: 1,
                        extensionHeader(next: 51, authentication(next: 6, segment))))))),
    .init(
        "IPv6 first fragment", "eth.ip6.udp",
        ethernet(0x86DD, ipv6(44, fragment(next: 17, offset: 0, more: true, udp(1, 2))))),
    .init("IPv6 without next header", "eth.ip6", ethernet(0x86DD, ipv6(59, zeros(4)))),
    .init("DNS query", "eth.ip.udp.dns", overUDP(53, dns(["www", "Example", "COM"], type: 28))),
    .init(
        "DNS answer", "eth.ip.udp.dns",
        ethernet(0x0800, ipv4(17, udp(53, 40000, dns(flags: 0x8183, ["example", "net"]))))),
]

private let tunnelPackets: [CataloguedPacket] = [
    .init("IPv4 in IPv4", "eth.ip.ip.tcp", overIP(4, packet4)),
    .init("IPv6 in IPv4", "eth.ip.ip6.tcp", overIP(41, packet6)),
    .init("IPv6 in IPv6", "eth.ip6.ip6.tcp", ethernet(0x86DD, ipv6(41, packet6))),
    .init("Ethernet in IP", "eth.ip.etherip.eth.ip.tcp", overIP(97, [0x30, 0] + frame4)),
    .init("MPLS in IP", "eth.ip.mpls.ip.tcp", overIP(137, label(50, bottom: true, packet4))),
    .init("L2TP version 3 is reported by its number only", "eth.ip", overIP(115, be32(9) + zeros(20))),
    .init("GRE", "eth.ip.gre.ip.tcp", overIP(47, gre(0, 0x0800, packet4))),
    .init(
        "GRE with checksum, key and sequence", "eth.ip.gre.ip6.tcp",
        overIP(47, gre(0xB000, 0x86DD, fields: be32(1) + be32(0xDEAD) + be32(3), packet6))),
    .init("GRE with routing", "eth.ip.gre", overIP(47, gre(0x4000, 0x0800, fields: zeros(4), packet4))),
    .init("GRE, control protocol", "eth.ip.gre", overIP(47, gre(0, 0x2001, zeros(12)))),
    .init("NVGRE", "eth.ip.nvgre.eth.ip.tcp", overIP(47, gre(0x2000, 0x6558, fields: be24(6001) + [9], frame4))),
    .init(
        "PPTP", "eth.ip.gre.ppp.ip.tcp",
        overIP(47, gre(0x3081, 0x880B, fields: be32(0x0040_0007) + zeros(8), be16(0x21) + packet4))),
    .init(
        "Ethernet over IP of MikroTik", "eth.ip.gre.eth.ip.tcp",
        overIP(47, gre(0x2001, 0x6400, fields: zeros(4), frame4))),
    .init("ERSPAN type I", "eth.ip.gre.eth.ip.tcp", overIP(47, gre(0, 0x88BE, frame4))),
    .init(
        "ERSPAN type II", "eth.ip.gre.erspan.eth.ip.tcp",
        overIP(47, gre(0x1000, 0x88BE, fields: be32(1), be16(0x1064) + be16(0x0123) + be32(0) + frame4))),
    .init(
        "ERSPAN type III", "eth.ip.gre.erspan.eth.ip.tcp",
        overIP(
            47,
            gre(0x1000, 0x22EB, fields: be32(1), be16(0x2064) + be16(0x0123) + zeros(6) + [0, 1] + zeros(8) + frame4))),
    .init(
        "ERSPAN type III, IP", "eth.ip.gre.erspan.ip.tcp",
        overIP(47, gre(0x1000, 0x22EB, fields: be32(1), be16(0x2064) + be16(0x0123) + zeros(6) + [0x08, 0] + packet4))),
    .init("WCCP", "eth.ip.gre.ip.tcp", overIP(47, gre(0, 0x883E, packet4))),
    .init("WCCP version 2", "eth.ip.gre.ip.tcp", overIP(47, gre(0, 0x883E, zeros(4) + packet4))),
]

private let udpTunnelPackets: [CataloguedPacket] = [
    .init("VXLAN", "eth.ip.udp.vxlan.eth.ip.tcp", overUDP(4789, vxlan(5001, frame4))),
    .init(
        "VXLAN over VLAN and IPv6", "eth.vlan.ip6.udp.vxlan.eth.ip.tcp",
        ethernet(0x8100, vlan(7, 0x86DD, ipv6(17, udp(49153, 8472, vxlan(5002, frame4)))))),
    .init("VXLAN without its flag is UDP", "eth.ip.udp", overUDP(4789, vxlan(5001, flags: 0, frame4))),
    .init("VXLAN-GPE, IPv6", "eth.ip.udp.vxlangpe.ip6.tcp", overUDP(4790, vxlan(7, flags: 0x0C, next: 2, packet6))),
    .init("Geneve", "eth.ip.udp.geneve.eth.ip.tcp", overUDP(6081, geneve(8001, 0x6558, options: zeros(8), frame4))),
    .init("Geneve, IPv4", "eth.ip.udp.geneve.ip.tcp", overUDP(6081, geneve(8002, 0x0800, packet4))),
    .init("GTP-U", "eth.ip.udp.gtp.ip.tcp", overUDP(2152, gtp(flags: 0x30, packet4))),
    .init(
        "GTP-U with extension header", "eth.ip.udp.gtp.ip6.tcp",
        overUDP(2152, gtp(flags: 0x34, fields: be16(0) + [0, 0x85] + [1, 0, 9, 0], packet6))),
    .init("GTP-U echo", "eth.ip.udp.gtp", overUDP(2152, gtp(flags: 0x32, message: 1, fields: zeros(4), []))),
    .init("Teredo", "eth.ip.udp.teredo.ip6.tcp", overUDP(3544, packet6)),
    .init(
        "Teredo with authentication and origin", "eth.ip.udp.teredo.ip6.tcp",
        overUDP(3544, [0, 1, 1, 2] + zeros(3) + zeros(9) + zeros(8) + packet6)),
    .init(
        "L2TP version 2", "eth.ip.udp.l2tp.ppp.ip.tcp",
        overUDP(
            1701,
            be16(0x4A02) + be16(76) + be16(11) + be16(12) + zeros(4) + be16(2) + zeros(2)
                + [0xFF, 3] + be16(0x21) + packet4)),
    .init("L2TP control", "eth.ip.udp.l2tp", overUDP(1701, be16(0xC802) + be16(12) + be16(11) + be16(12) + zeros(4))),
    .init("LISP", "eth.ip.udp.lisp.ip.tcp", overUDP(4341, zeros(8) + packet4)),
    .init("MPLS in UDP", "eth.ip.udp.mpls.ip.tcp", overUDP(6635, label(60, bottom: true, packet4))),
    .init(
        "RoCE version 2", "eth.ip.udp.ibbt",
        overUDP(4791, bth(0x0A, be32(0) + be32(1) + be32(2) + be32(65536) + zeros(20)))),
    .init("GUE", "eth.ip.udp.gue.ip.tcp", overUDP(6080, [0x01, 4] + zeros(6) + packet4)),
    .init("GUE, bare packet", "eth.ip.udp.ip6.tcp", overUDP(6080, packet6)),
    .init("CAPWAP, Ethernet", "eth.ip.udp.capwap.eth.ip.tcp", overUDP(5247, [0, 0x10, 0x02, 0] + zeros(4) + frame4)),
    .init(
        "CAPWAP, 802.11", "eth.ip.udp.capwap.wlan.llc.ip.tcp",
        overUDP(
            5247,
            [0, 0x10, 0x03, 0] + zeros(4) + [0x08, 0x01] + zeros(2) + addresses80211 + zeros(2)
                + snap(organisation: 0, 0x0800, packet4))),
]
