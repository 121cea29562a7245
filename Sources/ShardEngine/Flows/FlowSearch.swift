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
        if state.flow.isRate {
            state.table.findShown(filter.span, index, at: instant, &candidates, into: &finds)
        } else {
            findShown(state, at: instant)
        }
    }

    /// Where the value is no rate, the table does not know who is larger.
    private mutating func findShown(_ state: FlowState, at instant: Int64) {
        let filter = filter
        for chunk in 0..<state.table.chunks.count {
            Candidates(chunk, in: state.table, filter.span).forEach { place in
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
    @inline(__always)
    fileprivate init(_ chunk: Int, in table: borrowing FlowTable, _ filter: Span<UInt64>) {
        self.chunk = Int32(truncatingIfNeeded: chunk)
        places = table.chunks.lines(of: chunk).places(withTagIn: filter)
    }

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
    /// How many chunks before a chunk its tags are fetched, and by how many what is found there waits for the rest.
    private static let tagsAhead = 8, chunksWaiting = 8

    /// Finds flows that answers see. Of a chunk only the tags are read at first; what is needed of the places whose tags may
    /// be meant is fetched while other chunks are looked at: waiting for one line after the other would take several times
    /// as long.
    /// - Parameter candidates: to be reused.
    fileprivate func findShown(
        _ filter: Span<UInt64>, _ index: FlowKeyIndex, at instant: Int64, _ candidates: inout [FlowSearch.Candidates],
        into finds: inout [FlowSearch.Find]
    ) {
        candidates.removeAll(keepingCapacity: true)
        var nextWaiting = 0
        for chunk in 0..<chunks.count + FlowTable.chunksWaiting {
            if chunk + FlowTable.tagsAhead < chunks.count { chunks.lines(of: chunk + FlowTable.tagsAhead).prefetchHead() }
            if chunk < chunks.count {
                let found = FlowSearch.Candidates(chunk, in: self, filter)
                if found.places != 0 {
                    candidates.append(found)
                    chunks.prefetch(chunk)
                }
            }
            guard nextWaiting < candidates.count, Int(candidates[nextWaiting].chunk) + FlowTable.chunksWaiting <= chunk
            else { continue }
            candidates[nextWaiting].forEach { place in
                guard let key = index.number(ofKeyAt: place, in: self) else { return }
                let source = Int(chunks[entry: place].source)
                if isShown(place, source, at: instant) { finds.append(FlowSearch.Find(place, key: key, source: source)) }
            }
            nextWaiting += 1
        }
    }

    /// Whether a flow is among those of its data source that answers see.
    private func isShown(_ place: Int, _ source: Int, at instant: Int64) -> Bool {
        let first = Int(chunkOfSource[source]), head = chunks.lines(of: first).head
        let mayHaveExpired = instant - head.oldest > shape.lifetime
        guard !mayHaveExpired || isVisible(place, asOf: instant) else { return false }
        guard head.count > shape.shownCount else { return true }
        let own = own(place)
        var (largerCount, equalCount) = (0, 0)
        forEachChunk(from: first) { chunk in
            let lines = chunks.lines(of: chunk)
            let seen = seen(in: lines, asOf: mayHaveExpired ? instant : nil)
            let (more, asMuch) = lines.places(owning: own)
            largerCount += (more & seen).nonzeroBitCount
            equalCount += (asMuch & ~more & seen).nonzeroBitCount
        }
        if largerCount >= shape.shownCount { return false }
        // It is one of the equal ones itself.
        return largerCount + equalCount <= shape.shownCount || shown(of: source, at: instant).contains(place)
    }
}
