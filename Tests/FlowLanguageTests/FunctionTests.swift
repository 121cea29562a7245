// Key functions, each with the results that its arguments can have.
import Bytes
import FlowLanguage
import PacketBuilding
import SFlow
import Testing

private struct Names: TopologyNames, HostDirectory, AddressDatabase, VendorNames, ReverseNames {
    func interfaceName(agent: IPAddress, ifIndex: UInt32) -> String? { ifIndex == 3 ? "swp3@\(agent)" : nil }
    func linkName(agent: IPAddress, ifIndex: UInt32) -> String? { ifIndex == 3 ? "link1" : nil }
    func nodeName(agent: IPAddress) -> String? { agent == IPAddress(v4: 0x0A00_0001) ? "leaf1" : nil }
    func attribute(_ name: String, ofHostWith mac: MACAddress) -> String? {
        mac == MACAddress(0x0200_5E00_5302) ? "\(name) by MAC" : nil
    }
    func attribute(_ name: String, ofHostWith address: IPAddress) -> String? { "\(name) of \(address)" }
    func country(of address: IPAddress) -> (code: String, name: String)? {
        address == IPAddress("192.0.2.10") ? ("CH", "Switzerland") : nil
    }
    func autonomousSystem(of address: IPAddress) -> (number: UInt32, description: String)? {
        address == IPAddress("192.0.2.10") ? (64500, "Example AG") : nil
    }
    func name(ofVendor oui: UInt32) -> String? { oui == 0x02005E ? "Example" : nil }
    func name(of address: IPAddress) -> String? { address == IPAddress("192.0.2.10") ? "a.example." : nil }
}

private let environment: FlowEnvironment = {
    var environment = FlowEnvironment(seed: 7)
    let names = Names()
    environment.topology = names
    environment.hosts = names
    environment.addresses = names
    environment.vendors = names
    environment.reverseNames = names
    environment.groups["sites"] = try? AddressGroups([
        ("all", ["0.0.0.0/0", "::/0"]), ("lab", ["192.0.2.0/24"]), ("rack_SEP_7", ["192.0.2.8/29"]),
    ])
    environment.groups["other"] = try? AddressGroups([("six", ["2001:DB8::/32"]), ("far", ["198.51.100.20"])])
    environment.maps["ports"] = ValueMap(
        [("web", ["80", "443"]), ("me", ["02005e005302"]), ("here", ["192.0.2.10"]), ("8080", ["51000"])], seed: 7)
    return environment
}()

private let packet = Sample(
    packet: ethernet(0x8100, vlan(100, 0x0800, ipv4(6, tcp(51000, 443, flags: 0x12)))),
    (
        Tag(0, 2206),
        be32(2) + be32(1001) + xdr("http://u@h.example:8080/a/b/c?q=1#f") + xdr("h.example")
            + zeros(20) + zeros(16) + be32(5) + be32(200)
    ))

