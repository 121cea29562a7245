// What the coordinator asks of each shard, and what a shard answers, while quartiles are being found. Both sides check
// what the other sends: a wrong message is an error of its own type and never a trap.

/// The bounds of a selection. They bound each message:
///
/// | message | at most |
/// |---|---|
/// | request | 6 ranges |
/// | `whole` | 1,024 images (8 KiB) |
/// | `histogram` | 8,192 buckets a range, one range in the first and up to 6 in later ones; no more than values |
/// | `values` | 4,096 images (32 KiB), all shards together |
///
/// and the rounds: one summary, then 13 bits of the 64 in each, so at most 6.
package enum SelectionLimits {
    /// A shard with no more values than this sends them all at once.
    package static let wholeCountMax = 1_024

    /// When no more values than this are left in all ranges of all shards, they are fetched.
    package static let valuesCountMax = 4_096

    /// A histogram cuts a range into at most 2 to this power buckets; 5 · 13 >= 64.
    package static let bucketBits = 13

    /// Three quartiles with two neighbours each.
    package static let rangesMax = 6

    /// The most values of all shards together: three times as many still fit an Int.
    package static let countMax = 1 << 60
}

/// The images from `low` to `high`, both included.
package struct ImageRange: Hashable, Sendable {
    package let low: UInt64
    package let high: UInt64

    /// Nil when low > high.
    package init?(low: UInt64, high: UInt64) {
        guard low <= high else { return nil }
        self.low = low
        self.high = high
    }

    private init(from low: UInt64, width: UInt64) {
        self.low = low
        high = low + width
    }

    /// One less than the number of images.
    var width: UInt64 { high - low }

    /// Each bucket is 2^shift images wide, save the last one, which ends with the range.
    var shift: UInt64 { UInt64(max(0, 64 - width.leadingZeroBitCount - SelectionLimits.bucketBits)) }

    /// 1...2^bucketBits.
    package var bucketCount: Int { Int(width >> shift) + 1 }

    /// Bucket `index`, which is less than `bucketCount`.
    func bucket(_ index: Int) -> ImageRange {
        let offset = UInt64(index) << shift
        return ImageRange(from: low + offset, width: min(width - offset, 1 << shift - 1))
    }

    func contains(_ image: UInt64) -> Bool { low <= image && image <= high }
}

/// One question, the same for every shard asked.
package enum SelectionRequest: Hashable, Sendable {
    /// How many values are there, and between what bounds? Answered by `whole` or `summary`.
    case summary
    /// How many values are in each bucket of each range? At most `rangesMax` ranges.
    case histogram([ImageRange])
    /// Which values are in each range? At most `rangesMax` ranges and `valuesCountMax` values.
    case values([ImageRange])
}

/// A bucket that is not empty, by its number in its range.
package struct HistogramBucket: Hashable, Sendable {
    package var index: Int
    package var count: Int

    package init(index: Int, count: Int) {
        self.index = index
        self.count = count
    }
}

/// One shard's answer.
package enum SelectionPartial: Hashable, Sendable {
    /// All images of a small shard, in any order. The shard is not asked again.
    case whole([UInt64])
    /// The number of values (at least 1) and the images of the least and the greatest.
    case summary(count: Int, minimum: UInt64, maximum: UInt64)
    /// For each range of the request its buckets that are not empty, by ascending index.
    case histogram([[HistogramBucket]])
    /// For each range of the request the images in it, in any order.
    case values([[UInt64]])
}

package struct SelectionError: Error, Hashable, Sendable {
    package enum Reason: String, CaseIterable, Sendable {
        /// Another number of partials than shards were asked, a partial that does not fit its request, or a request for
        /// what was not measured.
        case answerDoesNotFitRequest
        /// A summary of no values, of too many, or with bounds in the wrong order.
        case badSummary
        /// An image that stands for no number or is outside the range asked for.
        case imageOutOfRange
        /// Buckets out of range or not in ascending order.
        case bucketOutOfRange
        /// Counts that are not those the same shard gave before.
        case countsDisagree
        /// More ranges in a request, or more values in an answer, than the limits allow.
        case limitExceeded
    }

    package var reason: Reason
    /// Whose answer was wrong, as an index into the shards; nil for a wrong request or a wrong number of answers.
    package var shard: Int?

    package init(_ reason: Reason, shard: Int? = nil) {
        self.reason = reason
        self.shard = shard
    }
}
