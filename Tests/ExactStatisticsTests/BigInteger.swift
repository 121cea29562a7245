/// The slow, obvious arithmetic that the tests trust: integers of any size in sign and magnitude, 32 bits a limb. It
/// shares nothing with the module under test, above all no division and no rounding.
struct BigInteger: Equatable, Comparable {
    private var isNegative: Bool
    /// Least significant first, the last one not 0.
    private var limbs: [UInt32]

    init(_ value: Int) {
        self.init(value < 0, [UInt32(truncatingIfNeeded: value.magnitude), UInt32(value.magnitude >> 32)])
    }

    /// A finite double times 2^1074, which is a whole number.
    init(scaling x: Double) {
        let significand = x.significandBitPattern | (x.isNormal ? 1 << 52 : 0)
        let shift = max(Int(x.exponentBitPattern), 1) - 1
        self = BigInteger(Int(significand)) << shift
        isNegative = x < 0
    }

    private init(_ isNegative: Bool, _ limbs: [UInt32]) {
        var limbs = limbs
        while limbs.last == 0 { limbs.removeLast() }
        self.limbs = limbs
        self.isNegative = isNegative && !limbs.isEmpty
    }

    static prefix func - (a: BigInteger) -> BigInteger { BigInteger(!a.isNegative, a.limbs) }
    static func - (a: BigInteger, b: BigInteger) -> BigInteger { a + -b }

    static func + (a: BigInteger, b: BigInteger) -> BigInteger {
        if a.isNegative == b.isNegative { return BigInteger(a.isNegative, sum(a.limbs, b.limbs)) }
        return isLess(a.limbs, b.limbs)
            ? BigInteger(b.isNegative, difference(b.limbs, a.limbs))
            : BigInteger(a.isNegative, difference(a.limbs, b.limbs))
    }

    static func * (a: BigInteger, b: BigInteger) -> BigInteger {
        var product = [UInt32](repeating: 0, count: a.limbs.count + b.limbs.count)
        for i in a.limbs.indices {
            var carry: UInt64 = 0
            for j in b.limbs.indices {
                carry += UInt64(a.limbs[i]) * UInt64(b.limbs[j]) + UInt64(product[i + j])
                product[i + j] = UInt32(truncatingIfNeeded: carry)
                carry >>= 32
            }
            product[i + b.limbs.count] = UInt32(carry)
        }
        return BigInteger(a.isNegative != b.isNegative, product)
    }

    static func << (a: BigInteger, count: Int) -> BigInteger {
        var shifted = [UInt32](repeating: 0, count: count / 32)
        var carry: UInt64 = 0
        for limb in a.limbs {
            carry |= UInt64(limb) << UInt64(count % 32)
            shifted.append(UInt32(truncatingIfNeeded: carry))
            carry >>= 32
        }
        return BigInteger(a.isNegative, shifted + [UInt32(carry)])
    }

    static func < (a: BigInteger, b: BigInteger) -> Bool {
        if a.isNegative != b.isNegative { return a.isNegative }
        return a.isNegative ? isLess(b.limbs, a.limbs) : isLess(a.limbs, b.limbs)
    }

    private static func isLess(_ a: [UInt32], _ b: [UInt32]) -> Bool {
        a.count != b.count ? a.count < b.count : a.reversed().lexicographicallyPrecedes(b.reversed())
    }

    private static func sum(_ a: [UInt32], _ b: [UInt32]) -> [UInt32] {
        var result: [UInt32] = []
        var carry: UInt64 = 0
        for index in 0..<(max(a.count, b.count) + 1) {
            carry += UInt64(index < a.count ? a[index] : 0) + UInt64(index < b.count ? b[index] : 0)
            result.append(UInt32(truncatingIfNeeded: carry))
            carry >>= 32
        }
        return result
    }

    /// a >= b.
    private static func difference(_ a: [UInt32], _ b: [UInt32]) -> [UInt32] {
        var result: [UInt32] = []
        var borrow: Int64 = 0
        for index in a.indices {
            let limb = Int64(a[index]) - Int64(index < b.count ? b[index] : 0) - borrow
            borrow = limb < 0 ? 1 : 0
            result.append(UInt32(truncatingIfNeeded: limb))
        }
        return result
    }
}

/// True when `x` is the double nearest to numerator / denominator · 2^-scale, ties to even; denominator > 0. It asks
/// whether the quotient lies between the middles to both neighbours of `x`, by multiplication alone.
func isNearest(_ x: Double, to numerator: BigInteger, over denominator: BigInteger = BigInteger(1), scale: Int) -> Bool
{
    guard !x.isNaN else { return false }
    // Both sides in units of 2^-(1075 + scale) / denominator.
    let exact = numerator << 1075
    /// (a + b) / 2, in the same units; 2^1024 stands for infinity, as in the rule for overflow.
    func middle(_ a: Double, _ b: Double) -> BigInteger {
        (scaled(a) + scaled(b)) * denominator << scale
    }
    func scaled(_ a: Double) -> BigInteger {
        guard a.isInfinite else { return BigInteger(scaling: a) }
        return a > 0 ? BigInteger(1) << 2098 : -(BigInteger(1) << 2098)
    }
    let isEven = x.isInfinite || x.bitPattern & 1 == 0
    let isAboveLower = x == -.infinity || isBelow(middle(x.nextDown, x), exact, orEqual: isEven)
    let isBelowUpper = x == .infinity || isBelow(exact, middle(x, x.nextUp), orEqual: isEven)
    return isAboveLower && isBelowUpper
}

private func isBelow(_ a: BigInteger, _ b: BigInteger, orEqual: Bool) -> Bool {
    orEqual ? a <= b : a < b
}
