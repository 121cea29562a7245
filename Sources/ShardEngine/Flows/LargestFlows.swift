// The flows that are largest at one data source, over many agents, without looking at the many that are small everywhere:
// a data source keeps what its largest flow weighs, and is passed over as a whole when that is less than what as many flows
// as are wanted have been found to have elsewhere.

package import Bytes

/// The largest flows of the agents seen so far, each where it is largest.
package struct LargestFlows: Sendable {
    /// A flow where it is largest; of data sources with equal rates the first one.
    package struct Flow: Sendable {
        package let agent: IPAddress
        package let source: SourceName
        package let reading: FlowReading
    }

    private let limit: Int
    private let isWanted: @Sendable ([UInt8]) -> Bool
    /// No smaller flow can be among the largest.
    private var floor: Double
    private var index = FlowKeyIndex()
    /// By number of the index; nil for a flow that is not wanted, or that is too small where it has been found so far.
    private var flows: [Flow?] = []
    /// Values by number; those that are not wanted have one that is never exceeded.
    private var values: [Double] = []
    /// Numbers of those that may be among the largest.
    private var live: [Int] = []
    private var liveMax: Int
    /// Whether there are, or may be, other flows than those that are listed.
    private var leftOut = false
    /// Reused: places of the data source at hand.
    private var places: [Int] = []

    /// Looking for the floor costs a sort: worth it when enough has come, and when as much again has come.
    private static let liveCountMin = 64

    /// - Parameters:
    ///   - limit: flows that are looked for.
    ///   - least: value of the smallest one that counts.
    ///   - isWanted: asked once for each packed key that is large enough.
    package init(limit: Int, least: Double, isWanted: @escaping @Sendable ([UInt8]) -> Bool) {
        self.limit = limit
        self.isWanted = isWanted
        floor = limit > 0 ? least : .infinity
        liveMax = max(LargestFlows.liveCountMin, 2 * limit)
    }

    /// The largest flows in any order: those that were looked for, and equal ones.
    package var found: [Flow] {
        var last = self
        last.raiseFloor()
        return last.live.compactMap { last.flows[$0] }
    }

    /// Whether `found` is all that there is.
    package var isAll: Bool {
        var last = self
        last.raiseFloor()
        return !last.leftOut
    }

    /// Adds an agent's flows.
    /// - Parameter selects: whether a data source counts.
    package mutating func add(_ view: AgentView, flow: Int, where selects: (_ source: Int) -> Bool) {
        guard let state = view.agent.flow(flow) else { return }
        let instant = view.instant.nanoseconds
        let isRate = state.flow.isRate
        for source in state.table.chunkOfSource.indices {
            // Of most data sources nothing is looked at but the first line, which is cold.
            state.table.prefetchHead(source + FlowTable.headsAhead)
            guard state.table.hasFlows(source) else { continue }
            if isRate, state.table.rateMax(of: source, at: instant) < floor {
                leftOut = true
            } else if selects(source) {
                if isRate {
                    leftOut = state.table.findShown(of: source, from: floor, at: instant, into: &places) || leftOut
                    for place in places { offer(state, place, state.table.rate(place, at: instant), source, view) }
                } else {
                    for reading in state.shown(source: source, at: instant) {
                        offer(state, reading.place, reading.value, source, view)
                    }
                }
            }
        }
    }

    private mutating func offer(_ state: FlowState, _ place: Int, _ value: Double, _ source: Int, _ view: AgentView) {
        guard value >= floor else { return leftOut = true }
        let known = index.number(ofKeyAt: place, in: state.table)
        if let known, value < values[known] { return }
        let number = known ?? insert(state, place)
        guard values[number] < .infinity else { return }
        let (agent, source) = (view.agent.address, view.agent.sources[source])
        if let flow = flows[number], value == flow.reading.value, (flow.agent, flow.source) < (agent, source) { return }
        let isNew = flows[number] == nil
        values[number] = value
        let reading = view.reading(state.reading(place, at: view.instant.nanoseconds), of: state)
        flows[number] = Flow(agent: agent, source: source, reading: reading)
        guard isNew else { return }
        live.append(number)
        if live.count >= liveMax { raiseFloor() }
    }

    private mutating func insert(_ state: FlowState, _ place: Int) -> Int {
        let number = index.insert(keyAt: place, in: state.table)
        flows.append(nil)
        values.append(isWanted(state.table.key(of: place)) ? -.infinity : .infinity)
        return number
    }

    private mutating func raiseFloor() {
        guard live.count > limit, limit > 0 else { return }
        floor = max(floor, live.map { values[$0] }.sorted(by: >)[limit - 1])
        for number in live where values[number] < floor {
            flows[number] = nil
            leftOut = true
        }
        live.removeAll { flows[$0] == nil }
        // Equal flows stay, however many there are: the key decides among those, at the end.
        liveMax = max(LargestFlows.liveCountMin, 2 * limit, 2 * live.count)
    }
}

extension FlowTable {
    /// How many data sources before a data source its first line is fetched.
    static let headsAhead = 8

    /// Begins to fetch what is said of a data source.
    func prefetchHead(_ source: Int) {
        guard source < chunkOfSource.count, chunkOfSource[source] != FlowTable.none else { return }
        chunks.lines(of: Int(chunkOfSource[source])).prefetchHead()
    }

    func hasFlows(_ source: Int) -> Bool {
        chunkOfSource[source] != FlowTable.none && chunks[Int(chunkOfSource[source])].count > 0
    }

    /// What no flow's rate is above. One multiplication rounds the same way for what is not larger.
    func rateMax(of source: Int, at instant: Int64) -> Double {
        chunks[Int(chunkOfSource[source])].topWeight * scale(of: source, at: instant)
    }

    /// The flows of a data source that answers see and whose rate is `least` or more, in no meaningful order. Whatever is
    /// larger than such a one is one itself, so the others need not be ranked.
    /// - Returns: whether there are others.
    func findShown(of source: Int, from least: Double, at instant: Int64, into places: inout [Int]) -> Bool {
        places.removeAll(keepingCapacity: true)
        let scale = scale(of: source, at: instant)
        var hasOthers = false
        forEach(from: Int(chunkOfSource[source])) { place in
            // A weight is what is a flow's own or more.
            if chunks[weight: place] * scale >= least, own(place) * scale >= least, isVisible(place, asOf: instant) {
                places.append(place)
            } else {
                hasOthers = true
            }
        }
        guard places.count > shape.shownCount else { return hasOthers }
        places.sort { isLarger($0, than: $1) }
        places.removeLast(places.count - shape.shownCount)
        return hasOthers
    }
}
