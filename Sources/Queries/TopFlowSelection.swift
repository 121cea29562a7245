// The coordinator's side of finding the N largest flows of flows that lie on many hosts: exact, in four rounds, moving few of
// them. It is TPUT (Cao and Wang, "Efficient top-k query calculation in distributed networks", PODC 2004), with means,
// maxima and edges beside sums. A pure state machine; the caller carries the messages:
//
//     var selection = TopFlowSelection(query, hostCount: 3)
//     while case .ask(let questions) = selection.next {
//         … ask each question's host, collect the answers in the same order …
//         try selection.receive(partials)
//     }
//
// A flow's *value* is what the mode makes of its rates at all hosts, its *local value* at a host what it makes of those
// there. Ranks are by value, and for equal values by key.
//
// 1. Each host lists the first N flows of its own ranking.
// 2. What was listed anywhere is a candidate; hosts that did not list a candidate say what they have of it. Now the
//    candidates' values are known. τ is the N-th largest of them: N flows have at least that much, so a flow of the answer
//    has at least τ as well.
// 3. Each host lists on, down to a local value of θ, such that a flow of value τ or more is that large at some host at
//    least (`Mode.Bound`). So whatever can be in the answer is a candidate now.
// 4. As round 2, for the new candidates. The first N are the answer.
//
// Where the value is the largest local value (`max`, `core`) rounds 3 and 4 fall away. Let a flow be in the answer, and h be
// the host where its local value is its value. If h did not list it, N flows come before it in h's ranking. Their values are
// at least their local values, so they come before it in the ranking of all too, and it is not in the answer. So h has
// listed it, and its value is known; values of others are known or held for smaller than they are. Round 2 needs to ask
// for the answer's flows only, to know all of their places. With a single host, local values are values, and round 1 is all.
//
// Hosts whose whole ranking has been listed are not asked again. Flows that nobody has listed are at none of them, so θ
// counts the others only. Long answers come in pages, so messages are bounded; the number of messages follows from how many
// flows reach θ at some host.

