// Flows of a whole process against `SlowRates`, which knows what was sampled because the test made it up, not from the wire:
// rates, the largest of each data source, and what becomes of both over all of them, for any split over shards and hosts.

import Bytes
import Coordinator
import DatagramBuilding
import FlowLanguage
import Queries
import SeededRandom
import SFlow
import ShardEngine
import Testing
import Worker

/// A sampled packet.
private struct Sighting {
    let agent: UInt32
    let port: UInt32
    let from: UInt32
    let to: UInt32
    let frameBytes: UInt32
    let rate: UInt32
    let isEgress: Bool
}

/// Packets of some flows that all agents see, in datagrams at irregular times: many at once, some after seconds, some after
/// all flows have gone.
private struct SightingStream {
    private var random: SeededGenerator
    private var sequences: [UInt32: UInt32] = [:]
    private(set) var now: Int64 = 1_700_000_000_000_000_000
    let flowCount: UInt32

    init(seed: UInt64, flowCount: UInt32) {
        random = SeededGenerator(seed: seed)
        self.flowCount = flowCount
    }

    mutating func next() -> (arrival: Arrival, sightings: [Sighting]) {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<40: break
        case 40..<80: now += .random(in: 1_000...80_000_000, using: &random)
        case 80..<98: now += .random(in: 80_000_000...1_500_000_000, using: &random)
        default: now += .random(in: 1_500_000_000...60_000_000_000, using: &random)
        }
        let agent = UInt32.random(in: 1...8, using: &random)
        sequences[agent, default: 0] += 1
        let sequence = sequences[agent] ?? 0
        let sightings = (0..<Int.random(in: 1...6, using: &random)).map { _ in
            // The lower the number the more frequent, and never the same sizes for all.
            let from = UInt32.random(in: 1...UInt32.random(in: 1...flowCount, using: &random), using: &random)
            return Sighting(
                agent: agent, port: .random(in: 1...3, using: &random), from: from, to: 100 + from % 3,
                frameBytes: .random(in: 64...1_518, using: &random), rate: [1, 100, 4_096][Int(agent % 3)], isEgress: random.chance(3))
        }
        let samples = sightings.enumerated().map { place, one in
            Framed.packet(
                sequence * 8 + UInt32(place), DataSource(classNumber: 0, index: one.port), rate: one.rate, from: one.from, to: one.to,
                frameBytes: one.frameBytes, isEgress: one.isEgress)
        }
        let datagram = Datagram(agent: SightingStream.address(agent), sequence: sequence, uptime: sequence, samples)
        return (Arrival(datagram: datagram, bytes: datagram.bytes, time: now), sightings)
    }

    static func address(_ agent: UInt32) -> IPAddress { IPAddress(v4: 0xAC10_0000 + agent) }
}

/// A definition and what the reference makes of it.
private struct ReferencedFlow {
    let definition: FlowDefinition
    var slow: SlowRates
    let key: (Sighting) -> [UInt8]
    let value: (Sighting) -> UInt32

    /// - Parameter key: the addresses in it.
    init(_ definition: FlowDefinition, key: @escaping (Sighting) -> [UInt32], value: @escaping (Sighting) -> UInt32 = \.frameBytes) {
        self.definition = definition
        self.key = { one in
            key(one).flatMap { address in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: address >> $0) } }
        }
        self.value = value
        slow = SlowRates(t: definition.t, n: definition.n)
    }

    static func all() -> [String: ReferencedFlow] {
        let pair: (Sighting) -> [UInt32] = { [$0.from, $0.to] }
        return [
            "pair": ReferencedFlow(FlowDefinition(keys: ["ipsource", "ipdestination"], value: "bytes"), key: pair),
            "quick": ReferencedFlow(
                FlowDefinition(keys: ["ipsource"], value: "frames", n: 6, t: 0.3), key: { [$0.from] }, value: { _ in 1 }),
            "slow": ReferencedFlow(
                FlowDefinition(keys: ["ipdestination,ipsource"], value: "bps", t: 40), key: { [$0.to, $0.from] },
                value: { $0.frameBytes * 8 }),
            "agent": ReferencedFlow(FlowDefinition(keys: ["ipsource"], value: "bytes", n: 7, t: 5, aggMode: "AGENT"), key: { [$0.from] }),
            "total": ReferencedFlow(FlowDefinition(value: "bytes", t: 0.1), key: { _ in [] }),
        ]
    }

    mutating func add(_ one: Sighting, at time: Int64) {
        let port = definition.aggMode == nil ? one.port : 0
        slow.add(key(one), at: Int(one.agent << 8 | port), Double(value(one)) * Double(one.rate), at: time)
    }

    static func text(_ key: [UInt8]) -> String {
        stride(from: 0, to: key.count, by: 4).map { start in key[start..<start + 4].map(String.init).joined(separator: ".") }
            .joined(separator: ",")
    }

    /// The rates of each flow at the data sources that show it, by the text of its key.
    func shown(at instant: Int64) -> [String: [(place: String, rate: Double)]] {
        var shown: [String: [(place: String, rate: Double)]] = [:]
        for source in Set(slow.flows.keys.map(\.source)).sorted() {
            let place = "\(SightingStream.address(UInt32(source >> 8))) \(source & 0xFF)"
            for flow in slow.shown(at: source, at: instant) {
                shown[ReferencedFlow.text(flow.key), default: []].append((place, flow.rate))
            }
        }
        return shown
    }
}

