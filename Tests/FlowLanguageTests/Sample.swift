// A sample built field by field, and what a definition makes of it.
import Bytes
import FlowLanguage
import PacketBuilding
import SFlow

/// The parts of a sample, as an agent would send them.
struct Sample {
    var agent = IPAddress(v4: 0x0A00_0001)
    var flow = FlowSample(
        sequenceNumber: 1, dataSource: DataSource(classNumber: 0, index: 3), samplingRate: 100, samplePool: 5000,
        drops: 0, input: Interface(kind: .single, value: 3), output: Interface(kind: .single, value: 7),
        isACLTriggered: false)
    var discarded: DiscardedPacket?
    var named: NamedFlow?
    var records: [(tag: Tag, body: Octets)] = []

    init(_ records: (Tag, Octets)...) { self.records = records.map { (tag: $0.0, body: $0.1) } }

    /// A sampled Ethernet frame.
    init(packet: Octets, _ records: (Tag, Octets)...) {
        self.records = [(Tag(0, 1), sampledHeader(packet))] + records.map { (tag: $0.0, body: $0.1) }
    }

    /// Bodies as they would lie in a datagram, with other bytes around them.
    func datagram() -> (bytes: Octets, places: [(layout: FlowLayoutID, offset: Int, byteCount: Int)]) {
        var bytes: Octets = [0xDE, 0xAD, 0xBE, 0xEF]
        var places: [(FlowLayoutID, Int, Int)] = []
        for (tag, body) in records {
            guard let layout = FlowLayoutID(tag) else { continue }
            places.append((layout, bytes.count, body.count))
            bytes += body + [0xEE, 0xEE, 0xEE, 0xEE]
        }
        return (bytes, places)
    }

    func fill(_ facts: inout SampleFacts) -> Octets {
        if let discarded {
            facts.beginNotification(agent: agent, discarded)
        } else if let named {
            facts.beginNamedFlow(agent: agent, named)
        } else {
            facts.beginPacketSample(agent: agent, flow)
        }
        let (bytes, places) = datagram()
        for place in places { facts.record(place.layout, offset: place.offset, byteCount: place.byteCount) }
        return bytes
    }

    struct Outcome: Hashable {
        var key: String
        var packed: Octets
        var hash: UInt64
        var value: FlowOperand
        var values: [FlowOperand]
        var scale: UInt32
    }

    /// Nil when the sample does not count.
    func evaluate(_ flow: CompiledFlow) -> Outcome? {
        var facts = SampleFacts()
        var match = FlowMatch()
        let bytes = fill(&facts)
        guard flow.evaluate(&facts, in: bytes.span.bytes, into: &match) else { return nil }
        return Outcome(
            key: flow.keyText(match), packed: match.keyBytes, hash: match.hash, value: match.value,
            values: Array(match.values.prefix(match.valueCount)), scale: match.scale)
    }

    func evaluate(_ definition: FlowDefinition, _ environment: FlowEnvironment = testEnvironment) throws -> Outcome? {
        evaluate(try CompiledFlow(definition, environment: environment))
    }

    /// The text of a key or function; nil when it is absent.
    func text(_ key: String, _ environment: FlowEnvironment = testEnvironment) throws -> String? {
        let definition = FlowDefinition(keys: [key], value: "count:agent", dropped: discarded != nil)
        return try evaluate(definition, environment)?.key
    }

    /// Whether a filter accepts the sample.
    func passes(_ filter: String, _ environment: FlowEnvironment = testEnvironment) throws -> Bool {
        let definition = FlowDefinition(value: "count:agent", filter: filter, dropped: discarded != nil)
        return try evaluate(definition, environment) != nil
    }
}

let testEnvironment = FlowEnvironment(seed: 0x5EED)

/// sampled_header (0:1).
func sampledHeader(_ packet: Octets, protocolNumber: Int = 1, frameLength: Int? = nil, stripped: Int = 4) -> Octets {
    be32(protocolNumber) + be32(frameLength ?? packet.count + 4) + be32(stripped) + xdr(packet)
}

/// A length, the bytes, padding.
func xdr(_ bytes: Octets) -> Octets { be32(bytes.count) + bytes + zeros((4 - bytes.count % 4) % 4) }
func xdr(_ text: String) -> Octets { xdr(Octets(text.utf8)) }
func be64(_ value: Int) -> Octets { be32(value >> 32 & 0xFFFF_FFFF) + be32(value & 0xFFFF_FFFF) }
func mac8(_ mac: Octets) -> Octets { mac + [0, 0] }
