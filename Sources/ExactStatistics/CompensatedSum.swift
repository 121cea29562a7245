/// The sum of doubles, rounded once, for a few additions a term instead of a wide integer; or nothing where that does not
/// decide how the sum rounds, which hardly ever happens. `ExactSum` is for those, and for sums that have to travel.
///
/// An addition's rounding error is a double itself (Knuth, "The Art of Computer Programming", volume 2, section 4.2.2,
/// theorem B). Errors are added up in the same way, and theirs as ordinary numbers: of these a bound on the error is known.
/// Rounding never changes the order of numbers, so when both ends of what the sum can be round to the same double, so does
/// the sum (Ziv, "Fast evaluation of elementary mathematical functions with correctly rounded last bit", ACM TOMS 17, 1991).
package struct CompensatedSum: Sendable {
    private var high = 0.0
    /// What `high` lacks, of which `rest` is what that lacks.
    private var low = 0.0
    private var rest = 0.0
    /// Σ |what was added to `rest`|.
    private var restMagnitude = 0.0
    private var count = 0.0

    package init() {}

    @inline(__always)
    package mutating func add(_ term: Double) {
        let (sum, error) = CompensatedSum.add(high, term)
        let (lowSum, lowError) = CompensatedSum.add(low, error)
        high = sum
        low = lowSum
        rest += lowError
        restMagnitude += abs(lowError)
        count += 1
    }

    /// Nil when it is not certain; always, when a term or the sum of some is no finite number.
    package var value: Double? {
        let (sum, error) = CompensatedSum.add(high, low)
        guard restMagnitude != 0 else { return sum.isFinite ? sum : nil }
        let correction = error + rest
        // Each of `count` additions to `rest` was off by 2^-53 of what it came to, and the two around here by as much:
        // twice and four times that covers their own rounding.
        let width = restMagnitude * count * 0x1p-51 + abs(correction) * 0x1p-51 + .leastNormalMagnitude
        let (least, most) = (sum + (correction - width), sum + (correction + width))
        return least == most && least.isFinite ? least : nil
    }

    /// The rounded sum and its error, which add up to the exact one unless it overflows.
    @inline(__always)
    private static func add(_ a: Double, _ b: Double) -> (sum: Double, error: Double) {
        let sum = a + b
        let part = sum - a
        return (sum, (a - (sum - part)) + (b - part))
    }
}
