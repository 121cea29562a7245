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
    /// One bit for each tag by its highest bits: nearly all flows that are not meant are told apart here. 8 KB of bits for a
    /// hundred keys and more, so that about one of a thousand other flows passes: no more than the processor's nearest
    /// cache holds.
    fileprivate let filter: [UInt64]
    /// Reused: chunks with places whose tags passed the filter, and of them what was found.
    private var candidates: [Candidates] = []
    package private(set) var finds: [Find] = []

    /// Places of a chunk, the lowest bit for the first.
    fileprivate struct Candidates: BitwiseCopyable {
        let chunk: Int32
        let places: UInt32
    }

    /// - Parameter flow: the definition in force whose tables are searched.
    package init(_ keys: [[UInt8]], of flow: ActiveFlow) {
        var index = FlowKeyIndex()
        // Bytes have no invalid values.
        for key in keys { _ = index.insert(unsafe key.span.bytes, hash: flow.compiled.keyHash(key)) }
        var filter = [UInt64](repeating: 0, count: FlowChunkLines.tagSetWords)
        for tag in index.tags { filter[Int(tag >> 22)] |= 1 << UInt64(tag >> 16 & 63) }
        self.index = index
        self.filter = filter
    }

    /// Looks through an agent's flows, as far as answers see them: `finds` has those found, until the next time.
    package mutating func look(through view: AgentView, flow: Int) {
        finds.removeAll(keepingCapacity: true)
        guard let state = view.agent.flow(flow) else { return }
        let instant = view.instant.nanoseconds
        let filter = filter
        state.table.filter(filter.span, into: &candidates)
        if state.flow.isRate {
            state.table.findShown(candidates, index, at: instant, into: &finds)
        } else {
            findShown(state, at: instant)
        }
    }

    /// Where the value is no rate, the table does not know who is larger.
    private mutating func findShown(_ state: FlowState, at instant: Int64) {
        for candidates in candidates {
            candidates.forEach { place in
                guard let key = index.number(ofKeyAt: place, in: state.table) else { return }
                let source = Int(state.table.chunks[entry: place].source)
                if state.shown(source: source, at: instant).contains(where: { $0.place == place }) {
                    finds.append(Find(place, key: key, source: source))
                }
            }
        }
    }
}

extension FlowSearch.Candidates {
    /// Calls with each place.
    @inline(__always)
    fileprivate func forEach(_ body: (_ place: Int) -> Void) {
        var places = places
        while places != 0 {
            body(Int(chunk) * FlowChunks.places + places.trailingZeroBitCount)
            places &= places - 1
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
    /// How many chunks before a chunk its tags are fetched.
    private static let tagsAhead = 8

    /// The places whose tags may be meant. What is needed of them next is fetched meanwhile, many lines at a time: waiting
    /// for one after the other would take several times as long.
    fileprivate func filter(_ filter: Span<UInt64>, into candidates: inout [FlowSearch.Candidates]) {
        candidates.removeAll(keepingCapacity: true)
        for chunk in 0..<min(FlowTable.tagsAhead, chunks.count) { chunks.lines(of: chunk).prefetchHead() }
        for chunk in 0..<chunks.count {
            if chunk + FlowTable.tagsAhead < chunks.count { chunks.lines(of: chunk + FlowTable.tagsAhead).prefetchHead() }
            let places = chunks.lines(of: chunk).places(withTagIn: filter)
            guard places != 0 else { continue }
            candidates.append(FlowSearch.Candidates(chunk: Int32(truncatingIfNeeded: chunk), places: places))
            chunks.prefetch(chunk)
        }
    }

    fileprivate func findShown(
        _ candidates: [FlowSearch.Candidates], _ index: FlowKeyIndex, at instant: Int64, into finds: inout [FlowSearch.Find]
    ) {
        for candidates in candidates {
            candidates.forEach { place in
                guard let key = index.number(ofKeyAt: place, in: self) else { return }
                let source = Int(chunks[entry: place].source)
                if isShown(place, source, at: instant) { finds.append(FlowSearch.Find(place, key: key, source: source)) }
            }
        }
    }

    /// Whether a flow is among those of its data source that answers see.
    private func isShown(_ place: Int, _ source: Int, at instant: Int64) -> Bool {
        let first = Int(chunkOfSource[source]), head = chunks.lines(of: first).head
        let mayHaveExpired = instant - head.oldest > shape.lifetime
        guard !mayHaveExpired || isVisible(place, asOf: instant) else { return false }
        guard head.count > shape.shownCount else { return true }
        // A weight is what is a flow's own or more, and weights lie together: mostly they are enough.
        let own = own(place)
        var openCount = -1
        forEachChunk(from: first) { openCount += places(weighing: own, in: $0).nonzeroBitCount }
        if openCount < shape.shownCount { return true }
        return hasRank(place, own, from: first, openCount, mayHaveExpired ? instant : .min)
    }

    /// Whether fewer flows than answers see come before a flow.
    /// - Parameter openCount: others that weigh as much as it has of its own.
    private func hasRank(_ place: Int, _ own: Double, from first: Int, _ openCount: Int, _ instant: Int64) -> Bool {
        var (aheadCount, openCount) = (0, openCount)
        var chunk = Int32(truncatingIfNeeded: first)
        while chunk != FlowTable.none {
            let lines = chunks.lines(of: Int(chunk))
            var others = places(weighing: own, in: Int(chunk))
            while others != 0 {
                let other = Int(chunk) * FlowChunks.places + others.trailingZeroBitCount
                others &= others - 1
                guard other != place else { continue }
                openCount -= 1
                if isLarger(other, than: place), instant == .min || isVisible(other, asOf: instant) { aheadCount += 1 }
                if aheadCount >= shape.shownCount { return false }
                if aheadCount + openCount < shape.shownCount { return true }
            }
            chunk = lines.head.next
        }
        return true
    }

    /// The flows of a chunk that weigh as much or more, errors included: the lowest bit for the first place.
    @inline(__always)
    private func places(weighing weight: Double, in chunk: Int) -> UInt32 {
        let lines = chunks.lines(of: chunk)
        return lines.places(weighing: weight) & ~lines.places(withTag: 0)
    }
}
