// Whoever holds shards and can be asked: an executor of this process, or a worker behind a connection. A query does not
// know which.

package import ExactStatistics
package import ShardEngine

package protocol ShardHost: Sendable {
    func measure(_ query: MetricQuery, at instant: Instant) async throws -> any Measurement
    func rows(_ query: RowQuery, at instant: Instant) -> any RowSource
    func agents(_ selector: AgentSelector, at instant: Instant) async throws -> [AgentSummary]
    func dataSources(_ selector: AgentSelector, at instant: Instant) async throws -> [DataSourceSummary]
    func newestArrivals(at instant: Instant) async throws -> [String: Int64]
    func activeFlows(_ query: ActiveFlowsQuery, at instant: Instant) async throws -> HostFlows?
    func flowLocations(_ query: FlowLocationQuery, at instant: Instant) async throws -> [FlowLocation]?
    /// When each flow key occurred last, by name. Unit: nanoseconds since the Unix epoch.
    func keyArrivals() async throws -> [String: Int64]
    func books(at instant: Instant) async throws -> ShardBooks
}

/// What a host measured for a metric query. It holds on to the values for as long as it lives, so that quartiles are
/// found among the same values that were counted.
package protocol Measurement: Sendable {
    /// In the order of `MetricQuery.measured`.
    var partials: [MetricPartial] { get }
    /// One step of finding the quartiles of a measured metric.
    func select(metric: Int, _ request: SelectionRequest) async throws -> SelectionPartial
}

/// A host's flows and how their keys are written.
package struct HostFlows: Sendable {
    package var flows: FlowPartial
    package let definition: ActiveFlow

    package init(flows: FlowPartial, definition: ActiveFlow) {
        self.flows = flows
        self.definition = definition
    }
}

/// A host's rows for a row query, sorted, in pages; nil at the end.
package protocol RowSource: Sendable {
    func next() async throws -> [Row]?
}

package struct ShardBooks: Sendable {
    package var counters = ShardCounters()
    package var agentCount = 0

    package init() {}

    package mutating func add(_ other: ShardBooks) {
        counters.add(other.counters)
        agentCount += other.agentCount
    }
}
