// The state machines of sequence numbers against a slow model that remembers every number it has seen, fed by a link
// that drops, delays, duplicates and reorders, and by an agent that restarts.

import DatagramBuilding
import SeededRandom
import Testing

@testable import ShardEngine

@Suite struct DatagramNumbers {
    private struct Sent { let number: UInt32, uptime: UInt32 }

    /// Everything that was seen since the last restart.
    private struct Model {
        var seen: Set<UInt32> = []
        var newest: UInt32?
        var newestUptime: UInt32 = 0

        mutating func observe(_ datagram: Sent) -> SequenceVerdict {
            guard let newest else {
                restart(datagram)
                return .first
            }
            let step = Int64(Int32(bitPattern: datagram.number &- newest))
            let fall = Int64(newestUptime) - Int64(datagram.uptime)
            let isWrap = newestUptime > UInt32.max - 600_000 && datagram.uptime < 600_000
            if step > 32_768 || step < -32_768 || step <= 0 && fall > 5_000 && !isWrap {
                restart(datagram)
                return .restart
            }
            if step > 0 {
                (self.newest, newestUptime) = (datagram.number, datagram.uptime)
                seen.insert(datagram.number)
                return step == 1 ? .inOrder : .gap(lost: UInt32(step - 1))
            }
            // Only the last 1024 numbers are remembered.
            if step > -1024, seen.contains(datagram.number) { return .duplicate }
            seen.insert(datagram.number)
            return .late
        }

        mutating func restart(_ datagram: Sent) {
            seen = [datagram.number]
            (newest, newestUptime) = (datagram.number, datagram.uptime)
        }
    }

    @Test(arguments: 0..<60 as Range<UInt64>) func matchTheModel(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var sequence = DatagramSequence(), model = Model()
        var number = random.chance(2) ? UInt32.max - 50 : UInt32.random(in: 0...100_000, using: &random)
        var uptime = random.chance(3) ? UInt32.max - 100_000 : UInt32.random(in: 0...10_000_000, using: &random)
        var underway: [(due: Int, Sent)] = []
        for step in 0..<3_000 {
            number &+= 1
            uptime &+= UInt32.random(in: 0...2_000, using: &random)
            if random.chance(500) { (number, uptime) = (UInt32.random(in: 0...20, using: &random), 50) }
            if random.chance(400) { number &+= UInt32.random(in: 1...40_000, using: &random) }
            if !random.chance(10) {
                let delay = random.chance(8) ? Int.random(in: 1...(random.chance(10) ? 1_500 : 20), using: &random) : 0
                underway.append((step + delay, Sent(number: number, uptime: uptime)))
                if random.chance(15) { underway.append((step + delay + Int.random(in: 0...5, using: &random), Sent(number: number, uptime: uptime))) }
            }
            for (_, datagram) in underway.filter({ $0.due <= step }) {
                let verdict = sequence.observe(datagram.number, uptimeMilliseconds: datagram.uptime)
                let expected = model.observe(datagram)
                #expect(verdict == expected, "seed \(seed), step \(step), number \(datagram.number)")
                if verdict != expected { return }
            }
            underway.removeAll { $0.due <= step }
        }
    }

    @Test func lossIsRepairedByLateDatagrams() {
        let sender = Sender()
        for (number, lost) in [(1, 0), (5, 3), (3, 2), (3, 2), (2, 1), (6, 1)] as [(UInt32, UInt64)] {
            sender.sendRaw(Datagram(sequence: number, uptime: 1_000))
            #expect(sender.view()?.agent.statistics.lost == lost)
        }
        let statistics = sender.view()?.agent.statistics
        #expect(statistics?.outOfOrder == 2)
        #expect(statistics?.duplicates == 1)
        #expect(statistics?.datagrams == 6)
        #expect(statistics?.udpSources.count == 1)
    }

    @Test func subAgentsAreNumberedApart() {
        let sender = Sender()
        for number: UInt32 in 1...5 {
            for subAgent: UInt32 in [0, 1, 900] {
                sender.sendRaw(Datagram(subAgent: subAgent, sequence: number * (subAgent + 1), uptime: 1_000))
            }
        }
        #expect(sender.view()?.agent.statistics.duplicates == 0)
        #expect(sender.view()?.agent.statistics.lost == 4 + 4 * 900)
    }
}

