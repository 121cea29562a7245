// The largest flows over data sources, and where they are.

import Bytes
import DatagramBuilding
import FlowLanguage
import Queries
import SeededRandom
import SFlow
import ShardEngine
import Testing

extension ActiveFlowsQuery {
    /// As a host with these shards alone answers it, each on a thread of its own.
    func answer(from shards: [Shard], at instant: Instant) -> [ActiveFlowAnswer] {
        guard let first = shards.first, let flow = first.flow(named: flow) else { return [] }
        var all = emptyGathered(first.flows[flow])
        for shard in shards {
            var gathered = emptyGathered(shard.flows[flow])
            shard.collect(self, at: instant, into: &gathered)
            all.merge(gathered)
        }
        let snapshot = FlowSnapshot(all, of: first.flows[flow], mode: mode)
        var selection = TopFlowSelection(self, hostCount: 1)
        while case .ask(let questions) = selection.next {
            do throws(TopFlowError) {
                var partials: [TopFlowPartial] = []
                for question in questions { partials.append(try snapshot.answer(question.request)) }
                try selection.receive(partials)
            } catch {
                Issue.record("\(error)")
                return []
            }
        }
        guard case .done(let flows) = selection.next else { return [] }
        return flows
    }
}

extension Fabric {
    func define(_ name: String, keys: [String], values: [String] = [], fs: String = ",", n: Int = 5, aggMode: String? = nil) throws {
        let definition = FlowDefinition(keys: keys, value: "bytes", values: values, n: n, t: 1, fs: fs, aggMode: aggMode)
        let flow = ActiveFlow(name: name, compiled: try CompiledFlow(definition, environment: FlowEnvironment(seed: 3)))
        for shard in shards { shard.setFlows([flow]) }
    }

    func active(_ query: ActiveFlowsQuery) -> [ActiveFlowAnswer] { query.answer(from: shards.reversed(), at: Fabric.instant) }

    /// "10.0.0.1,10.0.0.2 7000.0 ×3 10.0.0.9 4"
    func active(
        _ name: String, _ mode: ActiveFlowsQuery.Mode = .max, agents: AgentSelector = .all, maxFlows: Int = 100, minValue: Double = 0,
        filter: String? = nil
    ) -> [String] {
        let query = ActiveFlowsQuery(
            agents: agents, flow: name, maxFlows: maxFlows, minValue: minValue, mode: mode, keyFilter: filter)
        return active(query).map { answer in
            let place = answer.tally.best.map { "\($0.place.agent) \($0.place.source)" } ?? "-"
            return "\(shards[0].flows[0].keyText(answer.key)) \(answer.value) ×\(answer.tally.count) \(place)"
        }
    }

    func packets(_ agent: UInt32, _ port: UInt32, from: UInt32, to: UInt32 = 2, bytes: UInt32, sequence: UInt32 = 1) {
        let source = DataSource(classNumber: 0, index: port)
        send(agent, sequence: sequence, [.packet(sequence, source, rate: 10, from: from, to: to, frameBytes: bytes)])
    }
}

@Suite struct FlowQueries {
    private func fabric(shards: Int = 1) throws -> Fabric {
        let fabric = Fabric(shards: shards)
        try fabric.define("src", keys: ["ipsource"], values: ["frames"])
        for (agent, bytes) in [(1, 100), (2, 300), (3, 200)] as [(UInt32, UInt32)] {
            fabric.packets(agent, 4, from: 1, bytes: bytes)
            fabric.packets(agent, 5, from: 2, bytes: 250, sequence: 2)
        }
        fabric.packets(3, 6, from: 3, bytes: 250, sequence: 3)
        return fabric
    }