/// Functions over the fields of `packet`, and the texts that they make of them; nil where the result is absent.
private let results: [(function: String, text: String?)] = [
    // Groups: most specific prefix; groups in order; absent groups are empty.
    ("group:ipsource:sites", "rack_SEP_7"), ("group:ipdestination:sites", "all"),
    ("group:ipdestination:other", "far"),
    ("group:ipsource:other:sites", "rack_SEP_7"), ("group:ipsource:nosuch:sites", "rack_SEP_7"),
    ("group:ipsource:other", nil), ("group:ipprotocol:sites", nil), ("group:ip6source:sites", nil),
    ("map:tcpdestinationport:ports", "web"), ("map:macsource:ports", "me"), ("map:ipsource:ports", "here"),
    ("map:ipprotocol:ports", nil), ("map:tcpsourceport:nosuch", nil), ("map:tcpsourceport:ports", "8080"),
    ("country:ipsource", "CH"), ("country:ipsource:name", "Switzerland"),
    ("country:ipsource:both", "CH Switzerland"),
    ("country:ipdestination", nil), ("asn:ipdestination", nil), ("asn:ipsource", "64500"), ("asn:ipsource:descr", "Example AG"),
    ("asn:ipsource:both", "64500 Example AG"), ("oui:macsource", "02005E"), ("oui:macsource:name", "Example"),
    ("oui:ipsource", nil), ("host:macsource:host_name", "host_name by MAC"), ("host:macdestination:uuid", nil),
    ("host:ipsource:os_name", "os_name of 192.0.2.10"), ("dns:ipsource", "a.example."),
    ("dns:ipdestination", nil),
    ("link:inputifindex", "link1"), ("link:outputifindex", nil), ("ifname:inputifindex", "swp3@10.0.0.1"),
    ("node:agent", "leaf1"), ("node:ipsource", nil),
    ("prefix:stack:.:1", "eth"), ("prefix:stack:.:2", "eth.vlan"), ("prefix:stack:.:9", "eth.vlan.ip.tcp"),
    ("prefix:uripath:/:2", "/a"), ("prefix:[uri:httpurl:path]:/:3", "/a/b"), ("suffix:stack:.:1", "tcp"),
    ("suffix:stack:.:2", "ip.tcp"), ("suffix:stack:.:9", "eth.vlan.ip.tcp"), ("prefix:ipsource:.:2", "192.0"),
    ("suffix:stack:an.:1", "ip.tcp"), ("first:stack:.:ip:ip6", "ip"), ("first:stack:.:ip6:tcp", "tcp"),
    ("first:stack:.:udp:sctp", nil), ("first:stack:.:et", nil),
    ("mask:ipsource:24", "192.0.2.0/24"), ("mask:ipsource:0", "0.0.0.0/0"),
    ("mask:ipsource:32", "192.0.2.10/32"),
    ("mask:ipsource:33", nil), ("mask:ipprotocol:8", nil), ("bits:tcpsourceport:255", "56"),
    ("bits:tcpflags:2", "2"), ("bits:ipsource:2", nil), ("null:udpsourceport", "null"),
    ("null:udpsourceport:-", "-"),
    ("null:udpsourceport:", ""), ("null:ipprotocol:x", "6"), ("or:udpsourceport:tcpsourceport", "51000"),
    ("or:udpsourceport:icmptype", nil), ("or:udpsourceport:[null:icmptype:none]", "none"),
    ("eq:ipsource:ipsource", "true"), ("eq:ipsource:ipdestination", "false"), ("eq:ipsource:ip6source", nil),
    ("eq:tcpdestinationport:tcpsourceport", "false"), ("range:bytes:62", "true"), ("range:bytes:0:61", "false"),
    ("range:tcpsourceport:51000:51000", "true"), ("range:udpsourceport:1", nil), ("range:ipsource:0", nil),
    ("if:[first:stack:.:ip:ip6]:ip:[country:ipsource]:[country:ip6source]", "CH"),
    ("if:[first:stack:.:ip:ip6]:ip6:[country:ipsource]:ipdestination", "198.51.100.20"),
    ("if:udpsourceport:1:ipsource:ipdestination", "198.51.100.20"), ("if:ipprotocol:6:ipttl:ipid", "63"),
    ("concat:\\::ipprotocol:tcpdestinationport", "6:443"),
    ("concat:-:ipsource:[oui:macsource]", "192.0.2.10-02005E"),
    ("concat:-:ipsource:udpsourceport", nil), ("concat:\\,:vlan:vlan:vlan", "100,100,100"),
    ("concat::vlan:vlan", "100100"),
    ("uri:httpurl:scheme", "http"), ("uri:httpurl:authority", "u@h.example:8080"), ("uri:httpurl:user", "u"),
    ("uri:httpurl:host", "h.example"), ("uri:httpurl:port", "8080"), ("uri:httpurl:path", "/a/b/c"),
    ("uri:httpurl:query", "q=1"), ("uri:httpurl:fragment", "f"), ("uri:httphost:scheme", nil),
    ("null:[range:queuedepth:0]", "null"), ("null:vlansource", "null"),
    // Absent where what they read is.
    ("prefix:dnsqname:.:2", nil), ("suffix:dnsqname:.:2", nil), ("bits:udpsourceport:1", nil), ("mask:ip6source:8", nil),
    ("ifname:outputifindex", nil), ("if:ipprotocol:6:udpsourceport:ipid", nil),
]

