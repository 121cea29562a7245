// Definitions over samples, as queries see them: what is counted where, and what becomes of it over time.

import Bytes
import DatagramBuilding
import FlowLanguage
import Glibc
import SeededRandom
import SFlow
import ShardEngine
import Testing

extension ActiveFlow {
    convenience init(
        _ name: String, keys: [String] = [], value: String = "bytes", values: [String] = [], filter: String? = nil, n: Int = 5,
        t: Double = 2, dropped: Bool = false, aggMode: String? = nil
    ) throws {
        let definition = FlowDefinition(
            keys: keys, value: value, values: values, filter: filter, n: n, t: t, dropped: dropped, aggMode: aggMode)
        self.init(name: name, compiled: try CompiledFlow(definition, environment: FlowEnvironment(seed: 7)))
    }
}

@Suite struct FlowSamples {
    let sender = Sender()
    static let a: UInt32 = 0x0A04_0102, b: UInt32 = 0x0A04_0202

    /// The flows of a definition at a data source with the texts of their keys.
    func flows(_ name: String, _ source: SourceName = .numbered(.port(4))) -> [(text: String, reading: FlowReading)] {
        guard let view = sender.view(), let flow = sender.shard.flow(named: name), let place = view.agent.source(named: source)
        else { return [] }
        return view.flows(flow, source: place).map { (sender.shard.flows[flow].keyText($0.key), $0) }
    }

    @Test func aPairAtItsDataSource() throws {
        sender.shard.setFlows([try ActiveFlow("pair", keys: ["ipsource,ipdestination"])])
        sender.send(.packet(1, .port(4), rate: 1_000, from: FlowSamples.a, to: FlowSamples.b, frameBytes: 1_500))
        let found = flows("pair")
        #expect(found.map(\.text) == ["10.4.1.2,10.4.2.2"])
        #expect(found.first?.reading.value == 1_500 * 1_000 / 2.0)
        #expect(found.first?.reading.ingressShare == 1)
        #expect(sender.number("pair") == 750_000)
        #expect(flows("pair", .numbered(.port(5))).isEmpty)
        sender.send(after: 2, .packet(2, .port(4), from: FlowSamples.a, to: FlowSamples.b, frameBytes: 1_500, isEgress: true))
        #expect(sender.number("pair").map { isNear($0, 750_000 * (1 + exp(-1))) } == true)
        #expect(flows("pair").first.map { isNear($0.reading.ingressShare, exp(-1) / (1 + exp(-1))) } == true)
        let view = try #require(sender.view()), place = try #require(view.agent.source(named: .numbered(.port(4))))
        #expect(view.topKeys(ofFlow: "pair", source: place)?.first?.value == sender.number("pair"))
        #expect(view.topKeys(ofFlow: "pair", source: place)?.first?.arrival == sender.now)
        #expect(view.topKeys(ofFlow: "other", source: place) == nil)
    }

    @Test func withoutKeysEverythingIsOneFlow() throws {
        sender.shard.setFlows([try ActiveFlow("total", value: "frames")])
        for port: UInt32 in [4, 5] {
            sender.send(after: 0, .packet(port, .port(port), rate: 100 * port, from: port, to: 2))
        }
        #expect(flows("total").map(\.text) == [""])
        #expect(flows("total").map(\.reading.value) == [200])
        #expect(flows("total", .numbered(.port(5))).map(\.reading.value) == [250])
    }

    @Test func oneTableAnAgent() throws {
        sender.shard.setFlows([try ActiveFlow("all", keys: ["ipsource"], aggMode: "AGENT")])
        for port: UInt32 in 1...6 { sender.send(after: 0, .packet(port, .port(port), from: port % 2, to: 9)) }
        #expect(flows("all").isEmpty)
        let found = flows("all", .numbered(.port(0)))
        #expect(found.map(\.text) == ["0.0.0.0", "0.0.0.1"])
        #expect(found.map(\.reading.value) == [1_500_000, 1_500_000])
        #expect(SourceName.numbered(.port(0)).description == "0")
    }

    @Test func aFlowOfNothingIsSeen() throws {
        sender.shard.setFlows([try ActiveFlow("ttl", keys: ["ipsource"], value: "ipttl")])
        sender.send(.packet(1, .port(4), from: 1, to: 2, timeToLive: 0))
        #expect(flows("ttl").map(\.reading.value) == [0])
        #expect(sender.number("ttl") == 0)
    }

