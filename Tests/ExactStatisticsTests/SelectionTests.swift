import SeededRandom
import Testing

@testable import ExactStatistics

/// Distributed selection against sorting everything in one place, bit for bit.
struct SelectionTests {
    @Test(arguments: 1...10)
    func everySplitGivesWhatSortingGives(seed: Int) throws {
        var generator = SeededGenerator(seed: seed)
        for kind in Kind.allCases {
            for count in [1, 2, 3, 4, 5, 6, 7, 100, 1_500, 9_000] {
                let values = kind.values(count, using: &generator)
                let parts = values.dealt(to: Int.random(in: 1...9, using: &generator), using: &generator)
                let found = try run(parts.map(ValueSnapshot.init))
                #expect(
                    bits(found.quartiles) == bits(reference(values)),
                    "\(kind), \(count) values in \(parts.map(\.count))")
            }
        }
    }

    @Test func noValues() throws {
        #expect(QuartileSelection(shardCount: 0).next == .done(nil))
        #expect(try QuartileSelection.quartiles(of: [ValueSnapshot(), ValueSnapshot([.nan])]) == nil)
    }

    @Test func smallShardsNeedOneRound() throws {
        let found = try run([ValueSnapshot([4, 1]), ValueSnapshot([]), ValueSnapshot([3, 2])])
        #expect(found.rounds == 1)
        #expect(
            found.quartiles == Quartiles(minimum: 1, firstQuartile: 1.75, median: 2.5, thirdQuartile: 3.25, maximum: 4))
        #expect(found.quartiles?.interquartileRange == 1.5)
    }

    @Test func manySmallShardsStillNeedOneRound() throws {
        var generator = SeededGenerator(seed: 1)
        let parts = (0..<20).map { _ in Kind.anyMagnitude.values(1_000, using: &generator) }
        let found = try run(parts.map(ValueSnapshot.init))
        #expect(found.rounds == 1)
        #expect(bits(found.quartiles) == bits(reference(parts.flatMap { $0 })))
    }

    @Test func smallAndLargeShardsTogether() throws {
        var generator = SeededGenerator(seed: 2)
        let parts = [1_025, 0, 1_024, 30_000, 3].map { Kind.rates.values($0, using: &generator) }
        let found = try run(parts.map(ValueSnapshot.init))
        #expect(bits(found.quartiles) == bits(reference(parts.flatMap { $0 })))
    }

    /// Values that keep falling into one bucket: clusters at the start of a bucket of every round, in the midst of a
    /// range that spans all doubles.
    @Test func theWorstDistributionTakesSixRounds() throws {
        var images = [OrderedImage.all.lowerBound, OrderedImage.all.upperBound]
        for k: UInt64 in [1, 2, 3] {
            let centre = k << 62
            for shift: UInt64 in [51, 38, 25, 12, 0] {
                for step: UInt64 in 0..<6_000 { images.append(centre &+ step << (shift > 12 ? shift - 12 : 0)) }
            }
        }
        images = images.filter(OrderedImage.all.contains)
        let values = images.map(OrderedImage.value)
        let found = try run([ValueSnapshot(values)])
        #expect(found.rounds == 6)
        #expect(bits(found.quartiles) == bits(reference(values)))
    }

    @Test func infinitiesTakePartInTheOrder() throws {
        let values: [Double] = [-.infinity, 1, 2, 3, .infinity]
        #expect(try run([ValueSnapshot(values)]).quartiles == reference(values))
        #expect(try run([ValueSnapshot([1, .infinity])]).quartiles?.median == .infinity)
        #expect(try run([ValueSnapshot([-.infinity, .infinity])]).quartiles?.median.isNaN == true)
    }

    @Test(arguments: 1...5)
    func imagesKeepOrder(seed: Int) {
        var generator = SeededGenerator(seed: seed)
        for kind in Kind.allCases {
            let values = kind.values(50, using: &generator)
            for (x, y) in zip(values, values.shuffled(using: &generator)) {
                let (a, b) = (OrderedImage.image(of: x), OrderedImage.image(of: y))
                #expect((x < y) == (a < b) && (x == y) == (a == b))
                #expect(OrderedImage.value(of: a) == x && OrderedImage.all.contains(a))
            }
        }
        #expect(OrderedImage.value(of: OrderedImage.image(of: -0.0)).bitPattern == 0)
        #expect(OrderedImage.value(of: OrderedImage.image(of: -0.0) - 1).bitPattern == 0)
    }

    @Test func interpolation() {
        let half = QuartilePosition(quartile: 2, count: 2)
        let most = QuartilePosition(quartile: 3, count: 2)
        let largest = Double.greatestFiniteMagnitude
        #expect(half.interpolate(from: 1, to: 2) == 1.5)
        #expect(half.interpolate(from: -largest, to: largest) == 0)
        #expect(most.interpolate(from: -0x1p1023, to: 0x1p1023) == 0x1p1022)
        #expect(most.interpolate(from: -1, to: largest) == largest * 0.75)
        #expect(half.interpolate(from: largest, to: largest) == largest)
        #expect(most.interpolate(from: 1, to: (1.0).nextUp) == (1.0).nextUp)
        #expect(half.interpolate(from: 0, to: .leastNonzeroMagnitude) == 0)
    }

    /// Sorting everything, and the definition written out.
    private func reference(_ values: [Double]) -> Quartiles? {
        let sorted = values.map { $0 == 0 ? 0 : $0 }.sorted()
        guard let first = sorted.first, let last = sorted.last else { return nil }
        let inner = (1...3).map { k -> Double in
            let position = Double(k) * Double(sorted.count - 1) / 4
            let rank = Int(position.rounded(.down))
            guard position > Double(rank) else { return sorted[rank] }
            let (low, high) = (sorted[rank], sorted[rank + 1])
            let fraction = position - Double(rank)
            if low == high { return low }
            return (high - low).isFinite ? low + (high - low) * fraction : low * (1 - fraction) + high * fraction
        }
        return Quartiles(
            minimum: first, firstQuartile: inner[0], median: inner[1], thirdQuartile: inner[2], maximum: last)
    }

    private func bits(_ quartiles: Quartiles?) -> [UInt64]? {
        quartiles.map { [$0.minimum, $0.firstQuartile, $0.median, $0.thirdQuartile, $0.maximum].map(\.bitPattern) }
    }

    /// Runs a selection over the snapshots and checks the promised bounds of every message and of the rounds.
    private func run(_ snapshots: [ValueSnapshot]) throws -> (quartiles: Quartiles?, rounds: Int) {
        var selection = QuartileSelection(shardCount: snapshots.count)
        var rounds = 0
        while case .ask(let request, let shards) = selection.next {
            rounds += 1
            #expect(!shards.isEmpty && shards == Set(shards).sorted())
            let partials = try shards.map { try snapshots[$0].answer(request) }
            var fetchedCount = 0
            for partial in partials {
                switch partial {
                case .whole(let images): #expect(rounds == 1 && images.count <= 1_024)
                case .summary: #expect(rounds == 1)
                case .histogram(let lists):
                    #expect(lists.count <= (rounds == 2 ? 1 : 6) && lists.allSatisfy { $0.count <= 8_192 })
                case .values(let lists): fetchedCount += lists.map(\.count).reduce(0, +)
                }
            }
            #expect(fetchedCount <= 4_096)
            try selection.receive(partials)
        }
        #expect(rounds <= 6)
        guard case .done(let quartiles) = selection.next else { return (nil, rounds) }
        #expect(try QuartileSelection.quartiles(of: snapshots).map { "\($0)" } == quartiles.map { "\($0)" })
        return (quartiles, rounds)
    }
}
