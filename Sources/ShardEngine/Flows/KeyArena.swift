// The packed keys of a flow table, end to end: they are short and of all lengths, and an allocation for each would cost
// more than the keys. A table's entry holds the first eight bytes of its key itself, and four more of a key that ends
// there, such as a pair of IPv4 addresses; the arena has the rest of longer ones.

internal import Bytes

/// Runs of words, free ones listed by their length: in the steady state each new key takes the place of one that has gone.
struct KeyArena: ~Copyable {
    /// Of a free run the first word says where the next one is, as an offset + 1.
    private var words = Slab<UInt64>()
    /// The first free run of each length, as an offset + 1; 0 for none.
    private var free: [UInt32] = []
    private var freeCount = 0

    /// Worth making anew without the keys that are gone.
    var isMostlyFree: Bool { freeCount > 512 && freeCount > words.count / 2 }

    /// Keeps a key's bytes from `start` on, and says where.
    mutating func append(_ key: RawSpan, from start: Int) -> UInt32 {
        let count = KeyArena.wordCount(key.byteCount - start)
        let run = take(count)
        for index in 0..<count { words[run + index] = key.bigEndianWord(at: start + 8 * index) }
        return UInt32(truncatingIfNeeded: run)
    }

    /// Keeps a run of another arena.
    mutating func append(_ other: borrowing KeyArena, _ run: UInt32, byteCount: Int) -> UInt32 {
        let count = KeyArena.wordCount(byteCount)
        let new = take(count)
        for index in 0..<count { words[new + index] = other.words[Int(run) + index] }
        return UInt32(truncatingIfNeeded: new)
    }

    mutating func release(_ run: UInt32, byteCount: Int) {
        let count = KeyArena.wordCount(byteCount)
        if count >= free.count { free += repeatElement(0, count: count + 1 - free.count) }
        words[Int(run)] = UInt64(free[count])
        free[count] = run + 1
        freeCount += count
    }

    /// Whether a run holds the key's bytes from `start` on. The key must have as many bytes.
    func equals(_ run: UInt32, _ key: RawSpan, from start: Int) -> Bool {
        for index in 0..<KeyArena.wordCount(key.byteCount - start)
        where words[Int(run) + index] != key.bigEndianWord(at: start + 8 * index) {
            return false
        }
        return true
    }

    /// Eight bytes of a run, the first one highest; beyond its end zero.
    func word(_ index: Int, of run: UInt32, byteCount: Int) -> UInt64 {
        index < KeyArena.wordCount(byteCount) ? words[Int(run) + index] : 0
    }

    private mutating func take(_ count: Int) -> Int {
        guard count < free.count, free[count] != 0 else {
            words.append(repeating: 0, count: count)
            return words.count - count
        }
        let run = Int(free[count]) - 1
        free[count] = UInt32(truncatingIfNeeded: words[run])
        freeCount -= count
        return run
    }

    private static func wordCount(_ byteCount: Int) -> Int { (byteCount + 7) / 8 }
}

extension RawSpan {
    /// Eight bytes, the first one highest, so that words are ordered as their bytes; zero where there are none.
    @inline(__always)
    func bigEndianWord(at offset: Int) -> UInt64 {
        if let word = try? uint64(at: offset) { return word }
        guard offset < byteCount else { return 0 }
        // The last bytes: of eight that end with them, or one by one.
        if let word = try? uint64(at: byteCount - 8) { return word << UInt64(8 * (8 - (byteCount - offset))) }
        var word: UInt64 = 0
        for place in 0..<byteCount - offset {
            word |= UInt64((try? uint8(at: offset + place)) ?? 0) << UInt64(56 - 8 * place)
        }
        return word
    }
}
