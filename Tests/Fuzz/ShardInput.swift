// The state of a shard, built by datagrams that nobody meant well. What is tested beside the absence of traps: the
// books balance.

import Bytes
import ShardEngine

/// The input is a sequence of datagrams, each behind one byte, the seconds since the datagram before, and its length in
/// two. The last may be short.
func fuzzShard(_ input: [UInt8]) {
    let bytes = input.span.bytes
    let shard = Shard()
    var arrival: Int64 = 1_700_000_000_000_000_000
    var offset = 0
    while let seconds = try? bytes.uint8(at: offset), let length = try? bytes.uint16(at: offset + 1) {
        arrival += Int64(seconds) * 1_000_000_000
        let start = offset + 3
        let end = min(start + Int(length), bytes.byteCount)
        shard.ingest(bytes.extracting(start..<end), udpSource: IPAddress(v4: 0x0A00_0001), arrival: arrival)
        offset = end
    }
    checkBooks(shard.counters)
    readShard(shard, at: Instant(nanoseconds: arrival))
    shard.removeExpired(asOf: arrival + 86_400_000_000_000)
    check(shard.agents.isEmpty, "nothing lives for a day without a datagram")
}

private func checkBooks(_ counters: ShardCounters) {
    let refused = counters.refused.values.reduce(0, +)
    check(
        counters.datagrams == counters.accepted + counters.duplicates + counters.agentsRefused + refused,
        "datagrams = accepted + duplicates + agentsRefused + refused")
}

/// Asks for every metric.
func readShard(_ shard: Shard, at instant: Instant) {
    for agent in shard.agents.values {
        let view = AgentView(agent, at: instant, of: shard)
        for source in agent.sources.indices {
            view.forEachMetric(source: source) { name, reading in
                if case .number(let value) = reading.value { check(value.isFinite, "\(name) is a number") }
            }
        }
    }
}
