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
// A data source has a chunk of sixteen places (more of them, in a chain, when it keeps more flows). Where the chunk lies is
// known before a sample has been looked into, so that it can be fetched ahead.
//
// ```
// chunkOfSource ─▶ chunk 3 ─▶ chunk 9      of each: what is said of the data source, tags (which flow, nearly), weights
//                                          (who is the smallest), arrivals (who has expired), entries (the rest)
// ```

internal import Bytes
internal import FlowLanguage

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
        /// The first eight bytes of the packed key, the first one highest.
        var keyStart: UInt64 = 0
        /// The next four, or where a longer key's rest is in the arena.
        var keyRest: UInt32 = 0
        var keyBytes: UInt16 = 0
        /// The data source, as its place in the agent's list.
        var source: UInt16 = 0
    }

    /// Sixteen places of a data source. What is said of the data source stands in its first chunk.
    struct Chunk: Sendable, BitwiseCopyable {
        var landmark: Int64 = 0
        /// Of the last sample. Unit: nanoseconds since the Unix epoch.
        var newest: Int64 = 0
        /// No flow had its last sample before. Unit: nanoseconds since the Unix epoch.
        var oldest: Int64 = 0
        /// What the largest flow has of its own.
        var topWeight = 0.0
        /// The place of the largest flow.
        var top: Int32 = FlowTable.none
        /// Flows of the data source.
        var count: Int32 = 0
        /// The chunk behind this one.
        var next: Int32 = FlowTable.none
        /// Whether any flow in this chunk may have inherited a part of its weight.
        var hasInherited = false
    }

    static let none: Int32 = -1
    /// Weights are brought to a new landmark before the factor between both grows beyond e^this.
    static let landmarkSpan = 60.0
    /// More than 2^64 scaled by 2^32. Only fields of named flows can be negative or beyond it: weights must grow, and sums
    /// stay finite.
    private static let valueMax = 1e30

    let shape: Shape
    /// The first chunk of each data source of the agent, by its place there.
    var chunkOfSource = Slab<Int32>()
    var chunks = FlowChunks()
    var keys = KeyArena()
    var freeChunk = FlowTable.none

    init(shape: Shape) { self.shape = shape }

    /// Fetches what a sample of the data source is going to need.
    @inline(__always)
    func prefetch(_ source: Int) {
        guard source < chunkOfSource.count, chunkOfSource[source] != FlowTable.none else { return }
        chunks.prefetch(Int(chunkOfSource[source]))
    }

    // MARK: Adding

    /// Adds a sample's value to its flow.
    /// - Parameter bytes: of the key; of one that fits into its entry nothing has to be there.
    /// - Returns: the place of the flow; `isNew` when it was not there, or had expired.
    mutating func add(
        _ key: FlowKeyHead, _ bytes: RawSpan, source: Int, value: Double, isIngress: Bool, at arrival: Int64
    ) -> (place: Int, isNew: Bool) {
        let chunk = open(source, at: arrival)
        let gained = min(max(0, value), FlowTable.valueMax) * growth(of: chunk, at: arrival)
        let tag = FlowTable.tag(hash: key.hash, keyBytes: key.byteCount)
        let (found, free) = find(tag, key, bytes, chunk)
        let isNew = found.map { revive($0, chunk, at: arrival) } ?? true
        let place = found ?? insert(key, bytes, tag, source, chunk, at: arrival, into: free)
        let lines = chunks.lines(of: place / FlowChunks.places)
        lines[weight: place] += gained
        if isIngress { lines[entry: place].ingress += gained }
        lines[arrival: place] = max(lines[arrival: place], arrival)
        promote(place, chunk)
        return (place, isNew)
    }

    /// What a sample now weighs against one at the landmark.
    private func growth(of chunk: Int, at arrival: Int64) -> Double {
        exponential(Double(arrival - chunks[chunk].landmark) / shape.smoothing)
    }

    /// The first chunk of a data source, ready for a sample.
    mutating func open(_ source: Int, at arrival: Int64) -> Int {
        if source >= chunkOfSource.count {
            chunkOfSource.append(repeating: FlowTable.none, count: source + 1 - chunkOfSource.count)
        }
        if chunkOfSource[source] == FlowTable.none { chunkOfSource[source] = takeChunk() }
        let chunk = Int(chunkOfSource[source])
        let lines = chunks.lines(of: chunk)
        if arrival - lines.head.newest > shape.lifetime { removeAll(chunk) }
        var head = lines.head
        head.newest = max(head.newest, arrival)
        if head.count == 0 { (head.landmark, head.oldest) = (arrival, arrival) }
        lines.head = head
        if Double(arrival - head.landmark) > FlowTable.landmarkSpan * shape.smoothing { moveLandmark(chunk, to: arrival) }
        return chunk
    }

    private mutating func moveLandmark(_ chunk: Int, to arrival: Int64) {
        let factor = exponential(-Double(arrival - chunks[chunk].landmark) / shape.smoothing)
        for place in places(from: chunk) {
            chunks[weight: place] *= factor
            chunks[entry: place].error *= factor
            chunks[entry: place].ingress *= factor
        }
        chunks[chunk].landmark = arrival
        // Rounding may change who is larger by a last bit; the metric is to be the first of its top keys.
        findTop(chunk)
    }

    /// The place of a flow that is there, or else a free place of the data source, when it has one.
    @inline(__always)
    func find(_ tag: UInt32, _ key: FlowKeyHead, _ bytes: RawSpan, _ first: Int) -> (found: Int?, free: Int?) {
        var free: Int?
        var chunk = first
        while true {
            let lines = chunks.lines(of: chunk)
            var candidates = lines.places(withTag: tag)
            while candidates != 0 {
                let index = candidates.trailingZeroBitCount
                if isKey(key, bytes, in: lines[entry: index]) { return (chunk * FlowChunks.places + index, nil) }
                candidates &= candidates - 1
            }
            if free == nil {
                let freePlaces = lines.places(withTag: 0)
                if freePlaces != 0 { free = chunk * FlowChunks.places + freePlaces.trailingZeroBitCount }
            }
            let next = lines.head.next
            guard next != FlowTable.none else { return (nil, free) }
            chunk = Int(next)
        }
    }

    /// A flow that has expired starts anew where it is. Whether it had.
    private mutating func revive(_ place: Int, _ chunk: Int, at arrival: Int64) -> Bool {
        guard arrival - chunks[arrival: place] > shape.lifetime else { return false }
        chunks[weight: place] = 0
        chunks[entry: place].error = 0
        chunks[entry: place].ingress = 0
        if Int(chunks[chunk].top) == place { findTop(chunk) }
        return true
    }

    mutating func insert(
        _ key: FlowKeyHead, _ bytes: RawSpan, _ tag: UInt32, _ source: Int, _ chunk: Int, at arrival: Int64, into free: Int?
    ) -> Int {
        let isFull = chunks[chunk].count >= shape.capacity
        let (place, inherited) = isFull ? evict(chunk, asOf: arrival) : (free ?? extend(chunk), 0)
        let lines = chunks.lines(of: place / FlowChunks.places)
        lines[tag: place] = tag
        lines[weight: place] = inherited
        if inherited > 0 { lines.head.hasInherited = true }
        lines[arrival: place] = arrival
        lines[entry: place] = Entry(
            error: inherited, keyStart: key.start, keyRest: keepRest(of: key, bytes),
            keyBytes: UInt16(truncatingIfNeeded: key.byteCount), source: UInt16(truncatingIfNeeded: source))
        chunks[chunk].count += 1
        chunks[chunk].oldest = min(chunks[chunk].oldest, arrival)
        return place
    }

    /// Gives a data source another chunk, and says its first place.
    private mutating func extend(_ chunk: Int) -> Int {
        let new = takeChunk()
        chunks[Int(new)].next = chunks[chunk].next
        chunks[chunk].next = new
        return Int(new) * FlowChunks.places
    }

    private mutating func takeChunk() -> Int32 {
        if freeChunk != FlowTable.none {
            let chunk = freeChunk
            freeChunk = chunks[Int(chunk)].next
            chunks[Int(chunk)] = Chunk()
            return chunk
        }
        chunks.append()
        return Int32(truncatingIfNeeded: chunks.count - 1)
    }

    /// The sample at hand made the flow larger; perhaps the largest.
    @inline(__always)
    private mutating func promote(_ place: Int, _ chunk: Int) {
        let head = chunks.lines(of: chunk).head
        let weight = own(place)
        guard head.top != FlowTable.none, Int(head.top) != place else { return setTop(chunk, place) }
        let isLarger = weight != head.topWeight ? weight > head.topWeight : isKey(of: place, before: Int(head.top))
        if isLarger { setTop(chunk, place) }
    }

    mutating func setTop(_ chunk: Int, _ place: Int) {
        chunks[chunk].top = Int32(truncatingIfNeeded: place)
        chunks[chunk].topWeight = own(place)
    }

    /// Looks for the largest flow among all.
    mutating func findTop(_ chunk: Int) {
        var top: Int?
        forEach(from: chunk) { place in
            if top.map({ isLarger(place, than: $0) }) ?? true { top = place }
        }
        chunks[chunk].top = FlowTable.none
        if let top { setTop(chunk, top) }
    }
}
