/// The rounds of a selection after the first: windows that close on the ranks sought. It knows for every shard how many
/// values that shard said are in each window, so each answer is checked against the one before, and a rank that was in
/// a window is sure to be in one of its buckets.
struct Narrowing: Sendable {
    /// A range of images in which some of the ranks sought lie.
    private struct Window {
        let range: ImageRange
        /// Values below the range on all shards: the rank of its first value.
        let below: Int
        /// The values in the range, by source.
        let counts: [Int]
        /// Ascending; each at least `below` and less than `below` plus all counts.
        var ranks: [Int]
    }

    private let bounds: ImageRange
    private let positions: [QuartilePosition]
    /// The values of the shards that sent all of theirs: the last source, after the shards.
    private let pool: ValueSnapshot
    private var windows: [Window] = []
    /// Images by rank, as far as known.
    private var found: [Int: UInt64] = [:]

    /// Begins with the range of all values; `counts` has the values of each shard that are not in the pool. There is at
    /// least one value.
    init(of bounds: ImageRange, counts: [Int], pool: ValueSnapshot) {
        self.bounds = bounds
        self.pool = pool
        let count = counts.reduce(pool.count, +)
        let positions = (1...3).map { QuartilePosition(quartile: $0, count: count) }
        self.positions = positions
        let ranks = Set(positions.flatMap { [$0.lower, $0.upper] }).sorted()
        seek(Window(range: bounds, below: 0, counts: counts + [pool.count], ranks: ranks))
    }

    /// Buckets while many values are left, then the values themselves.
    var request: SelectionRequest {
        let ranges = windows.map(\.range)
        let left = windows.reduce(0) { $0 + $1.counts.reduce(0, +) }
        return left <= SelectionLimits.valuesCountMax ? .values(ranges) : .histogram(ranges)
    }

    /// The shards with values in the windows.
    var shards: [Int] {
        guard let poolIndex = windows.first?.counts.indices.last else { return [] }
        return (0..<poolIndex).filter { shard in windows.contains { $0.counts[shard] > 0 } }
    }

    /// Nil until every rank is found.
    var quartiles: Quartiles? {
        guard windows.isEmpty else { return nil }
        let values = positions.map { position -> Double in
            // The first window held every rank, and a window goes only when its ranks are found or in narrower ones.
            guard let low = found[position.lower], let high = found[position.upper] else {
                fatalError("BUG: a selection ended before every rank was found")
            }
            return position.interpolate(from: OrderedImage.value(of: low), to: OrderedImage.value(of: high))
        }
        return Quartiles(
            minimum: OrderedImage.value(of: bounds.low), firstQuartile: values[0], median: values[1],
            thirdQuartile: values[2], maximum: OrderedImage.value(of: bounds.high))
    }

    /// Takes the answers of `shards`, in that order.
    mutating func receive(_ partials: [SelectionPartial]) throws(SelectionError) {
        let request = self.request
        let shards = self.shards
        guard partials.count == shards.count else { throw SelectionError(.answerDoesNotFitRequest) }
        var sources = Array(zip(shards, partials))
        sources.append((windows[0].counts.count - 1, try pool.answer(request)))
        switch request {
        case .histogram: try receiveHistograms(sources)
        case .values: try receiveValues(sources)
        case .summary: throw SelectionError(.answerDoesNotFitRequest)
        }
    }

    // MARK: Histograms

    private mutating func receiveHistograms(_ sources: [(index: Int, partial: SelectionPartial)]) throws(SelectionError)
    {
        for source in sources {
            guard case .histogram(let lists) = source.partial, lists.count == windows.count else {
                throw SelectionError(.answerDoesNotFitRequest, shard: source.index)
            }
            for (window, buckets) in zip(windows, lists) { try check(buckets, of: source.index, in: window) }
        }
        let narrowed = windows.enumerated().map { number, window in
            let lists = sources.map { source -> (index: Int, buckets: [HistogramBucket]) in
                guard case .histogram(let lists) = source.partial else { return (source.index, []) }
                return (source.index, lists[number])
            }
            return buckets(of: window, holdingRanksBy: lists)
        }
        windows = []
        for window in narrowed.joined() { seek(window) }
    }

    private func check(_ buckets: [HistogramBucket], of source: Int, in window: Window) throws(SelectionError) {
        let bucketCount = window.range.bucketCount
        var expected = window.counts[source]
        var next = 0
        for bucket in buckets {
            guard (next..<bucketCount).contains(bucket.index) else {
                throw SelectionError(.bucketOutOfRange, shard: source)
            }
            guard (1...).contains(bucket.count), bucket.count <= expected else {
                throw SelectionError(.countsDisagree, shard: source)
            }
            next = bucket.index + 1
            expected -= bucket.count
        }
        guard expected == 0 else { throw SelectionError(.countsDisagree, shard: source) }
    }

    /// The buckets of a window in which its ranks lie.
    private func buckets(
        of window: Window, holdingRanksBy lists: [(index: Int, buckets: [HistogramBucket])]
    ) -> [Window] {
        var totals = [Int](repeating: 0, count: window.range.bucketCount)
        for list in lists {
            for bucket in list.buckets { totals[bucket.index] += bucket.count }
        }
        var narrowed: [Window] = []
        var below = window.below
        var index = 0
        for rank in window.ranks {
            if let last = narrowed.indices.last, rank < below + totals[index] {
                narrowed[last].ranks.append(rank)
                continue
            }
            while below + totals[index] <= rank {
                below += totals[index]
                index += 1
            }
            var counts = [Int](repeating: 0, count: window.counts.count)
            for list in lists { counts[list.index] = Narrowing.count(ofBucket: index, in: list.buckets) }
            narrowed.append(Window(range: window.range.bucket(index), below: below, counts: counts, ranks: [rank]))
        }
        return narrowed
    }

    /// By binary search: the buckets are sorted, and there may be thousands from each of a thousand shards.
    private static func count(ofBucket index: Int, in buckets: [HistogramBucket]) -> Int {
        var low = 0
        var high = buckets.count
        while low < high {
            let middle = (low + high) / 2
            if buckets[middle].index < index { low = middle + 1 } else { high = middle }
        }
        return low < buckets.count && buckets[low].index == index ? buckets[low].count : 0
    }

    /// Opens a window, unless it is but one image wide: then its ranks are found.
    private mutating func seek(_ window: Window) {
        guard window.range.width == 0 else {
            windows.append(window)
            return
        }
        for rank in window.ranks { found[rank] = window.range.low }
    }

    // MARK: Values

    private mutating func receiveValues(_ sources: [(index: Int, partial: SelectionPartial)]) throws(SelectionError) {
        var images = [[UInt64]](repeating: [], count: windows.count)
        for source in sources {
            guard case .values(let lists) = source.partial, lists.count == windows.count else {
                throw SelectionError(.answerDoesNotFitRequest, shard: source.index)
            }
            for (number, list) in lists.enumerated() {
                guard list.count == windows[number].counts[source.index] else {
                    throw SelectionError(.countsDisagree, shard: source.index)
                }
                guard list.allSatisfy(windows[number].range.contains) else {
                    throw SelectionError(.imageOutOfRange, shard: source.index)
                }
                images[number] += list
            }
        }
        for (window, images) in zip(windows, images) {
            let sorted = images.sorted()
            for rank in window.ranks { found[rank] = sorted[rank - window.below] }
        }
        windows = []
    }
}
