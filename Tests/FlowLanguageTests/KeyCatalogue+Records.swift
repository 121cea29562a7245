// The records beside the packet header: a body for each, and the keys that read it.
import Bytes
import FlowLanguage
import PacketBuilding
import SFlow

private let v4A: Octets = [192, 0, 2, 1]
private let v4B: Octets = [198, 51, 100, 2]

/// sampled_ipv4, sampled_ipv6 and the tunnel records that share their layouts.
private func ipRecord(_ number: Int, _ source: Octets, _ destination: Octets, ports: (Int, Int) = (1234, 53)) -> Octets
{
    be32(1400) + be32(number) + source + destination + be32(ports.0) + be32(ports.1) + be32(0x12) + be32(0xB9)
}

private func socket(_ local: Octets, _ remote: Octets) -> Octets { be32(6) + local + remote + be32(80) + be32(45678) }

private let address4 = be32(1) + v4A
private let httpTexts = xdr("http://u@h.example:8080/a/b?q=1#f") + xdr("h.example") + xdr("ref") + xdr("curl")

extension KeyCatalogue {
    static let plainRecords: [KeyCase] = [
        KeyCase(
            name: "sampled_ethernet", sample: Sample((Tag(0, 2), be32(1518) + mac8(macB) + mac8(macA) + be32(2048))),
            expected: [
                ("macsource", "02005E005302"), ("macdestination", "02005E005301"), ("ethernetprotocol", "2048"),
                ("bytes", "1518"), ("frames", "1"),
            ]),
        KeyCase(
            name: "sampled_ipv4, TCP", sample: Sample((Tag(0, 3), ipRecord(6, v4A, v4B))),
            expected: [
                ("ipsource", "192.0.2.1"), ("ipdestination", "198.51.100.2"), ("ipprotocol", "6"), ("ipbytes", "1400"),
                ("iptos", "10111001"), ("ipdscp", "46"), ("ipdscpname", "ef(46)"), ("ipecn", "01"),
                ("tcpsourceport", "1234"), ("tcpdestinationport", "53"), ("tcpflags", "000010010"),
                ("udpsourceport", nil), ("bytes", "1400"), ("frames", "1"), ("ipsource.1", nil),
            ]),
        KeyCase(
            name: "sampled_ipv4, UDP", sample: Sample((Tag(0, 3), ipRecord(17, v4A, v4B))),
            expected: [("udpsourceport", "1234"), ("udpdestinationport", "53"), ("tcpsourceport", nil), ("tcpflags", nil)]),
        KeyCase(
            name: "sampled_ipv6, UDP", sample: Sample((Tag(0, 4), ipRecord(17, ipv6A, ipv6B))),
            expected: [
                ("ip6source", "2001:DB8::1"), ("ip6destination", "2001:DB8::2"), ("ip6nexthdr", "17"),
                ("ip6tos", "10111001"), ("ip6dscp", "46"), ("ip6dscpname", "ef(46)"), ("ip6ecn", "01"),
                ("udpsourceport", "1234"), ("udpdestinationport", "53"), ("tcpflags", nil), ("bytes", "1400"),
                ("frames", "1"),
            ]),
        KeyCase(
            name: "sampled_ipv6, TCP", sample: Sample((Tag(0, 4), ipRecord(6, ipv6A, ipv6B))),
            expected: [("tcpsourceport", "1234"), ("tcpdestinationport", "53"), ("tcpflags", "000010010"), ("udpsourceport", nil)]),
    ]

