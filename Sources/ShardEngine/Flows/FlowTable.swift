// The flows of one definition at one agent: for each data source the largest ones, with exponentially smoothed rates.
//
// A table keeps a bounded number of flows a data source by the Space-Saving algorithm (Metwally, Agrawal, El Abbadi,
// "Efficient computation of frequent and top-k elements in data streams", ICDT 2005): when a data source is full, a new
// flow takes the place of the smallest and inherits its weight as its possible error. So a flow with more than a
// `capacity`th of the data source's traffic is always there. Rates decay, but all by the same factor, so that decay never
// changes who is larger: weights are kept as they were at a landmark in the past (Cormode, Shkapenyuk, Srivastava, Xu,
// "Forward decay", ICDE 2009), and a sample later than the landmark weighs more by the decay since then.
//
//     rate at q = weight · e^−(q − landmark)/t ÷ t
//
// What is looked at together lies together, because a data source's flows are cold in the caches whenever its next sample
// comes: a data source has a chain of chunks of eight places, and the table keeps an array of each property.
//
// ```
// sources   first ─▶ chunk 3 ─▶ chunk 9
// tags      … | 8 × 4 bytes of chunk 3 | …      which flow, nearly; 0 is a free place
// weights   … | 8 × 8 bytes of chunk 3 | …      who is the smallest
// entries   … | 8 × 40 bytes of chunk 3 | …     the rest, of the one flow that is meant
// ```

internal import Bytes

struct FlowTable: ~Copyable {
    /// What is fixed by the definition.
    struct Shape: Sendable, Hashable, BitwiseCopyable {
        /// Time constant of the smoothing. Unit: nanoseconds.
        let smoothing: Double
        /// Flows of a data source that answers see.
        let shownCount: Int
        /// Flows of a data source that are kept.
        let capacity: Int
        /// A flow is seen until this long after its last sample. Unit: nanoseconds.
        let lifetime: Int64

        /// - Parameters:
        ///   - seconds: time constant `t` of the definition.
        ///   - shownCount: `n` of the definition.
        init(seconds: Double, shownCount: Int) {
            smoothing = seconds * 1e9
            self.shownCount = shownCount
            capacity = max(16, 3 * shownCount)
            lifetime = Int64(max(10 * seconds, 2) * 1e9)
        }
    }

    struct Entry: Sendable, BitwiseCopyable {
        /// The part of the weight that other flows may have left.
        var error = 0.0
        /// The part of the weight that came from samples taken on the way in.
        var ingress = 0.0
        /// Of the last sample. Unit: nanoseconds since the Unix epoch.
        var arrival: Int64 = 0
        var keyOffset: UInt32 = 0
        var keyBytes: UInt16 = 0
        /// The data source, as its place in the agent's list.
        var source: UInt16 = 0
    }

    /// One data source's flows.
    struct Source: Sendable, BitwiseCopyable {
        var landmark: Int64 = 0
        /// Of the last sample. Unit: nanoseconds since the Unix epoch.
        var newest: Int64 = 0
        /// The first chunk.
        var first: Int32 = FlowTable.none
        /// The largest flow.
        var top: Int32 = FlowTable.none
        var count: Int32 = 0
    }

    static let none: Int32 = -1
    static let chunkPlaces = 8
    /// Weights are brought to a new landmark before the factor between both grows beyond e^this.
    private static let landmarkSpan = 60.0
    /// More than 2^64 scaled by 2^32. Only fields of named flows can be negative or beyond it: weights must grow, and sums
    /// stay finite.
    private static let valueMax = 1e30

    let shape: Shape
    private(set) var sources: [Source] = []
    private(set) var entries: [Entry] = []
    /// Σ value × scale of the samples of each place, weighted by their distance from the landmark; errors included.
    private(set) var weights: [Double] = []
    /// A piece of each place's key hash, never 0; 0 for a free place.
    private(set) var tags: [UInt32] = []
    /// The chunk behind each chunk.
    private(set) var chunkAfter: [Int32] = []
    private var freeChunk: Int32 = FlowTable.none
    private(set) var keys = KeyArena()

    init(shape: Shape) { self.shape = shape }

    // MARK: Adding