struct FunctionTests {
    @Test("results", arguments: results.indices)
    func texts(_ place: Int) throws {
        let (function, text) = results[place]
        let found = try packet.text(function, environment)
        #expect(found == text, "\(function)")
    }

    @Test("every function has results, present and absent, over keys whose wire source is known")
    func completeness() {
        for function in KeyFunction.allCases {
            let own = results.filter { $0.function.hasPrefix("\(function.rawValue):") }
            let overKeys = own.filter { result in
                result.function.split { ":[]".contains($0) }.contains { FlowKeys.key(named: String($0)) != nil }
            }
            #expect(overKeys.contains { $0.text != nil }, "\(function)")
            // `null` is there to have a result whatever is absent.
            #expect(overKeys.contains { $0.text == nil } != (function == .null), "\(function)")
        }
    }

    @Test("a null key removes the sample; blanks around keys do not matter")
    func nullRule() throws {
        let both = try packet.text("ipsource , tcpsourceport")
        #expect(both == "192.0.2.10,51000")
        let none = try packet.text("ipsource,udpsourceport")
        #expect(none == nil)
        let value = try packet.evaluate(FlowDefinition(keys: ["ipsource"], value: "duration"))
        #expect(value?.value.number == 5)
        let absent = try packet.evaluate(FlowDefinition(keys: ["ipsource"], value: "queuedepth"))
        #expect(absent == nil)
    }

    @Test("a definition bound to another environment sees its groups")
    func rebinding() throws {
        let flow = try CompiledFlow(
            FlowDefinition(keys: ["group:ipsource:sites"], value: "bytes"), environment: FlowEnvironment(seed: 7))
        #expect(packet.evaluate(flow) == nil)
        #expect(packet.evaluate(flow.bound(to: environment))?.key == "rack_SEP_7")
    }

    @Test("a text that is a number, and the number, are one key")
    func numbersAndTexts() throws {
        var named = packet
        named.records = []
        named.named = NamedFlow(
            dataSource: "x", samplingRate: 1, samplePool: 0,
            fields: [.init(name: "p", value: .text("8080")), .init(name: "z", value: .text("08080"))], fault: nil)
        let text = try named.evaluate(FlowDefinition(keys: ["p"], value: "count:p"), environment)
        let label = try packet.evaluate(FlowDefinition(keys: ["map:tcpsourceport:ports"], value: "frames"), environment)
        #expect(text?.packed == label?.packed)
        #expect(text?.hash == label?.hash)
        let zero = try named.text("z")
        #expect(zero == "08080")
    }

    @Test(
        "URLs",
        arguments: [
            ("/metrics/json", "path", "/metrics/json"), ("http://h", "path", ""),
            ("http://[2001:db8::1]:80/", "host", "[2001:db8::1]"),
            ("http://[2001:db8::1]:80/", "port", "80"), ("http://[2001:db8::1]/", "port", nil), ("//h/p", "host", "h"),
            ("mailto:a@b", "scheme", "mailto"), ("mailto:a@b", "path", "a@b"), ("?q", "query", "q"),
            ("?q", "path", nil),
            ("GET /x?y HTTP/1.1", "path", "/x"), ("1a://h/", "scheme", nil), ("a#b?c", "query", nil),
            (":", "path", ":"),
        ] as [(String, String, String?)])
    func urls(_ url: String, _ part: String, _ text: String?) throws {
        let sample = Sample((Tag(0, 2207), xdr(url) + xdr("")))
        let found = try sample.text("uri:proxyurl:\(part)")
        #expect(found == text)
    }
}
