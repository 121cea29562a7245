/// A natural number of any size: the arithmetic behind means and variances, which need the wide integers of `ExactSum`
/// multiplied and divided before they are rounded. It has just the operations that are used, by the schoolbook; the
/// numbers are at most some 140 limbs long.
struct Magnitude: Equatable {
    /// Least significant first; the last one is never 0, so zero has none.
    private(set) var limbs: [UInt64]

    init(_ limbs: [UInt64]) {
        self.limbs = limbs
        trim()
    }

    var isZero: Bool { limbs.isEmpty }

    /// Bits up to and including the highest 1; 0 for zero.
    var bitWidth: Int {
        guard let top = limbs.last else { return 0 }
        return limbs.count * 64 - top.leadingZeroBitCount
    }

    /// Zeros below the lowest 1; 0 for zero.
    var trailingZeroBitCount: Int {
        guard let index = limbs.firstIndex(where: { $0 != 0 }) else { return 0 }
        return index * 64 + limbs[index].trailingZeroBitCount
    }

    func multiplied(by factor: UInt64) -> Magnitude {
        Magnitude(Magnitude.product(limbs, [factor]))
    }

    func squared() -> Magnitude {
        Magnitude(Magnitude.product(limbs, limbs))
    }

    /// self - other, or nil when that would be below zero.
    func subtracting(_ other: Magnitude) -> Magnitude? {
        guard other.limbs.count <= limbs.count else { return nil }
        var difference = limbs
        var borrow: UInt64 = 0
        for index in difference.indices {
            let subtrahend = index < other.limbs.count ? other.limbs[index] : 0
            let (partial, first) = difference[index].subtractingReportingOverflow(subtrahend)
            let (limb, second) = partial.subtractingReportingOverflow(borrow)
            difference[index] = limb
            borrow = first || second ? 1 : 0
        }
        return borrow == 0 ? Magnitude(difference) : nil
    }

    /// self · 2^(64 · count).
    func shiftedLeft(limbs count: Int) -> Magnitude {
        Magnitude([UInt64](repeating: 0, count: count) + limbs)
    }

    /// self / 2^count, rounded down.
    func shiftedRight(bits count: Int) -> Magnitude {
        var shifted: [UInt64] = []
        for position in stride(from: count, to: limbs.count * 64, by: 64) { shifted.append(word(at: position)) }
        return Magnitude(shifted)
    }

    /// Divides in place, rounding down, and gives the remainder. The divisor is not 0.
    mutating func divide(by divisor: UInt64) -> UInt64 {
        var remainder: UInt64 = 0
        for index in limbs.indices.reversed() {
            (limbs[index], remainder) = divisor.dividingFullWidth((remainder, limbs[index]))
        }
        trim()
        return remainder
    }

    /// Bits position ..< position + 64; zeros above the highest limb.
    func word(at position: Int) -> UInt64 {
        let index = position / 64
        guard index < limbs.count else { return 0 }
        let shift = UInt64(position % 64)
        guard shift > 0 else { return limbs[index] }
        let above = index + 1 < limbs.count ? limbs[index + 1] << (64 - shift) : 0
        return limbs[index] >> shift | above
    }

    private mutating func trim() {
        while limbs.last == 0 { limbs.removeLast() }
    }

    private static func product(_ a: [UInt64], _ b: [UInt64]) -> [UInt64] {
        var result = [UInt64](repeating: 0, count: a.count + b.count)
        for (i, x) in a.enumerated() where x != 0 {
            var carry: UInt64 = 0
            for (j, y) in b.enumerated() {
                // (2^64 - 1)^2 + 2 · (2^64 - 1) = 2^128 - 1: it always fits.
                let sum = UInt128(x) &* UInt128(y) &+ UInt128(result[i + j]) &+ UInt128(carry)
                result[i + j] = UInt64(truncatingIfNeeded: sum)
                carry = UInt64(truncatingIfNeeded: sum >> 64)
            }
            result[i + b.count] = carry
        }
        return result
    }
}