    /// Adds a sample's value to its flow.
    /// - Returns: the place of the flow; `isNew` when it was not there, or had expired.
    mutating func add(
        key: RawSpan, hash: UInt64, source: Int, value: Double, isIngress: Bool, at arrival: Int64
    ) -> (place: Int, isNew: Bool) {
        openSource(source, at: arrival)
        let gained = min(max(0, value), FlowTable.valueMax) * growth(of: source, at: arrival)
        let tag = UInt32(truncatingIfNeeded: hash) | 1
        let (found, isNew) = find(tag, key, source).map { ($0, revive($0, at: arrival)) } ?? (nil, true)
        let place = found ?? insert(key, tag, source, at: arrival)
        weights[place] += gained
        if isIngress { entries[place].ingress += gained }
        entries[place].arrival = max(entries[place].arrival, arrival)
        promote(place, in: source)
        return (place, isNew)
    }

    /// What a sample now weighs against one at the landmark.
    private func growth(of source: Int, at arrival: Int64) -> Double {
        exponential(Double(arrival - sources[source].landmark) / shape.smoothing)
    }

    private mutating func openSource(_ source: Int, at arrival: Int64) {
        if source >= sources.count {
            sources += repeatElement(Source(), count: source + 1 - sources.count)
        }
        if arrival - sources[source].newest > shape.lifetime { removeAll(of: source) }
        sources[source].newest = max(sources[source].newest, arrival)
        if sources[source].count == 0 {
            sources[source].landmark = arrival
        } else if Double(arrival - sources[source].landmark) > FlowTable.landmarkSpan * shape.smoothing {
            moveLandmark(of: source, to: arrival)
        }
    }

    private mutating func moveLandmark(of source: Int, to arrival: Int64) {
        let factor = exponential(-Double(arrival - sources[source].landmark) / shape.smoothing)
        for place in places(of: source) {
            weights[place] *= factor
            entries[place].error *= factor
            entries[place].ingress *= factor
        }
        sources[source].landmark = arrival
        // Rounding may change who is larger by a last bit; the metric is to be the first of its top keys.
        sources[source].top = largest(of: source)
    }

    /// The place of a flow that is there.
    private func find(_ tag: UInt32, _ key: RawSpan, _ source: Int) -> Int? {
        var chunk = sources[source].first
        while chunk != FlowTable.none {
            let start = Int(chunk) * FlowTable.chunkPlaces
            for place in start..<start + FlowTable.chunkPlaces where tags[place] == tag {
                if keys.equals(entries[place].keyOffset, entries[place].keyBytes, key) { return place }
            }
            chunk = chunkAfter[Int(chunk)]
        }
        return nil
    }

    /// A flow that has expired starts anew where it is. Whether it had.
    private mutating func revive(_ place: Int, at arrival: Int64) -> Bool {
        guard arrival - entries[place].arrival > shape.lifetime else { return false }
        weights[place] = 0
        entries[place].error = 0
        entries[place].ingress = 0
        if Int(sources[Int(entries[place].source)].top) == place {
            sources[Int(entries[place].source)].top = largest(of: Int(entries[place].source))
        }
        return true
    }

    private mutating func insert(_ key: RawSpan, _ tag: UInt32, _ source: Int, at arrival: Int64) -> Int {
        let inherited = sources[source].count < shape.capacity ? 0 : evict(from: source, asOf: arrival)
        let place = freePlace(in: source)
        tags[place] = tag
        weights[place] = inherited
        entries[place] = Entry(
            error: inherited, arrival: arrival, keyOffset: keys.append(key),
            keyBytes: UInt16(truncatingIfNeeded: key.byteCount), source: UInt16(truncatingIfNeeded: source))
        sources[source].count += 1
        return place
    }

    private mutating func freePlace(in source: Int) -> Int {
        var chunk = sources[source].first
        while chunk != FlowTable.none {
            let start = Int(chunk) * FlowTable.chunkPlaces
            for place in start..<start + FlowTable.chunkPlaces where tags[place] == 0 { return place }
            chunk = chunkAfter[Int(chunk)]
        }
        let new = takeChunk()
        chunkAfter[Int(new)] = sources[source].first
        sources[source].first = new
        return Int(new) * FlowTable.chunkPlaces
    }

