// The packed keys of a table's flows: short ones in their entries, the rest of longer ones in the arena. As words whose
// first byte is the highest, keys compare as their bytes do.

internal import Bytes
internal import FlowLanguage

extension FlowTable {
    /// Bytes of a key that its entry holds.
    static let keyBytesInEntry = 12

    private static let longKeyBit: UInt32 = 2

    @inline(__always)
    static func tag(hash: UInt64, keyBytes: Int) -> UInt32 {
        UInt32(truncatingIfNeeded: hash) & ~3 | (keyBytes > keyBytesInEntry ? longKeyBit : 0) | 1
    }

    /// - Parameter bytes: of the whole key; of one that fits into its entry nothing has to be there.
    @inline(__always)
    func isKey(_ key: FlowKeyHead, _ bytes: RawSpan, in entry: Entry) -> Bool {
        guard Int(entry.keyBytes) == key.byteCount, entry.keyStart == key.start else { return false }
        if key.byteCount > FlowTable.keyBytesInEntry { return keys.equals(entry.keyRest, bytes, from: 8) }
        return entry.keyRest == UInt32(truncatingIfNeeded: key.next >> 32)
    }

    @inline(__always)
    mutating func keepRest(of key: FlowKeyHead, _ bytes: RawSpan) -> UInt32 {
        if key.byteCount > FlowTable.keyBytesInEntry { return keys.append(bytes, from: 8) }
        return UInt32(truncatingIfNeeded: key.next >> 32)
    }

    mutating func releaseRest(ofKeyAt place: Int) {
        guard chunks[tag: place] & FlowTable.longKeyBit != 0 else { return }
        keys.release(chunks[entry: place].keyRest, byteCount: Int(chunks[entry: place].keyBytes) - 8)
    }

    mutating func compactKeys() {
        var compact = KeyArena()
        for place in chunks.allPlaces where chunks[tag: place] & FlowTable.longKeyBit != 0 {
            chunks[entry: place].keyRest = compact.append(
                keys, chunks[entry: place].keyRest, byteCount: Int(chunks[entry: place].keyBytes) - 8)
        }
        keys = compact
    }

    /// Bytewise order, a beginning before what it begins.
    func isKey(of a: Int, before b: Int) -> Bool {
        let (one, other) = (chunks[entry: a], chunks[entry: b])
        guard one.keyStart == other.keyStart else { return one.keyStart < other.keyStart }
        for index in 0..<FlowTable.restWords(min(one.keyBytes, other.keyBytes)) {
            let (left, right) = (restWord(index, of: one), restWord(index, of: other))
            if left != right { return left < right }
        }
        return one.keyBytes < other.keyBytes
    }

    func key(of place: Int) -> [UInt8] {
        let entry = chunks[entry: place]
        return (0..<Int(entry.keyBytes)).map { index in
            let word = index < 8 ? entry.keyStart : restWord(index / 8 - 1, of: entry)
            return UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * (index % 8)))
        }
    }

    /// Words behind the first eight bytes.
    static func restWords(_ keyBytes: UInt16) -> Int { max(0, Int(keyBytes) - 8 + 7) / 8 }

    func restWord(_ index: Int, of entry: Entry) -> UInt64 {
        guard entry.keyBytes > FlowTable.keyBytesInEntry else { return index == 0 ? UInt64(entry.keyRest) << 32 : 0 }
        return keys.word(index, of: entry.keyRest, byteCount: Int(entry.keyBytes) - 8)
    }
}

extension FlowKeyHead {
    init(_ key: RawSpan, hash: UInt64) {
        self.init(hash: hash, start: key.bigEndianWord(at: 0), next: key.bigEndianWord(at: 8), byteCount: key.byteCount)
    }
}
