// The host's side of finding the largest flows: what it had when the query began, ranked by its own values, and the answers
// given from that.

package struct FlowSnapshot: Sendable {
    private let flows: FlowPartial
    private let mode: ActiveFlowsQuery.Mode
    /// Largest first, equal ones by key.
    private let ranking: [Ranked]
    private let isAll: Bool

    private struct Ranked: Sendable {
        let key: [UInt8]
        let value: Double
    }

    /// - Parameter isAll: whether the host has no other flows.
    ///
    /// Complexity: O(n log n).
    package init(_ flows: FlowPartial, mode: ActiveFlowsQuery.Mode, isAll: Bool = true) {
        self.flows = flows
        self.mode = mode
        self.isAll = isAll
        ranking = flows.map { Ranked(key: $0.key, value: $0.value.value(mode)) }
            .sorted { ActiveFlowsQuery.ranks($0.key, $0.value, before: $1.key, $1.value) }
    }

    /// Throws `limitExceeded` for a request that no coordinator makes.
    package func answer(_ request: TopFlowRequest) throws(TopFlowError) -> TopFlowPartial {
        switch request {
        case .ranked(let from, let count, let atLeast):
            guard from >= 0, (1...TopFlowLimits.entriesMax).contains(count) else { throw TopFlowError(.limitExceeded) }
            let listed = ranking.dropFirst(from).prefix(count).prefix { $0.value >= atLeast }
            return .ranked(
                listed.map { RankedFlow(key: $0.key, tally: flows[$0.key] ?? FlowTally(mode)) },
                remaining: max(isAll ? 0 : 1, ranking.count - from - listed.count))
        case .tallies(let keys):
            guard keys.count <= TopFlowLimits.entriesMax else { throw TopFlowError(.limitExceeded) }
            return .tallies(keys.map { flows[$0] })
        }
    }
}

extension ActiveFlowsQuery {
    /// The order of answers: largest first, equal ones by key.
    static func ranks(_ key: [UInt8], _ value: Double, before otherKey: [UInt8], _ other: Double) -> Bool {
        value != other ? value > other : key.lexicographicallyPrecedes(otherKey)
    }
}
