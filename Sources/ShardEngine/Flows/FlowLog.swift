// The log of one definition's flows at one agent: what each flow has added up to since it began.
//
// It stands beside the table of rates, because the two forget by different rules: a rate fades, a log must account for
// every sample. Each sample is in exactly one record (with `flowStart` in none but the first), so the records of a time add
// up to its traffic. A record ends when its flow has been silent for the inactivity time, when it has lasted for the active
// timeout, or when there are too many and it is the one that has been silent longest. Whether it has ended is decided by
// the arrival times of its own samples; noticing it (`advance`) only brings forward what the next sample would find.

internal import FlowLanguage

struct FlowLog {
    /// What has become of a flow.
    struct Ended: Sendable {
        let key: [UInt8]
        let source: Int
        let value: Double
        let furtherValues: [Double]
        /// Unit: nanoseconds since the Unix epoch.
        let start: Int64, end: Int64
    }

    struct Place: Hashable {
        let source: Int32
        /// Of the key; seeded, so that nobody can choose keys that have the same.
        let hash: UInt64
    }

    struct Open {
        var place: Place
        var key: [UInt8]
        var start: Int64, end: Int64
        /// Neighbours in the order of the last samples; the next free one.
        var older: Int32, newer: Int32
    }

    private let reportsStart: Bool
    /// Silence that ends a flow, and length that cuts it. Unit: nanoseconds.
    let inactivity: Int64, activeTimeout: Int64
    let capacity: Int
    var open: [Open] = []
    var totals: FlowTotals
    private(set) var slots: [Place: Int32] = [:]
    private(set) var oldest = none
    private var newest = none, free = none

    static let none: Int32 = -1
    /// Flows of one agent that are logged at the same time, at least.
    static let capacityMin = 1024

    init(_ flow: ActiveFlow) {
        let definition = flow.compiled.definition
        reportsStart = definition.flowStart
        let seconds = Double(definition.activeTimeout)
        activeTimeout = Int64(seconds * 1e9)
        inactivity = Int64(min(seconds, max(seconds / 4, 5 * definition.t, 1)) * 1e9)
        capacity = max(FlowLog.capacityMin, flow.shape.capacity)
        totals = FlowTotals(functions: [flow.compiled.valueFunction] + flow.compiled.valuesFunctions)
    }

    var count: Int { slots.count }

    /// Adds a sample; what ends by it is appended.
    mutating func add(_ match: borrowing FlowMatch, source: Int, at arrival: Int64, into ended: inout [Ended]) {
        let place = Place(source: Int32(truncatingIfNeeded: source), hash: match.hash)
        if let slot = slots[place] {
            if !hasEnded(open[Int(slot)], at: arrival) {
                open[Int(slot)].end = max(open[Int(slot)].end, arrival)
                moveToNewest(slot)
                // Of a flow whose start was reported nothing more will be.
                if !reportsStart { totals.add(match, to: Int(slot), at: arrival) }
                return
            }
            end(slot, into: &ended)
        }
        if slots.count >= capacity { end(oldest, into: &ended) }
        let slot = begin(place, match.keyBytes, at: arrival)
        totals.add(match, to: Int(slot), at: arrival)
        if reportsStart { ended.append(record(slot)) }
    }

    /// Ends what has been silent too long, as of an instant that no later sample comes before.
    mutating func advance(to instant: Int64, into ended: inout [Ended]) {
        while oldest != FlowLog.none, instant - open[Int(oldest)].end > inactivity { end(oldest, into: &ended) }
    }

    /// Ends all.
    mutating func close(into ended: inout [Ended]) {
        while oldest != FlowLog.none { end(oldest, into: &ended) }
    }

    private func hasEnded(_ flow: Open, at arrival: Int64) -> Bool {
        arrival - flow.end > inactivity || arrival - flow.start >= activeTimeout
    }

    private func record(_ slot: Int32) -> Ended {
        let flow = open[Int(slot)]
        let values = totals.values(of: Int(slot))
        return Ended(
            key: flow.key, source: Int(flow.place.source), value: values[0], furtherValues: Array(values.dropFirst()),
            start: flow.start, end: flow.end)
    }

    // MARK: Slots

    mutating func begin(_ place: Place, _ key: [UInt8], at arrival: Int64) -> Int32 {
        let flow = Open(place: place, key: key, start: arrival, end: arrival, older: newest, newer: FlowLog.none)
        let slot: Int32
        if free != FlowLog.none {
            slot = free
            free = open[Int(slot)].newer
            open[Int(slot)] = flow
        } else {
            slot = Int32(truncatingIfNeeded: open.count)
            open.append(flow)
        }
        totals.clear(Int(slot))
        if newest != FlowLog.none { open[Int(newest)].newer = slot } else { oldest = slot }
        newest = slot
        slots[place] = slot
        return slot
    }

    private mutating func end(_ slot: Int32, into ended: inout [Ended]) {
        if !reportsStart { ended.append(record(slot)) }
        slots[open[Int(slot)].place] = nil
        unlink(slot)
        open[Int(slot)].key = []
        open[Int(slot)].newer = free
        free = slot
    }

    private mutating func moveToNewest(_ slot: Int32) {
        guard slot != newest else { return }
        unlink(slot)
        open[Int(slot)].older = newest
        open[Int(slot)].newer = FlowLog.none
        open[Int(newest)].newer = slot
        newest = slot
    }

    private mutating func unlink(_ slot: Int32) {
        let (older, newer) = (open[Int(slot)].older, open[Int(slot)].newer)
        if older != FlowLog.none { open[Int(older)].newer = newer } else { oldest = newer }
        if newer != FlowLog.none { open[Int(newer)].older = older } else { newest = older }
    }
}
