// The hash index of a flow table: open addressing with linear probing over places of entries. The entries hold the
// hashes; the index only says where to look. Hashes are seeded, so that nobody can choose keys that collide.

struct FlowIndex: Sendable {
    /// Places of entries, -1 for none; a power of two of them, or none at all.
    private var slots: [Int32] = []
    private var count = 0

    /// The first entry with this hash that `isWanted`.
    @inline(__always)
    func find(hash: UInt64, in entries: [FlowTable.Entry], where isWanted: (Int) -> Bool) -> Int? {
        guard !slots.isEmpty else { return nil }
        var slot = home(hash)
        while slots[slot] != FlowTable.none {
            let place = Int(slots[slot])
            if entries[place].hash == hash, isWanted(place) { return place }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    mutating func insert(_ place: Int, hash: UInt64, entries: [FlowTable.Entry]) {
        if (count + 1) * 3 > slots.count * 2 { grow(entries) }
        put(place, hash: hash)
        count += 1
    }

    /// Removes an entry and moves back those behind it that the hole would cut off (Knuth, TAOCP volume 3, section 6.4,
    /// algorithm R).
    mutating func remove(_ place: Int, entries: [FlowTable.Entry]) {
        let mask = slots.count - 1
        var hole = home(entries[place].hash)
        while slots[hole] != Int32(truncatingIfNeeded: place) {
            guard slots[hole] != FlowTable.none else { return }
            hole = (hole + 1) & mask
        }
        var slot = hole
        while true {
            slot = (slot + 1) & mask
            guard slots[slot] != FlowTable.none else { break }
            let distance = (slot - home(entries[Int(slots[slot])].hash)) & mask
            if distance >= (slot - hole) & mask {
                slots[hole] = slots[slot]
                hole = slot
            }
        }
        slots[hole] = FlowTable.none
        count -= 1
    }

    private func home(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash) & (slots.count - 1) }

    private mutating func put(_ place: Int, hash: UInt64) {
        var slot = home(hash)
        while slots[slot] != FlowTable.none { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = Int32(truncatingIfNeeded: place)
    }

    private mutating func grow(_ entries: [FlowTable.Entry]) {
        let old = slots
        slots = [Int32](repeating: FlowTable.none, count: max(16, old.count * 2))
        for place in old where place != FlowTable.none { put(Int(place), hash: entries[Int(place)].hash) }
    }
}