    static let forwarding: [KeyCase] = [
        KeyCase(
            name: "extended_switch", sample: Sample((Tag(0, 1001), be32(0) + be32(3) + be32(4095) + be32(0xFFFF_FFFF))),
            expected: [
                ("vlansource", "0"), ("prioritysource", "3"), ("vlandestination", "4095"), ("prioritydestination", nil),
            ]),
        KeyCase(
            name: "extended_switch, unknown", sample: Sample((Tag(0, 1001), be32(0xFFFF_FFFF) + zeros(12))),
            expected: [("vlansource", nil), ("vlandestination", "0"), ("prioritydestination", "0")]),
        KeyCase(
            name: "extended_router",
            sample: Sample(
                packet: ethernet(0x0800, ipv4(6)), (Tag(0, 1002), address4 + be32(24) + be32(33))),
            expected: [
                ("ipnexthoprouter", "192.0.2.1"), ("ipsourcemaskbits", "24"), ("ipdestinationmaskbits", nil),
                ("ipsourceprefix", "192.0.2.0/24"), ("ipdestinationprefix", nil),
            ]),
        KeyCase(
            name: "extended_router, no address, IPv6",
            sample: Sample(packet: ethernet(0x86DD, ipv6(6)), (Tag(0, 1002), be32(0) + be32(32) + be32(64))),
            expected: [
                ("ipnexthoprouter", nil), ("ipsourcemaskbits", "32"), ("ipdestinationmaskbits", "64"),
                ("ipdestinationprefix", "2001:DB8::/64"),
            ]),
        KeyCase(
            name: "extended_router, padded null address", sample: Sample((Tag(0, 1002), zeros(8) + be32(8) + be32(9))),
            expected: [("ipnexthoprouter", nil), ("ipsourcemaskbits", "8"), ("ipdestinationmaskbits", "9")]),
        KeyCase(
            name: "extended_gateway",
            sample: Sample(
                (
                    Tag(0, 1003),
                    address4 + be32(65000) + be32(0) + be32(65001) + be32(2) + be32(2) + be32(2) + be32(0) + be32(65010)
                        + be32(1) + be32(1) + be32(65020) + be32(2) + be32(65000 << 16 | 7) + be32(5) + be32(150)
                )),
            expected: [
                ("bgpnexthop", "192.0.2.1"), ("bgpas", "65000"), ("bgpsourceas", "65000"), ("bgpsourcepeeras", "65001"),
                ("bgpdestinationaspath", "65010-65020"), ("bgpdestinationas", "65020"),
                ("bgpdestinationpeeras", "65010"),
                ("bgpcommunities", "65000:7-0:5"), ("bgplocalpref", "150"),
            ]),
        KeyCase(
            name: "extended_gateway, empty path",
            sample: Sample((Tag(0, 1003), be32(0) + be32(1) + be32(2) + be32(0) + be32(0) + be32(0) + be32(100))),
            expected: [
                ("bgpnexthop", nil), ("bgpsourceas", "2"), ("bgpdestinationaspath", nil), ("bgpdestinationas", nil),
                ("bgpcommunities", nil), ("bgplocalpref", "100"),
            ]),
        KeyCase(
            name: "extended_user", sample: Sample((Tag(0, 1004), be32(106) + xdr("alice") + be32(3) + xdr("bob\u{7}"))),
            expected: [("usersource", "alice"), ("userdestination", "bob\u{FFFD}")]),
        KeyCase(
            name: "extended_url", sample: Sample((Tag(0, 1005), be32(2) + xdr("GET /a/b?c HTTP/1.0") + xdr("host"))),
            expected: [
                ("urldirection", "destination"), ("url", "GET /a/b?c HTTP/1.0"), ("urlhost", "host"),
                ("uripath", "/a/b"),
            ]),
        KeyCase(
            name: "extended_mpls",
            sample: Sample(
                (Tag(0, 1006), address4 + be32(2) + be32(16 << 12) + be32(17 << 12 | 0x1FF) + be32(1) + be32(18 << 12))),
            expected: [("mplsnexthop", "192.0.2.1"), ("mplslabelsin", "16.17"), ("mplslabelsout", "18")]),
        KeyCase(
            name: "extended_nat, extended_nat_port",
            sample: Sample((Tag(0, 1007), address4 + be32(2) + ipv6A), (Tag(0, 1020), be32(1024) + be32(8080))),
            expected: [
                ("natipsource", "192.0.2.1"), ("natipdestination", "2001:DB8::1"), ("natsourceport", "1024"),
                ("natdestinationport", "8080"),
            ]),
        KeyCase(
            name: "MPLS tunnels",
            sample: Sample(
                (Tag(0, 1008), xdr("lsp-1") + be32(8) + be32(9)), (Tag(0, 1009), xdr("vc") + be32(10) + be32(11)),
                (Tag(0, 1010), xdr("ftn") + be32(12)), (Tag(0, 1011), be32(13))),
            expected: [
                ("mplstunnelname", "lsp-1"), ("mplstunnelid", "8"), ("mplstunnelcos", "9"), ("mplsvcname", "vc"),
                ("mplsvcid", "10"), ("mplsvccos", "11"), ("mplsftndescr", "ftn"), ("mplsftnmask", "12"),
                ("mplsfeclength", "13"),
            ]),
        KeyCase(
            name: "tag stacks",
            sample: Sample(
                (Tag(0, 1012), be32(2) + be32(0x8100_A00A) + be32(0x8100_0014)),
                (Tag(0, 1034), be32(1) + be32(0x8100_0001)),
                (Tag(0, 1035), be32(1) + be32(0x8100_0002))),
            expected: [("vlantunnel", "10.20"), ("vlansin", "1"), ("vlansout", "2")]),
        KeyCase(
            name: "802.11 receive and transmit",
            sample: Sample(
                (
                    Tag(0, 1014),
                    xdr("net") + mac8(macA) + be32(4) + be32(36) + be64(54_000_000) + be32(1) + be32(2) + be32(3)
                ),
                (
                    Tag(0, 1015),
                    xdr("net") + mac8(macB) + be32(4) + be32(1) + be32(2) + be32(3) + be32(40) + be64(6_000_000)
                        + be32(7)
                )),
            expected: [
                ("wlanssid", "net"), ("wlanrxbssid", "02005E005301"), ("wlanrxchannel", "36"),
                ("wlanrxspeed", "54000000"),
                ("wlantxbssid", "02005E005302"), ("wlantxchannel", "40"), ("wlantxspeed", "6000000"),
            ]),
        KeyCase(
            name: "extended_entities", sample: Sample((Tag(0, 2210), be32(3) + be32(70001) + be32(0) + be32(5))),
            expected: [("sourcedatasource", "3.70001"), ("destinationdatasource", "5")]),
        KeyCase(
            name: "extended_entities, unknown", sample: Sample((Tag(0, 2210), zeros(16))),
            expected: [("sourcedatasource", nil), ("destinationdatasource", nil)]),
        side("input", 1022, 1024, 1026, 1028, 1030), side("output", 1021, 1023, 1025, 1027, 1029),
    ]

