// When a flow metric will have fallen to a level if no sample comes: exactly, because what a value does between samples
// is known. Rates decay by one law, numbers of distinct values fall when a window ends, the others stay; and all end when
// their flow is not shown any more.

internal import FlowLanguage

extension FlowState {
    /// The first instant at which this flow's value is at or below the level.
    /// - Parameter reading: a value above the level, at `instant`.
    func belowFrom(_ reading: Reading, level: Double, at instant: Int64) -> Int64 {
        let end = table.chunks[arrival: reading.place].addingSaturated(table.shape.lifetime + 1)
        switch flow.compiled.valueFunction {
        case .rate:
            // Of a rate r: r · e^−(q − now)/t = level.
            guard level > 0 else { return end }
            let left = table.shape.smoothing * (logarithm(reading.value) - logarithm(level))
            return min(end, instant.addingSaturated(Int64(max(0, left.rounded(.up)))))
        case .count:
            let falls = values?.turns(of: reading.place, at: instant).first { turn in
                values.map { $0.value(0, of: reading.place, at: turn) <= level } ?? true
            }
            return min(end, falls ?? end)
        case .avg, .min, .max, .last: return end
        }
    }

    /// The first instant at which the values of all flows of a data source are at or below the level.
    /// - Parameter top: the largest one, above the level.
    func allBelowFrom(top: Reading, source: Int, level: Double, at instant: Int64) -> Int64 {
        let time = belowFrom(top, level: level, at: instant)
        let end = table.chunks[arrival: top.place].addingSaturated(table.shape.lifetime + 1)
        // All rates decay alike: none is above the level longer than the largest, unless that ends before.
        if flow.compiled.valueFunction == .rate, time < end { return time }
        var last = time
        for place in table.visible(of: source, at: instant) {
            let reading = reading(place, at: instant)
            if reading.value > level { last = max(last, belowFrom(reading, level: level, at: instant)) }
        }
        return last
    }
}