    @Test func definitionsThatStayKeepWhatWasCounted() throws {
        let pair = try ActiveFlow("pair", keys: ["ipsource"]), other = try ActiveFlow("other", keys: ["ipdestination"])
        sender.shard.setFlows([pair])
        sender.send(.packet(1, .port(4), from: 1, to: 2))
        sender.shard.setFlows([other, try ActiveFlow("pair", keys: ["ipsource"])])
        #expect(flows("pair").count == 1)
        #expect(flows("other").isEmpty)
        sender.send(after: 0, .packet(2, .port(4), from: 1, to: 2))
        #expect(flows("pair").map(\.reading.value) == [1_000_000])
        #expect(flows("other").map(\.reading.value) == [500_000])
        sender.shard.setFlows([try ActiveFlow("pair", keys: ["ipsource"], t: 4)])
        #expect(flows("pair").isEmpty)
        #expect(flows("other").isEmpty)
    }

    @Test func notificationsCountOnceAndGoNoWay() throws {
        sender.shard.setFlows([
            try ActiveFlow("drops", keys: ["reason"], value: "frames", dropped: true), try ActiveFlow("frames", value: "frames"),
        ])
        sender.send(
            after: 0, .packet(1, .port(4), from: 1, to: 2), .discard(1, .port(4), drops: 0, reason: 259),
            .discard(2, .port(4), drops: 0, reason: 259))
        #expect(flows("drops").map(\.reading.value) == [1])
        #expect(flows("drops").map(\.reading.ingressShare) == [0])
        #expect(flows("frames").map(\.reading.value) == [500])
    }

    /// Means, extremes, latest and different values against sums over all samples.
    @Test(arguments: 0..<4 as Range<UInt64>) func furtherValues(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let t = [0.5, 2, 10, 60][Int(seed)]
        let names = ["avg:ipttl", "min:ipttl", "max:ipttl", "last:ipttl", "count:ipdestination", "rate:frames"]
        #expect(Set(names.map { String($0.prefix { $0 != ":" }) }) == Set(ValueFunction.allCases.map { "\($0)" }))
        sender.shard.setFlows([
            try ActiveFlow("rate", keys: ["ipsource"], values: names, t: t),
            try ActiveFlow("mean", keys: ["ipsource"], value: "avg:ipttl", t: t),
        ])
        var samples: [(ttl: Double, to: UInt32, time: Int64)] = []
        for step in 0..<600 {
            let (ttl, to) = (UInt8.random(in: 0...255, using: &random), UInt32.random(in: 1...50, using: &random))
            sender.send(
                after: .random(in: 0...0.3, using: &random) * t, .packet(UInt32(step), .port(4), rate: 10, from: 7, to: to, timeToLive: ttl))
            samples.append((Double(ttl), to, sender.now))
            sender.wait(.random(in: 0...0.1, using: &random) * t)
            let ages = samples.map { Double(sender.now - $0.time) * 1e-9 / t }
            let weights = ages.map { exp(-$0) }
            let mean = zip(samples, weights).reduce(0) { $0 + $1.0.ttl * $1.1 } / weights.reduce(0, +)
            let frames = weights.reduce(0, +) * 10 / t
            let found = try #require(flows("rate").first).reading
            #expect(isNear(found.value, frames * 1_000), "seed \(seed)")
            #expect(found.values.count == 6)
            #expect(isNear(found.values[0], mean) && isNear(found.values[5], frames), "seed \(seed)")
            #expect(flows("mean").first.map { isNear($0.reading.value, mean) } == true)
            #expect(found.values[3] == Double(ttl))
            // What is recent is between one and two time constants before the last sample.
            let recent = samples.filter { Double(sender.now - $0.time) <= t * 1e9 }
            let covered = samples.filter { Double(sender.now - $0.time) <= 2.2 * t * 1e9 }
            let (low, high) = (recent.map(\.ttl).min() ?? 255, recent.map(\.ttl).max() ?? 0)
            #expect(found.values[1] <= low && found.values[1] >= covered.map(\.ttl).min() ?? 0, "seed \(seed)")
            #expect(found.values[2] >= high && found.values[2] <= covered.map(\.ttl).max() ?? 255, "seed \(seed)")
            #expect(found.values[4] >= Double(Set(recent.map(\.to)).count), "seed \(seed), step \(step)")
            #expect(found.values[4] <= Double(Set(covered.map(\.to)).count), "seed \(seed), step \(step)")
        }
    }

    @Test func flowsKeepTheirAgent() throws {
        sender.shard.setFlows([try ActiveFlow("slow", keys: ["ipsource"], t: 600)])
        sender.send(.packet(1, .port(4), from: 1, to: 2))
        sender.wait(5_999)
        sender.shard.removeExpired(asOf: sender.now)
        #expect(flows("slow").count == 1)
        #expect(sender.view()?.isVisible == true)
        sender.wait(2)
        sender.shard.removeExpired(asOf: sender.now)
        #expect(sender.shard.agents.isEmpty)
    }
}
