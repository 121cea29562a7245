// Gauges and rates: wire-format 1.2 and 7.7, decisions 6, 9 and 10.

import DatagramBuilding
import SFlow
import ShardEngine
import Testing

@Suite struct Rates {
    let sender = Sender()

    func octets(_ total: UInt64, after: Double = 20, speed: UInt64 = 10_000_000_000) {
        sender.counters(after: after, .interface(4, speed: speed, inOctets: total))
    }

    func packets(_ total: UInt32, speed: UInt64 = 10_000_000_000) {
        sender.counters(.interface(4, speed: speed, inPackets: total))
    }

    @Test func gaugesComeAtOnceRatesWithTheSecondSample() {
        octets(1_000)
        #expect(sender.number("ifspeed") == 1e10)
        #expect(sender.number("ifindex") == 4)
        #expect(sender.text("iftype") == "ethernetCsmacd")
        #expect(sender.text("ifdirection") == "full-duplex")
        #expect(sender.text("ifadminstatus") == "up")
        #expect(sender.number("ifinoctets") == nil)
        #expect(sender.number("ifinutilization") == nil)
        octets(21_000)
        #expect(sender.number("ifinoctets") == 1_000)
        #expect(sender.number("ifinutilization") == 1_000 * 800 / 1e10)
        #expect(sender.number("ifoutoctets") == 0)
        #expect(sender.reading("ifinoctets", at: .numbered(.port(4)))?.arrival == sender.now)
    }

    @Test(arguments: [
        // arrival and uptime between the samples, and the one that counts
        (20.0, 20.0, 20.0), (20, 24.9, 24.9), (20, 15.1, 15.1), (20, 25.1, 20), (20, 14.9, 20), (20, 0, 20), (20, 4_000_000, 20),
        (1, 0.5, 0.5), (1, 2.1, 2.1), (1, 2.3, 1),
    ])
    func intervalIsUptimeWhenItIsPlausible(arrival: Double, uptime: Double, expected: Double) {
        octets(0)
        sender.counters(after: arrival, uptimeSeconds: uptime, .interface(4, inOctets: 1_000_000))
        #expect(sender.number("ifinoctets").map { abs($0 * expected - 1_000_000) < 1e-3 } == true)
    }

    @Test func noTimePassedMeansTheNextRecordDecides() {
        octets(0)
        sender.counters(after: 0.5, uptimeSeconds: 0, .interface(4, inOctets: 500))
        #expect(sender.number("ifinoctets") == nil)
        octets(20_500, after: 20)
        #expect(sender.number("ifinoctets").map { abs($0 - 20_500 / 20.0) < 30 } == true)
    }

    @Test func counter32Wraps() {
        packets(UInt32.max - 99)
        packets(100)
        #expect(sender.number("ifinucastpkts") == 10)
    }

    @Test func implausibleStepIsAResetAndTheOldRateStays() {
        // 10 Mbit/s let 39,063 frames a second through at twice the speed.
        for total: UInt32 in [1_000_000, 1_000_200] { packets(total, speed: 10_000_000) }
        #expect(sender.number("ifinucastpkts") == 10)
        packets(5, speed: 10_000_000)
        #expect(sender.number("ifinucastpkts") == 10)
        packets(405, speed: 10_000_000)
        #expect(sender.number("ifinucastpkts") == 20)
    }

    @Test func withoutSpeedHalfTheRangeDecides() {
        packets(3_000_000_000, speed: 0)
        packets(3_000_000_200, speed: 0)
        #expect(sender.number("ifinucastpkts") == 10)
        packets(2_000_000_000, speed: 0)
        #expect(sender.number("ifinucastpkts") == 10)
        packets(2_000_000_020, speed: 0)
        #expect(sender.number("ifinucastpkts") == 1)
        #expect(sender.number("ifspeed") == 0)
        #expect(sender.number("ifinutilization") == nil)
    }

    @Test func counter64DecreaseIsAReset() {
        for total: UInt64 in [1 << 40, 1 << 40 + 20_000] { octets(total) }
        let rate = sender.number("ifinoctets")
        octets(77)
        #expect(sender.number("ifinoctets") == rate)
        octets(77 + 40)
        #expect(sender.number("ifinoctets") == 2)
    }

