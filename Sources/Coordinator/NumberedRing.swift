// Numbers records as they come and keeps the newest ones. Pure: no lock, no waiting.

/// A record with its number.
package struct Numbered<Record: Sendable>: Sendable {
    package let id: Int64
    package let record: Record

    package init(id: Int64, record: Record) {
        self.id = id
        self.record = record
    }
}

extension Numbered: Equatable where Record: Equatable {}

package struct NumberedRing<Record: Sendable>: Sendable {
    /// In a circle; numbers grow from the oldest on, by one unless somebody has set `nextID`.
    private var slots: [Numbered<Record>] = []
    private var oldest = 0
    private let capacity: Int
    /// Number of the next record; they start at 0.
    package var nextID: Int64 = 0

    /// - Parameter capacity: records that are kept, at least one.
    package init(capacity: Int) { self.capacity = max(1, capacity) }

    package mutating func append(_ record: Record) {
        let numbered = Numbered(id: nextID, record: record)
        if slots.count < capacity {
            slots.append(numbered)
        } else {
            slots[oldest] = numbered
            oldest = (oldest + 1) % capacity
        }
        nextID += 1
    }

    package mutating func clear() { (slots, oldest) = ([], 0) }

    /// Oldest first.
    package var kept: [Numbered<Record>] { Array(slots[oldest...] + slots[..<oldest]) }

    /// The newest records that are kept, newest first.
    /// - Parameters:
    ///   - id: only records with a larger number; nil for all. A number that was never given out counts as -1: it comes from
    ///     a client that has seen an earlier run of the server, and would else wait for ever.
    ///   - limit: at most so many; nil for all.
    package func newest(after id: Int64?, limit: Int?, where isWanted: (Record) -> Bool) -> [Numbered<Record>] {
        let after = id.map { $0 >= nextID ? -1 : $0 } ?? -1
        var found: [Numbered<Record>] = []
        for place in slots.indices.reversed() {
            let numbered = slots[(oldest + place) % slots.count]
            guard numbered.id > after, found.count < limit ?? .max else { break }
            if isWanted(numbered.record) { found.append(numbered) }
        }
        return found
    }
}
