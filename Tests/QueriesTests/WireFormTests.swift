// Whatever hosts are asked and answer comes back from its bytes as it was; and nothing that is broken on the way is more
// than an error. The values are those of real shards: of a made-up fabric, and of the shared captures where they are.

import Bytes
import Capture
import DatagramBuilding
import ExactStatistics
import FlowLanguage
import Queries
import SeededRandom
import SFlow
import ShardEngine
import Testing
import Wire

/// A message and how its reader sees it.
struct Message {
    let name: String
    let bytes: [UInt8]
    /// Reads bytes and writes what was read.
    let again: ([UInt8]) throws -> [UInt8]
    /// Reads bytes and says what they mean.
    let text: ([UInt8]) throws -> String
    let original: String

    init<Value: WireCodable>(_ value: Value, describe: @escaping (Value) -> String = { canonicalText($0) }) {
        name = String(describing: Value.self)
        bytes = value.wireBytes
        again = { try Value(wireBytes: $0).wireBytes }
        text = { describe(try Value(wireBytes: $0)) }
        original = describe(value)
    }

    /// Equal exact sums can differ inside.
    init(partials: [MetricPartial]) {
        self.init(partials) { partials in
            partials.map {
                canonicalText(($0.all, $0.numbers, $0.maximum, $0.minimum, $0.any)) + " \($0.moments.encoded)"
            }.joined(separator: "\n")
        }
    }
}

/// Everything of a value as text. Words are sorted, because hash tables have no order.
private func canonicalText(_ value: some Any) -> String {
    var text = ""
    dump(value, to: &text)
    return text.split(separator: "\n").sorted().joined(separator: "\n")
}

@Suite struct WireForms {
    static let questions: [Question] = {
        do {
            let agents = try AgentSelector("10.0.0.1;2001:db8::1,leaf1;spine2")
            let filter = try RowFilter([(name: "ifname", pattern: "swp*"), (name: "ifname", pattern: "eth0"), (name: "ifspeed", pattern: "1e9")])
            let terms = try MetricTerm.list("max:ifinoctets,sum:4.ifspeed,med:2.1.load_one,any:web.hits,src,q3:cpu_num,sdev:é")
            return [
                .measure(MetricQuery(agents: agents, terms: terms, filter: filter)),
                .rows(try RowQuery.table(agents: .edge, columns: "ifname,null:4.ifspeed,sort:load_one:-5", filter: filter)),
                .rows(RowQuery(agents: .core, columns: try .init("ifname,load_one"), filter: .none, wantsLabels: true)),
                .rows(RowQuery(agents: .all, columns: .all, filter: .none)),
                .agents(.topology), .agents(.all), .dataSources(agents), .newestArrivals, .keyArrivals, .books,
                .flows(ActiveFlowsQuery(agents: agents, flow: "src", maxFlows: 7, minValue: -1.5, mode: .edge, keyFilter: "10.0.0.1,,\u{0}")),
                .flows(ActiveFlowsQuery(agents: .all, flow: "src")),
                .flowLocations(FlowLocationQuery(agents: .all, flow: "src", keyText: "10.0.0.1,\u{0}")),
                .ports(.edge), .hosts(HostQuery(agents: agents, hostsMax: 10)),
                .hosts(HostQuery(agents: .all, address: try HostAddress("00-11-22-33-44-55"), ifIndex: 7, hostsMax: 10)),
                .hosts(HostQuery(agents: .all, address: try HostAddress("2001:db8::1"), hostsMax: 0)),
            ]
        } catch { return [] }
    }()

    static func answers(_ shards: [Shard], at instant: Instant, flow: String) -> [Message] {
        var messages = [Message(instant)]
        for case .measure(let narrow) in questions {
            let query = MetricQuery(agents: .all, terms: narrow.terms, filter: .none)
            for shard in shards {
                var measurement = query.emptyMeasurement
                shard.measure(query, at: instant, into: &measurement)
                messages.append(Message(partials: measurement.partials))
            }
        }
        for case .rows(let query) in questions {
            for agents in [query.agents, .all] {
                let query = RowQuery(agents: agents, columns: query.columns, filter: .none, order: query.order, wantsLabels: query.wantsLabels)
                var cursor = RowCursor(query, at: instant)
                messages.append(Message(cursor.next(in: shards)))
            }
        }
        var newest: [String: Int64] = [:]
        var books = ShardBooks()
        for shard in shards {
            shard.newestArrivals(at: instant, into: &newest)
            books.counters.add(shard.counters)
            books.agentCount += shard.agents.count
            messages.append(Message(shard.agentSummaries(of: .all, at: instant)))
            messages.append(Message(shard.dataSourceSummaries(of: .all, at: instant)))
            messages.append(Message(Arrivals(byName: shard.arrivalsOfKeys)))
            messages.append(Message(shard.takeOutbox()))
            messages.append(Message(shard.ports(of: .all, at: instant)))
            messages.append(Message(shard.hosts(HostQuery(agents: .all, hostsMax: 1_000), at: instant)))
            for index in shard.flows.indices where shard.flows[index].name == flow {
                let readings = shard.views(of: .all, at: instant).flatMap { view in
                    view.flowSources(index).flatMap { view.flows(index, source: $0) }
                }
                messages.append(Message(readings))
                for key in Set(readings.map(\.key)).sorted(by: { $0.lexicographicallyPrecedes($1) }).prefix(5) {
                    let query = FlowLocationQuery(agents: .all, flow: flow, keyText: shard.flows[index].keyText(key))
                    messages.append(Message(shard.locations(query, at: instant)))
                }
            }
        }
        return messages + [Message(Arrivals(byName: newest)), Message(books)]
    }

