import SeededRandom
import Testing

@testable import ExactStatistics

/// Mean and variance against exact rational numbers.
struct MomentsTests {
    @Test(arguments: 1...12)
    func meanAndVarianceAreCorrectlyRounded(seed: Int) throws {
        var generator = SeededGenerator(seed: seed)
        for kind in Kind.allCases {
            let values = kind.values(Int.random(in: 1...20, using: &generator), using: &generator)
            let moments = moments(of: values)
            let count = BigInteger(values.count)
            let sum = values.reduce(BigInteger(0)) { $0 + BigInteger(scaling: $1) }
            let squares = values.reduce(BigInteger(0)) { $0 + BigInteger(scaling: $1) * BigInteger(scaling: $1) }
            let mean = try #require(moments.mean)
            let variance = try #require(moments.variance)
            #expect(isNearest(mean, to: sum, over: count, scale: 1074), "mean of \(kind) \(values)")
            #expect(
                isNearest(variance, to: count * squares - sum * sum, over: count * count, scale: 2148),
                "\(kind) \(values)")
            #expect(try #require(values.min()) <= mean && mean <= #require(values.max()))
            #expect(variance >= 0)
            #expect(moments.standardDeviation == variance.squareRootByBisection, "\(variance)")
        }
    }

    @Test(arguments: 1...12)
    func everySplitGivesTheSameBits(seed: Int) throws {
        var generator = SeededGenerator(seed: seed)
        for kind in Kind.allCases {
            let values = kind.values(50, using: &generator)
            let whole = moments(of: values)
            var merged = Moments()
            for part in values.shuffled(using: &generator).dealt(
                to: Int.random(in: 1...9, using: &generator), using: &generator)
            {
                merged.merge(try #require(Moments(encoded: moments(of: part).encoded)))
            }
            #expect(merged == whole)
            #expect(merged.encoded == whole.encoded)
            #expect(merged.mean?.bitPattern == whole.mean?.bitPattern)
            #expect(merged.variance?.bitPattern == whole.variance?.bitPattern)
            #expect(merged.standardDeviation?.bitPattern == whole.standardDeviation?.bitPattern)
        }
    }

    @Test func equalValuesHaveNoVariance() {
        for x in [0.1, -1e300, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 0, 1e-200] {
            let moments = moments(of: [Double](repeating: x, count: 7))
            #expect(moments.mean == x)
            #expect(moments.variance == 0)
            #expect(moments.standardDeviation == 0)
        }
    }

    @Test func wellKnownValues() {
        let moments = moments(of: [2, 4, 4, 4, 5, 5, 7, 9])
        #expect(moments.count == 8)
        #expect(moments.mean == 5)
        #expect(moments.variance == 4)
        #expect(moments.standardDeviation == 2)
        #expect(self.moments(of: [1e9 + 1, 1e9 + 2, 1e9 + 3].map { $0 * 1e6 }).variance == 2e12 / 3)
        #expect(self.moments(of: [1e200, -1e200]).variance == .infinity)
    }

    @Test func noValuesAndNoNumbers() {
        #expect(Moments().mean == nil)
        #expect(Moments().variance == nil)
        #expect(Moments().standardDeviation == nil)
        #expect(moments(of: [1, .infinity]).mean == .infinity)
        #expect(moments(of: [1, .infinity]).variance?.isNaN == true)
        #expect(moments(of: [1, .nan]).mean?.isNaN == true)
        #expect(Moments(encoded: moments(of: [.infinity, -.infinity]).encoded) != nil)
    }

    private func moments(of values: [Double]) -> Moments {
        values.reduce(into: Moments()) { $0.add($1) }
    }
}

extension Double {
    /// The double whose square is nearest from below or above, by trying the middle of the bit patterns: the root r is
    /// right when (r - ulp/2)^2 < x < (r + ulp/2)^2.
    fileprivate var squareRootByBisection: Double {
        guard self > 0, isFinite else { return self }
        let exact = BigInteger(scaling: self) << (1074 + 2)
        var low: UInt64 = 0
        var high = Double.greatestFiniteMagnitude.bitPattern
        while low < high {
            let middle = (low + high) / 2
            // Is the root above the middle between this double and the next? Both are doubled, hence 2^2 above.
            let edge =
                BigInteger(scaling: Double(bitPattern: middle)) + BigInteger(scaling: Double(bitPattern: middle + 1))
            if edge * edge < exact { low = middle + 1 } else { high = middle }
        }
        return Double(bitPattern: low)
    }
}
