// Every key against a sample made for it, field by field.
import Bytes
import PacketBuilding
import SFlow
import Testing

@testable import FlowLanguage

struct KeyTests {
    @Test("a key's text is the wire field's", arguments: KeyCatalogue.all.indices)
    func texts(_ place: Int) throws {
        let keyCase = KeyCatalogue.all[place]
        for (key, text) in keyCase.expected {
            let found = try keyCase.sample.text(key)
            #expect(found == text, "\(keyCase.name): \(key)")
        }
    }

    @Test("every key and alias of the table has a case with a value")
    func completeness() {
        let covered = Set(KeyCatalogue.all.flatMap { $0.expected.filter { $0.text != nil }.map(\.key) })
        let names = FlowKeys.all.flatMap { [$0.name] + $0.aliases }
        #expect(names.filter { !covered.contains($0) } == [])
        #expect(Set(names).count == names.count)
    }

    @Test("every wire source that a key names has a case with a value from there, and no other record has the key")
    func sources() {
        for key in FlowKeys.all {
            let cases = KeyCatalogue.all.filter { one in
                one.expected.contains { $0.text != nil && ([key.name] + key.aliases).contains($0.key) }
            }
            let sources = key.reference.split(separator: "; ").map { WireSource(String($0)) }
            for record in sources.flatMap(\.records) {
                let isCovered = cases.contains { $0.sample.records.contains { $0.tag == record } }
                #expect(isCovered, "\(key.name): \(record)")
            }
            if sources.contains(where: { $0.specification != nil && $0.specification != "sFlow 5" }) {
                let isCovered = cases.contains { $0.sample.records.first?.tag == Tag(0, 1) }
                #expect(isCovered, "\(key.name): \(key.reference)")
            }
            #expect(sources.allSatisfy { $0.isNamed }, "\(key.name): \(key.reference)")
            let read = key.origins.compactMap(\.recordTag)
            #expect(Set(read).isSubset(of: sources.flatMap(\.records)), "\(key.name): \(read)")
        }
    }

    @Test("interfaces: single, internal, multiple, discard, unknown")
    func interfaces() throws {
        let cases: [(Interface, String)] = [
            (Interface(kind: .single, value: 5), "5"), (Interface(kind: .internal, value: 0), "internal"),
            (Interface(kind: .multiple, value: 2), "multiple"), (Interface(kind: .discarded, value: 258), "discard"),
            (Interface(kind: .unknown, value: 0), "0"), (Interface(kind: .unknown, value: 0xC000_0001), "unknown"),
        ]
        for (interface, text) in cases {
            var sample = Sample()
            sample.flow.output = interface
            sample.flow.input = interface
            let output = try sample.text("outputifindex")
            let input = try sample.text("inputifindex")
            #expect(output == text)
            #expect(input == text)
        }
        var dropped = Sample()
        dropped.flow.output = Interface(kind: .discarded, value: 258)
        let reason = try dropped.text("reason")
        #expect(reason == "acl")
    }

    @Test("direction follows the data source")
    func direction() throws {
        var sample = Sample()
        sample.flow.dataSource = DataSource(classNumber: 0, index: 7)
        let egress = try sample.text("direction")
        #expect(egress == "egress")
        sample.flow.dataSource = DataSource(classNumber: 0, index: 9)
        let none = try sample.text("direction")
        #expect(none == nil)
    }

    @Test(
        "DSCP names",
        arguments: [
            (0, "be(0)"), (1, "le(1)"), (8, "cs1(8)"), (10, "af11(10)"), (38, "af43(38)"),
            (44, "va(44)"), (46, "ef(46)"), (56, "cs7(56)"), (3, "dscp(3)"), (63, "dscp(63)"), (9, "dscp(9)"),
        ])
    func codePoints(_ codePoint: Int, _ name: String) throws {
        let sample = Sample(packet: ethernet(0x0800, ipv4(17, tos: UInt8(codePoint << 2))))
        let found = try sample.text("ipdscpname")
        #expect(found == name)
    }

