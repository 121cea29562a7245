// A threshold in force: a definition made ready for the values of a shard.

package struct ActiveThreshold: Hashable, Sendable {
    package let name: String
    /// As configured.
    package let metric: String
    /// An event is due when the metric is larger. Unit: that of the metric.
    package let level: Double
    package let filter: RowFilter
    /// A state for each flow instead of one for the data source; means nothing for counters.
    package let byFlow: Bool
    /// How long the value must stay at or below the level before the next event. Unit: nanoseconds.
    let timeout: Int64
    /// The metric under the name that it is kept under.
    let counter: MetricName

    /// Ample, and far from what a count of nanoseconds cannot hold.
    private static let timeoutSecondsMax = 31_536_000.0

    /// - Parameter timeoutSeconds: at least 0, at most a year; others are moved to the limit.
    package init(
        name: String, metric: String, level: Double, filter: RowFilter = .none, byFlow: Bool = false,
        timeoutSeconds: Double = 0, in catalogue: Catalogue = .standard
    ) {
        self.name = name
        self.metric = metric
        self.level = level
        self.filter = filter
        self.byFlow = byFlow
        timeout = Int64(min(max(0, timeoutSeconds), ActiveThreshold.timeoutSecondsMax) * 1e9)
        counter = MetricName(metric, in: catalogue)
    }
}
