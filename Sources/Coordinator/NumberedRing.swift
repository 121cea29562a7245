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
    /// The record numbered `id` is at `id mod capacity`.
    private var slots: [Record] = []
    private let capacity: Int
    /// Number of the next record; they start at 0.
    package private(set) var nextID: Int64 = 0

    /// - Parameter capacity: records that are kept, at least one.
    package init(capacity: Int) { self.capacity = max(1, capacity) }

    package mutating func append(_ record: Record) {
        if slots.count < capacity {
            slots.append(record)
        } else {
            slots[Int(nextID % Int64(capacity))] = record
        }
        nextID += 1
    }

    /// The newest records that are kept, newest first.
    /// - Parameters:
    ///   - id: only records with a larger number; nil for all. A number that was never given out counts as -1: it comes from
    ///     a client that has seen an earlier run of the server, and would else wait for ever.
    ///   - limit: at most so many; nil for all.
    package func newest(after id: Int64?, limit: Int?, where isWanted: (Record) -> Bool) -> [Numbered<Record>] {
        let after = id.map { $0 >= nextID ? -1 : $0 } ?? -1
        let first = max(nextID - Int64(slots.count), after < 0 ? 0 : after + 1)
        var found: [Numbered<Record>] = []
        var next = nextID - 1
        while next >= first, found.count < limit ?? .max {
            let record = slots[Int(next % Int64(capacity))]
            if isWanted(record) { found.append(Numbered(id: next, record: record)) }
            next -= 1
        }
        return found
    }
}
