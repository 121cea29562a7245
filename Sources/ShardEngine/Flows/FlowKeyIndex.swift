// Flows by key across the tables of many agents: a number for each, found again at any table's place without making the
// key's bytes. Tables of one process have the same hash of a key, of which each place keeps a tag.

internal import Bytes

/// Keys with numbers, from 0 in the order in which they came; open addressing by tag.
struct FlowKeyIndex: Sendable {
    private struct Key: Sendable, BitwiseCopyable {
        let tag: UInt32
        let byteCount: UInt16
        /// The first eight bytes, the next eight, and where the others are in `words`.
        let start: UInt64
        let rest: UInt64
        let furtherStart: Int

        /// Words behind the first sixteen bytes.
        var furtherCount: Int { max(0, FlowTable.restWords(byteCount) - 1) }
    }

    private var keys: [Key] = []
    private var words: [UInt64] = []
    /// Numbers of keys, or -1; a power of two of them, at most half of them in use.
    private var slots: [Int32] = Array(repeating: -1, count: 64)

    var count: Int { keys.count }

    /// What the tables' places have of each key's hash.
    var tags: [UInt32] { keys.map(\.tag) }

    /// The number of the key that a flow has; nil for one that is not here.
    @inline(__always)
    func number(ofKeyAt place: Int, in table: borrowing FlowTable) -> Int? {
        let tag = table.chunks[tag: place]
        var slot = first(tag)
        while slots[slot] >= 0 {
            let number = Int(slots[slot])
            if keys[number].tag == tag, isKey(keys[number], at: place, in: table) { return number }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    /// The number that a key of this tag has most likely; -1 for one that is not here, or was not.
    @inline(__always)
    func likelyNumber(_ tag: UInt32) -> Int32 { slots[first(tag)] }

    /// As above.
    /// - Parameter likely: what was the likely number lately.
    @inline(__always)
    func number(ofKeyAt place: Int, in table: borrowing FlowTable, likely: Int32) -> Int? {
        if likely >= 0, keys[Int(likely)].tag == table.chunks[tag: place], isKey(keys[Int(likely)], at: place, in: table) {
            return Int(likely)
        }
        return number(ofKeyAt: place, in: table)
    }

    /// Adds the key of a flow, which is not here yet.
    mutating func insert(keyAt place: Int, in table: borrowing FlowTable) -> Int {
        let entry = table.chunks[entry: place]
        let furtherStart = words.count
        let restWords = FlowTable.restWords(entry.keyBytes)
        if restWords > 1 { for index in 1..<restWords { words.append(table.restWord(index, of: entry)) } }
        return insert(
            Key(
                tag: table.chunks[tag: place], byteCount: entry.keyBytes, start: entry.keyStart,
                rest: restWords > 0 ? table.restWord(0, of: entry) : 0, furtherStart: furtherStart))
    }

    /// The number here of a key of another index; nil for one that is not here.
    func number(of key: Int, in other: FlowKeyIndex) -> Int? {
        let wanted = other.keys[key]
        var slot = first(wanted.tag)
        while slots[slot] >= 0 {
            let number = Int(slots[slot])
            if keys[number].tag == wanted.tag, order(number, key, in: other) == 0 { return number }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    /// Adds a key of another index, which is not here yet.
    mutating func insert(_ key: Int, of other: FlowKeyIndex) -> Int {
        let new = other.keys[key], furtherStart = words.count
        words += other.words[new.furtherStart..<new.furtherStart + new.furtherCount]
        return insert(
            Key(tag: new.tag, byteCount: new.byteCount, start: new.start, rest: new.rest, furtherStart: furtherStart))
    }

    /// Less than 0 when a key comes before one of another index, 0 when they are the same: bytewise, a beginning before what
    /// it begins.
    func order(_ key: Int, _ otherKey: Int, in other: FlowKeyIndex) -> Int {
        let (a, b) = (keys[key], other.keys[otherKey])
        if a.start != b.start { return a.start < b.start ? -1 : 1 }
        if a.rest != b.rest { return a.rest < b.rest ? -1 : 1 }
        for index in 0..<min(a.furtherCount, b.furtherCount) {
            let (left, right) = (words[a.furtherStart + index], other.words[b.furtherStart + index])
            if left != right { return left < right ? -1 : 1 }
        }
        return Int(a.byteCount) - Int(b.byteCount)
    }

    /// The bytes of a key.
    func key(_ number: Int) -> [UInt8] {
        let key = keys[number]
        return (0..<Int(key.byteCount)).map { index in
            let word = index < 8 ? key.start : index < 16 ? key.rest : words[key.furtherStart + index / 8 - 2]
            return UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * (index % 8)))
        }
    }

    /// Adds a key, which is not here yet.
    /// - Parameter hash: what tables have of it.
    mutating func insert(_ key: RawSpan, hash: UInt64) -> Int {
        let furtherStart = words.count
        for offset in stride(from: 16, to: key.byteCount, by: 8) { words.append(key.bigEndianWord(at: offset)) }
        return insert(
            Key(
                tag: FlowTable.tag(hash: hash, keyBytes: key.byteCount), byteCount: UInt16(truncatingIfNeeded: key.byteCount),
                start: key.bigEndianWord(at: 0), rest: key.bigEndianWord(at: 8), furtherStart: furtherStart))
    }

    private mutating func insert(_ key: Key) -> Int {
        keys.append(key)
        if 2 * keys.count > slots.count {
            slots = Array(repeating: -1, count: 2 * slots.count)
            for number in keys.indices { enter(number) }
        } else {
            enter(keys.count - 1)
        }
        return keys.count - 1
    }

    private mutating func enter(_ number: Int) {
        var slot = first(keys[number].tag)
        while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = Int32(truncatingIfNeeded: number)
    }

    /// The lowest bits of a tag are no part of the hash.
    private func first(_ tag: UInt32) -> Int { Int(tag >> 2) & (slots.count - 1) }

    @inline(__always)
    private func isKey(_ key: Key, at place: Int, in table: borrowing FlowTable) -> Bool {
        let entry = table.chunks[entry: place]
        guard entry.keyBytes == key.byteCount, entry.keyStart == key.start else { return false }
        let restWords = FlowTable.restWords(key.byteCount)
        guard restWords > 0 else { return true }
        guard table.restWord(0, of: entry) == key.rest else { return false }
        for index in 1..<max(1, restWords) where table.restWord(index, of: entry) != words[key.furtherStart + index - 1] {
            return false
        }
        return true
    }
}
