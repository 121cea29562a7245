// What users and packets can send to do harm: random definitions, bombs, mutated datagrams.
import Bytes
import FlowLanguage
import PacketBuilding
import SeededRandom
import SFlow
import Testing

struct HostileTests {
    @Test("random definitions are refused or run")
    func noise() {
        var generator = SeededGenerator(seed: 21)
        let words = [
            "ipsource", "vlan", "stack", "=", "!=", "~", "!~", "&", "|", "(", ")", "!", ",", ":", "[", "]", "'", "\"",
            "\\", "null",
            "or:", "null:", "prefix:", ".", "1", "if:[", "group:", "concat:", " ", "é", "6", "uri:", "\u{0}", "range:",
            "avg:", "map:",
        ]
        let sample = Sample(packet: ethernet(0x0800, ipv4(6, tcp(1, 2))))
        func text() -> String {
            (0..<Int.random(in: 0...12, using: &generator)).map { _ in words.randomElement(using: &generator) ?? "" }
                .joined()
        }
        var acceptedCount = 0
        for _ in 0..<20_000 {
            let definition = FlowDefinition(keys: [text()], value: "bytes", filter: text())
            guard let flow = try? CompiledFlow(definition, environment: testEnvironment) else { continue }
            acceptedCount += 1
            _ = sample.evaluate(flow)
        }
        #expect(acceptedCount > 100)
    }

