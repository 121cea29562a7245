// Answers that were found lately: a look-up in a file costs a microsecond, and samples repeat addresses.

package import Bytes

/// Remembers the answers of one database for the addresses seen last.
///
/// Apart from the database, which many threads share: a cache has one owner, such as the executor of a shard, and so
/// needs no lock. A set-associative table, as in a processor's cache: an address has four slots to be in, and a new one
/// takes the slot of the four that was written longest ago. Lookup is O(1) and memory fixed, whatever addresses come;
/// those chosen to collide cost a lookup each and nothing more. (One slot an address would be simpler and misses a
/// fifth of the time when a quarter of it is in use.)
package struct AddressCache<Database: AddressLookup>: ~Copyable {
    private struct Slot {
        let address: IPAddress
        /// Nil: the database has no answer, which is worth remembering too.
        let answer: Database.Answer?
    }

    private static var ways: Int { 4 }

    /// Set by set, `ways` slots each.
    private var slots: [Slot?]
    /// For each set, the slot that is overwritten next: 0 to `ways` - 1.
    private var oldest: [UInt8]
    private var generation: Int?
    package private(set) var hitCount: UInt64 = 0
    package private(set) var missCount: UInt64 = 0

    /// - Parameter slotCount: rounded up to a power of two, 4 to 2^20. The default, 4096, holds the addresses of the
    ///   flows that one shard sees within seconds, in about 300 kB.
    package init(slotCount: Int = 4096) {
        var rounded = Self.ways
        while rounded < min(slotCount, 1 << 20) { rounded *= 2 }
        slots = Array(repeating: nil, count: rounded)
        oldest = Array(repeating: 0, count: rounded / Self.ways)
    }

    /// The answer of `database`, from memory where it was given before. All remembered answers are dropped when the
    /// database has been replaced since the last call.
    package mutating func answer(for address: IPAddress, in database: Database) -> Database.Answer? {
        if database.generation != generation {
            generation = database.generation
            for index in slots.indices { slots[index] = nil }
        }
        let set = Int(truncatingIfNeeded: address.stableHash) & (oldest.count - 1)
        let first = set * Self.ways
        for index in first..<(first + Self.ways) {
            guard let slot = slots[index], slot.address == address else { continue }
            hitCount &+= 1
            return slot.answer
        }
        missCount &+= 1
        let answer = database.answer(for: address)
        slots[first + Int(oldest[set])] = Slot(address: address, answer: answer)
        oldest[set] = (oldest[set] + 1) % UInt8(Self.ways)
        return answer
    }
}
