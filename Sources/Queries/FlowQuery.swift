// The largest flows over many data sources (`/activeflows`), and the places of one flow (`/flowlocations`).

internal import Bytes
internal import ExactStatistics
package import ShardEngine

package struct ActiveFlowsQuery: Hashable, Sendable {
    /// How one flow's rates at several data sources become one.
    package enum Mode: String, CaseIterable, Sendable {
        /// The largest: several switches that see a flow see the same packets.
        case max
        /// The smallest of the data sources that have it.
        case min
        case sum
        /// The mean over the data sources that have it.
        case avg
        /// Over edge ports: what comes in, or what goes out if that is more.
        case edge
        /// The largest at link ports.
        case core

        /// Whether the rates of all data sources are needed, not only the largest.
        var keepsRates: Bool { self != .max && self != .min && self != .core }
    }

    package let agents: AgentSelector
    package let flow: String
    package let maxFlows: Int
    package let minValue: Double
    package let mode: Mode
    /// See ``KeyPattern``; nil for all flows.
    package let keyFilter: String?

    package static let maxFlowsMax = 10_000

    package init(
        agents: AgentSelector, flow: String, maxFlows: Int = 100, minValue: Double = 0, mode: Mode = .max,
        keyFilter: String? = nil
    ) {
        self.agents = agents
        self.flow = flow
        self.maxFlows = Swift.max(0, Swift.min(maxFlows, ActiveFlowsQuery.maxFlowsMax))
        self.minValue = minValue
        self.mode = mode
        self.keyFilter = keyFilter
    }
}

/// One flow's rates at the data sources of some shards.
package struct FlowTally: Sendable {
    /// Data sources that have the flow.
    package private(set) var count = 0
    /// The data source that stands for the flow: the one with the largest rate, or the smallest where that is asked for; of
    /// equal ones the first.
    package private(set) var best: (place: Place, value: Double, arrival: Int64, values: [Double])?
    /// All rates in any order, for modes that add them up.
    private(set) var rates: [FlowRate] = []

    let prefersSmallest: Bool

    package init(_ mode: ActiveFlowsQuery.Mode = .max) { prefersSmallest = mode == .min }

    init(
        count: Int, best: (place: Place, value: Double, arrival: Int64, values: [Double])?,
        rates: [FlowRate], prefersSmallest: Bool
    ) {
        self.prefersSmallest = prefersSmallest
        self.count = count
        self.best = best
        self.rates = rates
    }

    mutating func add(_ reading: FlowReading, at place: Place, keepsRates: Bool) {
        count += 1
        offer((place, reading.value, reading.arrival, reading.values))
        if keepsRates { rates.append(FlowRate(value: reading.value, ingressShare: reading.ingressShare)) }
    }

    package mutating func merge(_ other: FlowTally) {
        count += other.count
        if let best = other.best { offer(best) }
        rates += other.rates
    }

    private mutating func offer(_ candidate: (place: Place, value: Double, arrival: Int64, values: [Double])) {
        if let best {
            let isWorse = prefersSmallest ? candidate.value > best.value : candidate.value < best.value
            if isWorse || best.value == candidate.value && best.place < candidate.place { return }
        }
        best = candidate
    }

    package func value(_ mode: ActiveFlowsQuery.Mode) -> Double { mode.value(of: rates[...], best: best?.value ?? 0) }
}

extension ActiveFlowsQuery.Mode {
    /// What a flow's rates come to.
    /// - Parameter best: the rate that stands for the flow.
    func value(of rates: ArraySlice<FlowRate>, best: Double) -> Double {
        switch self {
        case .max, .min, .core: best
        case .sum: sum(rates) { $0.value }
        case .avg: rates.isEmpty ? 0 : sum(rates) { $0.value } / Double(rates.count)
        case .edge: Swift.max(sum(rates) { $0.value * $0.ingressShare }, sum(rates) { $0.value * (1 - $0.ingressShare) })
        }
    }

