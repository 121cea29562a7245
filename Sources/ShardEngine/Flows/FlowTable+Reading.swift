// What queries and thresholds see of a flow table.

internal import Bytes

extension FlowTable {
    /// The places in use of a data source, in no meaningful order.
    func places(of source: Int) -> [Int] {
        guard source < chunkOfSource.count, chunkOfSource[source] != FlowTable.none else { return [] }
        return places(from: Int(chunkOfSource[source]))
    }

    /// The places in use of the data source whose first chunk it is. A copy: the table may change while it is walked.
    func places(from chunk: Int) -> [Int] {
        var places: [Int] = []
        places.reserveCapacity(Int(chunks[chunk].count))
        forEach(from: chunk) { places.append($0) }
        return places
    }

    /// Calls with the places in use.
    @inline(__always)
    func forEach(from first: Int, _ body: (Int) -> Void) {
        forEachChunk(from: first) { chunk in
            let start = chunk * FlowChunks.places
            for place in start..<start + FlowChunks.places where chunks[tag: place] != 0 { body(place) }
        }
    }

    @inline(__always)
    func forEachChunk(from first: Int, _ body: (Int) -> Void) {
        var chunk = Int32(truncatingIfNeeded: first)
        while chunk != FlowTable.none {
            body(Int(chunk))
            chunk = chunks[Int(chunk)].next
        }
    }

    /// Data sources that have flows.
    var sources: [Int] {
        chunkOfSource.indices.filter { chunkOfSource[$0] != FlowTable.none && chunks[Int(chunkOfSource[$0])].count > 0 }
    }

    /// What certainly is a flow's own, as a weight.
    func own(_ place: Int) -> Double { chunks[weight: place] - chunks[entry: place].error }

    /// Whether the flow had a sample lately enough to be shown.
    func isVisible(_ place: Int, asOf instant: Int64) -> Bool { instant - chunks[arrival: place] <= shape.lifetime }

    /// The flows of a chunk that can be seen: the lowest bit for the first place.
    /// - Parameter instant: nil when none has expired.
    @inline(__always)
    func seen(in lines: FlowChunkLines, asOf instant: Int64?) -> UInt32 {
        var places = ~lines.places(withTag: 0) & 0xFFFF
        guard let instant else { return places }
        for place in 0..<FlowChunks.places where instant - lines[arrival: place] > shape.lifetime { places &= ~(1 << place) }
        return places
    }

    /// A flow's rate. Unit: of its value, a second.
    func rate(_ place: Int, at instant: Int64) -> Double {
        own(place) * scale(of: Int(chunks[entry: place].source), at: instant)
    }

    /// From weights of a data source that has flows to rates a second at an instant. Of one long before the landmark, which
    /// only times that go back lead to, a rate would be beyond all numbers: it rises no further than weights do.
    func scale(of source: Int, at instant: Int64) -> Double {
        let landmark = chunks[Int(chunkOfSource[source])].landmark
        let exponent = min(-Double(instant - landmark) / shape.smoothing, FlowTable.landmarkSpan)
        return exponential(exponent) / (shape.smoothing * 1e-9)
    }

    /// The largest flow of a data source that can be seen.
    func top(of source: Int, at instant: Int64) -> Int? {
        guard source < chunkOfSource.count, chunkOfSource[source] != FlowTable.none else { return nil }
        let top = Int(chunks[Int(chunkOfSource[source])].top)
        guard top >= 0 else { return nil }
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
}