    /// Custom metrics, ports, a host, flows that are logged, a threshold that is exceeded.
    static func fabric() throws -> Fabric {
        let fabric = Fabric(shards: 2)
        let definition = FlowDefinition(keys: ["ipsource"], value: "bytes", values: ["frames"], n: 5, t: 1, log: true, flowStart: true)
        let flow = ActiveFlow(name: "src", compiled: try CompiledFlow(definition, environment: FlowEnvironment(seed: 3)))
        for shard in fabric.shards {
            shard.setFlows([flow])
            shard.setThresholds([ActiveThreshold(name: "much", metric: "src", level: 1, byFlow: true)])
        }
        for agent: UInt32 in 1...6 {
            fabric.ports(agent, 1...4)
            fabric.host(agent, "leaf\(agent).example", load: Float(agent))
            fabric.gauge(agent, "web", "hits", Double(agent) / 3, sequence: 2)
            fabric.packets(agent, 2, from: agent % 4, bytes: 100 * agent, sequence: 3)
            fabric.packets(agent, 3, from: 0x0A00_0001, bytes: 70 * agent, sequence: 4)
        }
        for shard in fabric.shards { shard.ingest([0, 0, 0, 9].span.bytes, udpSource: IPAddress(v4: 1), arrival: Fabric.now) }
        return fabric
    }

    static func messages() throws -> [Message] {
        let fabric = try fabric()
        let selection: [Message] = try {
            var snapshot = ValueSnapshot()
            for number in 0..<3_000 { snapshot.add(Double(number) / 7 - 100) }
            var messages: [Message] = []
            var selection = QuartileSelection(shardCount: 1)
            while case .ask(let request, _) = selection.next {
                let partial = try snapshot.answer(request)
                messages += [Message(request), Message(partial)]
                try selection.receive([partial])
            }
            return messages + [Message(try ValueSnapshot([1, -2, .infinity]).answer(.summary))]
        }()
        return questions.map { Message($0) } + selection + answers(fabric.shards, at: Fabric.instant, flow: "src")
    }

    @Test func everythingComesBack() throws {
        let messages = try WireForms.messages()
        #expect(WireForms.questions.count == 17)
        // Not all of them are empty.
        for (name, bytesMin) in [("Outbox", 100), ("Optional<Array<Row>>", 500), ("Array<MetricPartial>", 300), ("ShardBooks", 20), ("Arrivals", 50)] {
            #expect(messages.contains { $0.name == name && $0.bytes.count >= bytesMin }, "\(name)")
        }
        for message in messages {
            #expect(try message.again(message.bytes) == message.bytes, "\(message.name)")
            #expect(try message.text(message.bytes) == message.original, "\(message.name)")
        }
    }

    @Test func questionsMeanTheSame() throws {
        for question in WireForms.questions { #expect(try Question(wireBytes: question.wireBytes) == question) }
    }

    @Test func aMetricIsFoundWhereTheSenderKeepsIt() throws {
        // An alias of an alias: resolved once by the sender, and not again by the reader.
        let catalogue = Catalogue.standard.adding(aliases: ["busy": "nvml_gputime", "speed": "ifspeed"])
        for name in ["busy", "speed", "ifspeed"] {
            let metric = MetricName(name, in: catalogue)
            #expect(try MetricName(wireBytes: metric.wireBytes) == metric)
        }
    }

    @Test func noPrefixIsAMessage() throws {
        for message in try WireForms.messages() {
            for count in stride(from: 0, to: message.bytes.count, by: 1 + message.bytes.count / 100) {
                #expect(throws: WireError.self, "\(message.name)") { try message.again(Array(message.bytes[..<count])) }
            }
            #expect(throws: WireError.self) { try message.again(message.bytes + [0]) }
        }
    }

    @Test func brokenMessagesNeverTrap() throws {
        let seed = UInt64.random(in: 0...(.max))
        var random = SeededGenerator(seed: seed)
        for message in try WireForms.messages() {
            for _ in 0..<100 {
                var bytes = message.bytes
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    bytes[Int.random(in: bytes.indices, using: &random)] = random.chance(2) ? .random(in: 0...255, using: &random) : 0xff
                }
                guard let read = try? message.again(bytes) else { continue }
                // What is accepted has a form that is read again.
                #expect(try message.again(read) == read, "\(message.name), seed \(seed)")
            }
        }
    }

