// Promise P1 for flows: however agents are spread over shards and shards over threads, every answer is the same to the
// last bit.

import Bytes
import Coordinator
import DatagramBuilding
import FlowLanguage
import SeededRandom
import SFlow
import ShardEngine
import Testing
import Worker

@testable import Queries

/// Samples of flows that cross several switches, with loss, duplicates, delays and times of silence.
private struct FlowStream {
    private var random: SeededGenerator
    private var sequences: [UInt32: UInt32] = [:]
    private var now: Int64 = 1_700_000_000_000_000_000

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    mutating func seconds(_ count: Int, agents: UInt32) -> [Arrival] {
        var arrivals: [Arrival] = []
        for _ in 0..<count * Int(agents) {
            now += 1_000_000_000 / Int64(agents)
            let agent = UInt32.random(in: 1...agents, using: &random)
            sequences[agent, default: 0] += random.chance(30) ? 2 : 1
            let number = sequences[agent] ?? 0
            let samples = (0..<UInt32.random(in: 1...4, using: &random)).map { place -> Framed in
                let source = DataSource(classNumber: 0, index: .random(in: 1...3, using: &random))
                if random.chance(8) {
                    // The packets' source address, by turns the machine's and a guest's.
                    let owner = DataSource(classNumber: random.chance(3) ? 3 : 2, index: 1)
                    return .counters(number * 4 + place, owner, [.hostAdapters([[0x0200_0000_0002]]), .hostDescription("h\(agent % 6)")])
                }
                if random.chance(12) { return .discard(number * 4 + place, source, drops: 0, reason: 259 + place) }
                // Few flows are much seen, many seldom: more than a table keeps. Several of equal size.
                let flow = UInt32.random(in: 1...200, using: &random) * UInt32.random(in: 1...200, using: &random) / 400
                return .packet(
                    number * 4 + place, source, rate: 1_000, from: 0x0A00_0000 + flow, to: 0x0A01_0000 + flow % 7,
                    frameBytes: 100 * (1 + flow % 3), timeToLive: UInt8(60 + agent % 4), isEgress: random.chance(3))
            }
            let datagram = Datagram(agent: IPAddress(v4: 0xAC10_0000 + agent), sequence: number, uptime: 1_000 &* number, samples)
            let delay = random.chance(20) ? Int64.random(in: 0...2_000_000_000, using: &random) : 0
            arrivals.append(Arrival(datagram: datagram, bytes: datagram.bytes, time: now + delay))
            if random.chance(40) { arrivals.append(Arrival(datagram: datagram, bytes: datagram.bytes, time: now + delay + 1_000)) }
        }
        return arrivals.sorted { $0.time < $1.time }
    }

    mutating func pause(_ seconds: Int64) { now += seconds * 1_000_000_000 }
}

extension Shard {
    /// All flows of all data sources, one by one.
    fileprivate func collectOneByOne(_ query: ActiveFlowsQuery, at instant: Instant, into flows: inout FlowPartial) {
        guard let flow = flow(named: query.flow) else { return }
        let pattern = query.pattern(self.flows[flow])
        for view in views(of: query.agents, at: instant) {
            for source in view.flowSources(flow) where query.selects(view, source: source) {
                let place = Place(agent: view.agent.address, source: view.agent.sources[source])
                for reading in view.flows(flow, source: source) where pattern?.matches(reading.key) ?? true {
                    flows[reading.key, default: FlowTally(query.mode)].add(reading, at: place, keepsRates: query.mode.keepsRates)
                }
            }
        }
    }
}

extension Process {
    /// The largest flows by ranking all that all shards have.
    fileprivate func rankedFromAll(_ query: ActiveFlowsQuery, at now: Int64) async -> [ActiveFlowAnswer] {
        var parts: [FlowPartial] = []
        for executor in pool.executors {
            parts.append(
                await executor.run { shards in
                    var flows: FlowPartial = [:]
                    for shard in shards { shard.collectOneByOne(query, at: Instant(nanoseconds: now), into: &flows) }
                    return flows
                })
        }
        return query.answer(query.merge(parts))
    }

    /// Every kind of answer about flows as text.
    fileprivate func flowAnswers(_ names: [String], at now: Int64) async throws -> [String] {
        let instant = Instant(nanoseconds: now)
        var lines: [String] = []
        for name in names {
            var keys: [String] = []
            for mode in [ActiveFlowsQuery.Mode.max, .min, .sum, .avg] {
                for (maxFlows, minValue, pattern) in [(1_000, 0, nil), (7, 1e4, nil), (50, 0, "10.0.0.3,")] as [(Int, Double, String?)] {
                    let query = ActiveFlowsQuery(
                        agents: .all, flow: name, maxFlows: maxFlows, minValue: minValue, mode: mode, keyFilter: pattern)
                    guard let answer = try await coordinator.activeFlows(query, at: instant) else { continue }
                    for flow in answer.flows {
                        let key = answer.keyText(flow)
                        keys.append(key)
                        lines.append("\(name) \(mode) \(key) \(flow.value) \(flow.tally.count) \(String(describing: flow.tally.best))")
                    }
                }
            }
            for key in Set(keys.prefix(12) + keys.suffix(12) + ["", "nothing"]).sorted() {
                let query = FlowLocationQuery(agents: .all, flow: name, keyText: key)
                for location in try await coordinator.flowLocations(query, at: instant) ?? [] {
                    lines.append("\(name) \(key): \(location.place) \(location.reading)")
                }
            }
            for answer in try await metrics(Statistic.allCases.map { "\($0.rawValue):\(name)" }.joined(separator: ","), at: now) {
                lines.append(
                    "\(answer.term.text) \(String(describing: answer.value)) \(answer.tally) \(String(describing: answer.place)) \(String(describing: answer.quartiles))")
            }
            for columns in [name, "null:\(name),sort:\(names[0]):-5"] {
                for row in try await table(columns, at: now) { lines.append("\(columns): \(row)") }
            }
        }
        for row in try await rows(RowQuery(agents: .all, columns: .all, filter: .none), at: now) { lines.append("dump: \(row)") }
        return lines
    }
}

