// An agent's sample instances, found by their keys. This runs once for every flow sample, on agents whose instances
// together are far larger than the processor's caches, so what matters is memory touched: a table of four-byte places, and
// the instance's own key, which the caller needs next anyway. A Dictionary touches its buckets and a second copy of the
// key, and hashes more slowly.

internal import SFlow

/// Open addressing with linear probing (Knuth, The Art of Computer Programming, volume 3, section 6.4, algorithm L). Entries
/// are never removed. At most half of the slots are taken. Complexity: O(1) expected.
struct InstanceTable {
    /// In order of appearance.
    private(set) var all: [SampleInstance] = []
    /// Place + 1 of an instance; 0 is free. A power of two of slots.
    private var slots = [UInt32](repeating: 0, count: 8)

    /// Differs between processes: agents choose the keys, and must not choose collisions.
    private static let seed = UInt64.random(in: .min ... .max)

    subscript(place: Int) -> SampleInstance {
        get { all[place] }
        _modify { yield &all[place] }
    }

    func place(of key: SampleInstance.Key) -> Int? {
        var slot = first(key)
        while slots[slot] != 0 {
            let place = Int(slots[slot]) - 1
            if all[place].key == key { return place }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    /// Adds an instance whose key is not there yet, and says its place.
    mutating func add(_ instance: SampleInstance) -> Int {
        all.append(instance)
        if all.count * 2 > slots.count {
            slots = [UInt32](repeating: 0, count: slots.count * 2)
            for place in all.indices { insert(place, all[place].key) }
        } else {
            insert(all.count - 1, instance.key)
        }
        return all.count - 1
    }

    private mutating func insert(_ place: Int, _ key: SampleInstance.Key) {
        var slot = first(key)
        while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = UInt32(truncatingIfNeeded: place + 1)
    }

    private func first(_ key: SampleInstance.Key) -> Int {
        Int(truncatingIfNeeded: key.mixed(with: InstanceTable.seed)) & (slots.count - 1)
    }
}

extension SampleInstance.Key {
    /// Two rounds of multiplication and folding (the finaliser of splitmix64), with the seed between the words.
    fileprivate func mixed(with seed: UInt64) -> UInt64 {
        var z = (UInt64(dataSource.classNumber) << 32 | UInt64(dataSource.index)) ^ seed
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z ^= UInt64(subAgent) << 2 | UInt64(kind.rawValue)
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
