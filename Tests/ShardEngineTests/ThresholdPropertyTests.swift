// Thresholds against the slow reference, over random samples.

import Bytes
import DatagramBuilding
import FlowLanguage
import SeededRandom
import SFlow
import ShardEngine
import Testing

@Suite struct ThresholdsAgainstTheReference {
    struct Case: Sendable, CustomStringConvertible {
        let value: String
        let byFlow: Bool
        let timeout: Double
        var description: String { "\(value) byFlow=\(byFlow) timeout=\(timeout)" }
    }

    static let cases = ["frames", "bytes", "last:bytes"].flatMap { value in
        [false, true].flatMap { byFlow in [0, 0.4, 3].map { Case(value: value, byFlow: byFlow, timeout: $0) } }
    }

    @Test(arguments: cases) func flows(_ example: Case) throws {
        var events = 0, undecided = 0
        for seed: UInt64 in 0..<6 {
            var random = SeededGenerator(seed: seed)
            let smoothing = [0.1, 0.2, 0.5][Int(seed % 3)]
            let isRate = example.value != "last:bytes"
            let level = example.value == "frames" ? 57.3 / smoothing : 487.7 / (isRate ? smoothing : 1)
            let sender = Sender()
            sender.shard.setFlows([try .named("f", FlowDefinition(keys: ["ipsource"], value: example.value, t: smoothing))])
            sender.shard.setThresholds([
                ActiveThreshold(
                    name: "x", metric: "f", level: level, byFlow: example.byFlow, timeoutSeconds: example.timeout)
            ])
            var slow = SlowFlows(seconds: smoothing, isRate: isRate)
            var states: [UInt32: SlowThreshold] = [:]
            let keys: ClosedRange<UInt32> = 1...3
            var isUndecided = false
            for number in 1...60 as ClosedRange<UInt32> {
                let pause = random.chance(6) ? Int64.random(in: 1...3_000, using: &random) : Int64.random(in: 1...200, using: &random)
                let next = sender.now + Int64(Double(pause) / 1000 * 1e9)
                let key = UInt32.random(in: keys, using: &random)
                // What is looked at while nothing arrives.
                for place in example.byFlow ? Array(keys) : [0] {
                    var state = states[place] ?? SlowThreshold(level: level, timeout: Int64(example.timeout * 1e9))
                    for time in stride(from: sender.now, through: next, by: Int64.Stride(SlowThreshold.step)) {
                        state.look(place == 0 ? slow.largest(at: time) : slow.value(of: place, at: time), at: time)
                    }
                    state.look(place == 0 ? slow.largest(at: next) : slow.value(of: place, at: next), at: next)
                    states[place] = state
                }
                let rate = UInt32.random(in: 1...60, using: &random), bytes = UInt32.random(in: 1...20, using: &random) * 50
                let sampled = example.value == "frames" ? Double(rate) : Double(bytes)
                sender.send(
                    after: Double(pause) / 1000,
                    .packet(number, from: key, bytes: bytes, rate: example.value == "frames" ? rate : 1))
                #expect(sender.now == next)
                slow.add(key, sampled, at: next)
                let place = example.byFlow ? key : 0
                let expected = place == 0 ? slow.largest(at: next) : slow.value(of: key, at: next)
                let fires = states[place]?.sample(expected, at: next) ?? false
                isUndecided = states[place]?.isUndecided ?? false
                let outbox = sender.shard.takeOutbox()
                if isUndecided { break }
                try #require(outbox.events.count == (fires ? 1 : 0), "seed \(seed), sample \(number)")
                guard let event = outbox.events.first else { continue }
                events += 1
                #expect(event.time == next && event.threshold == "x" && event.metric == "f" && event.level == level)
                #expect(abs(event.value / (expected ?? 0) - 1) < 1e-9)
                #expect(event.source == .numbered(.port(4)))
                if example.byFlow { #expect(event.flowKey == address(key)) }
            }
            if isUndecided { undecided += 1 }
        }
        #expect(events >= 6)
        #expect(undecided < 4)
    }

    @Test(arguments: [0, 1.5, 8]) func counters(timeout: Double) throws {
        var events = 0
        for seed: UInt64 in 0..<20 {
            var random = SeededGenerator(seed: seed)
            let sender = Sender(shard: Shard(expiry: Expiry(minimum: 2 * second, maximum: 4 * second)))
            sender.shard.setThresholds([
                ActiveThreshold(name: "fast", metric: "ifspeed", level: 5_000, timeoutSeconds: timeout)
            ])
            var state = SlowThreshold(level: 5_000, timeout: Int64(timeout * 1e9))
            var speed: Double?, arrival = sender.now, interval: Int64 = 0
            for _ in 0..<60 {
                let pause = Double(Int.random(in: 1...(random.chance(4) ? 70 : 12), using: &random)) * 0.1 + 0.031
                let next = sender.now + Int64(pause * 1e9)
                let life = interval == 0 ? 4 * second : min(max(5 * interval, 2 * second), 4 * second)
                for time in stride(from: sender.now, through: next, by: Int64.Stride(SlowThreshold.step)) {
                    state.look(time - arrival <= life ? speed : nil, at: time)
                }
                state.look(next - arrival <= life ? speed : nil, at: next)
                let new = UInt64.random(in: 1...10, using: &random) * 1_000
                // The agent stays, though its metrics may leave.
                while sender.now + second < next { sender.send(after: 1) }
                sender.counters(after: Double(next - sender.now) * 1e-9, .interface(4, speed: new))
                #expect(abs(sender.now - next) < 3)
                interval = speed == nil || next - arrival > life ? 0 : next - arrival
                (speed, arrival) = (Double(new), next)
                let fires = state.sample(speed, at: next)
                if state.isUndecided { break }
                let found = sender.shard.takeOutbox().events
                try #require(found.count == (fires ? 1 : 0), "seed \(seed)")
                guard let event = found.first else { continue }
                events += 1
                #expect(
                    event == ThresholdEvent(
                        time: sender.now, threshold: "fast", metric: "ifspeed", level: 5_000, value: Double(new),
                        agent: sender.agent, source: .numbered(.port(4)), flowKey: nil, values: []))
            }
        }
        #expect(events > 15)
    }
}
