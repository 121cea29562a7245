// A shard's state as another node sends it. What was taken in is written again, taken in by a second shard, and used.

import Bytes
import FlowLanguage
import ShardEngine
import Wire

/// Definitions of every kind of state. Their digests in `corpus.py`'s headers would change with them, so the header comes
/// from here and the input is the pieces of agents: each behind its length in three bytes, the last one perhaps short.
private func makeShard() -> Shard? {
    let shard = Shard()
    let definitions = [
        FlowDefinition(keys: ["ipsource"], value: "bytes", values: ["max:bytes", "avg:bytes", "count:ipdestination"], log: true),
        FlowDefinition(keys: ["macsource", "ipsource"], value: "frames", n: 20, t: 0.1),
    ]
    var flows: [ActiveFlow] = []
    for (place, definition) in definitions.enumerated() {
        guard let compiled = try? CompiledFlow(definition, environment: FlowEnvironment(seed: 1)) else { return nil }
        flows.append(ActiveFlow(name: "f\(place)", compiled: compiled))
    }
    shard.setFlows(flows)
    shard.setThresholds([
        ActiveThreshold(name: "flow", metric: "f1", level: 1, byFlow: true), ActiveThreshold(name: "load", metric: "load_one", level: 1),
    ])
    return shard
}

func fuzzSnapshot(_ input: [UInt8]) {
    guard let shard = makeShard(), let twin = makeShard() else { return check(false, "the definitions are right") }
    var pieces: [[UInt8]] = []
    var offset = 0
    while offset + 3 <= input.count, pieces.count < 16 {
        let length = Int(input[offset]) << 16 | Int(input[offset + 1]) << 8 | Int(input[offset + 2])
        let end = min(offset + 3 + length, input.count)
        pieces.append(Array(input[offset + 3..<end]))
        offset = end
    }
    var header = ShardSnapshot(of: shard).header
    // The last field is the number of agents, below 128.
    header[header.count - 1] = UInt8(pieces.count)
    guard restore([header] + pieces, into: shard) else { return check(shard.agents.isEmpty, "a refused snapshot leaves nothing") }
    let written = ShardSnapshot(of: shard).pieces
    check(restore(written, into: twin), "what was taken in can be written and taken in")
    check(ShardSnapshot(of: twin).pieces == written && twin.stateHash == shard.stateHash, "a state has one form")
    for instant in [1_700_000_000_000_000_000, Int64.max] {
        readShard(shard, at: Instant(nanoseconds: instant))
        shard.settle(advanced: instant, swept: instant)
    }
}

private func restore(_ pieces: [[UInt8]], into shard: Shard) -> Bool {
    var restoration = ShardRestoration(into: shard)
    for piece in pieces {
        do { try restoration.take(piece) } catch { return false }
    }
    return restoration.isComplete
}
