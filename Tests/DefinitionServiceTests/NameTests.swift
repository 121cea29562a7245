// `link:`, `ifname:` and `node:` in keys: asked of a shard's own definitions, right after a datagram.

import Bytes
import DatagramBuilding
import Definitions
import FlowLanguage
import SFlow
import ShardEngine
import Testing

@Suite struct SampleNameTests {
    private let shard = Shard()
    private static let agent = IPAddress(v4: 0x0A00_0001)

    init() throws {
        let definition = FlowDefinition(
            keys: ["null:[node:agent]:-", "null:[link:inputifindex]:-", "null:[ifname:inputifindex]:-"], value: "frames")
        let compiled = try CompiledFlow(definition, environment: FlowEnvironment(seed: 1))
        shard.setFlows([ActiveFlow(name: "f", compiled: compiled)])
    }

    private func setTopology(_ text: String) throws {
        shard.setTopology(try Topology(json: try RelaxedJSON.parse(Array(text.utf8), sizeMax: 1 << 20)))
    }

    /// The key of a flow sample from port 3, sent with other samples before it; later than the one before.
    private func key(
        at seconds: Int64, from agent: IPAddress = SampleNameTests.agent, _ samples: [Framed] = []
    ) -> String {
        let sequence = UInt32(truncatingIfNeeded: seconds + 1)
        let sample = Framed.flow(sequence, DataSource(classNumber: 0, index: 3), rate: 100, pool: 100 * sequence, [frame])
        let bytes = Datagram(agent: agent, sequence: sequence, uptime: sequence, samples + [sample]).bytes
        shard.ingest(bytes.span.bytes, udpSource: agent, arrival: 1_700_000_000_000_000_000 + seconds * 1_000_000_000)
        var visitor = OneSample(flow: shard.flows[0].compiled)
        #expect(throws: Never.self) { try decode(bytes.span.bytes, udpSource: agent, into: &visitor) }
        return visitor.key
    }

    private let link = #"{"l1":{"node1":"leaf1","port1":"swp3","node2":"spine1","port2":"swp1"}}"#

    /// sampled_header (sFlow version 5, section 5.3): an Ethernet frame of 60 bytes, of which 14 are sampled.
    private let frame = Framed(1) { record in
        record.u32(1)
        record.u32(64)
        record.u32(4)
        record.u32(14)
        record.fixed([UInt8](repeating: 2, count: 12) + [0x88, 0xB5])
    }

    private func port(_ name: String) -> Framed {
        .counters(1, DataSource(classNumber: 0, index: 3), [.interface(3), .portName(name)])
    }

    private func host(_ name: String) -> Framed {
        .counters(1, DataSource(classNumber: 2, index: 1), [.hostDescription(name)])
    }

    @Test func whatTheTopologySpellsOut() throws {
        #expect(key(at: 0) == "-,-,-")
        try setTopology(#"{"nodes":{"leaf1":{"agent":"10.0.0.1","ports":{"swp3":{"ifindex":"3"}}}},"links":\#(link)}"#)
        #expect(key(at: 0) == "leaf1,l1,swp3")
        #expect(key(at: 1, from: IPAddress(v4: 0x0A00_0002)) == "-,-,-")
        #expect(key(at: 2) == "leaf1,l1,swp3")
        shard.setTopology(.empty)
        #expect(key(at: 3) == "-,-,-")
    }

    @Test func whatIsLearned() throws {
        try setTopology(#"{"links":\#(link)}"#)
        #expect(key(at: 0) == "-,-,-")
        #expect(key(at: 1, [port("swp3")]) == "-,-,swp3")
        // In the very datagram that tells the name.
        #expect(key(at: 2, [host("leaf1.example.com")]) == "leaf1,l1,swp3")
        #expect(key(at: 3) == "leaf1,l1,swp3")
    }

    @Test func namesThatChange() throws {
        try setTopology(#"{"links":\#(link)}"#)
        #expect(key(at: 0, [host("leaf1"), port("swp3")]) == "leaf1,l1,swp3")
        let renamed = Framed.counters(2, DataSource(classNumber: 0, index: 3), [.portName("swp4")])
        #expect(key(at: 1, [renamed]) == "leaf1,-,swp4")
        let other = Framed.counters(2, DataSource(classNumber: 2, index: 1), [.hostDescription("leaf9")])
        #expect(key(at: 2, [other]) == "-,-,swp4")
    }

    /// Definitions that ask no names stay what they are; others are a shard's own, and still the same definition.
    @Test func onlyWhoAsksIsBound() throws {
        let environment = FlowEnvironment(seed: 1)
        let plain = ActiveFlow(
            name: "p", compiled: try CompiledFlow(FlowDefinition(keys: ["agent"], value: "frames"), environment: environment))
        let asking = ActiveFlow(
            name: "q",
            compiled: try CompiledFlow(
                FlowDefinition(keys: ["agent"], value: "frames", filter: "link:inputifindex=null"), environment: environment))
        shard.setFlows([plain, asking])
        #expect(shard.flows[0] === plain)
        #expect(shard.flows[1] !== asking)
        #expect(shard.flows[1].compiled.definition == asking.compiled.definition)
    }
}

/// Evaluates a definition for the flow sample of a datagram.
struct OneSample: DatagramVisitor, ~Copyable {
    let flow: CompiledFlow
    private var facts = SampleFacts()
    private var match = FlowMatch()
    private(set) var key = ""

    init(flow: CompiledFlow) { self.flow = flow }

    mutating func beginDatagram(_ header: DatagramHeader) -> Bool {
        agent = header.agent
        return true
    }
    private var agent = IPAddress(v4: 0)

    mutating func beginFlowSample(_ sample: FlowSample) -> Bool {
        facts.beginPacketSample(agent: agent, sample)
        return true
    }
    mutating func flowRecord(_ layout: FlowLayoutID, _ body: RawSpan, in datagram: RawSpan) {
        facts.record(layout, body, in: datagram)
    }
    mutating func endFlowSample(in datagram: RawSpan) {
        key = flow.evaluate(&facts, in: datagram, into: &match) ? flow.keyText(match) : "nothing"
    }
    mutating func beginCounterSample(_ sample: CounterSample) -> Bool { false }
    mutating func counterRecord(_ layout: CounterLayoutID, _ body: RawSpan) {}
    mutating func endCounterSample() {}
    mutating func beginDiscardedPacket(_ sample: DiscardedPacket) -> Bool { false }
    mutating func endDiscardedPacket(in datagram: RawSpan) {}
    mutating func namedMetrics(_ body: RawSpan) {}
    mutating func namedFlow(_ body: RawSpan) {}
    mutating func unknownSample(_ tag: SFlow.Tag) {}
    mutating func unknownRecord(_ kind: RecordKind, _ tag: SFlow.Tag) {}
    mutating func fault(_ error: DecodeError) {}
}
