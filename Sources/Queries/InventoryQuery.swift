// What there is: agents with their books, data sources with theirs, metric names with their ages.

package import Bytes
package import SFlow
package import ShardEngine

/// One agent as `/agents/json` shows it.
package struct AgentSummary: Sendable {
    /// Books of one kind of sample over all data sources.
    package struct Samples: Sendable {
        package var dataSources = 0
        package var samples: UInt64 = 0, lost: UInt64 = 0, duplicates: UInt64 = 0, outOfOrder: UInt64 = 0
        package var drops: UInt64 = 0

        fileprivate mutating func add(_ instance: SampleInstance) {
            samples &+= instance.samples
            lost &+= instance.lost
            duplicates &+= instance.duplicates
            outOfOrder &+= instance.outOfOrder
            drops &+= instance.drops
        }
    }

    package let address: IPAddress
    package let hostName: String?
    package let statistics: AgentStatistics
    package let flow: Samples, counter: Samples, notification: Samples
    /// Arrival of the first and the last datagram. Unit: nanoseconds since the Unix epoch.
    package let firstArrival: Int64, lastArrival: Int64
    package let uptimeMilliseconds: UInt32

    package init(_ view: AgentView) {
        let agent = view.agent
        address = agent.address
        hostName = view.hostName
        statistics = agent.statistics
        (firstArrival, lastArrival) = (agent.firstArrival, agent.lastArrival)
        uptimeMilliseconds = agent.uptimeMilliseconds
        flow = AgentSummary.samples(.flow, of: agent)
        counter = AgentSummary.samples(.counter, of: agent)
        notification = AgentSummary.samples(.notification, of: agent)
    }

    private static func samples(_ kind: SampleKind, of agent: Agent) -> Samples {
        var sum = Samples()
        var sources: Set<DataSource> = []
        for instance in agent.instances where instance.key.kind == kind {
            sum.add(instance)
            sources.insert(instance.key.dataSource)
        }
        sum.dataSources = sources.count
        return sum
    }
}

/// One data source's flow sampling, as `/datasources/{agents}/json` shows it.
package struct DataSourceSummary: Sendable {
    package let agent: IPAddress
    package let source: DataSource
    package let interfaceName: String?
    package let samples: UInt64, lost: UInt64, drops: UInt64
    /// One packet in this many is sampled, by the agent's word and by its sample pool.
    package let samplingRate: UInt32, effectiveSamplingRate: Double
}

extension Shard {
    package func agentSummaries(of selector: AgentSelector, at instant: Instant) -> [AgentSummary] {
        views(of: selector, at: instant).map(AgentSummary.init)
    }

    package func dataSourceSummaries(of selector: AgentSelector, at instant: Instant) -> [DataSourceSummary] {
        let name = MetricName("ifname", in: catalogue)
        return views(of: selector, at: instant).flatMap { view in
            view.agent.instances.filter { $0.key.kind == .flow && selector.selects(view, source: $0.source) }
                .sorted { $0.key.dataSource < $1.key.dataSource }
                .map { instance in
                    DataSourceSummary(
                        agent: view.agent.address, source: instance.key.dataSource,
                        interfaceName: view.reading(of: name, source: instance.source).flatMap {
                            if case .text(let text) = $0.value { text } else { nil }
                        },
                        samples: instance.samples, lost: instance.lost, drops: instance.drops,
                        samplingRate: instance.declaredSamplingRate,
                        effectiveSamplingRate: instance.effectiveSamplingRate)
                }
        }
    }

    /// When each metric was last refreshed at any data source. Unit: nanoseconds since the Unix epoch.
    package func newestArrivals(at instant: Instant, into newest: inout [String: Int64]) {
        forEachView(of: .all, at: instant) { $0.newestArrivals(into: &newest) }
    }
}