@Suite struct FlowReference {
    private static let layouts: [(executors: Int, shards: Int)] = [(1, 1), (1, 2), (2, 2), (2, 5), (3, 7)]

    private func start(_ flows: [String: ReferencedFlow], _ layout: (executors: Int, shards: Int)) async throws -> Process {
        let process = Process(executors: layout.executors, shards: layout.shards)
        await process.pool.setFlows(
            try flows.sorted { $0.key < $1.key }.map { name, flow in
                ActiveFlow(name: name, compiled: try CompiledFlow(flow.definition, environment: FlowEnvironment(seed: 5)))
            })
        return process
    }

    /// More flows than are shown, and as many as a data source keeps.
    @Test(arguments: 0..<6 as Range<UInt64>) func ratesLargestAndMerging(seed: UInt64) async throws {
        var flows = ReferencedFlow.all()
        let process = try await start(flows, FlowReference.layouts[Int(seed) % FlowReference.layouts.count])
        defer { process.stop() }
        var stream = SightingStream(seed: seed, flowCount: 16)
        var random = SeededGenerator(seed: seed &+ 1_000)
        var comparedCount = 0
        for round in 0..<6 {
            for _ in 0..<400 {
                let (arrival, sightings) = stream.next()
                process.feed([arrival])
                for name in flows.keys { for one in sightings { flows[name]?.add(one, at: arrival.time) } }
            }
            await process.pool.drain()
            for (name, flow) in flows {
                let now = stream.now + .random(in: 0...Int64(flow.definition.t * 3e9), using: &random)
                let shown = flow.shown(at: now)
                for mode in [ActiveFlowsQuery.Mode.max, .min, .sum, .avg] {
                    let query = ActiveFlowsQuery(agents: .all, flow: name, maxFlows: 10_000, mode: mode)
                    let found = try #require(try await process.coordinator.activeFlows(query, at: Instant(nanoseconds: now)))
                    if let difference = differences(found, shown, mode) {
                        Issue.record("seed \(seed), round \(round), \(name) by \(mode): \(difference)")
                        return
                    }
                    comparedCount += found.flows.count
                }
                let tops = Dictionary(grouping: shown.values.joined(), by: \.place).values.compactMap { $0.map(\.rate).max() }
                for answer in try await process.metrics("max:\(name),min:\(name),sum:\(name)", at: now) where !tops.isEmpty {
                    guard case .number(let value)? = answer.value else { continue }
                    let statistic = answer.term.text.prefix(3)
                    let expected = statistic == "max" ? tops.max() : statistic == "min" ? tops.min() : tops.reduce(0, +)
                    #expect(isNear(value, expected ?? 0) && answer.tally.count == tops.count, "seed \(seed), \(answer.term.text)")
                }
            }
        }
        #expect(comparedCount > 500, "seed \(seed)")
    }

    /// Flows that differ by rounding only may change places, here and at the end of what a data source shows.
    private func differences(
        _ found: ActiveFlows, _ shown: [String: [(place: String, rate: Double)]], _ mode: ActiveFlowsQuery.Mode
    ) -> String? {
        guard found.flows.count == shown.count else { return "\(found.flows.count) flows, not \(shown.count)" }
        for flow in found.flows {
            let key = found.keyText(flow), rates = shown[key]?.map(\.rate) ?? []
            guard flow.tally.count == rates.count else { return "\(key) ×\(flow.tally.count), not ×\(rates.count)" }
            let sum = rates.reduce(0, +)
            let expected = mode == .max ? rates.max() : mode == .min ? rates.min() : mode == .sum ? sum : sum / Double(rates.count)
            guard isNear(flow.value, expected ?? .nan) else { return "\(key): \(flow.value), not \(expected ?? .nan)" }
            guard let best = flow.tally.best, let rate = shown[key]?.first(where: { $0.place == "\(best.place.agent) \(best.place.source)" })?.rate
            else { return "\(key): is not there" }
            guard isNear(rate, best.value) else { return "\(key): \(best.value) at \(best.place), not \(rate)" }
        }
        return zip(found.flows, found.flows.dropFirst()).contains { $0.value < $1.value } ? "out of order" : nil
    }

