// Logged flows: against a reference that sorts each flow's samples into records afterwards, and rule by rule.

import Bytes
import DatagramBuilding
import FlowLanguage
import SeededRandom
import SFlow
import ShardEngine
import Testing

@Suite struct LoggedFlows {
    private struct Sample {
        let time: Int64
        let key: UInt32
        let bytes: Double
        let rate: Double
    }

    /// Each flow's samples, cut where it was silent too long or has lasted too long.
    private func records(_ samples: [Sample], inactivity: Int64, activeTimeout: Int64) -> [String] {
        Dictionary(grouping: samples, by: \.key).flatMap { key, samples in
            var pieces: [[Sample]] = []
            for sample in samples {
                if let piece = pieces.last, let last = piece.last, sample.time - last.time <= inactivity,
                    sample.time - piece[0].time < activeTimeout
                {
                    pieces[pieces.count - 1].append(sample)
                } else {
                    pieces.append([sample])
                }
            }
            return pieces.map { piece in
                let bytes = piece.reduce(0) { $0 + $1.bytes * $1.rate }, largest: Double = piece.map(\.bytes).max() ?? 0
                let last: Double = piece.last?.bytes ?? 0
                let mean: Double = piece.reduce(0) { $0 + $1.bytes } / Double(piece.count)
                return "\(address(key)) \(bytes) \([largest, mean, last, 1]) \(piece[0].time) \(piece.last?.time ?? 0)"
            }
        }.sorted()
    }

    @Test(arguments: 0..<10 as Range<UInt64>) func againstTheReference(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let (activeTimeout, t, inactivity) = [(1, 0.1, 1.0), (8, 0.2, 2), (8, 1, 5), (3, 2, 3)][Int(seed % 4)]
        let definition = FlowDefinition(
            keys: ["ipsource"], value: "bytes", values: ["max:bytes", "avg:bytes", "last:bytes", "count:ipdestination"], t: t,
            log: true, activeTimeout: activeTimeout)
        let sender = Sender()
        sender.shard.setFlows([try .named("f", definition)])
        var samples: [Sample] = [], found: [FlowRecord] = []
        for number in 1...2_000 as ClosedRange<UInt32> {
            let key = UInt32.random(in: 1...40, using: &random), bytes = UInt32.random(in: 64...1500, using: &random)
            let rate = UInt32.random(in: 1...10, using: &random)
            let pause = random.chance(100) ? 3 : Double(Int.random(in: 0...40, using: &random)) / 1000
            sender.send(after: pause, .packet(number, from: key, bytes: bytes, rate: rate))
            samples.append(Sample(time: sender.now, key: key, bytes: Double(bytes), rate: Double(rate)))
            // It makes no difference how often somebody looks.
            if random.chance(3) { sender.shard.advance(to: sender.now) }
            found += sender.shard.takeOutbox().flows
        }
        sender.shard.advance(to: sender.now + 60 * second)
        found += sender.shard.takeOutbox().flows
        #expect(found.allSatisfy { $0.name == "f" && $0.agent == sender.agent && $0.source == .numbered(.port(4)) })
        #expect(
            found.map { "\($0.flowKey) \($0.value) \($0.values) \($0.start) \($0.end)" }.sorted()
                == records(samples, inactivity: Int64(inactivity * 1e9), activeTimeout: Int64(activeTimeout) * second),
            "seed \(seed)")
        #expect(found.reduce(0) { $0 + $1.value } == samples.reduce(0) { $0 + $1.bytes * $1.rate })
    }

    let sender = Sender()

    private func log(_ definition: FlowDefinition) throws { sender.shard.setFlows([try .named("f", definition)]) }

    private func taken() -> [FlowRecord] { sender.shard.takeOutbox().flows }

    @Test func onlyWhereItIsAskedFor() throws {
        try log(FlowDefinition(keys: ["ipsource"], value: "frames"))
        sender.send(.packet(from: 1))
        sender.shard.advance(to: sender.now + 100 * second)
        #expect(taken().isEmpty)
    }

    @Test func silenceIsNoticedInTime() throws {
        try log(FlowDefinition(keys: ["ipsource"], value: "frames", log: true))
        sender.send(.packet(from: 1, rate: 7))
        sender.shard.advance(to: sender.now + 15 * second)
        #expect(taken().isEmpty)
        sender.shard.advance(to: sender.now + 15 * second + 1)
        #expect(taken().map { "\($0.value) \($0.end - $0.start)" } == ["7.0 0"])
        sender.shard.advance(to: sender.now + 100 * second)
        #expect(taken().isEmpty)
    }

    @Test func startsAreReportedOnce() throws {
        try log(FlowDefinition(keys: ["ipsource"], value: "frames", log: true, flowStart: true, activeTimeout: 20))
        var reported: [Int] = []
        for pause in [0.0, 1, 9, 9.9, 0.1, 10, 10.1, 1] {
            sender.send(after: pause, .packet(from: 1, rate: 7))
            let records = taken()
            #expect(records.allSatisfy { $0.value == 7 && $0.start == sender.now && $0.end == sender.now })
            reported.append(records.count)
        }
        // At first, when it has lasted 20 s, and after more than 10 s of silence.
        #expect(reported == [1, 0, 0, 0, 1, 0, 1, 0])
        sender.shard.advance(to: sender.now + 100 * second)
        #expect(taken().isEmpty)
    }

    @Test func tooManyFlowsEndTheQuietestOne() throws {
        try log(FlowDefinition(keys: ["ipsource"], value: "frames", log: true))
        for key in 0..<1_024 as Range<UInt32> { sender.send(after: 0.001, .packet(from: key)) }
        sender.send(after: 0.001, .packet(from: 0))
        #expect(taken().isEmpty)
        sender.send(after: 0.001, .packet(from: 5_000))
        #expect(taken().map(\.flowKey) == ["0.0.0.1"])
    }

    @Test func anAgentThatLeavesEndsItsFlows() throws {
        for isRemoved in [false, true] {
            try log(FlowDefinition(keys: ["ipsource"], value: "frames", log: true, activeTimeout: 86_400))
            sender.send(.packet(from: 1))
            sender.wait(700)
            if isRemoved { sender.shard.removeExpired(asOf: sender.now) } else { sender.send(.packet(from: 2)) }
            #expect(taken().map(\.flowKey) == ["0.0.0.1"])
            sender.shard.setFlows([])
        }
    }

    @Test func wholeAgents() throws {
        try log(FlowDefinition(keys: ["ipsource"], value: "frames", log: true, aggMode: "AGENT"))
        sender.send(.packet(at: .port(4), from: 1, rate: 3))
        sender.send(after: 1, .packet(at: .port(5), from: 1, rate: 4))
        sender.shard.advance(to: sender.now + 100 * second)
        #expect(taken().map { "\($0.source) \($0.value)" } == ["0 7.0"])
    }
}