    @Test("megabytes and deep nesting are refused at once")
    func bombs() {
        let million = 1_000_000
        for text in [
            String(repeating: "(", count: million), String(repeating: "[", count: million),
            String(repeating: "null:[", count: million),
            String(repeating: "a", count: million), String(repeating: "!(", count: 30_000),
            String(repeating: "null:[", count: 10_000),
            String(repeating: "vlan=1&", count: 9000), String(repeating: "vlan=1|(", count: 8000),
            String(repeating: ":", count: 60_000),
            String(repeating: ",", count: 60_000), String(repeating: "\\", count: 60_001),
        ] {
            #expect(throws: FlowSyntaxError.self) {
                _ = try CompiledFlow(FlowDefinition(value: "bytes", filter: text), environment: testEnvironment)
            }
            #expect(throws: FlowSyntaxError.self) {
                _ = try CompiledFlow(FlowDefinition(keys: [text, text], value: "bytes"), environment: testEnvironment)
            }
            #expect(throws: FlowSyntaxError.self) {
                _ = try CompiledFlow(FlowDefinition(value: text), environment: testEnvironment)
            }
        }
        #expect(throws: FlowSyntaxError.self) {
            _ = try CompiledFlow(
                FlowDefinition(keys: Array(repeating: "x", count: million), value: "bytes"),
                environment: testEnvironment)
        }
    }

    @Test("the largest filter runs, and patterns share a budget")
    func large() throws {
        let sample = Sample(packet: ethernet(0x0800, ipv4(6, tcp(1, 2))))
        let long = Array(repeating: "ipprotocol!=17", count: 4000).joined(separator: "&")
        #expect(long.utf8.count < 65_536)
        let passes = try sample.passes(long)
        #expect(passes)
        let patterns = "stack~" + Array(repeating: "(a?){300}", count: 100).joined(separator: ",")
        #expect(throws: FlowSyntaxError.self) { _ = try sample.passes(patterns) }
    }

    @Test("records of any bytes: values or absence, no trap", arguments: [1, 2, 3] as [UInt64])
    func mutatedRecords(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var facts = SampleFacts()
        var match = FlowMatch()
        var set = FlowKeySet()
        let flows = try [
            FlowDefinition(
                keys: ["concat:-:stack:[null:uripath]:[null:bgpdestinationaspath]:[null:bgpcommunities]"],
                value: "bytes"),
            FlowDefinition(
                keys: ["null:[uri:httpurl:host]", "null:[suffix:dnsqname:.:2]", "null:icmpunreachableport"],
                value: "frames"),
        ].map { try CompiledFlow($0, environment: testEnvironment) }
        for _ in 0..<40 {
            for keyCase in KeyCatalogue.all {
                var sample = keyCase.sample
                for index in sample.records.indices { mutate(&sample.records[index].body, &generator) }
                let bytes = sample.fill(&facts)
                FlowKeys.insertPresent(in: &facts, bytes.span.bytes, into: &set, &match)
                for flow in flows where flow.evaluate(&facts, in: bytes.span.bytes, into: &match) {
                    #expect(match.keyByteCount <= FlowLimits.packedKeyBytes)
                }
            }
        }
    }

    private func mutate(_ body: inout Octets, _ generator: inout SeededGenerator) {
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            guard let place = body.indices.randomElement(using: &generator) else { return }
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: body[place] = UInt8.random(in: 0...255, using: &generator)
            case 1: body.removeSubrange(place...)
            case 2: body[place] = 0xFF
            default: body.insert(contentsOf: be32(Int(UInt32.random(in: 0...UInt32.max, using: &generator))), at: place)
            }
        }
    }

    @Test("places outside the datagram, more records than are kept, another datagram")
    func places() throws {
        var facts = SampleFacts()
        var match = FlowMatch()
        var set = FlowKeySet()
        let sample = Sample(packet: ethernet(0x0800, ipv4(6, tcp(1, 2))))
        let flow = try CompiledFlow(FlowDefinition(keys: ["ipsource"], value: "bytes"), environment: testEnvironment)
        facts.beginPacketSample(agent: sample.agent, sample.flow)
        let (bytes, places) = sample.datagram()
        facts.record(places[0].layout, offset: -1, byteCount: 5)
        facts.record(places[0].layout, offset: 5, byteCount: -1)
        facts.record(places[0].layout, offset: Int.max, byteCount: Int.max)
        let isOutside = flow.evaluate(&facts, in: bytes.span.bytes, into: &match)
        #expect(!isOutside)
        facts.beginPacketSample(agent: sample.agent, sample.flow)
        for _ in 0..<1000 { facts.record(places[0].layout, offset: places[0].offset, byteCount: places[0].byteCount) }
        let isInside = flow.evaluate(&facts, in: bytes.span.bytes, into: &match)
        #expect(isInside)
        let shorter = Octets(bytes.prefix(20))
        let isShorter = flow.evaluate(&facts, in: shorter.span.bytes, into: &match)
        #expect(!isShorter)
        FlowKeys.insertPresent(in: &facts, shorter.span.bytes, into: &set, &match)
        var fresh = SampleFacts()
        let isFresh = flow.evaluate(&fresh, in: bytes.span.bytes, into: &match)
        #expect(!isFresh)
    }
    @Test("a body is found in its datagram; a body of another one is not")
    func bodies() throws {
        var facts = SampleFacts()
        var match = FlowMatch()
        let sample = Sample(packet: ethernet(0x0800, ipv4(6, tcp(1, 2))))
        let flow = try CompiledFlow(FlowDefinition(keys: ["ipsource"], value: "bytes"), environment: testEnvironment)
        let (bytes, places) = sample.datagram()
        let (copy, _) = sample.datagram()
        let range = places[0].offset..<places[0].offset + places[0].byteCount
        facts.beginPacketSample(agent: sample.agent, sample.flow)
        facts.record(places[0].layout, copy.span.bytes.extracting(range), in: bytes.span.bytes)
        let isForeign = flow.evaluate(&facts, in: bytes.span.bytes, into: &match)
        #expect(!isForeign)
        facts.beginPacketSample(agent: sample.agent, sample.flow)
        facts.record(places[0].layout, bytes.span.bytes.extracting(range), in: bytes.span.bytes)
        let isOwn = flow.evaluate(&facts, in: bytes.span.bytes, into: &match)
        #expect(isOwn)
    }
}