    /// Where there are more flows than a data source keeps: what is there is at most what it was, and lacks no more than the
    /// share that Space-Saving leaves in doubt; who has more than twice that share and is among the largest is there.
    @Test(arguments: 0..<5 as Range<UInt64>) func beyondWhatIsKept(seed: UInt64) async throws {
        var flows = ReferencedFlow.all().filter { ["pair", "agent"].contains($0.key) }
        let process = try await start(flows, FlowReference.layouts[Int(seed) % FlowReference.layouts.count])
        defer { process.stop() }
        var stream = SightingStream(seed: seed, flowCount: 400)
        var heavyCount = 0
        for _ in 0..<5 {
            for _ in 0..<800 {
                let (arrival, sightings) = stream.next()
                process.feed([arrival])
                for name in flows.keys { for one in sightings { flows[name]?.add(one, at: arrival.time) } }
            }
            await process.pool.drain()
            let now = stream.now
            for (name, flow) in flows {
                let capacity = Double(max(16, 3 * flow.definition.n))
                for source in Set(flow.slow.flows.keys.map(\.source)) {
                    let living = flow.slow.living(at: source, at: now)
                    let doubt = living.reduce(0) { $0 + $1.rate } / capacity
                    for (rank, one) in living.enumerated() {
                        let text = ReferencedFlow.text(one.key)
                        let query = FlowLocationQuery(
                            agents: AgentSelector(listing: ["\(SightingStream.address(UInt32(source >> 8)))"]), flow: name, keyText: text)
                        // All of the few that are large, and some of the others.
                        guard rank < 8 || rank % 16 == Int(seed) else { continue }
                        let places = try await process.coordinator.flowLocations(query, at: Instant(nanoseconds: now)) ?? []
                        let found = places.first { "\($0.place.source)" == "\(source & 0xFF)" }?.reading.value
                        if let found {
                            #expect(found <= one.rate * (1 + 1e-9) && found >= one.rate - doubt * (1 + 1e-9), "seed \(seed), \(name) \(text)")
                        }
                        // Nobody else can have as much that is certain.
                        let next = living.count > flow.definition.n ? living[flow.definition.n].rate : 0
                        guard rank < flow.definition.n, one.rate - doubt > next else { continue }
                        heavyCount += 1
                        #expect(found != nil, "seed \(seed), \(name) \(text) at \(source): \(one.rate) of \(doubt * capacity)")
                    }
                }
            }
        }
        #expect(heavyCount > 20, "seed \(seed)")
    }

    /// Equal flows at equal places: the key decides, whatever the split, and of equal places the first one stands for a flow.
    @Test(arguments: 0..<5) func ties(layout: Int) async throws {
        let process = try await start(ReferencedFlow.all().filter { $0.key == "pair" }, FlowReference.layouts[layout])
        defer { process.stop() }
        let start: Int64 = 1_700_000_000_000_000_000
        for step in 0..<5 as Range<Int64> {
            // Each agent says the same in an order of its own.
            process.feed(
                (1...9 as ClosedRange<UInt32>).map { agent in
                    let samples = (1...2 as ClosedRange<UInt32>).flatMap { port in
                        (1...5 as ClosedRange<UInt32>).map { number -> Framed in
                            let from = (number + agent) % 5 + 1
                            return .packet(number, DataSource(classNumber: 0, index: port), from: from, to: 9)
                        }
                    }
                    let datagram = Datagram(agent: SightingStream.address(agent), sequence: UInt32(step), uptime: UInt32(step), samples)
                    return Arrival(datagram: datagram, bytes: datagram.bytes, time: start + step * 700_000_000)
                })
        }
        await process.pool.drain()
        for mode in [ActiveFlowsQuery.Mode.max, .min, .sum, .avg] {
            for maxFlows in 0...6 {
                let query = ActiveFlowsQuery(agents: .all, flow: "pair", maxFlows: maxFlows, mode: mode)
                let found = try #require(
                    try await process.coordinator.activeFlows(query, at: Instant(nanoseconds: start + 4_000_000_000)))
                #expect(found.flows.map { found.keyText($0) } == (1...5).prefix(maxFlows).map { "0.0.0.\($0),0.0.0.9" }, "\(mode)")
                #expect(Set(found.flows.map(\.value)).count <= 1 && found.flows.allSatisfy { $0.tally.count == 18 })
                let places = found.flows.compactMap { $0.tally.best.map { "\($0.place.agent) \($0.place.source)" } }
                #expect(Set(places).isSubset(of: ["\(SightingStream.address(1)) 1"]))
            }
        }
    }
}
