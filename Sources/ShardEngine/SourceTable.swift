// The data sources of an agent, found by their names. Every agent has one, and most have some fifty sources: a dictionary of them would
// take as much memory as a tenth of their counters.

/// Open addressing with linear probing (Knuth, The Art of Computer Programming, volume 3, section 6.4, algorithm L). Names are
/// never removed. At most half of the slots are taken. Complexity: O(1) expected.
struct SourceTable: Sendable {
    /// In order of appearance.
    private(set) var names: [SourceName] = []
    /// Place + 1 of a name, 0 when the slot is free. A power of two of slots.
    private var slots: [UInt16] = Array(repeating: 0, count: 8)

    func place(of name: SourceName) -> Int? {
        let found = slots[slot(of: name)]
        return found == 0 ? nil : Int(found) - 1
    }

    /// Adds a name that is not there yet, and says its place.
    /// - Precondition: there are fewer than `Limits.sourcesPerAgent`.
    mutating func add(_ name: SourceName) -> Int {
        if names.count == names.capacity { names.reserveCapacity(names.count + max(4, names.count / 8)) }
        names.append(name)
        if names.count * 2 > slots.count {
            slots = Array(repeating: 0, count: slots.count * 2)
            for place in names.indices { insert(place) }
        } else {
            insert(names.count - 1)
        }
        return names.count - 1
    }

    private mutating func insert(_ place: Int) { slots[slot(of: names[place])] = UInt16(clamping: place + 1) }

    /// Where a name stands, or is to stand. Hashes are seeded: agents choose the names, and must not choose collisions.
    private func slot(of name: SourceName) -> Int {
        var slot = name.hashValue & (slots.count - 1)
        while slots[slot] != 0, names[Int(slots[slot]) - 1] != name { slot = (slot + 1) & (slots.count - 1) }
        return slot
    }
}
