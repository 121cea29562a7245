// The host's side of finding the largest flows: what it had when the query began, ranked by its own values, and the answers
// given from that.

package import ShardEngine

package struct FlowSnapshot: Sendable {
    /// Largest first, equal ones by key.
    private let ranking: [Ranked]
    private let isAll: Bool
    /// What the host has of the flow with a number.
    private let flow: @Sendable (_ number: Int) -> RankedFlow
    /// The same by key; nil for flows that the host does not have.
    private let tallies: @Sendable (_ keys: [[UInt8]]) -> [FlowTally?]

    private struct Ranked: Sendable, BitwiseCopyable {
        let number: Int32
        let value: Double
    }

    /// - Parameter isAll: whether the host has no other flows.
    ///
    /// Complexity: O(n log n).
    package init(_ flows: FlowPartial, mode: ActiveFlowsQuery.Mode, isAll: Bool = true) {
        let listed = flows.map { RankedFlow(key: $0.key, tally: $0.value) }
        let values = listed.map { $0.tally.value(mode) }
        ranking = FlowSnapshot.ranked(values) { listed[$0].key.lexicographicallyPrecedes(listed[$1].key) }
        self.isAll = isAll
        flow = { listed[$0] }
        tallies = { keys in keys.map { flows[$0] } }
    }

    /// All flows of the host.
    /// - Parameter definition: of the flows.
    ///
    /// Complexity: O(n log n).
    package init(_ gathered: GatheredFlows, of definition: ActiveFlow, mode: ActiveFlowsQuery.Mode) {
        let (rates, starts) = gathered.ratesByFlow()
        let tally: @Sendable (Int) -> FlowTally = { number in
            let best = gathered.best(number)
            return FlowTally(
                count: gathered.sourceCount(number),
                best: (Place(agent: best.agent, source: best.source), best.value, best.arrival, best.values),
                rates: Array(rates[starts[number]..<starts[number + 1]]), prefersSmallest: mode == .min)
        }
        let values = (0..<gathered.count).map { number in
            gathered.sourceCount(number) > 0
                ? mode.value(of: rates[starts[number]..<starts[number + 1]], best: gathered.value(number)) : nil
        }
        ranking = FlowSnapshot.ranked(values) { gathered.isKey($0, before: $1) }
        isAll = true
        flow = { RankedFlow(key: gathered.key($0), tally: tally($0)) }
        tallies = { keys in gathered.numbers(of: keys, definition).map { $0.map(tally) } }
    }

    /// The numbers of flows in the order of answers; without those that have no value.
    private static func ranked(_ values: [Double?], isKeyBefore: (Int, Int) -> Bool) -> [Ranked] {
        var ranking: [Ranked] = []
        ranking.reserveCapacity(values.count)
        for (number, value) in values.enumerated() {
            if let value { ranking.append(Ranked(number: Int32(truncatingIfNeeded: number), value: value)) }
        }
        ranking.sort { $0.value != $1.value ? $0.value > $1.value : isKeyBefore(Int($0.number), Int($1.number)) }
        return ranking
    }

    /// Throws `limitExceeded` for a request that no coordinator makes.
    package func answer(_ request: TopFlowRequest) throws(TopFlowError) -> TopFlowPartial {
        switch request {
        case .ranked(let from, let count, let atLeast):
            guard from >= 0, (1...TopFlowLimits.entriesMax).contains(count) else { throw TopFlowError(.limitExceeded) }
            let listed = ranking.dropFirst(from).prefix(count).prefix { $0.value >= atLeast }
            return .ranked(
                listed.map { flow(Int($0.number)) }, remaining: max(isAll ? 0 : 1, ranking.count - from - listed.count))
        case .tallies(let keys):
            guard keys.count <= TopFlowLimits.entriesMax else { throw TopFlowError(.limitExceeded) }
            return .tallies(tallies(keys))
        }
    }
}

extension ActiveFlowsQuery {
    /// The order of answers: largest first, equal ones by key.
    static func ranks(_ key: [UInt8], _ value: Double, before otherKey: [UInt8], _ other: Double) -> Bool {
        value != other ? value > other : key.lexicographicallyPrecedes(otherKey)
    }
}
