/// The coordinator's side of finding exact quartiles of values that lie on many shards, in few rounds of bounded
/// messages and without collecting the values. It is a pure state machine; the caller carries the messages:
///
///     var selection = QuartileSelection(shardCount: 3)
///     while case .ask(let request, let shards) = selection.next {
///         … send request to each of the shards, collect their answers in the same order …
///         try selection.receive(partials)
///     }
///
/// How it works: the order statistics sought (two neighbours for each quartile) are narrowed together. Round one learns
/// counts and bounds. A histogram of the range between the bounds shows in which bucket each rank lies and how many
/// values lie below; that bucket is the next range. Soon few values are left, and these are fetched and sorted. Buckets
/// cut the images of `OrderedImage`, not the values, so every histogram resolves 13 bits more, whatever the
/// distribution: 6 rounds at most, three or four usually. Shards that sent everything in round one, and shards without
/// values in the ranges, are not asked again.
package struct QuartileSelection: Sendable {
    package enum Step: Hashable, Sendable {
        /// Send this request to these shards (indices, ascending, at least one); give their answers to `receive`.
        case ask(SelectionRequest, shards: [Int])
        /// The answer; nil when there are no values.
        case done(Quartiles?)
    }

    private enum Phase: Sendable {
        case summarising
        case narrowing(Narrowing)
        case finished(Quartiles?)
    }

    private let shardCount: Int
    private var phase: Phase

    package init(shardCount: Int) {
        self.shardCount = shardCount
        phase = shardCount > 0 ? .summarising : .finished(nil)
    }

    package var next: Step {
        switch phase {
        case .summarising: .ask(.summary, shards: Array(0..<shardCount))
        case .narrowing(let narrowing): .ask(narrowing.request, shards: narrowing.shards)
        case .finished(let quartiles): .done(quartiles)
        }
    }

    /// Takes the answers of the shards named by `next`, in that order. When it throws, nothing has changed: the culprit
    /// may be asked again, or the query given up.
    package mutating func receive(_ partials: [SelectionPartial]) throws(SelectionError) {
        var narrowing: Narrowing
        switch phase {
        case .summarising:
            guard let begun = try begin(partials) else {
                phase = .finished(nil)
                return
            }
            narrowing = begun
        case .narrowing(let current):
            narrowing = current
            try narrowing.receive(partials)
        case .finished:
            throw SelectionError(.answerDoesNotFitRequest)
        }
        // What the pooled values of small shards can answer alone needs no messages.
        while narrowing.quartiles == nil, narrowing.shards.isEmpty { try narrowing.receive([]) }
        phase = narrowing.quartiles.map { .finished($0) } ?? .narrowing(narrowing)
    }

    /// Round one: checks counts and bounds, and pools the values of small shards. Nil when there are no values.
    private func begin(_ partials: [SelectionPartial]) throws(SelectionError) -> Narrowing? {
        guard partials.count == shardCount else { throw SelectionError(.answerDoesNotFitRequest) }
        var counts: [Int] = []
        var pool: [UInt64] = []
        var minimum = UInt64.max
        var maximum = UInt64.min
        var total = 0
        for (shard, partial) in partials.enumerated() {
            switch partial {
            case .whole(let images):
                guard images.count <= SelectionLimits.wholeCountMax else {
                    throw SelectionError(.limitExceeded, shard: shard)
                }
                guard images.allSatisfy(OrderedImage.all.contains) else {
                    throw SelectionError(.imageOutOfRange, shard: shard)
                }
                pool += images
                counts.append(0)
                total += images.count
            case .summary(let count, let low, let high):
                guard (1...SelectionLimits.countMax).contains(count), low <= high,
                    OrderedImage.all.contains(low), OrderedImage.all.contains(high)
                else { throw SelectionError(.badSummary, shard: shard) }
                counts.append(count)
                total += count
                minimum = min(minimum, low)
                maximum = max(maximum, high)
            case .histogram, .values:
                throw SelectionError(.answerDoesNotFitRequest, shard: shard)
            }
            guard total <= SelectionLimits.countMax else { throw SelectionError(.badSummary, shard: shard) }
        }
        minimum = min(minimum, pool.min() ?? minimum)
        maximum = max(maximum, pool.max() ?? maximum)
        guard let range = ImageRange(low: minimum, high: maximum) else { return nil }
        return Narrowing(of: range, counts: counts, pool: ValueSnapshot(images: pool))
    }
}

extension QuartileSelection {
    /// The quartiles of snapshots that are all at hand, found by the same rounds, so with the same bits; nil without
    /// values.
    package static func quartiles(of snapshots: [ValueSnapshot]) throws(SelectionError) -> Quartiles? {
        var selection = QuartileSelection(shardCount: snapshots.count)
        while true {
            switch selection.next {
            case .done(let quartiles): return quartiles
            case .ask(let request, let shards):
                var partials: [SelectionPartial] = []
                for shard in shards { partials.append(try snapshots[shard].answer(request)) }
                try selection.receive(partials)
            }
        }
    }
}
