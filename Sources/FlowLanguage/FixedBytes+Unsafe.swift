// The memory into which keys are packed and texts are written: reserved once, filled again for each sample.
//
// The one place of this module that handles memory itself. A Swift array would check at each byte that nobody else
// holds it; here that is known, since the owner cannot be copied. Every write checks the capacity first: what does not
// fit is left out, whole or, for runs of bytes, in part. `slackBytes` behind the capacity make eight-byte reads and
// writes of a shorter rest stay inside the reservation.

internal import Bytes

/// A bounded run of bytes.
///
/// ```
/// base            base + count            base + capacity      + slackBytes
///   | bytes in use     | free                    | never in use     |
/// ```
/// Sendable although it holds a pointer: there is one owner, and the memory goes where it goes.
@safe
struct FixedBytes: ~Copyable, @unchecked Sendable {
    private static let slackBytes = 8

    private let base: UnsafeMutableRawPointer
    let capacity: Int
    /// Bytes in use; never more than the capacity.
    private(set) var count = 0

    init(capacity: Int) {
        precondition(capacity > 0)
        self.capacity = capacity
        unsafe base = UnsafeMutableRawPointer.allocate(byteCount: capacity + FixedBytes.slackBytes, alignment: 16)
        unsafe base.initializeMemory(as: UInt8.self, repeating: 0, count: capacity + FixedBytes.slackBytes)
    }

    deinit { unsafe base.deallocate() }

    var free: Int { capacity &- count }

    @inline(__always)
    mutating func removeAll() { count = 0 }

    /// Drops everything from `newCount` on.
    mutating func truncate(to newCount: Int) {
        if newCount >= 0, newCount < count { count = newCount }
    }

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        guard count < capacity else { return }
        // In bounds: count < capacity.
        unsafe base.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count &+= 1
    }

    /// The `byteCount` highest bytes of `word`, highest first; nothing when they do not fit.
    @inline(__always)
    mutating func append(highBytesOf word: UInt64, _ byteCount: Int) {
        guard byteCount >= 0, byteCount <= 8, byteCount <= capacity &- count else { return }
        // In bounds: count + 8 <= capacity + slackBytes.
        unsafe base.storeBytes(of: word.bigEndian, toByteOffset: count, as: UInt64.self)
        count &+= byteCount
    }

    /// As many of the bytes as fit.
    mutating func append(_ bytes: RawSpan) {
        let kept = min(bytes.byteCount, free)
        guard kept > 0 else { return }
        let target = unsafe base + count
        // In bounds: `kept` is at most what the source has and what is free here; the two never overlap, since a span
        // of this memory is only lent while this is borrowed.
        unsafe bytes.withUnsafeBytes { source in
            guard let start = source.baseAddress else { return }
            unsafe target.copyMemory(from: start, byteCount: kept)
        }
        count &+= kept
    }

    mutating func append(_ bytes: [UInt8]) {
        // The span of an array is only lent here.
        unsafe append(bytes.span.bytes)
    }

    /// Bytes of this buffer once more; as many as fit.
    mutating func appendCopy(of range: Range<Int>) {
        guard range.lowerBound >= 0, range.upperBound <= count else { return }
        let kept = min(range.count, free)
        // In bounds: `range` is in use, `kept` is free. Old and new bytes do not overlap.
        unsafe (base + count).copyMemory(from: base + range.lowerBound, byteCount: kept)
        count &+= kept
    }

    /// Bytes of another buffer; as many as fit.
    mutating func append(_ range: Range<Int>, of other: borrowing FixedBytes) {
        guard range.lowerBound >= 0, range.upperBound <= other.count else { return }
        let kept = min(range.count, free)
        // In bounds on both sides, as above; two owners, two reservations.
        unsafe (base + count).copyMemory(from: other.base + range.lowerBound, byteCount: kept)
        count &+= kept
    }

    @inline(__always)
    subscript(index: Int) -> UInt8 {
        guard index >= 0, index < count else { return 0 }
        // In bounds: just checked.
        return unsafe base.load(fromByteOffset: index, as: UInt8.self)
    }

    /// Lends the bytes in use.
    @inline(__always)
    borrowing func withBytes<Result>(_ body: (RawSpan) -> Result) -> Result {
        // `base` is valid for `count` bytes as long as self is borrowed, and the span cannot leave the closure.
        body(unsafe RawSpan(_unsafeStart: base, byteCount: count))
    }

    /// A 64-bit hash of the bytes in use. Keys come from packets, so that anybody can choose them: `seed` is random and
    /// secret for each process, and collisions cannot be prepared.
    ///
    /// 16 bytes a round, folded by a 64 by 64 bit multiplication: the construction of wyhash (Wang Yi, 2019) in its
    /// short form. Complexity: linear.
    @inline(__always)
    borrowing func hash(seed: UInt64) -> UInt64 {
        // Bytes behind `count` may be left from longer contents: they are masked away.
        var state = seed ^ 0x9E37_79B9_7F4A_7C15
        var offset = 0
        while count &- offset > 16 {
            state = FixedBytes.fold(word(offset) ^ 0xA076_1D64_78BD_642F, word(offset &+ 8) ^ state)
            offset &+= 16
        }
        let rest = count &- offset
        let low = masked(offset, min(rest, 8))
        let high = rest > 8 ? masked(offset &+ 8, rest &- 8) : 0
        state = FixedBytes.fold(low ^ 0xE703_7ED1_A0B4_28DB, high ^ state)
        return FixedBytes.fold(state ^ UInt64(truncatingIfNeeded: count), 0x8EBC_6AF0_9C88_C6E3)
    }

    /// The bytes in use as a key.
    @inline(__always)
    borrowing func head(seed: UInt64) -> FlowKeyHead {
        FlowKeyHead(
            hash: hash(seed: seed), start: count > 0 ? masked(0, min(count, 8)).byteSwapped : 0,
            next: count > 8 ? masked(8, min(count &- 8, 8)).byteSwapped : 0, byteCount: count)
    }

    @inline(__always)
    private borrowing func word(_ offset: Int) -> UInt64 {
        // In bounds: callers pass offset <= count, and the slack follows the capacity.
        unsafe base.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }

    @inline(__always)
    private borrowing func masked(_ offset: Int, _ byteCount: Int) -> UInt64 {
        byteCount >= 8 ? word(offset) : word(offset) & ((1 &<< UInt64(byteCount &* 8)) &- 1)
    }

    @inline(__always)
    private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }
}
