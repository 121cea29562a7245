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
// Memory of a flow: 56 bytes, its packed key, 8 to 16 bytes of index, and what its definition's further values need.

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
        var hash: UInt64
        /// Σ value × scale of the samples, each weighted by its distance from the landmark.
        var weight: Double
        /// The part of the weight that other flows may have left.
        var error: Double
        /// The part of the weight that came from samples taken on the way in.
        var ingress: Double
        /// Of the last sample. Unit: nanoseconds since the Unix epoch.
        var arrival: Int64
        var keyOffset: UInt32
        var keyBytes: UInt16
        /// The data source, as its place in the agent's list; the next entry of the same one, or of the free list.
        var source: UInt16
        var next: Int32

        /// What certainly is this flow's own.
        var own: Double { weight - error }
    }

    /// One data source's flows.
    struct Source: Sendable, BitwiseCopyable {
        var landmark: Int64 = 0
        var first: Int32 = FlowTable.none
        var count: Int32 = 0
        /// The largest flow.
        var top: Int32 = FlowTable.none
    }

    static let none: Int32 = -1
    /// Weights are brought to a new landmark before the factor between both grows beyond e^this.
    private static let landmarkSpan = 60.0

    /// Up to this capacity the smallest flow is looked for among all of them.
    private static let scannedMax = 64

    let shape: Shape
    private(set) var entries: [Entry] = []
    private(set) var sources: [Source] = []
    private(set) var keys = KeyArena()
    private var index = FlowIndex()
    private var free: Int32 = FlowTable.none
    private var victims: [Int: [Victim]] = [:]

    /// An entry that may go when its data source is full, with the weight that made it one.
    private struct Victim: Sendable, BitwiseCopyable {
        let entry: Int32
        let hash: UInt64
        let weight: Double
    }

    init(shape: Shape) { self.shape = shape }

    // MARK: Adding

    /// Adds a sample's value to its flow.
    /// - Returns: the entry's place; `isNew` when the flow was not there (or had expired, or took another one's place).
    mutating func add(
        key: RawSpan, hash: UInt64, source: Int, value: Double, isIngress: Bool, at arrival: Int64
    ) -> (place: Int, isNew: Bool) {
        openSource(source, at: arrival)
        let gained = value * growth(of: source, at: arrival)
        if let place = index.find(hash: hash, in: entries, where: { isFlow($0, source, key) }) {
            let isExpired = arrival - entries[place].arrival > shape.lifetime
            if isExpired {
                entries[place].weight = 0
                entries[place].error = 0
                entries[place].ingress = 0
            }
            entries[place].weight += gained
            if isIngress { entries[place].ingress += gained }
            entries[place].arrival = max(entries[place].arrival, arrival)
            promote(place, in: source)
            return (place, isExpired)
        }
        let place = insert(key: key, hash: hash, source: source, gained: gained, at: arrival)
        if isIngress { entries[place].ingress = gained }
        promote(place, in: source)
        return (place, true)
    }

    /// What a sample now weighs against one at the landmark.
    private func growth(of source: Int, at arrival: Int64) -> Double {
        exponential(Double(arrival - sources[source].landmark) / shape.smoothing)
    }

    private mutating func openSource(_ source: Int, at arrival: Int64) {
        if source >= sources.count {
            sources += repeatElement(Source(), count: source + 1 - sources.count)
        }
        if sources[source].count == 0 {
            sources[source].landmark = arrival
        } else if Double(arrival - sources[source].landmark) > FlowTable.landmarkSpan * shape.smoothing {
            moveLandmark(of: source, to: arrival)
        }
    }

    private mutating func moveLandmark(of source: Int, to arrival: Int64) {
        let factor = exponential(-Double(arrival - sources[source].landmark) / shape.smoothing)
        forEachEntry(of: source) { table, place in
            table.entries[place].weight *= factor
            table.entries[place].error *= factor
            table.entries[place].ingress *= factor
        }
        sources[source].landmark = arrival
        victims[source] = nil
    }

    private mutating func insert(
        key: RawSpan, hash: UInt64, source: Int, gained: Double, at arrival: Int64
    ) -> Int {
        let inherited = sources[source].count < shape.capacity ? 0 : evict(from: source, asOf: arrival)
        let place = takeFree()
        entries[place] = Entry(
            hash: hash, weight: inherited + gained, error: inherited, ingress: 0, arrival: arrival,
            keyOffset: keys.append(key), keyBytes: UInt16(truncatingIfNeeded: key.byteCount),
            source: UInt16(truncatingIfNeeded: source), next: sources[source].first)
        sources[source].first = Int32(truncatingIfNeeded: place)
        sources[source].count += 1
        index.insert(place, hash: hash, entries: entries)
        return place
    }

    private mutating func takeFree() -> Int {
        if free != FlowTable.none {
            let place = Int(free)
            free = entries[place].next
            return place
        }
        entries.append(
            Entry(
                hash: 0, weight: 0, error: 0, ingress: 0, arrival: 0, keyOffset: 0, keyBytes: 0, source: 0,
                next: FlowTable.none))
        return entries.count - 1
    }

    private mutating func promote(_ place: Int, in source: Int) {
        let top = sources[source].top
        if top == FlowTable.none || Int(top) == place || isLarger(place, than: Int(top)) {
            sources[source].top = Int32(truncatingIfNeeded: place)
        }
    }

    // MARK: Removing

    /// Makes room by removing a flow that has expired, or else the smallest, and says what the new one inherits.
    private mutating func evict(from source: Int, asOf arrival: Int64) -> Double {
        guard shape.capacity > FlowTable.scannedMax else { return evictByScan(from: source, asOf: arrival) }
        removeExpired(of: source, asOf: arrival)
        return sources[source].count < shape.capacity ? 0 : evictByBatch(from: source)
    }

    /// Few flows are looked through one by one.
    private mutating func evictByScan(from source: Int, asOf arrival: Int64) -> Double {
        var smallest = FlowTable.none
        var next = sources[source].first
        while next != FlowTable.none {
            let place = Int(next)
            if !isVisible(place, asOf: arrival) {
                remove(place)
                return 0
            }
            if smallest == FlowTable.none || isSmaller(place, than: Int(smallest)) { smallest = next }
            next = entries[place].next
        }
        let inherited = entries[Int(smallest)].weight
        remove(Int(smallest))
        return inherited
    }

    /// Of many flows the smallest eighth is looked for at once and used up one by one. One of them that has grown
    /// meanwhile is passed over, so that the one removed may not be the very smallest; but it is among the smallest
    /// eighth, and the bound of the algorithm holds for seven eighths of the capacity.
    private mutating func evictByBatch(from source: Int) -> Double {
        while true {
            while let victim = victims[source]?.popLast() {
                let place = Int(victim.entry)
                let entry = entries[place]
                guard entry.hash == victim.hash, Int(entry.source) == source, entry.weight == victim.weight else { continue }
                remove(place)
                return victim.weight
            }
            victims[source] = smallestEighth(of: source)
        }
    }

    /// The smallest last; of equal ones the last by key.
    private func smallestEighth(of source: Int) -> [Victim] {
        var places: [Int] = []
        forEach(of: source) { places.append($0) }
        places.sort { isSmaller($0, than: $1) }
        return places.prefix(shape.capacity / 8).reversed().map { place in
            Victim(entry: Int32(truncatingIfNeeded: place), hash: entries[place].hash, weight: entries[place].weight)
        }
    }

    /// By weight, errors included; of equal ones the last by key.
    private func isSmaller(_ a: Int, than b: Int) -> Bool {
        entries[a].weight != entries[b].weight ? entries[a].weight < entries[b].weight : isKey(of: b, before: a)
    }

    private mutating func removeExpired(of source: Int, asOf arrival: Int64) {
        var next = sources[source].first
        while next != FlowTable.none {
            let place = Int(next)
            next = entries[place].next
            if !isVisible(place, asOf: arrival) { remove(place) }
        }
    }

    /// Removes flows that no query can see any more. Only memory changes.
    mutating func removeExpired(asOf arrival: Int64) {
        for source in sources.indices where sources[source].count > 0 { removeExpired(of: source, asOf: arrival) }
    }

    private mutating func remove(_ place: Int) {
        let entry = entries[place]
        let source = Int(entry.source)
        index.remove(place, entries: entries)
        keys.release(byteCount: Int(entry.keyBytes))
        unlink(place, from: source)
        entries[place].next = free
        entries[place].weight = .nan
        entries[place].keyBytes = 0
        free = Int32(truncatingIfNeeded: place)
        if Int(sources[source].top) == place { sources[source].top = largest(of: source) }
        compactKeysIfWorthwhile()
    }

    private mutating func unlink(_ place: Int, from source: Int) {
        sources[source].count -= 1
        guard Int(sources[source].first) != place else {
            sources[source].first = entries[place].next
            return
        }
        var before = Int(sources[source].first)
        while Int(entries[before].next) != place { before = Int(entries[before].next) }
        entries[before].next = entries[place].next
    }

    private func largest(of source: Int) -> Int32 {
        var best = sources[source].first
        guard best != FlowTable.none else { return best }
        var next = entries[Int(best)].next
        while next != FlowTable.none {
            if isLarger(Int(next), than: Int(best)) { best = next }
            next = entries[Int(next)].next
        }
        return best
    }

    private mutating func compactKeysIfWorthwhile() {
        guard keys.isMostlyReleased else { return }
        var compact = KeyArena()
        for source in sources.indices {
            forEachEntry(of: source) { table, place in
                let entry = table.entries[place]
                table.entries[place].keyOffset = compact.append(table.keys, entry.keyOffset, entry.keyBytes)
            }
        }
        keys = compact
    }
}
