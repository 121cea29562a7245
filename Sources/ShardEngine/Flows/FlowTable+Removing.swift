// How flows leave a table: the smallest for a new one, the silent ones for good.

extension FlowTable {
    /// Makes room by removing a flow that has expired, whatever it weighs, or else the smallest one; and says what the new
    /// one inherits: nothing from one that has expired. So it does not matter when the last clean-up was.
    /// Complexity: linear in the capacity, over memory in order.
    mutating func evict(_ chunk: Int, asOf arrival: Int64) -> (place: Int, inherited: Double) {
        if arrival - chunks[chunk].oldest > shape.lifetime, let expired = findExpired(chunk, asOf: arrival) {
            remove(expired, chunk)
            return (expired, 0)
        }
        let smallest = smallest(chunk)
        let inherited = chunks[weight: smallest]
        remove(smallest, chunk)
        return (smallest, inherited)
    }

    private mutating func findExpired(_ first: Int, asOf arrival: Int64) -> Int? {
        var expired: Int?
        var oldest = arrival
        forEachChunk(from: first) { chunk in
            let lines = chunks.lines(of: chunk)
            for index in 0..<FlowChunks.places where lines[tag: index] != 0 {
                oldest = min(oldest, lines[arrival: index])
                if arrival - lines[arrival: index] > shape.lifetime { expired = chunk * FlowChunks.places + index }
            }
        }
        chunks[first].oldest = oldest
        return expired
    }

    /// By weight, errors included; of equal ones the last by key. Of a data source that is full.
    private func smallest(_ first: Int) -> Int {
        var smallest = -1
        var weight = Double.infinity
        forEachChunk(from: first) { chunk in
            let lines = chunks.lines(of: chunk)
            let free = lines.places(withTag: 0)
            // Free places may weigh anything: where there are some the others are looked at one by one.
            var places = free == 0 ? lines.places(withWeight: lines.leastWeight) : ~free & 0xFFFF
            while places != 0 {
                let place = chunk * FlowChunks.places + places.trailingZeroBitCount
                places &= places - 1
                let own = lines[weight: place]
                guard own <= weight else { continue }
                if own < weight || smallest < 0 || isKey(of: smallest, before: place) { (smallest, weight) = (place, own) }
            }
        }
        return smallest
    }

    /// Removes flows that no query can see any more. Only memory changes.
    mutating func removeExpired(asOf arrival: Int64) {
        for source in chunkOfSource.indices where chunkOfSource[source] != FlowTable.none {
            let chunk = Int(chunkOfSource[source])
            for place in places(from: chunk) where !isVisible(place, asOf: arrival) { release(place, chunk) }
            if chunks[chunk].count == 0 {
                chunkOfSource[source] = FlowTable.none
                releaseChunks(from: Int32(truncatingIfNeeded: chunk))
            } else {
                if chunks[tag: Int(chunks[chunk].top)] == 0 { findTop(chunk) }
                releaseEmptyChunks(behind: chunk)
            }
        }
        if keys.isMostlyFree { compactKeys() }
    }

    /// After a time in which all flows of a data source expired it begins anew, exactly as if a clean-up had been there.
    mutating func removeAll(_ chunk: Int) {
        for place in places(from: chunk) { release(place, chunk) }
        chunks[chunk].top = FlowTable.none
        if keys.isMostlyFree { compactKeys() }
    }

    private mutating func remove(_ place: Int, _ chunk: Int) {
        release(place, chunk)
        if Int(chunks[chunk].top) == place { findTop(chunk) }
        if keys.isMostlyFree { compactKeys() }
    }

    /// Frees a place. It is the caller's to look for another largest flow.
    private mutating func release(_ place: Int, _ chunk: Int) {
        releaseRest(ofKeyAt: place)
        chunks[tag: place] = 0
        chunks[chunk].count -= 1
    }

    private mutating func releaseEmptyChunks(behind first: Int) {
        var last = first
        while chunks[last].next != FlowTable.none {
            let next = chunks[last].next
            let start = Int(next) * FlowChunks.places
            if (start..<start + FlowChunks.places).allSatisfy({ chunks[tag: $0] == 0 }) {
                chunks[last].next = chunks[Int(next)].next
                chunks[Int(next)].next = FlowTable.none
                releaseChunks(from: next)
            } else {
                last = Int(next)
            }
        }
    }

    private mutating func releaseChunks(from first: Int32) {
        var chunk = first
        while chunk != FlowTable.none {
            let next = chunks[Int(chunk)].next
            chunks[Int(chunk)].next = freeChunk
            freeChunk = chunk
            chunk = next
        }
    }
}