    @Test func counter32In64Wraps() {
        octets(UInt64(UInt32.max) - 99, speed: 10_000_000)
        octets(100, speed: 10_000_000)
        #expect(sender.number("ifinoctets") == 10)
    }

    @Test func speedThatRisesBoundsItsOwnInterval() {
        octets(0, speed: 1_000_000_000)
        octets(200_000_000_000, speed: 100_000_000_000)
        #expect(sender.number("ifinoctets") == 1e10)
    }

    @Test func allOnesOnceIsACounterAtItsMaximum() {
        packets(UInt32.max - 200)
        packets(UInt32.max - 100)
        #expect(sender.number("ifinucastpkts") == 5)
        packets(.max)
        #expect(sender.number("ifinucastpkts") == 5)
        packets(39)
        #expect(sender.number("ifinucastpkts") == 2)
    }

    @Test func allOnesTwiceIsUnknown() {
        packets(0)
        packets(100)
        packets(.max)
        #expect(sender.number("ifinucastpkts") == 5)
        packets(.max)
        #expect(sender.number("ifinucastpkts") == nil)
        packets(1_000)
        #expect(sender.number("ifinucastpkts") == nil)
        packets(1_020)
        #expect(sender.number("ifinucastpkts") == 1)
    }

    @Test func allOnesAlwaysIsNeverShown() {
        for _ in 0..<4 {
            packets(.max)
            #expect(sender.number("ifinucastpkts") == nil)
        }
        #expect(sender.number("ifinmulticastpkts") == 0)
        #expect(sender.number("ifinpkts") == 0, "unknown parts count 0")
    }

    @Test func sumOfUnknownPartsIsAbsent() {
        for _ in 0..<3 {
            sender.counters(
                .record(
                    "if_counters",
                    ["ifIndex": 4, "ifInUcastPkts": .max, "ifInMulticastPkts": .max, "ifInBroadcastPkts": .max]))
        }
        #expect(sender.number("ifinpkts") == nil)
        #expect(sender.number("ifoutpkts") == 0)
    }

    @Test func sequenceResetDropsTheStartValues() {
        for (number, total) in [(10, 4_000_000_000), (11, 4_000_000_200)] as [(UInt32, UInt32)] {
            sender.send(.counters(number, .port(4), [.interface(4, speed: 0, inPackets: total)]))
        }
        #expect(sender.number("ifinucastpkts") == 10)
        // Modulo 2^32 a plausible step; the number says that the counters started over.
        sender.send(.counters(1, .port(4), [.interface(4, speed: 0, inPackets: 100)]))
        #expect(sender.number("ifinucastpkts") == 10)
        sender.send(.counters(2, .port(4), [.interface(4, speed: 0, inPackets: 120)]))
        #expect(sender.number("ifinucastpkts") == 1)
    }

    @Test func agentRestartWithoutFallOfUptimeDropsTheStartValues() {
        for (number, total) in [(90_000, 4_000_000_000), (90_001, 4_000_000_200)] as [(UInt32, UInt32)] {
            sender.send(sequence: number, .counters(number, .port(4), [.interface(4, speed: 0, inPackets: total)]))
        }
        sender.send(sequence: 1, .counters(1, .port(4), [.interface(4, speed: 0, inPackets: 100)]))
        #expect(sender.view()?.agent.statistics.restarts == 1)
        #expect(sender.number("ifinucastpkts") == 10)
        sender.send(sequence: 2, .counters(2, .port(4), [.interface(4, speed: 0, inPackets: 120)]))
        #expect(sender.number("ifinucastpkts") == 1)
    }

    @Test func uptimeThatFallsDropsTheStartValues() {
        octets(1_000)
        octets(3_000)
        sender.counters(uptime: 10_000, .interface(4, inOctets: 5_000))
        #expect(sender.number("ifinoctets") == 100)
        sender.counters(.interface(4, inOctets: 5_020))
        #expect(sender.number("ifinoctets") == 1)
    }