    private mutating func takeChunk() -> Int32 {
        if freeChunk != FlowTable.none {
            let chunk = freeChunk
            freeChunk = chunkAfter[Int(chunk)]
            return chunk
        }
        chunkAfter.append(FlowTable.none)
        tags += repeatElement(0, count: FlowTable.chunkPlaces)
        weights += repeatElement(0, count: FlowTable.chunkPlaces)
        entries += repeatElement(Entry(), count: FlowTable.chunkPlaces)
        return Int32(truncatingIfNeeded: chunkAfter.count - 1)
    }

    private mutating func promote(_ place: Int, in source: Int) {
        let top = sources[source].top
        if top == FlowTable.none || Int(top) == place || isLarger(place, than: Int(top)) {
            sources[source].top = Int32(truncatingIfNeeded: place)
        }
    }

    // MARK: Removing

    /// Makes room by removing a flow that has expired, whatever it weighs, or else the smallest one; and says what the new
    /// one inherits: nothing from one that has expired. So it does not matter when the last clean-up was.
    /// Complexity: linear in the capacity, over memory in order.
    private mutating func evict(from source: Int, asOf arrival: Int64) -> Double {
        var smallest = FlowTable.none, expired = FlowTable.none
        forEach(of: source) { place in
            if !isVisible(place, asOf: arrival) { expired = Int32(truncatingIfNeeded: place) }
            if smallest == FlowTable.none || isSmaller(place, than: Int(smallest)) {
                smallest = Int32(truncatingIfNeeded: place)
            }
        }
        guard expired == FlowTable.none else {
            remove(Int(expired))
            return 0
        }
        guard smallest != FlowTable.none else { return 0 }
        let inherited = weights[Int(smallest)]
        remove(Int(smallest))
        return inherited
    }

    /// By weight, errors included; of equal ones the last by key.
    private func isSmaller(_ a: Int, than b: Int) -> Bool {
        weights[a] != weights[b] ? weights[a] < weights[b] : isKey(of: b, before: a)
    }

    /// Removes flows that no query can see any more. Only memory changes.
    mutating func removeExpired(asOf arrival: Int64) {
        for source in sources.indices where sources[source].count > 0 {
            for place in places(of: source) where !isVisible(place, asOf: arrival) { release(place) }
            if tags[Int(sources[source].top)] == 0 { sources[source].top = largest(of: source) }
            releaseEmptyChunks(of: source)
        }
        if keys.isMostlyReleased { compactKeys() }
    }

    /// After a time in which all flows of a data source expired it begins anew, exactly as if a clean-up had been there.
    private mutating func removeAll(of source: Int) {
        for place in places(of: source) { release(place) }
        sources[source].top = FlowTable.none
        if keys.isMostlyReleased { compactKeys() }
    }

    private mutating func remove(_ place: Int) {
        let source = Int(entries[place].source)
        release(place)
        if Int(sources[source].top) == place { sources[source].top = largest(of: source) }
        if keys.isMostlyReleased { compactKeys() }
    }

    /// Frees a place. It is the caller's to look for another largest flow.
    private mutating func release(_ place: Int) {
        keys.release(byteCount: Int(entries[place].keyBytes))
        tags[place] = 0
        sources[Int(entries[place].source)].count -= 1
    }

    private func largest(of source: Int) -> Int32 {
        var best = FlowTable.none
        forEach(of: source) { place in
            if best == FlowTable.none || isLarger(place, than: Int(best)) { best = Int32(truncatingIfNeeded: place) }
        }
        return best
    }

    private mutating func releaseEmptyChunks(of source: Int) {
        var kept = FlowTable.none
        var chunk = sources[source].first
        while chunk != FlowTable.none {
            let next = chunkAfter[Int(chunk)]
            let start = Int(chunk) * FlowTable.chunkPlaces
            if tags[start..<start + FlowTable.chunkPlaces].allSatisfy({ $0 == 0 }) {
                chunkAfter[Int(chunk)] = freeChunk
                freeChunk = chunk
            } else {
                chunkAfter[Int(chunk)] = kept
                kept = chunk
            }
            chunk = next
        }
        sources[source].first = kept
    }

    private mutating func compactKeys() {
        var compact = KeyArena()
        for place in tags.indices where tags[place] != 0 {
            entries[place].keyOffset = compact.append(keys, entries[place].keyOffset, entries[place].keyBytes)
        }
        keys = compact
    }
}
