// Whoever holds shards and can be asked: an executor of this process, or a worker behind a connection. A query does not
// know which.

package import ExactStatistics
package import ShardEngine

package protocol ShardHost: Sendable {
    /// Shards that it answers for.
    var shardCount: Int { get }
    /// Who may answer for some of its shards when it does not.
    var alternatives: [any ShardHost] { get }

    func measure(_ query: MetricQuery, at instant: Instant) async throws -> any Measurement
    func rows(_ query: RowQuery, at instant: Instant) -> any RowSource
    func agents(_ selector: AgentSelector, at instant: Instant) async throws -> [AgentSummary]
    func dataSources(_ selector: AgentSelector, at instant: Instant) async throws -> [DataSourceSummary]
    func newestArrivals(at instant: Instant) async throws -> [String: Int64]
    /// nil when the host has no such definition.
    func flows(_ query: ActiveFlowsQuery, at instant: Instant) async throws -> (any FlowMeasurement)?
    func flowLocations(_ query: FlowLocationQuery, at instant: Instant) async throws -> [FlowLocation]?
    /// Interfaces of agents of the topology, by agent and ifIndex.
    func ports(of selector: AgentSelector, at instant: Instant) async throws -> [PortSummary]
    func hosts(_ query: HostQuery, at instant: Instant) async throws -> [HostLocation]
    /// When each flow key occurred last, by name. Unit: nanoseconds since the Unix epoch.
    func keyArrivals() async throws -> [String: Int64]
    func books(at instant: Instant) async throws -> ShardBooks
}

extension ShardHost {
    package var alternatives: [any ShardHost] { [] }
}

/// Those who have a query's shards.
package struct HostSet: Sendable {
    package let hosts: [any ShardHost]
    /// All shards there are, whether somebody has them or not.
    package let shardCount: Int
    /// Shards that lost their counts a short while ago, and may not have all metrics yet.
    package var warmingCount = 0
    /// Of the shard map that says who has what; 0 where there is none.
    package let epoch: UInt64

    package init(hosts: [any ShardHost], shardCount: Int, epoch: UInt64 = 0) {
        self.hosts = hosts
        self.shardCount = shardCount
        self.epoch = epoch
    }
}

/// A host has no answer; the others' answers stand without it.
package struct HostUnavailable: Error, Hashable, Sendable, CustomStringConvertible {
    package let host: String
    package let why: String
    /// The epoch of the map that the host goes by, when that is what makes it say no: who asks by a newer one gets an answer.
    package let newerEpoch: UInt64?

    package init(host: String, why: String, newerEpoch: UInt64? = nil) {
        self.host = host
        self.why = why
        self.newerEpoch = newerEpoch
    }

    package var description: String { "\(host): \(why)" }
}

/// What a host measured for a metric query. It holds on to the values for as long as it lives, so that quartiles are
/// found among the same values that were counted.
package protocol Measurement: Sendable {
    /// In the order of `MetricQuery.measured`.
    var partials: [MetricPartial] { get }
    /// One step of finding the quartiles of a measured metric.
    func select(metric: Int, _ request: SelectionRequest) async throws -> SelectionPartial
}

/// What a host found for a query of the largest flows. It holds on to what it ranked for as long as it lives, so that every
/// round of `TopFlowSelection` is about the same ranking. Where a flow's largest rate decides, other flows are looked for
/// when they are asked for, as they are by then.
package protocol FlowMeasurement: Sendable {
    /// What stands between the components of the definition's keys.
    var keySeparator: String { get }
    func answer(_ request: TopFlowRequest) async throws -> TopFlowPartial
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
