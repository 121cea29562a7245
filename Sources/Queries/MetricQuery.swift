// Statistics of metrics over many data sources (`/metric/{agents}/{metrics}`): what a shard contributes, and how
// contributions become one answer that does not depend on how agents are spread over shards.

package import Bytes
package import ExactStatistics
package import ShardEngine

package struct MetricQuery: Hashable, Sendable {
    package let agents: AgentSelector
    package let terms: [MetricTerm]
    package let filter: RowFilter
    /// The metrics to measure, each once however many statistics are asked of it. Follows from the terms; kept, since every shard
    /// asks for it.
    package let measured: [MeasuredMetric]

    package init(agents: AgentSelector, terms: [MetricTerm], filter: RowFilter) {
        self.agents = agents
        self.terms = terms
        self.filter = filter
        measured = MetricQuery.measured(by: terms)
    }

    private static func measured(by terms: [MetricTerm]) -> [MeasuredMetric] {
        var order: [MetricReference] = []
        var needs: [MetricReference: MeasuredMetric.Needs] = [:]
        for term in terms {
            if needs[term.reference] == nil { order.append(term.reference) }
            needs[term.reference, default: []].insert(MeasuredMetric.Needs(term.statistic))
        }
        return order.map { MeasuredMetric(reference: $0, needs: needs[$0] ?? []) }
    }
}

package struct MeasuredMetric: Hashable, Sendable {
    package struct Needs: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }
        package static let extremes = Needs(rawValue: 1)
        package static let moments = Needs(rawValue: 2)
        package static let values = Needs(rawValue: 4)

        init(_ statistic: Statistic) {
            self = statistic.isSelecting ? .extremes : statistic.isQuartile ? .values : .moments
        }
    }

    package let reference: MetricReference
    package let needs: Needs
}

/// Where and when a value was read. The order breaks ties: by agent, then by data source.
package struct Place: Hashable, Comparable, Sendable {
    package let agent: IPAddress
    package let source: SourceName

    package init(agent: IPAddress, source: SourceName) {
        self.agent = agent
        self.source = source
    }

    package static func < (a: Place, b: Place) -> Bool {
        a.agent != b.agent ? a.agent < b.agent : a.source < b.source
    }
}

package struct PlacedReading: Hashable, Sendable {
    package let place: Place
    package let reading: Reading
    /// Of a flow metric, the largest flows there.
    package var topKeys: [TopKey]?
}

/// How many values contributed, and when the newest and the oldest of them arrived.
package struct Tally: Hashable, Sendable {
    package private(set) var count = 0
    /// Arrival times. Unit: nanoseconds since the Unix epoch. Meaningless when `count` is 0.
    package private(set) var newest = Int64.min, oldest = Int64.max

    mutating func add(_ arrival: Int64) {
        count += 1
        newest = max(newest, arrival)
        oldest = min(oldest, arrival)
    }

    mutating func merge(_ other: Tally) {
        count += other.count
        newest = max(newest, other.newest)
        oldest = min(oldest, other.oldest)
    }
}

