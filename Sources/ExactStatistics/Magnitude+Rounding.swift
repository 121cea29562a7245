/// The one place where an exact number becomes a double. Rounding is to nearest, ties to even (IEEE 754-2019, section
/// 4.3.1), straight from all bits, gradual underflow and overflow included: never twice.
extension Magnitude {
    /// The double nearest to self · 2^exponent; infinity when it is too great.
    ///
    /// `isInexact` says that the exact number lies above self by less than 1: the remainder of a division. It needs a
    /// self of at least 55 bits, so that what was left out is less than half a unit of the result.
    func rounded(exponent: Int, isInexact: Bool) -> Double {
        let width = bitWidth
        guard width > 0 else { return 0 }
        // The lowest bit of self that the result keeps: 53 bits, fewer when the result is subnormal. It is negative
        // when self has fewer bits than that.
        let lowest = max(width - 53, -1074 - exponent)
        let biased = exponent + lowest + 1074
        guard biased <= 2046 else { return .infinity }

        var kept = lowest >= 0 ? word(at: lowest) : limbs[0] << UInt64(-lowest)
        if lowest > 0, word(at: lowest - 1) & 1 == 1 {
            let isAboveHalf = isInexact || trailingZeroBitCount < lowest - 1
            if isAboveHalf || kept & 1 == 1 { kept += 1 }
        }
        // A normal significand has its leading 1 at bit 52, where it adds 1 to the exponent field; a subnormal one has
        // field 0; a significand that was rounded up to 2^53 adds 2. The sum below is right for all three.
        let pattern = UInt64(biased) << 52 + kept
        return pattern < Double.infinity.bitPattern ? Double(bitPattern: pattern) : .infinity
    }

    /// The double nearest to self · 2^exponent / divisor^power. The divisor is not 0.
    func roundedQuotient(by divisor: UInt64, power: Int, exponent: Int) -> Double {
        // One limb for each division and one more: a quotient that is not zero has more than 64 bits. Dividing by n
        // twice, rounding down, is dividing by n² and rounding down.
        var quotient = shiftedLeft(limbs: power + 1)
        var isInexact = false
        for _ in 0..<power where quotient.divide(by: divisor) != 0 { isInexact = true }
        return quotient.rounded(exponent: exponent - 64 * (power + 1), isInexact: isInexact)
    }
}