    /// The records of a tunnel's side; the IPv4 one twice, as with two encapsulations.
    private static func side(
        _ name: String, _ layer2: UInt32, _ ipv4: UInt32, _ ipv6: UInt32, _ inner: UInt32, _ network: UInt32
    ) -> KeyCase {
        KeyCase(
            name: "tunnel, \(name)",
            sample: Sample(
                (Tag(0, layer2), be32(100) + mac8(macB) + mac8(macA) + be32(2048)),
                (Tag(0, ipv4), ipRecord(17, v4A, v4B)),
                (Tag(0, ipv4), ipRecord(6, v4B, v4A, ports: (22, 23))),
                (Tag(0, ipv6), ipRecord(6, ipv6A, ipv6B, ports: (5, 6))),
                (Tag(0, inner), be32(50)), (Tag(0, network), be32(5001))),
            expected: [
                ("macsource", "02005E005302"), ("macdestination", "02005E005301"), ("ethernetprotocol", "2048"),
                ("ipbytes", "1400"), ("ipprotocol", "17"), ("ipsource", "192.0.2.1"), ("ipdestination", "198.51.100.2"),
                ("iptos", "10111001"), ("ipsource.1", "198.51.100.2"), ("ip6nexthdr", "6"),
                ("ip6source", "2001:DB8::1"),
                ("ip6destination", "2001:DB8::2"), ("ip6tos", "10111001"), ("udpsourceport", "1234"),
                ("udpdestinationport", "53"), ("tcpsourceport", "5"), ("tcpdestinationport", "6"),
                ("tcpsourceport.1", "22"), ("innerheaderoffset", "50"), ("vni", "5001"),
            ].map { (name + $0.0, $0.1) } + [("ipsource", nil)])
    }

