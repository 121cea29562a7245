// All flows of many agents by key, each with its rates at all data sources that have it: for answers in which every data
// source counts (`LargestFlows` is for those in which only the largest does). There are as many rates as flows are shown at
// data sources, a quarter of a million in a large fabric: so flows are numbers here, and nothing is allocated for one.

package import Bytes
internal import FlowLanguage

/// A flow's rate at one data source.
package struct FlowRate: Sendable, BitwiseCopyable {
    /// Unit: of the definition's value, a second.
    package let value: Double
    /// The part of it that was sampled on the way in, 0 to 1.
    package let ingressShare: Double

    package init(value: Double, ingressShare: Double) {
        self.value = value
        self.ingressShare = ingressShare
    }
}

/// Flows numbered from 0; a flow that is not wanted has a number, too, but no data sources.
package struct GatheredFlows: Sendable {
    /// What a flow is at the data source that stands for it.
    package struct Best: Sendable {
        package let agent: IPAddress
        package let source: SourceName
        package let value: Double
        package let arrival: Int64
        /// The definition's further values, in its order.
        package let values: [Double]
    }

    private struct Flow: Sendable, BitwiseCopyable {
        var sourceCount: Int32 = 0
        /// The data source that stands for it: a place in `sources`.
        var source: Int32 = 0
        var value = 0.0
        var arrival: Int64 = 0
    }

    private struct Sighting: Sendable, BitwiseCopyable {
        let flow: Int32
        let rate: FlowRate
    }

    private struct Shown: Sendable, BitwiseCopyable {
        let place: Int32
        /// A place in `sources`.
        let source: Int32
        let value: Double
        /// The number of the flow, very likely; -1 when nobody knows.
        var number: Int32 = -1
    }

    private let prefersSmallest: Bool
    private let keepsRates: Bool
    private let isWanted: (@Sendable ([UInt8]) -> Bool)?
    private var index = FlowKeyIndex()
    private var flows: [Flow] = []
    private var wanted: [Bool] = []
    /// By number, of definitions that have further values.
    private var values: [[Double]] = []
    private var sources: [(agent: IPAddress, source: SourceName)] = []
    /// In the order in which they were found.
    private var sightings: [Sighting] = []
    /// Reused: the places of the data source at hand, and the flows of the agent at hand.
    private var places: [Int32] = []
    private var shown: [Shown] = []

    /// - Parameters:
    ///   - prefersSmallest: whether the data source with the smallest rate stands for a flow, not the one with the largest.
    ///   - keepsRates: whether the rates at all data sources are needed.
    ///   - isWanted: asked once for each packed key; nil when all are.
    package init(prefersSmallest: Bool, keepsRates: Bool, isWanted: (@Sendable ([UInt8]) -> Bool)?) {
        self.prefersSmallest = prefersSmallest
        self.keepsRates = keepsRates
        self.isWanted = isWanted
    }

    // MARK: Gathering

    /// Adds an agent's flows, as far as answers see them.
    /// - Parameter selects: whether a data source counts.
    package mutating func add(_ view: AgentView, flow: Int, where selects: (_ source: Int) -> Bool) {
        guard let state = view.agent.flow(flow) else { return }
        let instant = view.instant.nanoseconds, isRate = state.flow.isRate
        shown.removeAll(keepingCapacity: true)
        for source in state.table.chunkOfSource.indices where state.table.hasFlows(source) && selects(source) {
            // Chunks are cold: the next ones are fetched meanwhile.
            state.table.prefetch(source + 4)
            let place = Int32(truncatingIfNeeded: sources.count)
            sources.append((view.agent.address, view.agent.sources[source]))
            if isRate {
                let scale = state.table.scale(of: source, at: instant)
                state.table.findShown(of: source, at: instant, into: &places)
                for one in places { shown.append(Shown(place: one, source: place, value: state.table.own(Int(one)) * scale)) }
            } else {
                for reading in state.shown(source: source, at: instant) {
                    shown.append(Shown(place: Int32(truncatingIfNeeded: reading.place), source: place, value: reading.value))
                }
            }
        }
        // The index is cold as well: looked up for all first, its lines are waited for together.
        for place in shown.indices { shown[place].number = index.likelyNumber(state.table.chunks[tag: Int(shown[place].place)]) }
        for one in shown { add(one, state, instant) }
    }

    private mutating func add(_ one: Shown, _ state: FlowState, _ instant: Int64) {
        let place = Int(one.place)
        let number = index.number(ofKeyAt: place, in: state.table, likely: one.number) ?? insert(state, place)
        guard wanted[number] else { return }
        if keepsRates {
            let rate = FlowRate(value: one.value, ingressShare: state.table.ingressShare(place))
            sightings.append(Sighting(flow: Int32(truncatingIfNeeded: number), rate: rate))
        }
        let candidate = Flow(
            sourceCount: 1, source: one.source, value: one.value, arrival: state.table.chunks[arrival: place])
        guard offer(candidate, to: number), !state.flow.isRateAlone, !state.flow.compiled.valuesFunctions.isEmpty else { return }
        if number >= values.count { values += repeatElement([], count: number + 1 - values.count) }
        values[number] = state.furtherValues(state.reading(place, at: instant), at: instant)
    }

    private mutating func insert(_ state: FlowState, _ place: Int) -> Int {
        flows.append(Flow())
        wanted.append(isWanted?(state.table.key(of: place)) ?? true)
        return index.insert(keyAt: place, in: state.table)
    }

    /// Counts data sources; whether the candidate's now stands for the flow. Of equal ones it is the first by place.
    private mutating func offer(_ candidate: Flow, to number: Int) -> Bool {
        let flow = flows[number]
        flows[number].sourceCount += candidate.sourceCount
        if flow.sourceCount > 0 {
            let isWorse = prefersSmallest ? candidate.value > flow.value : candidate.value < flow.value
            if isWorse { return false }
            if candidate.value == flow.value, sources[Int(flow.source)] < sources[Int(candidate.source)] { return false }
        }
        flows[number] = candidate
        flows[number].sourceCount = flow.sourceCount + candidate.sourceCount
        return true
    }

    /// Adds what was gathered of other agents, for the same query.
    package mutating func merge(_ other: GatheredFlows) {
        let firstSource = Int32(truncatingIfNeeded: sources.count)
        sources += other.sources
        var numbers: [Int32] = []
        numbers.reserveCapacity(other.count)
        for number in 0..<other.count {
            let own = index.number(of: number, in: other.index) ?? insert(number, of: other)
            numbers.append(Int32(truncatingIfNeeded: own))
            guard other.flows[number].sourceCount > 0 else { continue }
            var candidate = other.flows[number]
            candidate.source += firstSource
            guard offer(candidate, to: own), number < other.values.count else { continue }
            if own >= values.count { values += repeatElement([], count: own + 1 - values.count) }
            values[own] = other.values[number]
        }
        sightings += other.sightings.lazy.map { Sighting(flow: numbers[Int($0.flow)], rate: $0.rate) }
    }

    private mutating func insert(_ number: Int, of other: GatheredFlows) -> Int {
        flows.append(Flow())
        wanted.append(other.wanted[number])
        return index.insert(number, of: other.index)
    }

    // MARK: Reading

    /// Flows, unwanted ones included.
    package var count: Int { flows.count }

    /// Data sources that have the flow; 0 for one that is not wanted.
    package func sourceCount(_ number: Int) -> Int { Int(flows[number].sourceCount) }

    /// The rate that stands for the flow.
    package func value(_ number: Int) -> Double { flows[number].value }

    /// Of a flow that has data sources.
    package func best(_ number: Int) -> Best {
        let flow = flows[number]
        let (agent, source) = sources[Int(flow.source)]
        return Best(
            agent: agent, source: source, value: flow.value, arrival: flow.arrival,
            values: number < values.count ? values[number] : [])
    }

    package func key(_ number: Int) -> [UInt8] { index.key(number) }

    /// Whether a flow's key comes before another's.
    package func isKey(_ number: Int, before other: Int) -> Bool { index.order(number, other, in: index) < 0 }

    /// The numbers of flows by packed key; nil for those that are not here.
    /// - Parameter flow: their definition.
    package func numbers(of keys: [[UInt8]], _ flow: ActiveFlow) -> [Int?] {
        var asked = FlowKeyIndex()
        // Bytes have no invalid values.
        for key in keys { _ = asked.insert(unsafe key.span.bytes, hash: flow.compiled.keyHash(key)) }
        return keys.indices.map { place in
            index.number(of: place, in: asked).flatMap { flows[$0].sourceCount > 0 ? $0 : nil }
        }
    }

    /// The rates of all flows, those of one flow together: flow `n` has those from place `starts[n]` up to `starts[n + 1]`.
    package func ratesByFlow() -> (rates: [FlowRate], starts: [Int]) {
        guard keepsRates else { return ([], Array(repeating: 0, count: count + 1)) }
        var starts = [0]
        starts.reserveCapacity(count + 1)
        for flow in flows { starts.append(starts[starts.count - 1] + Int(flow.sourceCount)) }
        var next = starts
        var rates = Array(repeating: FlowRate(value: 0, ingressShare: 0), count: sightings.count)
        for sighting in sightings {
            rates[next[Int(sighting.flow)]] = sighting.rate
            next[Int(sighting.flow)] += 1
        }
        return (rates, starts)
    }
}

