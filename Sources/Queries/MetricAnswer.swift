// From merged contributions to the answer of one term.

package import ExactStatistics
package import ShardEngine

/// The answer for one term of a metric query.
package struct MetricAnswer: Sendable {
    package let term: MetricTerm
    /// nil when no data source had a value.
    package let value: MetricValue?
    /// Data sources that contributed.
    package let tally: Tally
    /// Where the value stands; selecting statistics only.
    package let place: PlacedReading?
    /// Quartile statistics only.
    package let quartiles: Quartiles?

    package init(_ term: MetricTerm, _ partial: MetricPartial, quartiles: Quartiles?) {
        self.term = term
        place = MetricAnswer.place(term.statistic, partial)
        tally = term.statistic.isSelecting ? partial.all : partial.numbers
        self.quartiles = term.statistic.isQuartile ? quartiles : nil
        value = place?.reading.value
            ?? MetricAnswer.number(term.statistic, partial, quartiles).flatMap { $0.isFinite ? .number($0) : nil }
    }

    private static func place(_ statistic: Statistic, _ partial: MetricPartial) -> PlacedReading? {
        switch statistic {
        case .max: partial.maximum
        case .min: partial.minimum
        case .any: partial.any
        default: nil
        }
    }

    private static func number(_ statistic: Statistic, _ partial: MetricPartial, _ quartiles: Quartiles?) -> Double? {
        guard partial.numbers.count > 0 else { return nil }
        return switch statistic {
        case .sum: partial.moments.sum.value
        case .avg: partial.moments.mean
        case .var: partial.moments.variance
        case .sdev: partial.moments.standardDeviation
        case .med, .q2: quartiles?.median
        case .q1: quartiles?.firstQuartile
        case .q3: quartiles?.thirdQuartile
        case .iqr: quartiles?.interquartileRange
        case .max, .min, .any: nil
        }
    }
}