    @Test(arguments: [1, 2, 5]) func combinesDataSources(shards: Int) throws {
        let fabric = try fabric(shards: shards)
        // Equal ones by key, and at the first of equal places.
        #expect(fabric.active("src") == [
            "0.0.0.1 3000.0 ×3 0.0.0.2 4", "0.0.0.2 2500.0 ×3 0.0.0.1 5", "0.0.0.3 2500.0 ×1 0.0.0.3 6",
        ])
        #expect(fabric.active("src", .sum) == [
            "0.0.0.2 7500.0 ×3 0.0.0.1 5", "0.0.0.1 6000.0 ×3 0.0.0.2 4", "0.0.0.3 2500.0 ×1 0.0.0.3 6",
        ])
        #expect(fabric.active("src", .min) == [
            "0.0.0.2 2500.0 ×3 0.0.0.1 5", "0.0.0.3 2500.0 ×1 0.0.0.3 6", "0.0.0.1 1000.0 ×3 0.0.0.1 4",
        ])
        #expect(fabric.active("src", .avg) == [
            "0.0.0.2 2500.0 ×3 0.0.0.1 5", "0.0.0.3 2500.0 ×1 0.0.0.3 6", "0.0.0.1 2000.0 ×3 0.0.0.2 4",
        ])
        #expect(fabric.active("nothing").isEmpty)
    }

    /// Every mode that needs no topology, over any split, against the places of each flow looked at one by one.
    @Test(arguments: 0..<5 as Range<UInt64>) func likeTheSlowReference(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let fabric = Fabric(shards: [1, 2, 7][Int(seed % 3)])
        try fabric.define("src", keys: ["ipsource"], n: 20)
        for number in 1...300 as ClosedRange<UInt32> {
            fabric.packets(
                .random(in: 1...9, using: &random), .random(in: 1...3, using: &random), from: .random(in: 1...6, using: &random),
                bytes: 100 * .random(in: 1...4, using: &random), sequence: number)
        }
        for mode in [ActiveFlowsQuery.Mode.max, .min, .sum, .avg] {
            let expected = (1...6 as ClosedRange<UInt32>).map { number -> (key: UInt32, text: String, value: Double) in
                let query = FlowLocationQuery(agents: .all, flow: "src", keyText: IPAddress(v4: number).description)
                let places = fabric.shards.flatMap { $0.locations(query, at: Fabric.instant) }.sorted { $0.place < $1.place }
                let values = places.map(\.reading.value)
                let extreme = mode == .min ? values.min() : values.max()
                let sum = values.reduce(0, +)
                let value = mode == .sum ? sum : mode == .avg ? sum / Double(values.count) : extreme ?? 0
                let place = places.first { $0.reading.value == extreme }.map { "\($0.place.agent) \($0.place.source)" } ?? "-"
                return (number, "\(query.keyText) \(value) ×\(places.count) \(place)", value)
            }
            let sorted = expected.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }.map(\.text)
            #expect(fabric.active("src", mode) == sorted, "seed \(seed), \(mode)")
        }
    }

    @Test func selects() throws {
        let fabric = try fabric()
        #expect(fabric.active("src", maxFlows: 1) == ["0.0.0.1 3000.0 ×3 0.0.0.2 4"])
        #expect(fabric.active("src", maxFlows: 0).isEmpty && fabric.active("src", maxFlows: -7).isEmpty)
        #expect(fabric.active("src", minValue: 2_500).count == 3)
        #expect(fabric.active("src", minValue: 2_500.1).count == 1)
        #expect(fabric.active("src", agents: AgentSelector(listing: ["0.0.0.1"])) == [
            "0.0.0.2 2500.0 ×1 0.0.0.1 5", "0.0.0.1 1000.0 ×1 0.0.0.1 4",
        ])
        #expect(fabric.active("src", filter: "0.0.0.3") == ["0.0.0.3 2500.0 ×1 0.0.0.3 6"])
        #expect(fabric.active("src", filter: "").count == 3)
        #expect(fabric.active("src", filter: ",").isEmpty)
    }

    @Test func valuesAreThoseOfTheLargestPlace() throws {
        let fabric = try fabric()
        let query = ActiveFlowsQuery(agents: .all, flow: "src", mode: .sum)
        #expect(fabric.active(query).map { $0.tally.best?.values } == [[10], [10], [10]])
    }

    @Test func oneComponentOfMany() throws {
        let fabric = Fabric()
        try fabric.define("pair", keys: ["ipsource", "ipdestination"])
        for number: UInt32 in 1...4 { fabric.packets(9, 1, from: number % 2, to: number, bytes: 100 * number, sequence: number) }
        #expect(fabric.active("pair", filter: "0.0.0.1,") == ["0.0.0.1,0.0.0.3 3000.0 ×1 0.0.0.9 1", "0.0.0.1,0.0.0.1 1000.0 ×1 0.0.0.9 1"])
        #expect(fabric.active("pair", filter: ",0.0.0.4") == ["0.0.0.0,0.0.0.4 4000.0 ×1 0.0.0.9 1"])
    }

    /// The filter is a key's text: what stands between its fields is the definition's affair.
    @Test(arguments: [",", "_SEP_", ".", "|", ""]) func filtersAreSplitAsKeysAreJoined(separator: String) throws {
        let fabric = Fabric()
        try fabric.define("pair", keys: ["ipsource", "concat:\\,:ipdestination:ipprotocol"], fs: separator)
        for number: UInt32 in 1...4 { fabric.packets(9, 1, from: number % 2, to: number, bytes: 100 * number, sequence: number) }
        let all = fabric.active("pair", filter: "").compactMap { $0.split(separator: " ").first.map(String.init) }
        #expect(all.count == 4)
        for key in all { #expect(fabric.active("pair", filter: key).map { $0.hasPrefix(key + " ") } == [true]) }
        guard [",", "_SEP_", "|"].contains(separator) else { return }
        #expect(fabric.active("pair", filter: "\(separator)0.0.0.3,6").count == 1)
        #expect(fabric.active("pair", filter: "0.0.0.1\(separator)").count == 2)
        #expect(fabric.active("pair", filter: "0.0.0.1").count == 2)
        #expect(fabric.active("pair", filter: "0.0.0.1\(separator)0.0.0.4,6").isEmpty)
        #expect(fabric.active("pair", filter: "0.0.0.1;").isEmpty)
    }

    /// What is not among a data source's `n` largest is in no answer.
    @Test func answersSeeTheLargestOfEachDataSource() throws {
        let fabric = Fabric()
        try fabric.define("src", keys: ["ipsource"], n: 5)
        for number: UInt32 in 1...9 { fabric.packets(1, 4, from: number, bytes: 100 * number, sequence: number) }
        fabric.packets(2, 4, from: 1, bytes: 50)
        #expect(fabric.active("src", .sum).map { $0.split(separator: " ")[0] } == ["0.0.0.9", "0.0.0.8", "0.0.0.7", "0.0.0.6", "0.0.0.5", "0.0.0.1"])
        let query = FlowLocationQuery(agents: .all, flow: "src", keyText: "0.0.0.1")
        #expect(fabric.shards[0].locations(query, at: Fabric.instant).map { "\($0.place.agent) \($0.reading.value)" } == ["0.0.0.2 500.0"])
    }

    @Test func locations() throws {
        let fabric = try fabric()
        func places(_ text: String, _ agents: AgentSelector = .all) -> [String] {
            fabric.shards[0].locations(FlowLocationQuery(agents: agents, flow: "src", keyText: text), at: Fabric.instant)
                .map { "\($0.place.agent) \($0.place.source) \($0.reading.value) \($0.reading.values)" }.sorted()
        }
        #expect(places("0.0.0.1") == ["0.0.0.1 4 1000.0 [10.0]", "0.0.0.2 4 3000.0 [10.0]", "0.0.0.3 4 2000.0 [10.0]"])
        #expect(places("0.0.0.3") == ["0.0.0.3 6 2500.0 [10.0]"])
        #expect(places("0.0.0.1", AgentSelector(listing: ["0.0.0.2"])) == ["0.0.0.2 4 3000.0 [10.0]"])
        #expect(places("").isEmpty && places("0.0.0.9").isEmpty)
    }

    @Test func oneTableAnAgentIsAtDataSource0() throws {
        let fabric = Fabric()
        try fabric.define("src", keys: ["ipsource"], aggMode: "AGENT")
        for port: UInt32 in 1...3 { fabric.packets(1, port, from: 1, bytes: 100, sequence: port) }
        #expect(fabric.active("src") == ["0.0.0.1 3000.0 ×1 0.0.0.1 0"])
    }

    @Test func theMetricIsTheLargestFlow() throws {
        let fabric = try fabric()
        let answers = try fabric.measure("max:src,sum:src,4.src")
        #expect(answers.map(\.value) == [.number(3_000), .number(16_000), .number(3_000)])
        let rows = try fabric.table("src").map(\.text)
        #expect(rows.count == 7 && rows.first == "0.0.0.1 4: 1000")
    }
}
