// The shards of this process, or some of them, as a query's coordinator sees them: one host, whichever threads own them.

internal import Cluster
internal import ExactStatistics
package import Queries
package import ShardEngine

package struct LocalShardHost: ShardHost {
    let executors: [ShardExecutor]
    /// nil for all.
    let wanted: ShardSet?
    package let shardCount: Int

    package func measure(_ query: MetricQuery, at instant: Instant) async -> any Measurement {
        let parts = await gather { shards in
            var measurement = query.emptyMeasurement
            for shard in shards { shard.measure(query, at: instant, into: &measurement) }
            return measurement
        }
        return LocalMeasurement(measurement: parts.reduce(into: query.emptyMeasurement) { $0.merge($1) })
    }

    package func rows(_ query: RowQuery, at instant: Instant) -> any RowSource {
        LocalRowSource(query, at: instant, executors: executors, wanted: wanted)
    }

    package func agents(_ selector: AgentSelector, at instant: Instant) async -> [AgentSummary] {
        await gather { shards in shards.flatMap { $0.agentSummaries(of: selector, at: instant) } }.flatMap { $0 }
    }

    package func dataSources(_ selector: AgentSelector, at instant: Instant) async -> [DataSourceSummary] {
        await gather { shards in shards.flatMap { $0.dataSourceSummaries(of: selector, at: instant) } }.flatMap { $0 }
    }

    package func newestArrivals(at instant: Instant) async -> [String: Int64] {
        await gather { shards in
            var newest: [String: Int64] = [:]
            for shard in shards { shard.newestArrivals(at: instant, into: &newest) }
            return newest
        }.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: max) }
    }

    package func flowLocations(_ query: FlowLocationQuery, at instant: Instant) async -> [FlowLocation]? {
        let parts: [[FlowLocation]?] = await gather { shards in
            guard shards.first?.flow(named: query.flow) != nil else { return nil }
            return shards.flatMap { $0.locations(query, at: instant) }
        }
        let found = parts.compactMap { $0 }
        return found.isEmpty ? nil : found.flatMap { $0 }
    }

    package func ports(of selector: AgentSelector, at instant: Instant) async -> [PortSummary] {
        await gather { shards in shards.flatMap { $0.ports(of: selector, at: instant) } }.flatMap { $0 }
    }

    package func hosts(_ query: HostQuery, at instant: Instant) async -> [HostLocation] {
        query.answer(
            await gather { shards in query.answer(shards.flatMap { $0.hosts(query, at: instant) }) }.flatMap { $0 })
    }

    package func keyArrivals() async -> [String: Int64] {
        await gather { shards in
            shards.reduce(into: [String: Int64]()) { arrivals, shard in
                arrivals.merge(shard.arrivalsOfKeys, uniquingKeysWith: max)
            }
        }.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: max) }
    }

    package func books(at instant: Instant) async -> ShardBooks {
        await gather { shards in
            var books = ShardBooks()
            for shard in shards {
                books.counters.add(shard.counters)
                shard.forEachView(of: .all, at: instant) { _ in books.agentCount += 1 }
            }
            return books
        }.reduce(into: ShardBooks()) { $0.add($1) }
    }

    /// Asks all executors at the same time.
    func gather<Part: Sendable>(_ body: @escaping @Sendable ([Shard]) -> Part) async -> [Part] {
        await withTaskGroup(of: (Int, Part).self) { group in
            for executor in executors { group.addTask { (executor.index, await executor.run(on: wanted, body)) } }
            var parts: [(Int, Part)] = []
            for await part in group { parts.append(part) }
            return parts.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }
}

private struct LocalMeasurement: Measurement {
    let measurement: MetricMeasurement

    var partials: [MetricPartial] { measurement.partials }

    func select(metric: Int, _ request: SelectionRequest) async throws -> SelectionPartial {
        guard measurement.snapshots.indices.contains(metric) else { throw SelectionError(.answerDoesNotFitRequest) }
        return try measurement.snapshots[metric].answer(request)
    }
}

/// The executors' rows, merged as they are pulled.
private actor LocalRowSource: RowSource {
    private let executors: [ShardExecutor]
    private let wanted: ShardSet?
    private var cursors: [RowCursor]
    private var merge: RowMerge

    /// Rows a page, about as many as an executor's.
    private static let pageRows = 512

    init(_ query: RowQuery, at instant: Instant, executors: [ShardExecutor], wanted: ShardSet?) {
        self.executors = executors
        self.wanted = wanted
        cursors = executors.map { _ in RowCursor(query, at: instant) }
        merge = RowMerge(query, sources: executors.count)
    }

    func next() async -> [Row]? {
        var page: [Row] = []
        while page.count < LocalRowSource.pageRows {
            for place in merge.starving {
                let cursor = cursors[place]
                let (rows, advanced) = await executors[place].run(on: wanted) { shards in
                    var cursor = cursor
                    let rows = cursor.next(in: shards)
                    return (rows, cursor)
                }
                cursors[place] = advanced
                merge.receive(rows, from: place)
            }
            guard let row = merge.next() else { break }
            page.append(row)
        }
        return page.isEmpty ? nil : page
    }
}
