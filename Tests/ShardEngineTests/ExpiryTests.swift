// When values and agents leave: decision 5.

import Bytes
import DatagramBuilding
import SeededRandom
import SFlow
import ShardEngine
import Testing

@Suite struct Leaving {
    let sender = Sender()

    @Test(arguments: [(5.0, 60.0), (20, 100), (100, 500), (200, 600)])
    func afterFiveIntervalsWithinBounds(interval: Double, life: Double) {
        sender.counters(.interface(4))
        sender.counters(after: interval, .interface(4, inOctets: 100))
        sender.wait(life)
        #expect(sender.number("ifspeed") != nil)
        sender.wait(1e-6)
        #expect(sender.number("ifspeed") == nil)
        #expect(sender.number("ifinoctets") == nil)
    }

    @Test func oneSampleStaysLongest() {
        sender.counters(.interface(4))
        sender.wait(600)
        #expect(sender.number("ifspeed") != nil)
        sender.wait(1e-6)
        #expect(sender.number("ifspeed") == nil)
    }

    @Test func boundsAreSettings() {
        let sender = Sender(shard: Shard(expiry: Expiry(minimum: 1_000_000_000, maximum: 2_000_000_000)))
        sender.counters(.interface(4))
        sender.wait(2.5)
        #expect(sender.number("ifspeed") == nil)
        #expect(Expiry(minimum: 5, maximum: 1).maximum == 5)
    }

    @Test func anAgentLeavesWithItsLastMetric() {
        sender.counters(.interface(4))
        sender.wait(600)
        #expect(sender.view()?.isVisible == true)
        sender.wait(1)
        #expect(sender.view()?.isVisible == false)
        sender.shard.removeExpired(asOf: sender.now)
        #expect(sender.shard.agents.isEmpty)
    }

    @Test func anAgentWithoutMetricsStaysAsLongAsTheShortestLife() {
        sender.send(.flow(1, .port(1), rate: 1, pool: 1))
        sender.wait(60)
        #expect(sender.view()?.isVisible == true)
        sender.wait(1)
        #expect(sender.view()?.isVisible == false)
    }

    @Test(arguments: [false, true]) func comingBackEqualsAFreshAgent(isSwept: Bool) {
        func play(_ sender: Sender) {
            sender.counters(.interface(4, inOctets: 100), .portName("a"))
            sender.counters(.interface(4, inOctets: 300))
            sender.send(after: 1, .custom("app", [("hits", .counter32(5))]))
        }
        play(sender)
        sender.wait(700)
        if isSwept { sender.shard.removeExpired(asOf: sender.now) }
        let fresh = Sender()
        fresh.wait(Double(sender.now - fresh.now) / 1e9)
        // The same second life for both.
        for (number, total) in [(50, 500), (51, 900)] as [(UInt32, UInt64)] {
            for sender in [sender, fresh] {
                sender.send(sequence: 900 + number, .counters(number, .port(4), [.interface(4, inOctets: total)]))
            }
        }
        #expect(Sender.contents(of: sender.shard, at: sender.now) == Sender.contents(of: fresh.shard, at: fresh.now))
    }

    @Test(arguments: 0..<20 as Range<UInt64>) func removalChangesNoAnswer(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let (swept, kept) = (Shard(), Shard())
        var now: Int64 = 1_700_000_000_000_000_000
        var numbers: [UInt32: UInt32] = [:]
        for step in 0..<150 {
            now += Int64.random(in: 0...(random.chance(20) ? 700 : 30), using: &random) * 1_000_000_000
            let agent = UInt32.random(in: 1...4, using: &random)
            numbers[agent, default: 0] += 1
            let number = numbers[agent] ?? 0
            let port = DataSource.port(.random(in: 1...3, using: &random))
            let datagram = Datagram(
                agent: IPAddress(v4: agent), sequence: number, uptime: UInt32(truncatingIfNeeded: now / 1_000_000),
                [
                    .counters(number, port, [.interface(port.index, inOctets: UInt64(step) * 1_000)]),
                    .custom("app\(number % 3)", [("m\(number % 5)", .counter32(UInt32(step)))]),
                ])
            for shard in [swept, kept] {
                shard.ingest(datagram.bytes.span.bytes, udpSource: IPAddress(v4: 9), arrival: now)
            }
            swept.removeExpired(asOf: now)
            let same = Sender.contents(of: swept, at: now) == Sender.contents(of: kept, at: now)
            #expect(same, "seed \(seed), step \(step)")
            if !same { return }
        }
    }

    @Test func removalGivesMemoryBack() {
        for port: UInt32 in 1...50 { sender.send(after: 0.1, .counters(1, .port(port), [.interface(port)])) }
        sender.wait(590)
        sender.send(.counters(1, .port(99), [.interface(99)]))
        sender.wait(20)
        sender.shard.removeExpired(asOf: sender.now)
        #expect(sender.number("ifindex", at: .port(99)) == 99)
        #expect(sender.number("ifindex", at: .port(1)) == nil)
        sender.send(.counters(2, .port(1), [.interface(1)]))
        #expect(sender.number("ifindex", at: .port(1)) == 1)
    }
}