    /// The exact sum, rounded once: it does not depend on who adds what first.
    private func sum(_ rates: ArraySlice<FlowRate>, _ term: (FlowRate) -> Double) -> Double {
        var sum = CompensatedSum()
        for rate in rates { sum.add(term(rate)) }
        if let value = sum.value { return value }
        var exact = ExactSum()
        for rate in rates { exact.add(term(rate)) }
        return exact.value
    }
}

/// The flows of some shards by packed key.
package typealias FlowPartial = [[UInt8]: FlowTally]

/// One flow of the answer.
package struct ActiveFlowAnswer: Sendable {
    package let key: [UInt8]
    package let value: Double
    package let tally: FlowTally
}

extension ActiveFlowsQuery {
    /// The answer from everything that was found: largest first, equal ones by key.
    package func answer(_ flows: FlowPartial) -> [ActiveFlowAnswer] {
        let all = flows.map { ActiveFlowAnswer(key: $0.key, value: $0.value.value(mode), tally: $0.value) }
            .filter { $0.value >= minValue }
        let sorted = all.sorted { ActiveFlowsQuery.ranks($0.key, $0.value, before: $1.key, $1.value) }
        return Array(sorted.prefix(maxFlows))
    }

    /// What several found as one.
    package func merge(_ parts: [FlowPartial]) -> FlowPartial {
        guard let first = parts.first else { return [:] }
        return parts.dropFirst().reduce(into: first) { merged, part in
            for (key, tally) in part { merged[key, default: FlowTally(mode)].merge(tally) }
        }
    }

    /// Which keys are asked for; nil for all.
    func pattern(_ flow: ActiveFlow) -> KeyPattern? { keyFilter.map { KeyPattern($0, of: flow) } }

    /// Before the first shard.
    /// - Parameter flow: the query's definition.
    package func emptyGathered(_ flow: ActiveFlow) -> GatheredFlows {
        var isWanted: (@Sendable ([UInt8]) -> Bool)?
        if let pattern = pattern(flow) { isWanted = { pattern.matches($0) } }
        return GatheredFlows(prefersSmallest: mode == .min, keepsRates: mode.keepsRates, isWanted: isWanted)
    }

    /// Whether a data source counts for the mode.
    func selects(_ view: AgentView, source: Int) -> Bool {
        switch mode {
        case .max, .min, .sum, .avg: true
        case .edge: view.portClass(source) == .edge
        case .core: view.portClass(source) == .core
        }
    }
}

extension Shard {
    /// Adds this shard's flows, all of them.
    package func collect(_ query: ActiveFlowsQuery, at instant: Instant, into gathered: inout GatheredFlows) {
        guard let flow = flow(named: query.flow) else { return }
        forEachView(of: query.agents, at: instant) { view in
            gathered.add(view, flow: flow) { query.selects(view, source: $0) }
        }
    }

    /// Where a flow is seen, by place.
    package func locations(_ query: FlowLocationQuery, at instant: Instant) -> [FlowLocation] {
        guard let flow = flow(named: query.flow) else { return [] }
        return views(of: query.agents, at: instant).flatMap { view in
            view.flowSources(flow).flatMap { source in
                view.flows(flow, source: source).filter { self.flows[flow].keyText($0.key) == query.keyText }.map {
                    FlowLocation(
                        place: Place(agent: view.agent.address, source: view.agent.sources[source]), reading: $0)
                }
            }
        }
    }
}

package struct FlowLocationQuery: Hashable, Sendable {
    package let agents: AgentSelector
    package let flow: String
    package let keyText: String

    package init(agents: AgentSelector, flow: String, keyText: String) {
        self.agents = agents
        self.flow = flow
        self.keyText = keyText
    }
}

/// One data source that has a flow.
package struct FlowLocation: Sendable {
    package let place: Place
    package let reading: FlowReading
}
