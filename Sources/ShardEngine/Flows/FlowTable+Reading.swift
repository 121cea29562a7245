// What queries and thresholds see of a flow table.

internal import Bytes

extension FlowTable {
    /// The places in use of a data source, in no meaningful order. A copy: the table may change while it is walked.
    func places(of source: Int) -> [Int] {
        guard source < sources.count, sources[source].count > 0 else { return [] }
        var places: [Int] = []
        places.reserveCapacity(Int(sources[source].count))
        forEach(of: source) { places.append($0) }
        return places
    }

    func forEach(of source: Int, _ body: (Int) -> Void) {
        var chunk = sources[source].first
        while chunk != FlowTable.none {
            let start = Int(chunk) * FlowTable.chunkPlaces
            for place in start..<start + FlowTable.chunkPlaces where tags[place] != 0 { body(place) }
            chunk = chunkAfter[Int(chunk)]
        }
    }

    /// What certainly is a flow's own, as a weight.
    func own(_ place: Int) -> Double { weights[place] - entries[place].error }

    /// Whether the flow had a sample lately enough to be shown.
    func isVisible(_ place: Int, asOf instant: Int64) -> Bool { instant - entries[place].arrival <= shape.lifetime }

    /// A flow's rate. Unit: of its value, a second.
    func rate(_ place: Int, at instant: Int64) -> Double {
        own(place) * scale(of: Int(entries[place].source), at: instant)
    }

    /// From weights of a data source to rates a second at an instant.
    func scale(of source: Int, at instant: Int64) -> Double {
        exponential(-Double(instant - sources[source].landmark) / shape.smoothing) / (shape.smoothing * 1e-9)
    }

    /// The largest flow of a data source that can be seen.
    func top(of source: Int, at instant: Int64) -> Int? {
        guard source < sources.count, sources[source].top != FlowTable.none else { return nil }
        let top = Int(sources[source].top)
        // The largest may be one that has been silent for long: then another one is the largest to be seen.
        return isVisible(top, asOf: instant) ? top : shown(of: source, at: instant).first
    }

    /// The flows of a data source that had samples lately.
    func visible(of source: Int, at instant: Int64) -> [Int] {
        places(of: source).filter { isVisible($0, asOf: instant) }
    }

    /// The largest of them that answers see, largest first.
    func shown(of source: Int, at instant: Int64) -> [Int] {
        var places = visible(of: source, at: instant)
        places.sort { isLarger($0, than: $1) }
        if places.count > shape.shownCount { places.removeLast(places.count - shape.shownCount) }
        return places
    }

    /// Size, and for equal sizes the order of the packed keys.
    func isLarger(_ a: Int, than b: Int) -> Bool {
        let (left, right) = (own(a), own(b))
        return left != right ? left > right : isKey(of: a, before: b)
    }

    func isKey(of a: Int, before b: Int) -> Bool {
        keys.isOrdered(
            entries[a].keyOffset, entries[a].keyBytes, before: entries[b].keyOffset, entries[b].keyBytes)
    }

    func key(of place: Int) -> [UInt8] { keys.bytes(entries[place].keyOffset, entries[place].keyBytes) }
}
