/// An exact sum of doubles and of products of two doubles.
///
/// Floating-point addition is not associative, so a sum depends on how the terms were split over shards and in which
/// order they came. Here nothing is rounded until `value` is read: the sum is one wide integer in units of 2^-2148,
/// the least non-zero product of two doubles, and integers add up the same in every order.
///
/// The form is the small superaccumulator of R. Neal, "Fast exact summation using small and large superaccumulators"
/// (2015), section 3: 64-bit chunks that each stand for 32 bits. What a chunk gathers above its 32 bits is carried to
/// the next one only now and then, so an addition touches two chunks and nothing else. It is widened from Neal's 67
/// chunks to 134 so that products fit:
///
///     chunk      0                  67                                133
///     weight  2^-2148   …   2^(32·i - 2148)   …                      2^2108, and the sign
///
/// Size: 134 · 8 + 16 bytes, held inline. Adding is O(1), every other operation O(chunks).
package struct ExactSum: Sendable {
    static let chunkCount = 134

    /// The weight of the lowest bit is 2 to this power: two significands of 2^-1074 multiplied.
    static let unitExponent = -2148

    /// One deposit changes a chunk by less than 2^52, a carried chunk is below 2^33 even after a merge, and a carry
    /// adds less than 2^31: 2^33 + 2046 · 2^52 + 2^31 < 2^63.
    private static let depositsBetweenCarriesMax = 2046

    /// The sum is Σ chunks[i] · 2^(32·i + unitExponent). The highest chunk would leave 64 bits only after more than
    /// 2^63 additions, or 2^31 merges of forged sums at the limit of what decoding lets in; then it wraps.
    private(set) var chunks: InlineArray<134, Int64>

    /// Deposits since every chunk but the highest was last in 0..<2^32.
    private var depositsSinceCarry = 0

    /// What is known of the terms that are no finite numbers; once set, the chunks no longer matter.
    private(set) var special = Special.none

    package init() {
        chunks = InlineArray(repeating: 0)
    }

    /// For decoding: the caller gives 32 bits for every chunk.
    init(isNegative: Bool, magnitude: InlineArray<134, Int64>) {
        chunks = magnitude
        if isNegative { negate() }
    }

    init(special: Special) {
        self.init()
        self.special = special
    }

    /// True when no term was infinite or not a number.
    package var isFinite: Bool { special == .none }

    /// Adds a term. Infinities and NaN stick as they do in IEEE 754: an infinity stays, and opposite infinities or a
    /// NaN make the sum NaN for good.
    package mutating func add(_ term: Double) {
        guard term.isFinite else {
            special = special.joined(with: Special(term))
            return
        }
        let parts = Parts(term)
        deposit(parts.significand, at: parts.exponent - (1075 + ExactSum.unitExponent), isNegative: parts.isNegative)
    }

    /// Adds `x · y`, unrounded even where the product of doubles would overflow or underflow: the two 53-bit
    /// significands make 106 bits, deposited as two halves. Zero times an infinity is NaN.
    package mutating func addProduct(_ x: Double, _ y: Double) {
        guard x.isFinite, y.isFinite else {
            special = special.joined(with: Special(x * y))
            return
        }
        let a = Parts(x)
        let b = Parts(y)
        let product = a.significand.multipliedFullWidth(by: b.significand)
        let low = product.low & (1 << 53 - 1)
        let high = product.high &<< 11 | product.low &>> 53
        let position = a.exponent + b.exponent - (2150 + ExactSum.unitExponent)
        let isNegative = a.isNegative != b.isNegative
        deposit(low, at: position, isNegative: isNegative)
        deposit(high, at: position + 53, isNegative: isNegative)
    }

    /// Adds all terms of another sum.
    package mutating func merge(_ other: ExactSum) {
        special = special.joined(with: other.special)
        let addend = other.carried()
        propagateCarries()
        for index in 0..<ExactSum.chunkCount { chunks[index] &+= addend.chunks[index] }
        depositsSinceCarry = 1
    }

    /// Adds ± significand · 2^(position + unitExponent); significand < 2^53, 0 <= position < 4150.
    @inline(__always)
    private mutating func deposit(_ significand: UInt64, at position: Int, isNegative: Bool) {
        if depositsSinceCarry == ExactSum.depositsBetweenCarriesMax { propagateCarries() }
        depositsSinceCarry &+= 1
        let index = position &>> 5
        let shift = UInt64(truncatingIfNeeded: position & 31)
        let low = Int64(bitPattern: significand &<< shift & 0xFFFF_FFFF)
        let high = Int64(bitPattern: significand &>> (32 &- shift))
        // x ^ -1 - -1 is -x: the sign is unpredictable, so no branch.
        let sign: Int64 = isNegative ? -1 : 0
        chunks[index] &+= (low ^ sign) &- sign
        chunks[index &+ 1] &+= (high ^ sign) &- sign
    }

    /// Brings every chunk but the highest into 0..<2^32; the highest keeps the sign. This form is unique.
    private mutating func propagateCarries() {
        var carry: Int64 = 0
        for index in 0..<(ExactSum.chunkCount - 1) {
            let chunk = chunks[index] &+ carry
            chunks[index] = chunk & 0xFFFF_FFFF
            carry = chunk >> 32
        }
        chunks[ExactSum.chunkCount - 1] &+= carry
        depositsSinceCarry = 0
    }

    private mutating func negate() {
        for index in 0..<ExactSum.chunkCount { chunks[index] = 0 &- chunks[index] }
        propagateCarries()
    }

    /// The same sum in its unique form.
    func carried() -> ExactSum {
        guard depositsSinceCarry > 0 else { return self }
        var sum = self
        sum.propagateCarries()
        return sum
    }

    /// The finite part of the sum: |sum| / 2^unitExponent and its sign.
    func signAndMagnitude() -> (isNegative: Bool, magnitude: Magnitude) {
        var sum = carried()
        let top = ExactSum.chunkCount - 1
        let isNegative = sum.chunks[top] < 0
        if isNegative { sum.negate() }
        var limbs: [UInt64] = []
        limbs.reserveCapacity(ExactSum.chunkCount / 2 + 1)
        for index in stride(from: 0, to: top, by: 2) {
            limbs.append(UInt64(bitPattern: sum.chunks[index] | sum.chunks[index + 1] &<< 32))
        }
        limbs.append(UInt64(bitPattern: sum.chunks[top]) >> 32)
        return (isNegative, Magnitude(limbs))
    }
}

extension ExactSum {
    /// A finite double taken apart: ± significand · 2^(exponent - 1075), with 1 <= exponent <= 2046.
    private struct Parts {
        let significand: UInt64
        let exponent: Int
        let isNegative: Bool

        @inline(__always)
        init(_ x: Double) {
            let bits = x.bitPattern
            let field = bits &>> 52 & 0x7FF
            let isNormal: UInt64 = field == 0 ? 0 : 1
            significand = bits & (1 << 52 - 1) | isNormal &<< 52
            exponent = Int(truncatingIfNeeded: field | (isNormal ^ 1))
            isNegative = bits &>> 63 != 0
        }
    }
}
