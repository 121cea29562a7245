// The shards of one executor of this process, as a query's coordinator sees them.

internal import ExactStatistics
package import Queries
package import ShardEngine
internal import Synchronization

package struct LocalShardHost: ShardHost {
    let executor: ShardExecutor

    package func measure(_ query: MetricQuery, at instant: Instant) async -> any Measurement {
        await executor.run { shards in
            var measurement = query.emptyMeasurement
            for shard in shards { shard.measure(query, at: instant, into: &measurement) }
            return LocalMeasurement(measurement: measurement)
        }
    }

    package func rows(_ query: RowQuery, at instant: Instant) -> any RowSource {
        LocalRowSource(executor: executor, cursor: RowCursor(query, at: instant))
    }

    package func agents(_ selector: AgentSelector, at instant: Instant) async -> [AgentSummary] {
        await executor.run { shards in shards.flatMap { $0.agentSummaries(of: selector, at: instant) } }
    }

    package func dataSources(_ selector: AgentSelector, at instant: Instant) async -> [DataSourceSummary] {
        await executor.run { shards in shards.flatMap { $0.dataSourceSummaries(of: selector, at: instant) } }
    }

    package func newestArrivals(at instant: Instant) async -> [String: Int64] {
        await executor.run { shards in
            var newest: [String: Int64] = [:]
            for shard in shards { shard.newestArrivals(at: instant, into: &newest) }
            return newest
        }
    }

    package func activeFlows(_ query: ActiveFlowsQuery, at instant: Instant) async -> HostFlows? {
        await executor.run { shards in
            guard let shard = shards.first, let flow = shard.flow(named: query.flow) else { return nil }
            var flows: FlowPartial = [:]
            for shard in shards { shard.collect(query, at: instant, into: &flows) }
            return HostFlows(flows: flows, definition: shard.flows[flow])
        }
    }

    package func flowLocations(_ query: FlowLocationQuery, at instant: Instant) async -> [FlowLocation]? {
        await executor.run { shards in
            guard shards.first?.flow(named: query.flow) != nil else { return nil }
            return shards.flatMap { $0.locations(query, at: instant) }
        }
    }

    package func keyArrivals() async -> [String: Int64] {
        await executor.run { shards in
            shards.reduce(into: [:]) { arrivals, shard in
                arrivals.merge(shard.arrivalsOfKeys, uniquingKeysWith: max)
            }
        }
    }

    package func books(at instant: Instant) async -> ShardBooks {
        await executor.run { shards in
            var books = ShardBooks()
            for shard in shards {
                books.counters.add(shard.counters)
                books.agentCount += shard.views(of: .all, at: instant).count
            }
            return books
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

/// Pulled by one reader at a time.
private final class LocalRowSource: RowSource {
    private let executor: ShardExecutor
    private let cursor: Mutex<RowCursor>

    init(executor: ShardExecutor, cursor: RowCursor) {
        self.executor = executor
        self.cursor = Mutex(cursor)
    }

    func next() async -> [Row]? {
        await executor.run { [self] shards in cursor.withLock { $0.next(in: shards) } }
    }
}