    @Test("a transaction of the client's side swaps the socket's ends; a packet does not")
    func clientSide() throws {
        let body = be32(6) + [192, 0, 2, 1] + [198, 51, 100, 2] + be32(4000) + be32(80)
        let operation = be32(1) + be32(7) + xdr("k") + zeros(16)
        var sample = Sample((Tag(0, 2100), body), (Tag(0, 2200), operation))
        sample.flow.input = Interface(kind: .internal, value: 0)
        sample.flow.output = .unknown
        let client = try sample.text("serveraddress,serverport,clientport")
        #expect(client == "198.51.100.2,80,4000")
        sample.records.removeLast()
        let packet = try sample.text("serveraddress,serverport,clientport")
        #expect(packet == "192.0.2.1,4000,80")
    }

    @Test("fields of a named flow are keys; what it lacks is absent")
    func namedFlow() throws {
        var sample = Sample()
        sample.named = NamedFlow(
            dataSource: "app", samplingRate: 10, samplePool: 0,
            fields: [
                .init(name: "user", value: .text("ann")), .init(name: "ipsource", value: .address(IPAddress(v4: 7))),
                .init(name: "count", value: .unsigned(80)), .init(name: "load", value: .float(0.5)),
                .init(name: "port", value: .mac(MACAddress(1))),
            ], fault: nil)
        let keys = try sample.text("user,ipsource,load,port,datasource,agent,requests")
        #expect(keys == "ann,0.0.0.7,0.5,000000000001,app,10.0.0.1,1")
        let absent = try sample.text("ipdestination")
        #expect(absent == nil)
        let outcome = try sample.evaluate(
            FlowDefinition(keys: ["user"], value: "count:user", filter: "count=80&load=0.5"))
        #expect(outcome?.scale == 10)
        let sum = try sample.evaluate(FlowDefinition(value: "load"))
        #expect(sum?.value.number == 0.5)
    }

    @Test("the keys that occur are told")
    func presence() {
        for keyCase in KeyCatalogue.all {
            var facts = SampleFacts()
            var match = FlowMatch()
            var set = FlowKeySet()
            let bytes = keyCase.sample.fill(&facts)
            FlowKeys.insertPresent(in: &facts, bytes.span.bytes, into: &set, &match)
            let names = Set(set.names)
            for (key, text) in keyCase.expected where FlowKeys.key(named: key)?.name == key {
                #expect(names.contains(key) == (text != nil), "\(keyCase.name): \(key)")
            }
        }
    }

    @Test("headers cut anywhere: values or absence, no trap")
    func truncation() {
        var facts = SampleFacts()
        var match = FlowMatch()
        var set = FlowKeySet()
        for keyCase in KeyCatalogue.all where keyCase.sample.records.first?.tag == Tag(0, 1) {
            var sample = keyCase.sample
            let packet = Array(sample.records[0].body.dropFirst(16))
            for count in 0...packet.count {
                sample.records = [(Tag(0, 1), sampledHeader(Array(packet.prefix(count)), frameLength: 1500))]
                let bytes = sample.fill(&facts)
                FlowKeys.insertPresent(in: &facts, bytes.span.bytes, into: &set, &match)
            }
        }
        #expect(set.names.contains("ipsource"))
    }
}

/// One source as a key's `reference` writes it: `extended_gateway.as (1003)`, `IPv4 source (RFC 791, 3.1)`.
private struct WireSource {
    private(set) var records: [SFlow.Tag] = []
    private(set) var specification: String?

    /// Whether it says where to look.
    var isNamed: Bool { !records.isEmpty || specification != nil }

    init(_ text: String) {
        guard text.hasSuffix(")"), let start = text.lastIndex(of: "("), start > text.startIndex else { return }
        let inside = text[text.index(after: start)...].dropLast()
        let tags = inside.split(separator: ", ").map { $0.split(separator: ":").map { UInt32($0) } }
        if tags.allSatisfy({ !$0.contains(nil) }), inside.first?.isNumber == true {
            records = tags.map { $0.count == 2 ? Tag($0[0] ?? 0, $0[1] ?? 0) : Tag(0, $0[0] ?? 0) }
        } else if ["RFC ", "IEEE ", "InfiniBand ", "3GPP ", "draft-", "sFlow 5"].contains(where: inside.hasPrefix) {
            specification = String(inside)
        }
    }
}

extension KeyOrigin {
    /// The record that it reads; nil for the sample and the packet's headers.
    fileprivate var recordTag: SFlow.Tag? {
        switch self {
        case .record(let field): FlowLayouts.all.indices.contains(Int(field.layout)) ? FlowLayouts.all[Int(field.layout)].tag : nil
        case .routing(let attribute): attribute.layout.layout.tag
        default: nil
        }
    }
}
