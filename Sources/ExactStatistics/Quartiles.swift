/// The five numbers of a box plot, and how they are defined: with the N values sorted and numbered from 0, quartile k
/// stands at position k·(N - 1)/4; when no value stands there, it is interpolated between its two neighbours. (Method 7
/// of Hyndman and Fan, "Sample quantiles in statistical packages", The American Statistician 50 (1996).)
package struct Quartiles: Hashable, Sendable {
    package var minimum: Double
    package var firstQuartile: Double
    package var median: Double
    package var thirdQuartile: Double
    package var maximum: Double

    package init(minimum: Double, firstQuartile: Double, median: Double, thirdQuartile: Double, maximum: Double) {
        self.minimum = minimum
        self.firstQuartile = firstQuartile
        self.median = median
        self.thirdQuartile = thirdQuartile
        self.maximum = maximum
    }

    /// Third quartile less the first; infinity when that is too great for a double.
    package var interquartileRange: Double { thirdQuartile - firstQuartile }
}

/// Where quartile k (1, 2 or 3) of `count` values stands: `quarters` fourths of the way from the value of rank `lower`
/// to that of rank `upper`, ranks counted from 0 in ascending order.
struct QuartilePosition: Sendable {
    let lower: Int
    let quarters: Int

    /// `count` is at least 1 and at most `SelectionLimits.countMax`.
    init(quartile k: Int, count: Int) {
        lower = k * (count - 1) / 4
        quarters = k * (count - 1) % 4
    }

    /// The same as `lower` when the position is that of a value.
    var upper: Int { quarters == 0 ? lower : lower + 1 }

    /// low + (high - low)·quarters/4 in doubles, in that order of operations; low <= high. The result depends on
    /// nothing but the three numbers and lies in low...high.
    ///
    /// Two finite numbers whose difference overflows have opposite signs, and then low·(1 - f) + high·f, with f and
    /// 1 - f exact, cannot overflow. The same formula gives an infinite neighbour its due; half-way between -infinity
    /// and +infinity there is no number, hence NaN.
    func interpolate(from low: Double, to high: Double) -> Double {
        guard quarters > 0, low != high else { return low }
        let fraction = Double(quarters) / 4
        let difference = high - low
        guard !difference.isFinite else { return low + difference * fraction }
        return low * (1 - fraction) + high * fraction
    }
}