    static let applications: [KeyCase] = [
        KeyCase(
            name: "extended_socket_ipv4, extended_proxy_socket_ipv4",
            sample: Sample((Tag(0, 2100), socket(v4A, v4B)), (Tag(0, 2102), socket(v4A, v4B))),
            expected: [
                ("protocol", "6"), ("serveraddress", "192.0.2.1"), ("clientaddress", "198.51.100.2"),
                ("serverport", "80"),
                ("clientport", "45678"), ("serveraddress6", nil), ("proxyprotocol", "6"),
                ("proxyserveraddress", "198.51.100.2"), ("proxyclientaddress", "192.0.2.1"),
                ("proxyserverport", "45678"),
                ("proxyclientport", "80"),
            ]),
        KeyCase(
            name: "extended_socket_ipv6, extended_proxy_socket_ipv6",
            sample: Sample((Tag(0, 2101), socket(ipv6A, ipv6B)), (Tag(0, 2103), socket(ipv6A, ipv6B))),
            expected: [
                ("protocol", "6"), ("serveraddress6", "2001:DB8::1"), ("clientaddress6", "2001:DB8::2"),
                ("serverport", "80"), ("clientport", "45678"), ("serveraddress", nil), ("proxyprotocol", "6"),
                ("proxyserveraddress6", "2001:DB8::2"), ("proxyclientaddress6", "2001:DB8::1"),
                ("proxyserverport", "45678"), ("proxyclientport", "80"),
            ]),
        KeyCase(
            name: "http_request",
            sample: Sample(
                (
                    Tag(0, 2206),
                    be32(2) + be32(1001) + httpTexts + xdr("1.2.3.4") + xdr("bob") + xdr("text/html") + be64(100)
                        + be64(2000)
                        + be32(1500) + be32(200)
                )),
            expected: [
                ("httpmethod", "GET"), ("httpprotocol", "1001"), ("httpurl", "http://u@h.example:8080/a/b?q=1#f"),
                ("uripath", "/a/b"), ("httphost", "h.example"), ("httpreferer", "ref"), ("httpuseragent", "curl"),
                ("httpxff", "1.2.3.4"), ("httpauthuser", "bob"), ("httpmimetype", "text/html"), ("httpstatus", "200"),
                ("bytes", "2100"), ("duration", "1500"), ("requests", "1"), ("frames", nil),
            ]),
        KeyCase(
            name: "http_request, deprecated, with protocol",
            sample: Sample(
                (
                    Tag(0, 2201),
                    be32(4) + be32(1000) + httpTexts + xdr("bob") + xdr("t") + be64(2000) + be32(15) + be32(404)
                )),
            expected: [
                ("httpmethod", "POST"), ("httpprotocol", "1000"), ("httphost", "h.example"), ("httpxff", nil),
                ("httpauthuser", "bob"), ("httpmimetype", "t"), ("httpstatus", "404"), ("bytes", "2000"),
                ("duration", "15"), ("requests", "1"), ("httpurl", "http://u@h.example:8080/a/b?q=1#f"), ("uripath", "/a/b"),
                ("httpreferer", "ref"), ("httpuseragent", "curl"),
            ]),
        KeyCase(
            name: "http_request, deprecated, with forwarded-for",
            sample: Sample(
                (
                    Tag(0, 2201),
                    be32(4) + httpTexts + xdr("x") + xdr("bob") + xdr("t") + be64(1) + be64(2000) + be32(15) + be32(404)
                )),
            expected: [
                ("httpmethod", "POST"), ("httpprotocol", nil), ("httphost", "h.example"), ("httpxff", "x"),
                ("httpauthuser", "bob"), ("uripath", "/a/b"), ("httpstatus", "404"), ("bytes", "2001"),
                ("duration", "15"), ("requests", "1"), ("httpurl", "http://u@h.example:8080/a/b?q=1#f"), ("httpmimetype", "t"),
                ("httpreferer", "ref"), ("httpuseragent", "curl"),
            ]),
        KeyCase(
            name: "extended_http_transaction, transaction, extended_proxy_request",
            sample: Sample(
                (Tag(0, 2003), httpTexts + xdr("bob") + be32(500)), (Tag(0, 2207), xdr("/down") + xdr("inner")),
                (Tag(0, 2000), be32(2) + be32(10) + be32(20) + be32(3) + be64(30) + be64(40))),
            expected: [
                ("httphost", "h.example"), ("httpauthuser", "bob"), ("httpstatus", "500"), ("proxyurl", "/down"),
                ("proxyhost", "inner"), ("transactiondirection", "server"), ("transactionwait", "10"),
                ("transactionstatus", "timeout"), ("duration", "20"), ("bytes", "70"), ("requests", "1"),
                ("httpurl", "http://u@h.example:8080/a/b?q=1#f"), ("uripath", "/a/b"), ("httpreferer", "ref"),
                ("httpuseragent", "curl"),
            ]),
        KeyCase(
            name: "memcache_operation",
            sample: Sample(
                (Tag(0, 2200), be32(1) + be32(7) + xdr("user:7") + be32(3) + be32(512) + be32(90) + be32(8))),
            expected: [
                ("memcacheprotocol", "ascii"), ("memcachecommand", "get"), ("memcachekey", "user:7"),
                ("memcachenkeys", "3"), ("memcachevaluebytes", "512"), ("memcachestatus", "not_found"),
                ("duration", "90"), ("bytes", "512"), ("requests", "1"),
            ]),
        KeyCase(
            name: "app_operation and its actors",
            sample: Sample(
                (
                    Tag(0, 2202),
                    xdr("shop") + xdr("pay") + xdr("a=1&b=2") + xdr("late") + be64(10) + be64(20) + be32(30) + be32(2)
                ), (Tag(0, 2203), xdr("web") + xdr("cart") + xdr("c=3")), (Tag(0, 2204), xdr("ann")),
                (Tag(0, 2205), xdr("db"))),
            expected: [
                ("application", "shop"), ("appname", "shop"), ("operation", "pay"), ("appoperation", "pay"),
                ("attributes", "a=1&b=2"), ("appattributes", "a=1&b=2"), ("statusdescr", "late"),
                ("appstatusdescr", "late"),
                ("status", "timeout"), ("appstatus", "timeout"), ("parentapplication", "web"),
                ("parentoperation", "cart"),
                ("parentattributes", "c=3"), ("actorinitiator", "ann"), ("actorinit", "ann"), ("actortarget", "db"),
                ("bytes", "30"), ("duration", "30"), ("requests", "1"),
            ]),
        KeyCase(
            name: "storage transactions",
            sample: Sample((Tag(0, 2001), xdr("/x") + be32(1) + be32(2)), (Tag(0, 2002), be32(3) + be32(4) + be32(5))),
            expected: [
                ("nfspath", "/x"), ("nfsoperation", "1"), ("nfsstatus", "2"), ("scsilun", "3"), ("scsioperation", "4"),
                ("scsistatus", "5"),
            ]),
        KeyCase(
            name: "extended_tcp_info",
            sample: Sample((Tag(0, 2209), (2...13).map { $0 == 13 ? 4 : $0 == 2 ? 1 : $0 }.flatMap { be32($0) })),
            expected: [
                ("tcpdirection", "received"), ("tcpmsssnd", "3"), ("tcpmssrcv", "4"), ("tcpunacked", "5"),
                ("tcplost", "6"),
                ("tcpretrans", "7"), ("tcppmtu", "8"), ("tcprtt", "9"), ("tcprttsdev", "10"), ("tcpcwndsnd", "11"),
                ("tcpreordering", "12"), ("tcprttmin", "4"), ("tcprttwait", "5"),
            ]),
        KeyCase(
            name: "extended_tcp_info, not measured",
            sample: Sample((Tag(0, 2209), zeros(44) + be32(0xFFFF_FFFF))),
            expected: [("tcprttmin", nil), ("tcprttwait", nil), ("tcprtt", "0")]),
    ]
}
