// The states of all thresholds at one agent.
//
//               value > level, filter holds: event
//     armed ───────────────────────────────────────▶ triggered ─┐ value > level
//       ▲                                               │   ▲   │
//       └───────────────────────────────────────────────┘   └───┘
//         value ≤ level, or none, for the whole timeout
//
// Only triggered states are kept; what is not there is armed. Nobody looks at a value between two samples, though it falls
// (rates decay) and ends (values expire). But from the last sample it follows when the value will have fallen to the level
// unless another sample comes, so a state is that one time, and the next sample finds out from it what happened meanwhile.
// Nothing depends on when somebody looks: not on the machine's clock, and not on clean-ups.

struct ThresholdStates {
    struct Key: Hashable {
        /// Place of the threshold in the shard's list.
        var threshold: Int32
        /// Place of the data source in the agent's list.
        let source: Int32
        /// The seeded hash of the flow's key; 0 where the state is the data source's.
        let flow: UInt64

        init(threshold: Int, source: Int, flow: UInt64 = 0) {
            self.threshold = Int32(truncatingIfNeeded: threshold)
            self.source = Int32(truncatingIfNeeded: source)
            self.flow = flow
        }
    }

    /// What a value above the level means.
    enum Verdict { case isTriggered, mayTrigger }

    struct State {
        /// The first instant at which the value is at or below the level, unless a sample comes before.
        /// Unit: nanoseconds since the Unix epoch.
        var belowFrom: Int64
        /// The flow's packed key, which other processes hash otherwise; nil where the state is the data source's.
        let flowKey: [UInt8]?
    }

    private(set) var states: [Key: State] = [:]
    /// No state is armed again before this.
    private var firstArming = Int64.max

    var count: Int { states.count }

    /// The value is above the level.
    /// - Parameter belowFrom: when it will have fallen to the level or be gone if no sample comes.
    mutating func rise(_ key: Key, at arrival: Int64, until belowFrom: Int64, timeout: Int64) -> Verdict {
        guard let before = states[key]?.belowFrom, !ThresholdStates.isArmed(before, at: arrival, timeout) else {
            return .mayTrigger
        }
        set(key, belowFrom, timeout)
        return .isTriggered
    }

    /// From here on the state is triggered. False when there is no room for another state: then no event comes of it.
    mutating func trigger(
        _ key: Key, at arrival: Int64, until belowFrom: Int64, of thresholds: [ActiveThreshold], flowKey: [UInt8]? = nil
    ) -> Bool {
        if count >= Limits.thresholdStatesPerAgent, states[key] == nil {
            removeArmed(asOf: arrival, thresholds)
            guard count < Limits.thresholdStatesPerAgent else { return false }
        }
        states[key] = State(belowFrom: belowFrom, flowKey: flowKey)
        set(key, belowFrom, thresholds[Int(key.threshold)].timeout)
        return true
    }

    /// The value is at or below the level, or there is none.
    mutating func fall(_ key: Key, at arrival: Int64, timeout: Int64) {
        guard let before = states[key]?.belowFrom else { return }
        let since = min(before, arrival)
        if ThresholdStates.isArmed(since, at: arrival, timeout) {
            states[key] = nil
        } else if since != before {
            set(key, since, timeout)
        }
    }

    /// Removes what is armed again: only memory changes.
    mutating func removeArmed(asOf instant: Int64, _ thresholds: [ActiveThreshold]) {
        guard firstArming <= instant else { return }
        states = states.filter {
            !ThresholdStates.isArmed($0.value.belowFrom, at: instant, thresholds[Int($0.key.threshold)].timeout)
        }
        firstArming = states.map { $0.value.belowFrom.addingSaturated(thresholds[Int($0.key.threshold)].timeout) }.min() ?? .max
    }

    /// Moves states to the places of their thresholds in a new list; those of others are forgotten.
    mutating func rearrange(_ newPlaces: [Int: Int]) {
        guard !states.isEmpty else { return }
        var rearranged: [Key: State] = [:]
        for (key, state) in states {
            guard let place = newPlaces[Int(key.threshold)] else { continue }
            var key = key
            key.threshold = Int32(truncatingIfNeeded: place)
            rearranged[key] = state
        }
        states = rearranged
    }

    /// Puts a state there as another process had it.
    mutating func restore(_ key: Key, _ state: State, timeout: Int64) {
        states[key] = state
        set(key, state.belowFrom, timeout)
    }

    private mutating func set(_ key: Key, _ time: Int64, _ timeout: Int64) {
        states[key]?.belowFrom = time
        firstArming = min(firstArming, time.addingSaturated(timeout))
    }

    private static func isArmed(_ belowFrom: Int64, at instant: Int64, _ timeout: Int64) -> Bool {
        instant >= belowFrom && instant - belowFrom >= timeout
    }
}

extension Int64 {
    /// A time so much later, or the end of time. For a duration that is not negative.
    func addingSaturated(_ duration: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(duration)
        return overflow ? .max : sum
    }
}
