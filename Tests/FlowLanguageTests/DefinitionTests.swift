// Definitions: what parses, what does not and where the fault is, values, limits.
import Bytes
import FlowLanguage
import PacketBuilding
import SFlow
import Testing

private func fault(_ definition: FlowDefinition) -> FlowSyntaxError? {
    do throws(FlowSyntaxError) {
        _ = try CompiledFlow(definition, environment: testEnvironment)
        return nil
    } catch { return error }
}

struct DefinitionTests {
    @Test(
        "published definitions",
        arguments: [
            ("", "bytes", "", "direction=ingress"), ("ipsource,ipdestination", "bytes", "", ""),
            (
                "ipsource,ipdestination,ipprotocol,or:tcpsourceport:udpsourceport:icmptype,or:tcpdestinationport:udpdestinationport:icmpcode",
                "bytes", "", ""
            ),
            ("suffix:dnsqname:.:2", "requests", "", ""),
            (
                "ipdestination,group:ipdestination:g,udpsourceport", "frames", "count:ipsource,avg:ipbytes",
                "ipprotocol=17"
            ),
            ("range:bytes:0:63,range:bytes:64:64,range:bytes:65:127,range:bytes:1519", "frames", "", ""),
            ("inputifindex,outputifindex", "frames", "", "ipsource=10.0.0.1"),
            ("if:[first:stack:.:ip:ip6]:ip:[country:ipsource]:[country:ip6source]", "bytes", "", ""),
            ("reason", "frames", "", ""),
            ("ipsource,ipdestination,vxlanvni,ipsource.1,ipdestination.1", "bytes", "", ""),
            ("null:vlansource,null:[range:queuedepth:0]", "frames", "", ""), ("uripath", "avg:duration", "", ""),
            ("ipsource", "Bps", "max:tcprtt,min:ipttl,last:ipttl,rate:frames", ""), ("", "bps", "", ""),
            ("", "fps", "", ""),
            ("prefix:[uri:httpurl:path]:/:2", "requests", "", ""),
        ])
    func published(_ keys: String, _ value: String, _ values: String, _ filter: String) {
        let definition = FlowDefinition(keys: [keys], value: value, values: [values], filter: filter)
        #expect(fault(definition) == nil)
    }

    @Test(
        "published filters",
        arguments: [
            "direction=ingress", "ipprotocol=6,17", "first:stack:.:ip:ip6=ip&ipprotocol=6,17&direction=ingress",
            "tcpflags~.......1.", "tcpflags~....1.000&(tcpsourceport=179|tcpdestinationport=179)",
            "(ipflags=001|range:ipfragoffset:1=true)&first:stack:.:ip:ip6=ip", "ethernetprotocol!=2048,2054,34525",
            "map:macdestination:members=null", "link:inputifindex!=null", "vxlanvni!=null&isunicast.1=true",
            "eq:bgpsourceas:bgpas=false&group:ipdestination:g!=external,private", "suffix:stack:.:1=ibbt",
            "'ipsource'='10.0.0.1'&'ipdestination'='10.0.0.2'", "prefix:stack:.:1=eth", "inputipsource=null",
        ])
    func publishedFilters(_ filter: String) {
        #expect(fault(FlowDefinition(value: "bytes", filter: filter)) == nil)
    }

    @Test(
        "faults and their places",
        arguments: [
            ("nosuch:ipsource", .keys, 0), ("ipsource,map:ipsource", .keys, 9), ("ipsource,", .keys, 9),
            (",ipsource", .keys, 0),
            ("ipsource,,x", .keys, 9), ("prefix:stack:.:0", .keys, 15), ("prefix:stack:.:x", .keys, 15),
            ("prefix:stack::1", .keys, 13), ("or:ipsource", .keys, 0), ("null:[range:queuedepth:0", .keys, 5),
            ("[ipsource]", .keys, 0), ("ip[source]", .keys, 2), ("ipsource]", .keys, 8),
            ("asn:ipsource:name", .keys, 13),
            ("uri:httpurl:nothing", .keys, 12), ("mask:ipsource:129", .keys, 14), ("range:bytes:-1", .keys, 12),
            ("bits:bytes:0x10", .keys, 11), ("or:group:ipsource", .keys, 3), ("map:ipsource:[agent]", .keys, 13),
            ("group", .keys, 0), ("ipsource\\", .keys, 9), ("null:vlan:é,nosuch:x", .keys, 12), ("é", .keys, 0),
            ("vlan;priority", .keys, 0), ("if:ipsource:1:vlan", .keys, 0),
            ("or:[ipsource]x:vlan", .keys, 13),
        ] as [(String, FlowSyntaxError.Part, Int)])
    func keyFaults(_ keys: String, _ part: FlowSyntaxError.Part, _ position: Int) {
        let found = fault(FlowDefinition(keys: [keys], value: "bytes"))
        #expect(found?.part == part)
        #expect(found?.position == position)
        #expect(found?.expected.isEmpty == false)
    }