/// One shard's (or several shards') contribution for one measured metric. Merging is commutative and associative, to the
/// last bit.
package struct MetricPartial: Sendable {
    /// All values, and those of them that are numbers.
    package internal(set) var all = Tally(), numbers = Tally()
    /// Of equal values the one at the smallest place wins.
    package internal(set) var maximum: PlacedReading?, minimum: PlacedReading?
    /// The value at the smallest place.
    package internal(set) var any: PlacedReading?
    package internal(set) var moments = Moments()
    let needs: MeasuredMetric.Needs

    package init(needs: MeasuredMetric.Needs) { self.needs = needs }

    /// - Parameter source: asked for only where it matters: agents are many, and their names elsewhere in memory than their values.
    mutating func add(_ reading: Reading, agent: IPAddress, source: @autoclosure () -> SourceName) {
        all.add(reading.arrival)
        if case .number(let number) = reading.value {
            numbers.add(reading.arrival)
            if needs.contains(.moments) { moments.add(number) }
        }
        if needs.contains(.extremes), mayBeChosen(reading.value, of: agent) {
            offer(PlacedReading(place: Place(agent: agent, source: source()), reading: reading))
        }
    }

    /// False for a value between the extremes so far, of an agent behind the first place: as most are.
    private func mayBeChosen(_ value: MetricValue, of agent: IPAddress) -> Bool {
        guard let maximum, let minimum, let any else { return true }
        return !(minimum.reading.value < value && value < maximum.reading.value && any.place.agent < agent)
    }

    package mutating func merge(_ other: MetricPartial) {
        all.merge(other.all)
        numbers.merge(other.numbers)
        moments.merge(other.moments)
        if let maximum = other.maximum { offerMaximum(maximum) }
        if let minimum = other.minimum { offerMinimum(minimum) }
        if let any = other.any { offerAny(any) }
    }

    /// Looks up the largest flows at the places that have been chosen: once, instead of for each candidate.
    mutating func addTopKeys(_ topKeys: (Place) -> [TopKey]?) {
        if let found = maximum.flatMap({ topKeys($0.place) }) { maximum?.topKeys = found }
        if let found = minimum.flatMap({ topKeys($0.place) }) { minimum?.topKeys = found }
        if let found = any.flatMap({ topKeys($0.place) }) { any?.topKeys = found }
    }

    private mutating func offer(_ candidate: PlacedReading) {
        offerMaximum(candidate)
        offerMinimum(candidate)
        offerAny(candidate)
    }

    private mutating func offerMaximum(_ candidate: PlacedReading) {
        guard let best = maximum else { return maximum = candidate }
        if best.reading.value < candidate.reading.value
            || best.reading.value == candidate.reading.value && candidate.place < best.place
        {
            maximum = candidate
        }
    }

    private mutating func offerMinimum(_ candidate: PlacedReading) {
        guard let best = minimum else { return minimum = candidate }
        if candidate.reading.value < best.reading.value
            || best.reading.value == candidate.reading.value && candidate.place < best.place
        {
            minimum = candidate
        }
    }

    private mutating func offerAny(_ candidate: PlacedReading) {
        if let first = any, first.place <= candidate.place { return }
        any = candidate
    }
}

/// What a shard host measured, and the values that it holds on to for finding quartiles.
package struct MetricMeasurement: Sendable {
    /// In the order of `MetricQuery.measured`.
    package var partials: [MetricPartial]
    /// The numbers of the metrics whose quartiles are asked for; empty for the others.
    package var snapshots: [ValueSnapshot]

    /// Adds what others have measured for the same query.
    package mutating func merge(_ other: MetricMeasurement) {
        for place in partials.indices {
            partials[place].merge(other.partials[place])
            snapshots[place].merge(other.snapshots[place])
        }
    }
}

extension Shard {
    /// Adds this shard's contribution.
    package func measure(_ query: MetricQuery, at instant: Instant, into measurement: inout MetricMeasurement) {
        forEachView(of: query.agents, at: instant) { view in
            for (place, metric) in query.measured.enumerated() {
                view.forEachReading(of: metric.reference.metric) { source, reading in
                    if let wanted = metric.reference.source, wanted != view.agent.sources[source] { return }
                    guard query.agents.selects(view, source: source), query.filter.selects(view, source: source) else {
                        return
                    }
                    measurement.partials[place].add(
                        reading, agent: view.agent.address, source: view.agent.sources[source])
                    if metric.needs.contains(.values), case .number(let number) = reading.value {
                        measurement.snapshots[place].add(number)
                    }
                }
            }
        }
        for (place, metric) in query.measured.enumerated() where flow(named: metric.reference.metric.name) != nil {
            measurement.partials[place].addTopKeys { topKeys(of: metric.reference.metric, at: $0, instant) }
        }
    }

    private func topKeys(of metric: MetricName, at place: Place, _ instant: Instant) -> [TopKey]? {
        guard let agent = agents[place.agent], let source = agent.source(named: place.source) else { return nil }
        return AgentView(agent, at: instant, of: self).topKeys(ofFlow: metric.name, source: source)
    }
}

extension MetricQuery {
    package var emptyMeasurement: MetricMeasurement {
        MetricMeasurement(
            partials: measured.map { MetricPartial(needs: $0.needs) },
            snapshots: measured.map { _ in ValueSnapshot() })
    }
}