extension FlowTable {
    /// The flows of a data source that answers see, in no meaningful order. The data source must have a chunk.
    func findShown(of source: Int, at instant: Int64, into shown: inout [Int32]) {
        shown.removeAll(keepingCapacity: true)
        let first = Int(chunkOfSource[source]), lines = chunks.lines(of: first), head = lines.head
        let expiry = instant - head.oldest > shape.lifetime ? instant : nil
        var seen = seen(in: lines, asOf: expiry)
        if head.next == FlowTable.none {
            let count = shape.shownCount
            if seen.nonzeroBitCount > count { seen = lines.largest(count, among: seen) }
            // Where equal ones would be too many, their keys decide.
            if seen.nonzeroBitCount <= count { return append(seen, of: first, to: &shown) }
        }
        for place in self.shown(of: source, at: instant) { shown.append(Int32(truncatingIfNeeded: place)) }
    }

    private func append(_ places: UInt32, of chunk: Int, to list: inout [Int32]) {
        var places = places
        while places != 0 {
            list.append(Int32(truncatingIfNeeded: chunk * FlowChunks.places + places.trailingZeroBitCount))
            places &= places - 1
        }
    }

    /// The part of a flow's weight that was sampled on the way in, 0 to 1.
    func ingressShare(_ place: Int) -> Double {
        let own = own(place)
        return own > 0 ? min(1, chunks[entry: place].ingress / own) : 0
    }
}