    @Test(
        "faults of values",
        arguments: [
            ("", "", .value, 0), ("ipsource", "", .value, 0), ("bytes,frames", "", .value, 6), ("avg:", "", .value, 4),
            ("avg:macsource", "", .value, 4), ("stack", "", .value, 0), ("country:ipsource", "", .value, 0),
            ("bytes", "count:ipsource,avg:stack", .values, 19), ("eq:vlan:vlan", "", .value, 0), ("avg", "", .value, 0),
        ] as [(String, String, FlowSyntaxError.Part, Int)])
    func valueFaults(_ value: String, _ values: String, _ part: FlowSyntaxError.Part, _ position: Int) {
        let found = fault(FlowDefinition(value: value, values: [values]))
        #expect(found?.part == part)
        #expect(found?.position == position)
    }

    @Test("values: numbers, factors, distinct operands")
    func values() throws {
        let sample = Sample(packet: ethernet(0x0800, ipv4(6, tcp(51000, 443))))
        let outcome = try sample.evaluate(
            FlowDefinition(
                keys: ["ipprotocol"], value: "bps",
                values: [
                    "count:ipsource", "avg:ipbytes", "queuedepth,max:[null:vlan:7]", "count:ipdestination,bits:ipttl:3",
                ]))
        let found = try #require(outcome)
        #expect(found.value.number == Double(58 * 8))
        #expect(found.scale == 100)
        #expect(found.values.map(\.isPresent) == [true, true, false, true, true, true])
        #expect(found.values.map(\.number) == [0, 40, 0, 7, 0, 3])
        #expect(found.values[0].hash != found.values[4].hash)
        let flow = try CompiledFlow(
            FlowDefinition(value: "max:ipttl", values: ["count:agent", "last:ipttl"]), environment: testEnvironment)
        #expect(flow.valueFunction == .max)
        #expect(flow.valuesFunctions == [.count, .last])
        #expect(flow.requirements.needsHeader)
    }

    @Test("every value function has its operand from the wire", arguments: ValueFunction.allCases)
    func valueFunctions(_ function: ValueFunction) throws {
        // RFC 791, section 3.1: the time to live is byte 8 of the header, byte 22 of an Ethernet frame.
        var packet = ethernet(0x0800, ipv4(6))
        packet[22] = 77
        let definition = FlowDefinition(value: "\(function):ipttl", values: ["\(function):ipttl"])
        let flow = try CompiledFlow(definition, environment: testEnvironment)
        #expect(flow.valueFunction == function && flow.valuesFunctions == [function])
        let found = try #require(Sample(packet: packet).evaluate(flow))
        packet[22] = 78
        let other = try #require(Sample(packet: packet).evaluate(flow))
        #expect(found.values == [found.value])
        #expect(function == .count ? found.value.hash != other.value.hash : found.value.number == 77 && other.value.number == 78)
    }

    @Test("rates: never scaled when an access list selected the sample or nothing was sampled; rate 0 counts as 1")
    func scales() throws {
        var sample = Sample(packet: ethernet(0x0800, ipv4(6)))
        sample.flow.samplingRate = 0
        let zero = try sample.evaluate(FlowDefinition(value: "frames"))
        #expect(zero?.scale == 1)
        sample.flow.samplingRate = 4_000_000_000
        let large = try sample.evaluate(FlowDefinition(value: "frames"))
        #expect(large?.scale == 4_000_000_000)
        sample.flow.isACLTriggered = true
        let selected = try sample.evaluate(FlowDefinition(value: "frames"))
        #expect(selected?.scale == 1)
    }

    @Test("dropped definitions see notifications only, others samples only")
    func kinds() throws {
        var sample = Sample(packet: ethernet(0x0800, ipv4(6)))
        let ordinary = try sample.evaluate(FlowDefinition(value: "frames", dropped: true))
        #expect(ordinary == nil)
        sample.discarded = DiscardedPacket(
            sequenceNumber: 1, dataSource: DataSource(classNumber: 0, index: 1), drops: 0, inputIndex: 1,
            outputIndex: 0,
            reason: 260)
        let notified = try sample.evaluate(FlowDefinition(keys: ["reason"], value: "frames", dropped: true))
        #expect(notified?.key == "red")
        #expect(notified?.scale == 1)
        let other = try sample.evaluate(FlowDefinition(value: "frames"))
        #expect(other == nil)
        let empty = try Sample().evaluate(FlowDefinition(value: "frames"))
        #expect(empty == nil)
    }

