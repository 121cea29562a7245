// Filters: precedence, quoting, lists, absence, how texts are compared, and where faults are.
import Bytes
import FlowLanguage
import PacketBuilding
import SFlow
import Testing

private let packet = Sample(
    packet: ethernet(0x8100, vlan(100, 0x86DD, ipv6(6, tcp(51000, 443, flags: 0x12), trafficClass: 0xB8))),
    (Tag(0, 2207), xdr("a,b|c(d)=e~f!g'h\"i\\j") + xdr("Host Name")))

private let filters: [(filter: String, isAccepted: Bool)] = [
    // Precedence: & before |; parentheses; negation.
    ("vlan=100|vlan=1&vlan=2", true), ("(vlan=100|vlan=1)&vlan=2", false), ("vlan=2&vlan=1|vlan=100", true),
    ("vlan=100&!(vlan=1|vlan=2)", true), ("!(vlan=100)", false), ("!( ! ( vlan=100 ) )", true),
    ("vlan=1|vlan=2|vlan=100&vlan=3|vlan=4", false), ("((vlan=100))", true), (" vlan = 100 ", true), ("", true),
    ("  ", true),
    // Lists.
    ("vlan=1,100", true), ("vlan=1, 100", true), ("vlan!=1,2", true), ("vlan!=1,100", false),
    ("vlan=1,2", false),
    // Absence.
    ("ipsource=192.0.2.10", false), ("ipsource!=192.0.2.10", true), ("ipsource~.*", false),
    ("ipsource!~.*", true),
    ("ipsource=null", true), ("ipsource!=null", false), ("vlan=null", false), ("vlan!=null", true),
    ("vlan=null,100", true), ("ipsource=null,100", true), ("ipsource!=null,100", false),
    ("vlan!=null,100", false),
    ("nosuchkey=null", true), ("nosuchkey=1", false), ("nosuchkey!=1", true), ("null:ipsource=null", true),
    ("null:ipsource:x=x", true), ("null:ipsource:=''", true), ("group:ipsource:none=null", true),
    // Comparison by value: any spelling of addresses, MACs, numbers.
    ("ip6source=2001:db8:0::1", true), ("ip6source=2001:DB8::1", true), ("ip6source=2001:DB8::2", false),
    ("macsource=02005e005302", true), ("macsource=02:00:5E:00:53:02", true),
    ("macsource=02-00-5e-00-53-02", true),
    ("macsource=02005E005303", false), ("vlan=0100", true), ("vlan='100'", true), ("vlan=1e2", false),
    ("ip6tos=10111000", true), ("ip6tos=0010111000", false), ("isunicast=true", true), ("isunicast=yes", true),
    ("isunicast=no", false), ("tcpflags=000010010", true), ("tcpflags=10010", false),
    ("mask:ip6source:32=2001:db8::/32", true),
    ("mask:ip6source:32=2001:db8::1/32", true), ("mask:ip6source:32=2001:db8::", false), ("stack=ETH", false),
    ("agent=10.0.0.1", true), ("agent=10.0.0.01", false), ("inputifindex=3", true), ("direction=ingress", true),
    // Patterns match all of the text.
    ("tcpflags~....1..1.", true), ("tcpflags~1", false), ("tcpflags~.*1.", true), ("stack~eth\\..*", true),
    ("stack~eth,ip", false), ("stack~nothing,eth.*tcp", true), ("stack!~eth.*", false), ("stack!~eth", true),
    ("ip6source~2001:DB8::\\d", true),
    ("ip6source~2001:db8.*", false), ("vlan~'(1|10)00?'", true), ("proxyhost~Host\\sName", true),
    ("proxyhost~'Host Name'", true),
    // Quoting.
    ("'vlan'='100'", true), ("\"vlan\"=\"100\"", true), ("'vlan' = 100 & 'ipsource'=null", true),
    ("proxyurl='a,b|c(d)=e~f!g\\'h\"i\\\\j'", true), ("proxyurl=\"a,b|c(d)=e~f!g'h\\\"i\\\\j\"", true),
    ("proxyurl=a\\,b\\|c\\(d\\)\\=e\\~f\\!g\\'h\\\"i\\\\j", true), ("proxyhost=Host Name", true),
    ("proxyhost=Host Name ", true),
    ("proxyhost='Host Name '", false), ("'prefix:stack:.:1'=eth", true),
    ("concat:\\=:vlan:vlan='100=100'", true),
    ("if:[first:stack:.:ip:ip6]:ip6:vlan:priority=100", true), ("prefix:stack:\\.:1=eth", true),
]

struct FilterTests {
    @Test("accepted or not", arguments: filters.indices)
    func acceptance(_ place: Int) throws {
        let (filter, isAccepted) = filters[place]
        let found = try packet.passes(filter)
        #expect(found == isAccepted, "\(filter)")
    }

    @Test("every operator accepts and refuses a key that is there, and is tried on one that is not", arguments: ["=", "!=", "~", "!~"])
    func operators(_ comparison: String) {
        let present = filters.filter { $0.filter.hasPrefix("vlan" + comparison) || $0.filter.hasPrefix("stack" + comparison) }
        #expect(Set(present.map(\.isAccepted)) == [true, false])
        #expect(filters.contains { $0.filter.hasPrefix("ipsource" + comparison) && !$0.filter.contains("null") })
    }

    @Test(
        "faults and their places",
        arguments: [
            ("vlan", 4), ("vlan=", 5), ("vlan=1&", 7), ("vlan=1|", 7), ("(vlan=1", 0), ("vlan=1)", 6), ("vlan=1,", 7),
            ("=1", 0),
            ("vlan!1", 5), ("vlan==1", 5), ("vlan=a=b", 6), ("!vlan=1", 1), ("vlan=(1)", 5), ("vlan='1", 5),
            ("'vlan=1", 0),
            ("vlan='1'x", 8), ("nosuch:vlan=1", 0), ("vlan~[a", 7), ("vlan~a{2,1}", 8), ("vlan~'a{2,1}'", 12),
            ("é=1&vlan", 8), ("vlan=é&vlan", 11), ("ip source=1", 0),
            ("vlan~x,(", 7), ("()", 1), ("vlan=1&&vlan=2", 7), ("vlan=1\\", 7), ("vlan~'*'", 6), ("or:vlan=1", 0),
        ])
    func faults(_ filter: String, _ position: Int) {
        do throws(FlowSyntaxError) {
            _ = try CompiledFlow(FlowDefinition(value: "bytes", filter: filter), environment: testEnvironment)
            Issue.record("\(filter) was accepted")
        } catch {
            #expect(error.part == .filter)
            #expect(error.position == position, "\(filter): \(error)")
        }
    }
}