    @Test func uptimeMayWrap() {
        sender.counters(uptime: .max - 9_999, .interface(4, inOctets: 0))
        sender.counters(uptime: 10_000, .interface(4, inOctets: 2_000))
        #expect(sender.number("ifinoctets") == 2_000 / 20.0)
        #expect(sender.view()?.agent.statistics.restarts == 0)
    }

    @Test func lateAndRepeatedCounterSamplesAreLeftOut() {
        func sample(_ number: UInt32, _ total: UInt64) -> Framed { .counters(number, .port(4), [.interface(4, inOctets: total)]) }
        sender.send(sample(1, 0))
        // Two seconds late: had its uptime been clearly lower, it would tell of a restart.
        let (lateSequence, lateUptime) = (sender.sequence + 1, sender.uptime + 38_000)
        sender.send(after: 40, sequence: sender.sequence + 2, sample(3, 4_000))
        #expect(sender.number("ifinoctets") == 100)
        sender.sendRaw(Datagram(sequence: lateSequence, uptime: lateUptime, [sample(2, 2_500)]))
        #expect(sender.number("ifinoctets") == 100)
        sender.send(sample(3, 4_000))
        #expect(sender.number("ifinoctets") == 100)
        sender.send(after: 0, sample(4, 8_000))
        #expect(sender.number("ifinoctets") == 200)
        let instance = sender.view()?.agent.instances.first
        #expect(instance?.outOfOrder == 1)
        #expect(instance?.lost == 0)
        #expect(instance?.duplicates == 1)
    }

    @Test func duplicateDatagramsAreDropped() {
        octets(0)
        octets(2_000)
        let before = Sender.contents(of: sender.shard, at: sender.now)
        let repeated = Datagram(
            sequence: sender.sequence, uptime: sender.uptime, [.counters(9, .port(4), [.interface(4, inOctets: 9_999)])])
        sender.sendRaw(repeated)
        #expect(sender.number("ifinoctets") == 100)
        #expect(Sender.contents(of: sender.shard, at: sender.now).dropFirst() == before.dropFirst())
        #expect(sender.shard.counters.duplicates == 1)
        #expect(sender.shard.counters.accepted == 2)
        #expect(sender.view()?.agent.statistics.duplicates == 1)
    }

    @Test func theFirstOfTwoEqualRecordsStands() {
        sender.counters(.portName("first"), .portName("second"))
        #expect(sender.text("ifname") == "first")
    }

    @Test func ifIndexNamesTheRow() {
        func sample(_ number: UInt32, _ total: UInt32) -> Framed {
            .counters(number, .port(9), [.portName("before"), .interface(4, speed: 0, inPackets: total), .portName("behind")])
        }
        sender.send(sample(7, 4_000_000_000))
        sender.send(sample(8, 4_000_000_200))
        #expect(sender.number("ifinucastpkts") == 10)
        #expect(sender.number("ifinucastpkts", at: .port(9)) == nil)
        #expect(sender.text("ifname", at: .port(9)) == "before")
        #expect(sender.text("ifname", at: .port(4)) == "behind")
        #expect(sender.view()?.agent.instances.map(\.key.dataSource) == [.port(9)])
        // The reset of the sample's sequence reaches the row, too.
        sender.send(sample(1, 100))
        #expect(sender.number("ifinucastpkts") == 10)
        sender.send(sample(2, 120))
        #expect(sender.number("ifinucastpkts") == 1)
    }

    @Test func impossibleTimesDoNotTrap() {
        for time in [Int64.max, .min, 0, -1, 1, .max - 1, .min + 1, .max] {
            for metric in ["a", "b"] {
                let datagram = Datagram(
                    sequence: UInt32(truncatingIfNeeded: time), uptime: 0,
                    [.counters(1, .port(4), [.interface(4)]), .custom("app", [(metric, .counter64(7))])])
                sender.shard.ingest(datagram.bytes.span.bytes, udpSource: sender.agent, arrival: time)
            }
            sender.shard.removeExpired(asOf: time)
            for instant in [Int64.min, 0, .max] {
                if let agent = sender.shard.agents[sender.agent] {
                    let view = AgentView(agent, at: Instant(nanoseconds: instant), of: sender.shard)
                    _ = view.isVisible
                    #expect(view.instant.age(of: agent.lastArrival) >= 0)
                }
            }
        }
    }
}
