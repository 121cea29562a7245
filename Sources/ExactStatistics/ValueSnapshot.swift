/// The shard's side of a selection: the values as they stood when the query began, and the answers computed from them.
/// They stay unsorted, since the few passes that a selection makes cost less than sorting once.
package struct ValueSnapshot: Sendable {
    private(set) var images: [UInt64]

    /// NaN is left out. O(values).
    package init(_ values: [Double] = []) {
        images = []
        images.reserveCapacity(values.count)
        for value in values { add(value) }
    }

    init(images: [UInt64]) {
        self.images = images
    }

    package var count: Int { images.count }

    /// Takes one more value; NaN is left out.
    package mutating func add(_ value: Double) {
        if !value.isNaN { images.append(OrderedImage.image(of: value)) }
    }

    /// Takes the values of another one.
    package mutating func merge(_ other: ValueSnapshot) { images += other.images }

    /// Answers any request, in O(ranges · values); throws `limitExceeded` for one that no coordinator makes.
    package func answer(_ request: SelectionRequest) throws(SelectionError) -> SelectionPartial {
        switch request {
        case .summary:
            guard count > SelectionLimits.wholeCountMax, let minimum = images.min(), let maximum = images.max() else {
                return .whole(images)
            }
            return .summary(count: count, minimum: minimum, maximum: maximum)
        case .histogram(let ranges):
            guard ranges.count <= SelectionLimits.rangesMax else { throw SelectionError(.limitExceeded) }
            return .histogram(ranges.map(buckets))
        case .values(let ranges):
            guard ranges.count <= SelectionLimits.rangesMax else { throw SelectionError(.limitExceeded) }
            var listed: [[UInt64]] = []
            var room = SelectionLimits.valuesCountMax
            for range in ranges {
                let found = images.filter(range.contains)
                room -= found.count
                guard room >= 0 else { throw SelectionError(.limitExceeded) }
                listed.append(found)
            }
            return .values(listed)
        }
    }

    private func buckets(of range: ImageRange) -> [HistogramBucket] {
        var counts = [Int](repeating: 0, count: range.bucketCount)
        let low = range.low
        let width = range.width
        let shift = range.shift
        for image in images {
            // Images below the range wrap to offsets above its width: one comparison does for both ends.
            let offset = image &- low
            if offset <= width { counts[Int(truncatingIfNeeded: offset &>> shift)] &+= 1 }
        }
        var buckets: [HistogramBucket] = []
        for (index, count) in counts.enumerated() where count > 0 {
            buckets.append(HistogramBucket(index: index, count: count))
        }
        return buckets
    }
}
