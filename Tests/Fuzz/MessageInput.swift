// What a node of a cluster believes of another: questions and answers. The first byte chooses the kind, the rest is the
// message. What is accepted is written in a form that is read again, and is used as its receiver uses it.

import ExactStatistics
import FlowLanguage
import Queries
import ShardEngine
import Wire

func fuzzMessage(_ input: [UInt8]) {
    guard let kind = input.first else { return }
    let bytes = Array(input.dropFirst())
    switch kind {
    case 0: if let question = read(Question.self, bytes) { ask(question) }
    case 1: if let partial = read(MetricPartial.self, bytes) { merge(partial) }
    case 2: if let rows = read([Row].self, bytes) { merge(rows) }
    case 3: _ = read([AgentSummary].self, bytes)
    case 4: _ = read(Outbox.self, bytes)
    case 5: _ = read([FlowLocation].self, bytes)
    case 6:
        guard var books = read(ShardBooks.self, bytes) else { return }
        books.add(books)
        _ = books.counters.refusedTotal
    case 7:
        guard let partial = read(SelectionPartial.self, bytes) else { return }
        var selection = QuartileSelection(shardCount: 1)
        if (try? selection.receive([partial])) != nil { _ = selection.next }
    case 8:
        guard let request = read(TopFlowRequest.self, bytes) else { return }
        _ = try? FlowSnapshot(FlowPartial(), mode: .sum).answer(request)
    case 9: if let partial = read(TopFlowPartial.self, bytes) { select(partial) }
    default: break
    }
}

private func read<Value: WireCodable>(_ type: Value.Type, _ bytes: [UInt8]) -> Value? {
    guard let value = try? Value(wireBytes: bytes) else { return nil }
    let written = value.wireBytes
    check((try? Value(wireBytes: written))?.wireBytes == written, "what was read can be written and read again")
    return value
}

/// Asks an empty shard.
private func ask(_ question: Question) {
    let shard = Shard()
    let instant = Instant(nanoseconds: 1)
    switch question {
    case .measure(let query):
        var measurement = query.emptyMeasurement
        shard.measure(query, at: instant, into: &measurement)
        check(query.isAnswered(by: measurement.partials), "a partial fits its query")
    case .rows(let query):
        var cursor = RowCursor(query, at: instant)
        check(cursor.next(in: [shard]) == nil, "no agents, no rows")
    case .agents(let selector): _ = shard.agentSummaries(of: selector, at: instant)
    case .dataSources(let selector): _ = shard.dataSourceSummaries(of: selector, at: instant)
    case .flows(let query):
        guard let compiled = try? CompiledFlow(FlowDefinition(value: "frames"), environment: FlowEnvironment(seed: 1)) else { return }
        var gathered = query.emptyGathered(ActiveFlow(name: query.flow, compiled: compiled))
        shard.collect(query, at: instant, into: &gathered)
        check(gathered.count == 0, "no agents, no flows")
    case .ports(let selector): _ = shard.ports(of: selector, at: instant)
    case .hosts(let query): _ = query.answer(shard.hosts(query, at: instant))
    case .flowLocations(let query): _ = shard.locations(query, at: instant)
    case .newestArrivals, .keyArrivals, .books: break
    }
}

private func merge(_ partial: MetricPartial) {
    guard let term = try? MetricTerm("sdev:load_one") else { return }
    var twice = partial
    twice.merge(partial)
    let answer = MetricAnswer(term, twice, quartiles: nil)
    _ = Instant(nanoseconds: .max).age(of: answer.tally.oldest)
}

/// Two hosts that say the same, whatever they are asked.
private func select(_ partial: TopFlowPartial) {
    for mode in ActiveFlowsQuery.Mode.allCases {
        var selection = TopFlowSelection(ActiveFlowsQuery(agents: .all, flow: "f", maxFlows: 3, mode: mode), hostCount: 2)
        while case .ask(let questions) = selection.next {
            guard (try? selection.receive(questions.map { _ in partial })) != nil else { break }
        }
        if case .done(let flows) = selection.next { check(flows.allSatisfy(\.value.isFinite), "values are finite") }
    }
}

private func merge(_ rows: [Row]) {
    guard let query = try? RowQuery.table(agents: .all, columns: "ifname,sort:ifspeed", filter: .none) else { return }
    var merge = RowMerge(query, sources: 2)
    for source in merge.starving { merge.receive(rows, from: source) }
    while let row = merge.next() { _ = Instant(nanoseconds: .max).age(of: row.cells.first??.reading.arrival ?? 0) }
}