@Suite struct SampleNumbers {
    @Test func verdicts() {
        var sequence = SampleSequence()
        let steps: [(UInt32, Bool, SequenceVerdict)] = [
            (10, false, .first), (11, false, .inOrder), (14, false, .gap(lost: 2)), (14, false, .duplicate),
            (13, true, .late), (15, false, .inOrder), (3, false, .restart), (4, false, .inOrder),
            (.max, false, .restart), (0, false, .inOrder),
        ]
        for (number, isLate, verdict) in steps { #expect(sequence.observe(number, datagramIsLate: isLate) == verdict) }
        #expect(sequence.observe(7, datagramIsLate: false, isNewRun: true) == .first)
    }

    /// Agents that number by thread: after sixteen steps back gaps mean nothing.
    @Test func twoSeriesUnderOneKeyGiveNoLoss() {
        let sender = Sender()
        for round: UInt32 in 1...40 {
            sender.send(after: 1, .flow(round * 3, .port(1), rate: 100, pool: 0), .flow(5_000 + round, .port(1), rate: 100, pool: 0))
        }
        #expect(sender.view()?.agent.instances.first?.lost == 0)
        #expect(sender.view()?.agent.instances.first?.samples == 80)
    }

    @Test func kindsAreNumberedApart() {
        let sender = Sender()
        for number: UInt32 in 1...3 {
            sender.send(
                .flow(number, .port(1), rate: 100, pool: number * 100, drops: number),
                .counters(number * 10, .port(1), [.portName("a")]),
                .discard(number, .port(1), drops: number * 7, reason: 256))
        }
        let books = sender.view()?.agent.instances.map { "\($0.key.kind) \($0.samples) \($0.lost) \($0.drops)" }
        #expect(books == ["flow 3 0 2", "counter 3 18 0", "notification 3 0 14"])
        let counters = sender.shard.counters
        #expect([counters.flowSamples, counters.counterSamples, counters.notifications] == [3, 3, 3])
    }
}

@Suite struct EffectiveSamplingRate {
    let sender = Sender()

    func flow(_ number: UInt32, rate: UInt32 = 1_000, pool: UInt32) {
        sender.send(after: 0.1, .flow(number, .port(1), rate: rate, pool: pool))
    }

    var effective: Double? { sender.view()?.agent.instances.first?.effectiveSamplingRate }

    @Test func followsACrediblePool() {
        for number: UInt32 in 1...11 { flow(number, pool: number * 900) }
        #expect(effective == 900)
        #expect(sender.view()?.agent.instances.first?.declaredSamplingRate == 1_000)
    }

    @Test func makesUpForLostSamples() {
        for number: UInt32 in 1...101 where number % 2 == 1 { flow(number, pool: number &* 1_000 &- 50_000) }
        #expect(effective == 2_000)
    }

    @Test(arguments: [0, 1, 499, 2_001, 4_000_000]) func ignoresAnIncrediblePool(step: UInt32) {
        for number: UInt32 in 1...20 { flow(number, pool: number &* step) }
        #expect(effective == 1_000)
    }

    @Test func startsOverWithANewRate() {
        for number: UInt32 in 1...50 { flow(number, pool: number * 1_000) }
        flow(51, rate: 1_500, pool: 51_500)
        #expect(effective == 1_500)
        for number: UInt32 in 52...60 { flow(number, rate: 1_500, pool: 51_500 + (number - 51) * 1_400) }
        #expect(effective == 1_400)
    }

    @Test func aRateOfZeroIsOnePacketUnlessThePoolKnows() {
        flow(1, rate: 0, pool: 0)
        flow(2, rate: 0, pool: 0)
        #expect(effective == 1)
        flow(3, rate: 0, pool: 400)
        #expect(effective == 200)
    }

    @Test func oldSamplesFade() {
        for number: UInt32 in 1...8_193 { flow(number, pool: number * 1_000) }
        for number: UInt32 in 8_194...16_385 { flow(number, pool: 8_193_000 + (number - 8_193) * 1_500) }
        #expect(effective.map { $0 > 1_400 && $0 < 1_500 } == true)
    }
}
