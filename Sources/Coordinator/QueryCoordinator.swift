// Asks all shard hosts and merges what they answer into one answer: the only path for queries, whether the hosts are
// threads of this process or workers elsewhere.

package import Datagrams
internal import ExactStatistics
package import Queries
package import ShardEngine

package struct QueryCoordinator: Sendable {
    private let hosts: [any ShardHost]
    private let clock: StateClock
    package let catalogue: Catalogue

    package init(hosts: [any ShardHost], clock: StateClock, catalogue: Catalogue) {
        self.hosts = hosts
        self.clock = clock
        self.catalogue = catalogue
    }

    /// The instant at which a query asked now is evaluated, everywhere.
    package var now: Instant { Instant(nanoseconds: clock.now) }

    /// One answer a term, in the query's order.
    package func metrics(_ query: MetricQuery, at instant: Instant) async throws -> [MetricAnswer] {
        let measurements = try await askAll { host in try await host.measure(query, at: instant) }
        let measured = query.measured
        var partials: [MetricReference: MetricPartial] = [:]
        var quartiles: [MetricReference: Quartiles] = [:]
        for (place, metric) in measured.enumerated() {
            var merged = MetricPartial(needs: metric.needs)
            for measurement in measurements { merged.merge(measurement.partials[place]) }
            partials[metric.reference] = merged
            if metric.needs.contains(.values), merged.numbers.count > 0 {
                quartiles[metric.reference] = try await self.quartiles(of: place, measurements)
            }
        }
        return query.terms.map { term in
            MetricAnswer(
                term, partials[term.reference] ?? MetricPartial(needs: []), quartiles: quartiles[term.reference])
        }
    }

    /// Rows of all hosts in order, one at a time.
    package func rows(_ query: RowQuery, at instant: Instant) -> MergedRows {
        MergedRows(query, sources: hosts.map { $0.rows(query, at: instant) })
    }

    /// By address.
    package func agents(_ selector: AgentSelector, at instant: Instant) async throws -> [AgentSummary] {
        try await askAll { host in try await host.agents(selector, at: instant) }
            .flatMap { $0 }.sorted { $0.address < $1.address }
    }

    /// By agent and data source.
    package func dataSources(_ selector: AgentSelector, at instant: Instant) async throws -> [DataSourceSummary] {
        try await askAll { host in try await host.dataSources(selector, at: instant) }
            .flatMap { $0 }.sorted { ($0.agent, $0.source) < ($1.agent, $1.source) }
    }

    /// When each metric was last refreshed. Unit: nanoseconds since the Unix epoch.
    package func newestArrivals(at instant: Instant) async throws -> [String: Int64] {
        try await askAll { host in try await host.newestArrivals(at: instant) }
            .reduce(into: [:]) { $0.merge($1, uniquingKeysWith: max) }
    }

    /// The flows of a definition, largest first; nil when there is no such definition.
    package func activeFlows(
        _ query: ActiveFlowsQuery, at instant: Instant
    ) async throws -> (flows: [ActiveFlowAnswer], definition: ActiveFlow)? {
        let found = try await askAll { host in try await host.activeFlows(query, at: instant) }.compactMap { $0 }
        guard let definition = found.first?.definition else { return nil }
        let merged = found.reduce(into: FlowPartial()) { merged, host in
            for (key, tally) in host.flows { merged[key, default: FlowTally()].merge(tally) }
        }
        return (query.answer(merged), definition)
    }

    /// Where a flow is seen, by agent and data source; nil when there is no such definition.
    package func flowLocations(_ query: FlowLocationQuery, at instant: Instant) async throws -> [FlowLocation]? {
        let found = try await askAll { host in try await host.flowLocations(query, at: instant) }.compactMap { $0 }
        return found.isEmpty ? nil : found.flatMap { $0 }.sorted { $0.place < $1.place }
    }

    /// When each flow key occurred last, by name. Unit: nanoseconds since the Unix epoch.
    package func keyArrivals() async throws -> [String: Int64] {
        try await askAll { host in try await host.keyArrivals() }.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: max) }
    }

    package func books(at instant: Instant) async throws -> ShardBooks {
        try await askAll { host in try await host.books(at: instant) }.reduce(into: ShardBooks()) { $0.add($1) }
    }

    private func quartiles(of metric: Int, _ measurements: [any Measurement]) async throws -> Quartiles? {
        var selection = QuartileSelection(shardCount: measurements.count)
        while true {
            switch selection.next {
            case .ask(let request, let shards):
                let partials = try await askAll(shards.map { measurements[$0] }) {
                    try await $0.select(metric: metric, request)
                }
                try selection.receive(partials)
            case .done(let quartiles):
                return quartiles
            }
        }
    }

    private func askAll<Answer: Sendable>(
        _ question: @escaping @Sendable (any ShardHost) async throws -> Answer
    ) async throws -> [Answer] {
        try await askAll(hosts, question)
    }

    /// Asks all at the same time; answers in the order of those asked.
    private func askAll<Asked: Sendable, Answer: Sendable>(
        _ asked: [Asked], _ question: @escaping @Sendable (Asked) async throws -> Answer
    ) async throws -> [Answer] {
        try await withThrowingTaskGroup(of: (Int, Answer).self) { group in
            for (place, one) in asked.enumerated() {
                group.addTask { (place, try await question(one)) }
            }
            var answers: [Answer?] = Array(repeating: nil, count: asked.count)
            for try await (place, answer) in group { answers[place] = answer }
            return answers.compactMap { $0 }
        }
    }
}

/// The rows of a query from all hosts, merged as they are pulled. At any time it holds one page of each host.
package struct MergedRows: Sendable {
    private var merge: RowMerge
    private let sources: [any RowSource]

    init(_ query: RowQuery, sources: [any RowSource]) {
        merge = RowMerge(query, sources: sources.count)
        self.sources = sources
    }

    package mutating func next() async throws -> Row? {
        for source in merge.starving { merge.receive(try await sources[source].next(), from: source) }
        return merge.next()
    }
}