package struct TopFlowSelection: Sendable {
    package struct Question: Hashable, Sendable {
        package let host: Int
        package let request: TopFlowRequest
    }

    package enum Step: Sendable {
        /// At least one question, no two to the same host; give the answers to `receive` in this order.
        case ask([Question])
        case done([ActiveFlowAnswer])
    }

    private enum Phase: Sendable {
        /// Rounds 1 and 3: down to a rank or a local value, whichever is reached first.
        case listing(rankMax: Int, valueMin: Double, isFirst: Bool)
        /// Rounds 2 and 4.
        case completing(isFirst: Bool)
        case finished([ActiveFlowAnswer])
    }

    /// What has been heard of a host.
    private struct Host: Sendable {
        var listedCount = 0
        /// The last flow listed.
        var last: (key: [UInt8], value: Double)?
        /// nil until the host has spoken.
        var remainingCount: Int?
        /// The local value down to which all flows have been listed.
        var floor = Double.infinity
        /// Keys of candidates whose tally here is known.
        var known: Set<[UInt8]> = []
        /// Keys to be asked for, the next one last.
        var wanted: [[UInt8]] = []

        /// Nothing is here that has not been listed.
        var isExhausted: Bool { remainingCount == 0 }
    }

    private let query: ActiveFlowsQuery
    private let entriesMax: Int
    private var hosts: [Host]
    private var candidates: FlowPartial = [:]
    private var phase: Phase
    private var questions: [Question] = []

    /// - Parameter entriesMax: flows of one message, from 1 to `TopFlowLimits.entriesMax`.
    package init(_ query: ActiveFlowsQuery, hostCount: Int, entriesMax: Int = TopFlowLimits.entriesMax) {
        self.query = query
        self.entriesMax = entriesMax
        hosts = Array(repeating: Host(), count: hostCount)
        // A flow of the answer reaches `minValue`, so it reaches the same bound at some host.
        let valueMin = query.mode.localBound(query.minValue, hostCount: hostCount)
        phase = query.maxFlows > 0
            ? .listing(rankMax: query.maxFlows, valueMin: valueMin, isFirst: true) : .finished([])
        proceed()
    }

    package var next: Step {
        if case .finished(let flows) = phase { .done(flows) } else { .ask(questions) }
    }

    /// Takes the answers to the questions of `next`, in that order. When it throws, the query has to be given up.
    package mutating func receive(_ partials: [TopFlowPartial]) throws(TopFlowError) {
        guard partials.count == questions.count else { throw TopFlowError(.answerDoesNotFitRequest) }
        for (question, partial) in zip(questions, partials) {
            switch (question.request, partial) {
            case (.ranked(_, let count, let valueMin), .ranked(let flows, let remaining)):
                guard flows.count <= count else { throw TopFlowError(.answerDoesNotFitRequest, host: question.host) }
                try list(flows, at: question.host, valueMin: valueMin, isShort: flows.count < count)
                hosts[question.host].remainingCount = remaining
                // Whoever lists the same flows again and again makes no new candidates.
                guard hosts[question.host].listedCount <= TopFlowLimits.candidatesMax else {
                    throw TopFlowError(.limitExceeded, host: question.host)
                }
            case (.tallies(let keys), .tallies(let tallies)):
                guard keys.count == tallies.count else { throw TopFlowError(.answerDoesNotFitRequest, host: question.host) }
                for (key, tally) in zip(keys, tallies) { try take(tally, of: key, from: question.host) }
            default: throw TopFlowError(.answerDoesNotFitRequest, host: question.host)
            }
        }
        guard candidates.count <= TopFlowLimits.candidatesMax else { throw TopFlowError(.limitExceeded) }
        proceed()
    }

    private mutating func list(
        _ flows: [RankedFlow], at host: Int, valueMin: Double, isShort: Bool
    ) throws(TopFlowError) {
        for flow in flows {
            let value = flow.tally.value(query.mode)
            let last = hosts[host].last
            guard value >= valueMin, last.map({ ActiveFlowsQuery.ranks($0.key, $0.value, before: flow.key, value) }) ?? true
            else { throw TopFlowError(.notInOrder, host: host) }
            try take(flow.tally, of: flow.key, from: host)
            hosts[host].last = (flow.key, value)
        }
        hosts[host].listedCount += flows.count
        // Of flows as large as the last one there may be more.
        hosts[host].floor = isShort ? valueMin : hosts[host].last?.value.nextUp ?? .infinity
    }

    private mutating func take(_ tally: FlowTally?, of key: [UInt8], from host: Int) throws(TopFlowError) {
        guard hosts[host].known.insert(key).inserted, let tally else { return }
        guard tally.count > 0, tally.rates.count == (query.mode.keepsRates ? tally.count : 0) else {
            throw TopFlowError(.badTally, host: host)
        }
        candidates[key, default: FlowTally(query.mode)].merge(tally)
    }

    // MARK: Rounds

    /// Makes the next questions, of this phase or of the next one that has any.
    private mutating func proceed() {
        while true {
            switch phase {
            case .finished: questions = []
            case .listing(let rankMax, let valueMin, let isFirst):
                questions = listing(rankMax: rankMax, valueMin: valueMin)
                if questions.isEmpty {
                    beginCompleting(isFirst: isFirst)
                    continue
                }
            case .completing(let isFirst):
                questions = completing()
                if questions.isEmpty {
                    phase = afterCompleting(isFirst: isFirst)
                    continue
                }
            }
            return
        }
    }

    private func listing(rankMax: Int, valueMin: Double) -> [Question] {
        hosts.indices.compactMap { index in
            let host = hosts[index]
            guard !host.isExhausted, host.listedCount < rankMax, host.floor > valueMin else { return nil }
            let count = min(entriesMax, rankMax - host.listedCount)
            return Question(host: index, request: .ranked(from: host.listedCount, count: count, atLeast: valueMin))
        }
    }

    private mutating func completing() -> [Question] {
        hosts.indices.compactMap { index in
            let keys = Array(hosts[index].wanted.suffix(entriesMax))
            guard !keys.isEmpty else { return nil }
            hosts[index].wanted.removeLast(keys.count)
            return Question(host: index, request: .tallies(keys))
        }
    }

    private mutating func beginCompleting(isFirst: Bool) {
        phase = .completing(isFirst: isFirst)
        let keys = query.mode.bound == .largest ? query.answer(candidates).map(\.key) : Array(candidates.keys)
        for index in hosts.indices where !hosts[index].isExhausted {
            hosts[index].wanted = keys.filter { !hosts[index].known.contains($0) }
        }
    }

    private func afterCompleting(isFirst: Bool) -> Phase {
        let answer = query.answer(candidates)
        // The host of all flows there are has listed N of them, or all.
        let isSingle = hosts.count { $0.listedCount > 0 || !$0.isExhausted } <= 1
        let openCount = hosts.count { !$0.isExhausted }
        guard isFirst, !isSingle, openCount > 0, query.mode.bound != .largest else { return .finished(answer) }
        let least = answer.count < query.maxFlows ? query.minValue : answer.last?.value ?? query.minValue
        return .listing(
            rankMax: .max, valueMin: query.mode.localBound(least, hostCount: openCount), isFirst: false)
    }
}

extension ActiveFlowsQuery.Mode {
    /// How a flow's value is limited by its local values, at the hosts that have it.
    enum Bound {
        /// It is the largest of them.
        case largest
        /// It is at most the largest of them: a mean of means, each with its weight, or the smallest.
        case atMostLargest
        /// It is at most their sum: the sum itself, or the larger one of two such sums, of which no local value is less than
        /// its part of either.
        case atMostSum
    }

    var bound: Bound {
        switch self {
        case .max, .core: .largest
        case .min, .avg: .atMostLargest
        case .sum, .edge: .atMostSum
        }
    }

    /// A flow whose value is at least `value` has a local value of at least this at one host or more.
    ///
    /// Of `hostCount` parts or fewer that sum up to a positive value, one is no smaller than the value's part for each host; of
    /// those that sum up to a negative one, one is no smaller than that.
    ///
    /// - Parameter hostCount: hosts that may have the flow.
    func localBound(_ value: Double, hostCount: Int) -> Double {
        switch bound {
        case .largest: value
        case .atMostLargest: ActiveFlowsQuery.Mode.roundedDown(value)
        case .atMostSum: ActiveFlowsQuery.Mode.roundedDown(value > 0 ? value / Double(Swift.max(1, hostCount)) : value)
        }
    }

    /// Values and local values are exact sums that were rounded once, and for means divided, which rounds again; so did the
    /// division above. That is less than 2^-50 of the number, or less than the smallest normal number.
    private static func roundedDown(_ value: Double) -> Double {
        value - value.magnitude * 0x1p-40 - .leastNormalMagnitude
    }
}