    @Test func whatNoHostSaysIsRefused() throws {
        let infinite = ThresholdEvent(
            time: 1, threshold: "t", metric: "m", level: 1, value: .infinity, agent: IPAddress(v4: 1), source: .named("a"), flowKey: nil, values: [])
        #expect(throws: WireError.self) { try ThresholdEvent(wireBytes: infinite.wireBytes) }
        #expect(throws: WireError.self) { try Reading(wireBytes: Reading(value: .number(.nan), arrival: 1).wireBytes) }
        #expect(throws: WireError.self) { try Reading(wireBytes: Reading(value: .number(1), arrival: -1).wireBytes) }
        #expect(throws: WireError.self) { try Arrivals(wireBytes: Arrivals(byName: ["a": -1]).wireBytes) }
        let sorted = try RowQuery.table(agents: .all, columns: "ifname,sort:ifspeed", filter: .none)
        for columns in [RowQuery.Columns.all, try RowQuery.table(agents: .all, columns: "ifname", filter: .none).columns] {
            let query = RowQuery(agents: .all, columns: columns, filter: .none, order: sorted.order)
            #expect(throws: WireError.self) { try RowQuery(wireBytes: query.wireBytes) }
        }
        let long = RowFilter(conditions: [.init(metric: MetricName("a"), patterns: [Pattern(String(repeating: "*", count: 2_000))])])
        #expect(throws: WireError.self) { try MetricQuery(wireBytes: MetricQuery(agents: .all, terms: [], filter: long).wireBytes) }
        let many = MetricQuery(agents: .all, terms: Array(repeating: try MetricTerm("a"), count: 1_001), filter: .none)
        #expect(throws: WireError.self) { try MetricQuery(wireBytes: many.wireBytes) }
        // Keys of a dictionary twice, or not in order.
        #expect(throws: WireError.self) { try [String: Int64](wireBytes: [2, 1, 0x61, 0, 1, 0x61, 0]) }
        #expect(throws: WireError.self) { try [String: Int64](wireBytes: [2, 1, 0x62, 0, 1, 0x61, 0]) }
    }

    @Test func partialsFitTheirQuery() throws {
        let query = MetricQuery(agents: .all, terms: try MetricTerm.list("max:a,sum:a,med:b"), filter: .none)
        let partials = query.emptyMeasurement.partials
        #expect(query.isAnswered(by: partials))
        #expect(!query.isAnswered(by: partials.reversed()) && !query.isAnswered(by: partials + partials) && !query.isAnswered(by: []))
    }

    @Test(.enabled(if: Shared.exists(Shared.capture("fabric.pcap")), Comment(rawValue: Shared.skipped)))
    func answersOfACaptureComeBack() throws {
        for name in ["fabric.pcap", "hsflowd.pcap", "malformed-a.pcap", "telegraf-a.pcap"] where Shared.exists(Shared.capture(name)) {
            let shard = Shard()
            let definition = FlowDefinition(keys: ["ipsource", "ipdestination"], value: "bytes", values: ["frames"], t: 60, log: true)
            shard.setFlows([ActiveFlow(name: "pair", compiled: try CompiledFlow(definition, environment: FlowEnvironment(seed: 1)))])
            var reader = try DatagramReader(path: Shared.capture(name))
            var end: Int64 = 0
            while let datagram = try reader.next() {
                end = max(end, datagram.arrivalNanoseconds)
                reader.withPayload(of: datagram) { bytes in
                    shard.ingest(bytes, udpSource: IPAddress(v4: 1), arrival: datagram.arrivalNanoseconds)
                }
            }
            for message in WireForms.answers([shard], at: Instant(nanoseconds: end), flow: "pair") {
                #expect(try message.again(message.bytes) == message.bytes, "\(name): \(message.name)")
                #expect(try message.text(message.bytes) == message.original, "\(name): \(message.name)")
            }
        }
    }
}