@Suite struct SameFlows {
    private static func definitions() throws -> [ActiveFlow] {
        let pair = ["ipsource", "ipdestination"]
        return try [
            ("pair", FlowDefinition(keys: pair, value: "bytes")),
            ("quick", FlowDefinition(keys: pair, value: "frames", values: ["avg:ipttl", "max:ipttl", "count:ipdestination"], t: 0.1)),
            ("agent", FlowDefinition(keys: ["ipsource"], value: "bytes", n: 20, t: 30, aggMode: "AGENT")),
            ("total", FlowDefinition(value: "bytes", filter: "direction=ingress")),
            ("mean", FlowDefinition(keys: ["ipdestination"], value: "avg:bytes", t: 5)),
            ("long", FlowDefinition(keys: pair + ["concat:-:ipdestination:ipttl:ipsource"], value: "bytes", fs: "_SEP_")),
            ("owners", FlowDefinition(
                keys: ["null:[host:macsource:host_name]:-", "null:[host:macsource:vir_host_name]:-", "ipdestination"], value: "frames",
                t: 5)),
            ("drops", FlowDefinition(keys: ["reason"], value: "frames", t: 60, dropped: true)),
        ].map { name, definition in
            ActiveFlow(name: name, compiled: try CompiledFlow(definition, environment: FlowEnvironment(seed: 99)))
        }
    }

    @Test(arguments: 0..<3 as Range<UInt64>) func overAnySplit(seed: UInt64) async throws {
        let layouts: [(executors: Int, shards: Int)] = [(1, 1), (1, 2), (2, 2), (3, 7)]
        let processes = layouts.map { Process(executors: $0.executors, shards: $0.shards) }
        defer { for process in processes { process.stop() } }
        let definitions = try SameFlows.definitions()
        for process in processes { await process.pool.setFlows(definitions) }
        var stream = FlowStream(seed: seed)
        // Clean-ups come after ten minutes, at times that depend on the layout.
        for pause: Int64 in [0, 5, 21, 700, 2_000, 900] {
            stream.pause(pause)
            let arrivals = stream.seconds(8, agents: 20)
            let now = arrivals.last?.time ?? 0
            var answers: [[String]] = []
            for process in processes {
                process.feed(arrivals)
                await process.pool.drain()
                answers.append(try await process.flowAnswers(definitions.map(\.name), at: now))
            }
            #expect(answers[0].count > 200, "seed \(seed)")
            for (other, layout) in zip(answers, layouts).dropFirst() where other != answers[0] {
                let difference = zip(answers[0], other).first { $0 != $1 }
                Issue.record("seed \(seed), \(layout): \(difference?.0 ?? "\(answers[0].count)") but \(difference?.1 ?? "\(other.count)")")
                return
            }
        }
    }

    private func text(_ flow: ActiveFlowAnswer) -> String {
        "\(flow.key) \(flow.value) \(flow.tally.count) \(String(describing: flow.tally.best))"
    }

    /// Where the largest rate decides, most flows are passed over; else all rates are added up by number, not by key: with the
    /// same answer as if all were ranked one by one.
    @Test(arguments: 0..<4 as Range<UInt64>) func theLargestAreThoseOfAllRanked(seed: UInt64) async throws {
        let process = Process(executors: 1 + Int(seed % 3), shards: 5)
        defer { process.stop() }
        let definitions = try SameFlows.definitions()
        await process.pool.setFlows(definitions)
        await process.pool.setTopology(try SameTopology.topology())
        var stream = FlowStream(seed: seed), random = SeededGenerator(seed: seed)
        var answeredCount = 0
        for pause: Int64 in [0, 5, 15, 19, 700] {
            stream.pause(pause)
            let arrivals = stream.seconds(8, agents: 20)
            process.feed(arrivals)
            await process.pool.drain()
            for mode in ActiveFlowsQuery.Mode.allCases {
                for definition in definitions {
                    // Some of the flows are too old by then.
                    let now = (arrivals.last?.time ?? 0) + .random(in: 0...15_000_000_000, using: &random)
                    let all = ActiveFlowsQuery(agents: .all, flow: definition.name, maxFlows: 10_000, minValue: -1e9, mode: mode)
                    let values = await process.rankedFromAll(all, at: now).map(\.value)
                    for maxFlows in [0, 1, 2, 9, 60, 5_000] {
                        let query = ActiveFlowsQuery(
                            agents: random.chance(4) ? AgentSelector(listing: ["172.16.0.3", "172.16.0.9"]) : .all, flow: definition.name,
                            maxFlows: maxFlows, minValue: random.chance(2) ? 0 : values.randomElement(using: &random) ?? 0, mode: mode,
                            keyFilter: random.chance(4) ? "10.0.0.\(Int.random(in: 0...9, using: &random))" : nil)
                        let answer = try await process.coordinator.activeFlows(query, at: Instant(nanoseconds: now))
                        let found = answer?.flows.map(text) ?? []
                        answeredCount += found.count
                        let expected = await process.rankedFromAll(query, at: now).map(text)
                        try #require(found == expected, "seed \(seed), \(query) at \(now)")
                    }
                }
            }
        }
        #expect(answeredCount > 1_000)
    }
}
