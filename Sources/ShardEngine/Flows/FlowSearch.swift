// Certain flows in many tables. A table finds a flow only within a data source; here all places of all data sources are
// walked, but of most of them nothing is touched but four bytes that lie in order.

internal import Bytes
internal import FlowLanguage

/// Packed keys to look for, and where they are found.
package struct FlowSearch: Sendable {
    /// A flow looked for, at one data source.
    package struct Find: Sendable, BitwiseCopyable {
        let place: Int32
        /// The number of its key, by the order of those looked for.
        package let key: Int32
        package let source: Int32
    }

    fileprivate let index: FlowKeyIndex
    /// One bit for each tag by its highest bits: nearly all flows that are not meant are told apart here.
    fileprivate let filter: [UInt64]
    /// Reused: places whose tags passed the filter, and of them what was found.
    private var candidates: [Int32] = []
    package private(set) var finds: [Find] = []

    /// 8 KB of bits for a hundred keys and more, so that about one of a thousand other flows passes: no more than the
    /// processor's nearest cache holds.
    fileprivate static let filterBits: UInt32 = 16

    /// - Parameter flow: the definition in force whose tables are searched.
    package init(_ keys: [[UInt8]], of flow: ActiveFlow) {
        var index = FlowKeyIndex()
        // Bytes have no invalid values.
        for key in keys { _ = index.insert(unsafe key.span.bytes, hash: flow.compiled.keyHash(key)) }
        var filter = [UInt64](repeating: 0, count: 1 << (FlowSearch.filterBits - 6))
        for tag in index.tags {
            let bit = Int(tag >> (32 - FlowSearch.filterBits))
            filter[bit >> 6] |= 1 << UInt64(bit & 63)
        }
        self.index = index
        self.filter = filter
    }

    /// Looks through an agent's flows, as far as answers see them: `finds` has those found, until the next time.
    package mutating func look(through view: AgentView, flow: Int) {
        finds.removeAll(keepingCapacity: true)
        guard let state = view.agent.flow(flow) else { return }
        let instant = view.instant.nanoseconds
        state.table.filter(self.filter, into: &candidates)
        if state.flow.isRate {
            state.table.findShown(candidates, index, at: instant, into: &finds)
        } else {
            findShown(state, at: instant)
        }
    }

    /// Where the value is no rate, the table does not know who is larger.
    private mutating func findShown(_ state: FlowState, at instant: Int64) {
        for place in candidates.lazy.map(Int.init) {
            guard let key = index.number(ofKeyAt: place, in: state.table) else { continue }
            let source = Int(state.table.chunks[entry: place].source)
            if state.shown(source: source, at: instant).contains(where: { $0.place == place }) {
                finds.append(Find(place, key: key, source: source))
            }
        }
    }
}

extension FlowSearch.Find {
    fileprivate init(_ place: Int, key: Int, source: Int) {
        self.place = Int32(truncatingIfNeeded: place)
        self.key = Int32(truncatingIfNeeded: key)
        self.source = Int32(truncatingIfNeeded: source)
    }
}

extension AgentView {
    package func reading(of find: FlowSearch.Find, flow: Int) -> FlowReading? {
        agent.flow(flow).map { reading($0.reading(Int(find.place), at: instant.nanoseconds), of: $0) }
    }
}

extension FlowTable {
    /// The places whose tags may be meant. What is needed of them next is fetched meanwhile, many lines at a time: waiting
    /// for one after the other would take several times as long.
    fileprivate func filter(_ filter: [UInt64], into places: inout [Int32]) {
        places.removeAll(keepingCapacity: true)
        var lastChunk = Int(FlowTable.none)
        for place in chunks.allPlaces {
            let bit = Int(chunks[tag: place] >> (32 - FlowSearch.filterBits))
            guard filter[bit >> 6] & (1 << UInt64(bit & 63)) != 0 else { continue }
            places.append(Int32(truncatingIfNeeded: place))
            let chunk = place / FlowChunks.places
            guard chunk != lastChunk else { continue }
            lastChunk = chunk
            chunks.prefetch(chunk)
        }
    }

    fileprivate func findShown(
        _ candidates: [Int32], _ index: FlowKeyIndex, at instant: Int64, into finds: inout [FlowSearch.Find]
    ) {
        var sizes = ChunkSizes()
        for place in candidates.lazy.map(Int.init) {
            guard let key = index.number(ofKeyAt: place, in: self) else { continue }
            let source = Int(chunks[entry: place].source)
            if isShown(place, source, at: instant, &sizes) { finds.append(FlowSearch.Find(place, key: key, source: source)) }
        }
    }

    /// What the flows of a chunk have of their own, for as many of them as are looked for.
    private struct ChunkSizes {
        var chunk = Int(FlowTable.none)
        var sizes = SIMD16<Double>.zero
        /// Where there is a flow that can be seen.
        var isSeen = SIMDMask<SIMD16<Int64>>(repeating: false)
    }

    /// Whether a flow is among those of its data source that answers see.
    private func isShown(_ place: Int, _ source: Int, at instant: Int64, _ sizes: inout ChunkSizes) -> Bool {
        let first = Int(chunkOfSource[source]), oldest = chunks[first].oldest
        guard instant - oldest <= shape.lifetime || isVisible(place, asOf: instant) else { return false }
        guard chunks[first].count > shape.shownCount else { return true }
        let own = own(place)
        // A weight is what is a flow's own or more, and weights lie together: mostly they are enough.
        var heavierCount = 0
        forEachChunk(from: first) { heavierCount += count(chunks.weights(of: $0) .>= own) }
        if heavierCount <= shape.shownCount { return true }
        var largerCount = 0, equalCount = 0
        forEachChunk(from: first) { chunk in
            read(chunk, oldest, at: instant, into: &sizes)
            largerCount += count(sizes.sizes .> own .& sizes.isSeen)
            equalCount += count(sizes.sizes .== own .& sizes.isSeen)
        }
        if largerCount >= shape.shownCount { return false }
        // It is one of the equal ones itself.
        return largerCount + equalCount <= shape.shownCount || shown(of: source, at: instant).contains(place)
    }

    @inline(__always)
    private func count(_ mask: SIMDMask<SIMD16<Int64>>) -> Int {
        Int(SIMD16<Int64>.zero.replacing(with: 1, where: mask).wrappedSum())
    }

    private func errors(of chunk: Int) -> SIMD16<Double> {
        var errors = SIMD16<Double>.zero
        for place in 0..<FlowChunks.places { errors[place] = chunks[entry: chunk * FlowChunks.places + place].error }
        return errors
    }

    /// - Parameter oldest: no flow of the data source had its last sample before.
    private func read(_ chunk: Int, _ oldest: Int64, at instant: Int64, into sizes: inout ChunkSizes) {
        guard chunk != sizes.chunk else { return }
        sizes.chunk = chunk
        sizes.sizes = chunks.weights(of: chunk)
        if chunks[chunk].hasInherited { sizes.sizes -= errors(of: chunk) }
        sizes.isSeen = SIMD16<Int64>(truncatingIfNeeded: chunks.tags(of: chunk)) .!= 0
        guard instant - oldest > shape.lifetime else { return }
        sizes.isSeen .&= instant &- chunks.arrivals(of: chunk) .<= shape.lifetime
    }
}
