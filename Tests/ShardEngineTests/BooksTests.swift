// Hostile datagrams: nothing traps, and the books balance after each (promises P2 and P4).

import Bytes
import DatagramBuilding
import SeededRandom
import SFlow
import ShardEngine
import Testing

@Suite struct Books {
    static let samples: [Framed] = [
        .counters(1, .port(4), [.interface(4, inOctets: 1), .portName("swp4"), .record("ethernet_counters", [:])]),
        .counters(1, .machine, [.hostDescription("h"), .record("host_cpu", [:]), .record("host_memory", [:])]),
        .counters(
            1, .port(5),
            [
                Framed(10) { record in for word: UInt32 in [1, 1, 1, 1, 1, 7, 1, 1, 1, 1, 1, 1, 1, 1, 1] { record.u32(word) } },
                .record("queue_length", ["queueIndex": 3]), .record("hw_tables", [:]),
            ]),
        .flow(1, .port(4), rate: 10, pool: 10), .discard(1, .port(4), drops: 1, reason: 256),
        .custom("app", [("a", .counter32(1)), ("b", .text("x")), ("c", .double(1))]),
    ]

    private func check(_ counters: ShardCounters, _ datagrams: UInt64) -> Bool {
        counters.datagrams == datagrams
            && counters.datagrams == counters.accepted + counters.duplicates + counters.refusedTotal
    }

    @Test(arguments: 0..<8 as Range<UInt64>) func mutatedDatagrams(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let shard = Shard()
        var arrival: Int64 = 1_700_000_000_000_000_000
        for step: UInt64 in 1...1_500 {
            var bytes = Datagram(
                agent: IPAddress(v4: .random(in: 1...3, using: &random)), sequence: UInt32(step / 2), uptime: UInt32(step * 100),
                Books.samples.shuffled(using: &random)).bytes
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                let words: [UInt8] = [0, 1, 0xFF, 0x80, .random(in: 0...255, using: &random)]
                bytes[place] = words.randomElement(using: &random) ?? 0
            }
            if random.chance(5) { bytes.removeLast(Int.random(in: 0...bytes.count, using: &random)) }
            arrival = random.chance(50) ? Int64.random(in: .min ... .max, using: &random) : arrival &+ 1_000_000_000
            shard.ingest(bytes.span.bytes, udpSource: IPAddress(v4: 9), arrival: arrival)
            let balanced = check(shard.counters, step)
            #expect(balanced, "seed \(seed), step \(step)")
            if !balanced { return }
            if step % 100 == 0 {
                shard.removeExpired(asOf: arrival)
                _ = Sender.contents(of: shard, at: arrival)
            }
        }
    }

    @Test(arguments: 0..<4 as Range<UInt64>) func randomBytes(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let shard = Shard()
        for step: UInt64 in 1...2_000 {
            var bytes: [UInt8] = (0..<Int.random(in: 0...200, using: &random)).map { _ in .random(in: 0...255, using: &random) }
            if bytes.count > 8, random.chance(2) { bytes.replaceSubrange(0..<8, with: [0, 0, 0, 5, 0, 0, 0, 1]) }
            shard.ingest(bytes.span.bytes, udpSource: IPAddress(v4: 9), arrival: Int64(step))
            let balanced = check(shard.counters, step)
            #expect(balanced, "seed \(seed), step \(step)")
            if !balanced { return }
        }
    }

    @Test func everyTruncation() {
        let whole = Datagram(sequence: 1, uptime: 1, Books.samples).bytes
        let shard = Shard()
        for count in 0...whole.count {
            let part = Array(whole.prefix(count))
            shard.ingest(part.span.bytes, udpSource: IPAddress(v4: 9), arrival: 1)
        }
        #expect(check(shard.counters, UInt64(whole.count + 1)))
        #expect(shard.counters.refused[.tooShort] == 28)
    }

    @Test func booksOfSeveralShardsAddUp() {
        var sum = ShardCounters()
        for version: UInt32 in [5, 4, 9] {
            let sender = Sender()
            var bytes = Datagram(sequence: 1, uptime: 1, Books.samples).bytes
            bytes[3] = UInt8(version)
            sender.send(bytes: bytes)
            sender.send(bytes: bytes)
            sum.add(sender.shard.counters)
        }
        #expect(sum.refused == [.unsupportedVersion: 2, .foreignVersion: 2])
        #expect([sum.datagrams, sum.accepted, sum.duplicates, sum.refusedTotal] == [6, 1, 1, 4])
    }
}
