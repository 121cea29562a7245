// For the C library's square root, which IEEE 754 requires to be correctly rounded. The standard library's
// `squareRoot()` calls it too but does not link it.
import func Glibc.sqrt

/// Count, Σx and Σx² of a distributed multiset of doubles, kept exactly, and from them the mean, variance and standard
/// deviation. However the values were split over shards and in whatever order the parts are merged, every bit of the
/// answer is the same, because each answer is one rounding of an exact rational number.
package struct Moments: Sendable, Equatable {
    /// Number of values. Wraps, which takes 2^24 merges of forged parts at the limit of what decoding lets in.
    package private(set) var count: UInt64 = 0

    /// Σx.
    package private(set) var sum = ExactSum()

    /// Σx².
    package private(set) var sumOfSquares = ExactSum()

    package init() {}

    init(count: UInt64, sum: ExactSum, sumOfSquares: ExactSum) {
        self.count = count
        self.sum = sum
        self.sumOfSquares = sumOfSquares
    }

    /// Adds a value. One that is infinite or NaN makes the variance NaN for good, and the mean as IEEE 754 has it.
    package mutating func add(_ value: Double) {
        count &+= 1
        sum.add(value)
        sumOfSquares.addProduct(value, value)
    }

    package mutating func merge(_ other: Moments) {
        count &+= other.count
        sum.merge(other.sum)
        sumOfSquares.merge(other.sumOfSquares)
    }

    /// Σx / N, correctly rounded; nil without values. It lies between the least and the greatest value.
    package var mean: Double? {
        guard count > 0 else { return nil }
        guard sum.isFinite else { return sum.value }
        let (isNegative, magnitude) = sum.signAndMagnitude()
        let mean = magnitude.roundedQuotient(by: count, power: 1, exponent: ExactSum.unitExponent)
        return isNegative ? -mean : mean
    }

    /// The population variance, (N·Σx² - (Σx)²) / N², correctly rounded; nil without values. Never negative, and 0 when
    /// all values are equal; infinity when it is too great for a double.
    package var variance: Double? {
        guard count > 0 else { return nil }
        guard sum.isFinite, sumOfSquares.isFinite else { return .nan }
        guard let spread else { return 0 }
        return spread.roundedQuotient(by: count, power: 2, exponent: ExactSum.unitExponent)
    }

    /// The square root of the rounded variance, itself correctly rounded; nil without values.
    package var standardDeviation: Double? {
        variance.map(sqrt)
    }

    /// N·Σx² - (Σx)² in units of 2^-2148; nil when that is negative, which no values can make it (Cauchy-Schwarz).
    var spread: Magnitude? {
        let squares = sumOfSquares.signAndMagnitude().magnitude.multiplied(by: count)
        // Every double is a multiple of 2^-1074, and so is Σx: the shift loses nothing, and the square gets
        // the unit of the squares.
        let root = sum.signAndMagnitude().magnitude.shiftedRight(bits: Moments.sumTrailingZeroBitCount)
        return squares.subtracting(root.squared())
    }

    /// Σx is held in units of 2^-2148 and is a multiple of 2^-1074.
    static let sumTrailingZeroBitCount = 1074
}
