// Asks all shard hosts and merges what they answer into one answer: the only path for queries, whether the hosts are
// threads of this process or workers elsewhere.

package import Datagrams
internal import ExactStatistics
package import Queries
package import ShardEngine

package struct QueryCoordinator: Sendable {
    let hosts: @Sendable () -> HostSet
    private let clock: StateClock
    package let catalogue: Catalogue

    /// - Parameter hosts: those that a query asked now goes to.
    package init(hosts: @escaping @Sendable () -> HostSet, clock: StateClock, catalogue: Catalogue) {
        self.hosts = hosts
        self.clock = clock
        self.catalogue = catalogue
    }

    /// The instant at which a query asked now is evaluated, everywhere.
    package var now: Instant { Instant(nanoseconds: clock.now) }

    /// One answer a term, in the query's order.
    package func metrics(_ query: MetricQuery, at instant: Instant) async throws -> [MetricAnswer] {
        try await attempt { try await measure(query, at: instant) }
    }

    private func measure(_ query: MetricQuery, at instant: Instant) async throws -> [MetricAnswer] {
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

    /// Rows of all hosts in order, one at a time. The hosts' first pages are there when this returns: a host that is gone by
    /// then is left out, one that goes later breaks the answer off.
    package func rows(_ query: RowQuery, at instant: Instant) async throws -> MergedRows {
        let opened = try await askAll { host in
            let source = host.rows(query, at: instant)
            return (source, try await source.next())
        }
        return MergedRows(query, opened)
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
    package func activeFlows(_ query: ActiveFlowsQuery, at instant: Instant) async throws -> ActiveFlows? {
        try await attempt { try await findFlows(query, at: instant) }
    }

    private func findFlows(_ query: ActiveFlowsQuery, at instant: Instant) async throws -> ActiveFlows? {
        let found = try await askAll { host in try await host.flows(query, at: instant) }.compactMap { $0 }
        guard let keySeparator = found.first?.keySeparator else { return nil }
        var selection = TopFlowSelection(query, hostCount: found.count)
        while true {
            switch selection.next {
            case .ask(let questions):
                let partials = try await askAll(questions) { try await found[$0.host].answer($0.request) }
                try selection.receive(partials)
            case .done(let flows):
                return ActiveFlows(flows: flows, keySeparator: keySeparator)
            }
        }
    }

    /// Where a flow is seen, by agent and data source; nil when there is no such definition.
    package func flowLocations(_ query: FlowLocationQuery, at instant: Instant) async throws -> [FlowLocation]? {
        let found = try await askAll { host in try await host.flowLocations(query, at: instant) }.compactMap { $0 }
        return found.isEmpty ? nil : found.flatMap { $0 }.sorted { $0.place < $1.place }
    }

    /// Interfaces of agents of the topology, by agent and ifIndex.
    package func ports(of selector: AgentSelector, at instant: Instant) async throws -> [PortSummary] {
        try await askAll { host in try await host.ports(of: selector, at: instant) }
            .flatMap { $0 }.sorted { ($0.agent, $0.ifIndex) < ($1.agent, $1.ifIndex) }
    }

    /// Where hosts are.
    package func hosts(_ query: HostQuery, at instant: Instant) async throws -> [HostLocation] {
        query.answer(try await askAll { host in try await host.hosts(query, at: instant) }.flatMap { $0 })
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
}

/// The largest flows of a definition.
package struct ActiveFlows: Sendable {
    package let flows: [ActiveFlowAnswer]
    fileprivate let keySeparator: String

    package func keyText(_ flow: ActiveFlowAnswer) -> String { ActiveFlow.keyText(flow.key, separator: keySeparator) }
}

/// The rows of a query from all hosts, merged as they are pulled. At any time it holds one page of each host.
package struct MergedRows: Sendable {
    private var merge: RowMerge
    private let sources: [any RowSource]

    /// - Parameter opened: sources with their first pages.
    init(_ query: RowQuery, _ opened: [(any RowSource, [Row]?)]) {
        merge = RowMerge(query, sources: opened.count)
        sources = opened.map(\.0)
        for (place, (_, page)) in opened.enumerated() { merge.receive(page, from: place) }
    }

    package mutating func next() async throws -> Row? {
        for source in merge.starving { merge.receive(try await sources[source].next(), from: source) }
        return merge.next()
    }
}