    @Test("numbers outside their limits are moved to the limit; equal definitions are equal")
    func clamping() {
        let low = FlowDefinition(value: "bytes", n: 1, t: 0, activeTimeout: 0)
        #expect(low.n == 5 && low.t == 0.1 && low.activeTimeout == 1)
        let high = FlowDefinition(value: "bytes", n: Int.max, t: .infinity, activeTimeout: Int.max)
        #expect(high.n == 1000 && high.t == 600 && high.activeTimeout == 86_400)
        #expect(FlowDefinition(value: "bytes", t: .nan).t == 2)
        #expect(low == FlowDefinition(value: "bytes", n: 5, t: 0.1, activeTimeout: 1))
    }

    @Test func aggregationModes() {
        #expect(fault(FlowDefinition(value: "bytes", aggMode: "x"))?.part == .aggMode)
        #expect(fault(FlowDefinition(value: "bytes", aggMode: "AGENT")) == nil)
    }

    @Test("keys are joined with the separator; none give the empty key")
    func separators() throws {
        let sample = Sample(packet: ethernet(0x0800, ipv4(6)))
        let joined = try sample.evaluate(FlowDefinition(keys: ["ipsource", "ipprotocol"], value: "bytes", fs: "_SEP_"))
        #expect(joined?.key == "192.0.2.10_SEP_6")
        let keyless = try sample.evaluate(FlowDefinition(value: "bytes"))
        #expect(keyless?.key == "")
        #expect(keyless?.packed == [])
        let empty = try sample.evaluate(FlowDefinition(keys: ["null:vlan:,null:vlan:"], value: "bytes"))
        #expect(empty?.key == ",")
    }

    @Test("limits")
    func limits() {
        let key = "ipsource"
        #expect(fault(FlowDefinition(keys: Array(repeating: key, count: 32), value: "bytes")) == nil)
        #expect(fault(FlowDefinition(keys: Array(repeating: key, count: 33), value: "bytes"))?.position == 32 * 9)
        #expect(fault(FlowDefinition(value: "bytes", values: Array(repeating: "bytes", count: 16))) == nil)
        #expect(fault(FlowDefinition(value: "bytes", values: Array(repeating: "bytes", count: 17)))?.part == .values)
        func nested(_ depth: Int) -> String {
            String(repeating: "null:[", count: depth) + "vlan" + String(repeating: "]", count: depth)
        }
        #expect(fault(FlowDefinition(keys: [nested(16)], value: "bytes")) == nil)
        #expect(fault(FlowDefinition(keys: [nested(17)], value: "bytes"))?.part == .keys)
        func parentheses(_ depth: Int) -> String {
            String(repeating: "(", count: depth) + "vlan=1" + String(repeating: ")", count: depth)
        }
        #expect(fault(FlowDefinition(value: "bytes", filter: parentheses(64))) == nil)
        #expect(fault(FlowDefinition(value: "bytes", filter: parentheses(65)))?.position == 64)
        func list(_ count: Int) -> String { "vlan=" + Array(repeating: "1", count: count).joined(separator: ",") }
        #expect(fault(FlowDefinition(value: "bytes", filter: list(10_000))) == nil)
        #expect(fault(FlowDefinition(value: "bytes", filter: list(10_001)))?.part == .filter)
        #expect(
            fault(FlowDefinition(value: "bytes", filter: "vlan=" + String(repeating: "1", count: 65_536)))?.part
                == .filter)
        #expect(fault(FlowDefinition(value: "bytes", fs: String(repeating: ",", count: 65)))?.part == .fs)
        let arguments = Array(repeating: "vlan", count: 65).joined(separator: ":")
        #expect(fault(FlowDefinition(keys: ["or:" + arguments], value: "bytes"))?.part == .keys)
    }

    @Test("long texts are cut so that a packed key keeps its limit")
    func longTexts() throws {
        let long = String(repeating: "é", count: 127)
        let sample = Sample((Tag(0, 2207), xdr(long) + xdr("")))
        let one = "concat:-:proxyurl:proxyurl:proxyurl:proxyurl"
        let outcome = try sample.evaluate(
            FlowDefinition(keys: Array(repeating: one, count: 31) + ["agent"], value: "count:agent"))
        let found = try #require(outcome)
        #expect(found.packed.count <= 1024)
        #expect(found.key.hasSuffix("10.0.0.1"))
        #expect(!found.key.contains("\u{FFFD}"))
        #expect(PackedKey.texts(found.packed.span.bytes).count == 32)
    }
}
