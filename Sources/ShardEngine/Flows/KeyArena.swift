// The packed keys of a flow table, end to end: they are short and of all lengths, and an allocation for each would cost
// more than the keys.

internal import Bytes

struct KeyArena: Sendable {
    private var bytes: [UInt8] = []
    private var releasedBytes = 0

    /// Worth making anew without the keys that are gone.
    var isMostlyReleased: Bool { releasedBytes > 4_096 && releasedBytes > bytes.count / 2 }

    mutating func append(_ key: RawSpan) -> UInt32 {
        let offset = bytes.count
        // The span is valid during the call, and bytes have no invalid values.
        unsafe key.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
        return UInt32(truncatingIfNeeded: offset)
    }

    mutating func append(_ other: KeyArena, _ offset: UInt32, _ count: UInt16) -> UInt32 {
        let start = bytes.count
        bytes += other.bytes[Int(offset)..<Int(offset) + Int(count)]
        return UInt32(truncatingIfNeeded: start)
    }

    mutating func release(byteCount: Int) { releasedBytes += byteCount }

    func bytes(_ offset: UInt32, _ count: UInt16) -> [UInt8] { Array(bytes[Int(offset)..<Int(offset) + Int(count)]) }

    @inline(__always)
    func equals(_ offset: UInt32, _ count: UInt16, _ key: RawSpan) -> Bool {
        guard Int(count) == key.byteCount else { return false }
        // Bytes have no invalid values, and every read checks its bounds.
        let own = unsafe bytes.span.bytes
        var index = 0
        while index + 8 <= key.byteCount {
            guard (try? own.uint64(at: Int(offset) + index)) == (try? key.uint64(at: index)) else { return false }
            index += 8
        }
        while index < key.byteCount {
            guard (try? own.uint8(at: Int(offset) + index)) == (try? key.uint8(at: index)) else { return false }
            index += 1
        }
        return true
    }

    /// Bytewise order, a beginning before what it begins.
    func isOrdered(_ a: UInt32, _ aCount: UInt16, before b: UInt32, _ bCount: UInt16) -> Bool {
        bytes[Int(a)..<Int(a) + Int(aCount)].lexicographicallyPrecedes(bytes[Int(b)..<Int(b) + Int(bCount)])
    }
}
