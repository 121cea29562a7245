// Datagrams that stand for others, left out on the way: flows count as if the sampling rate were so much higher, totals stay.

import Bytes
import DatagramBuilding
import SFlow
import ShardEngine
import Testing

@Suite struct WeightTests {
    private static func shard(_ weight: UInt8, rateFactor: UInt32) throws -> Sender {
        let sender = Sender()
        sender.weight = weight
        sender.shard.setFlows([
            try ActiveFlow("pair", keys: ["ipsource"], values: ["frames", "avg:ipttl"]),
            try ActiveFlow("drops", keys: ["reason"], value: "frames", dropped: true),
        ])
        for number: UInt32 in 1...20 {
            sender.send(
                after: 0.3, .packet(number, .port(4), rate: 100 * number * rateFactor, from: number % 3, to: 9, timeToLive: UInt8(number)))
            sender.counters(after: 0.3, .interface(4, inOctets: UInt64(number) * 100_000))
        }
        return sender
    }

    @Test func flowsAreThoseOfAHigherSamplingRate() throws {
        let (one, other) = (try Self.shard(8, rateFactor: 1), try Self.shard(1, rateFactor: 8))
        let now = one.now
        #expect(now == other.now)
        let (seen, expected) = (Sender.contents(of: one.shard, at: now), Sender.contents(of: other.shard, at: now))
        #expect(seen == expected)
        #expect(seen.contains { $0.contains("pair") })
    }

    @Test func totalsAreNotScaled() throws {
        let (one, other) = (try Self.shard(8, rateFactor: 1), try Self.shard(1, rateFactor: 1))
        let rate = one.number("ifinoctets")
        #expect(rate != nil)
        #expect(rate == other.number("ifinoctets"))
        #expect(one.number("pair").map { $0 / 8 } == other.number("pair"))
    }

    @Test func noticesOfDroppedPacketsCountEach() throws {
        let sender = try Self.shard(16, rateFactor: 1)
        sender.send(after: 0, .discard(1, .port(4), drops: 0, reason: 259))
        #expect(sender.number("drops") == 16 / 2.0)
    }

    @Test func aHostileRateDoesNotOverflow() throws {
        let sender = Sender()
        sender.weight = 64
        sender.shard.setFlows([try ActiveFlow("all", value: "frames")])
        sender.send(.packet(1, .port(4), rate: .max, from: 1, to: 2))
        #expect(sender.number("all") == Double(UInt32.max) / 2)
    }
}
