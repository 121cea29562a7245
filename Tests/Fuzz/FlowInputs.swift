// What users define: the flow language, the JSON of definitions, and packed keys as another node may send them.

import Bytes
import Definitions
import FlowLanguage
import SFlow
import ShardEngine

/// A datagram with one flow sample of a TCP packet in a VLAN, for programs to run over.
private let sample: [UInt8] = {
    func be(_ numbers: UInt32...) -> [UInt8] {
        numbers.flatMap { number in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) } }
    }
    let header: [UInt8] =
        [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x81, 0, 0x20, 100, 8, 0, 0x45, 0, 0, 40, 0, 1, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]
        + [0x9C, 0x40, 1, 0xBB] + be(1, 2) + [0x50, 0x12, 0, 0, 0, 0, 0, 0] + [0, 0]
    let record = be(1, UInt32(16 + header.count), 1, 1500, 4, UInt32(header.count)) + header
    let body = be(7, 3, 1000, 7000, 0, 3, 4, 1) + record
    return be(5, 1, 0x0A00_0001, 0, 1, 1000, 1) + be(1, UInt32(body.count)) + body
}()

/// Lines: keys, value, values, filter. What compiles runs, and its key has a text.
func fuzzFlowLanguage(_ input: [UInt8]) {
    let lines = String(decoding: input, as: UTF8.self).split(separator: "\n", maxSplits: 3, omittingEmptySubsequences: false)
    guard lines.count == 4 else { return }
    run(FlowDefinition(keys: [String(lines[0])], value: String(lines[1]), values: [String(lines[2])], filter: String(lines[3]), log: true))
}

/// A body as a client sends it. What is understood can be shown, and is then understood as the same.
func fuzzDefinition(_ input: [UInt8]) {
    guard let json = try? RelaxedJSON.parse(input, sizeMax: 1 << 20) else { return }
    for kind in DefinitionKind.allCases {
        guard let definition = try? Definition(kind, json: json) else { continue }
        if case .flow(let flow) = definition {
            guard let again = try? FlowDefinition(json: flow.json) else { return check(false, "a shown definition is one") }
            check(again.json.text(indent: 0) == flow.json.text(indent: 0), "a shown definition is the same")
            run(flow)
        }
    }
}

func fuzzPackedKey(_ input: [UInt8]) {
    let texts = PackedKey.texts(input.span.bytes)
    check(texts.joined(separator: "/") == PackedKey.text(input.span.bytes, separator: "/"), "the text is its components")
}

private func run(_ definition: FlowDefinition) {
    guard let compiled = try? CompiledFlow(definition, environment: FlowEnvironment(seed: 1)) else { return }
    let shard = Shard()
    shard.setFlows([ActiveFlow(name: "f", compiled: compiled)])
    shard.ingest(sample.span.bytes, udpSource: IPAddress(v4: 1), arrival: 1_700_000_000_000_000_000)
    shard.advance(to: 1_800_000_000_000_000_000)
    check(shard.counters.accepted == 1, "the sample is one")
    for record in shard.takeOutbox().flows { check(record.value.isFinite, "a total is a number") }
}
