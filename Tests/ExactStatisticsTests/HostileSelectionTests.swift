import SeededRandom
import Testing

@testable import ExactStatistics

/// Shards, and coordinators, that break the protocol: each fault has its error, nothing traps, and a refused round can
/// be asked again.
struct HostileSelectionTests {
    private static let values = (0..<20_000).map { Double($0 % 10_000) }
    private static let image = OrderedImage.image(of:)

    @Test func roundOne() {
        let low = Self.image(1)
        let high = Self.image(2)
        expect([.summary(count: 0, minimum: low, maximum: high)], .badSummary)
        expect([.summary(count: -1, minimum: low, maximum: high)], .badSummary)
        expect([.summary(count: .max, minimum: low, maximum: high)], .badSummary)
        expect([.summary(count: 5, minimum: high, maximum: low)], .badSummary)
        expect([.summary(count: 5, minimum: 0, maximum: low)], .badSummary)
        expect([.summary(count: 5, minimum: low, maximum: .max)], .badSummary)
        let most = SelectionPartial.summary(count: 1 << 60, minimum: low, maximum: high)
        expect([most, most], .badSummary, shard: 1)
        expect([.whole([low]), .whole([0])], .imageOutOfRange, shard: 1)
        expect([.whole([UInt64](repeating: low, count: 1_025))], .limitExceeded)
        expect([.histogram([])], .answerDoesNotFitRequest)
        expect([.values([])], .answerDoesNotFitRequest)
        var selection = QuartileSelection(shardCount: 2)
        #expect(throws: SelectionError(.answerDoesNotFitRequest)) { try selection.receive([.whole([])]) }
        #expect(throws: SelectionError(.answerDoesNotFitRequest)) {
            try selection.receive([.whole([]), .whole([]), .whole([])])
        }
    }

    @Test func histograms() throws {
        let snapshot = ValueSnapshot(Self.values)
        var selection = QuartileSelection(shardCount: 1)
        try selection.receive([snapshot.answer(.summary)])
        guard case .ask(let request, _) = selection.next, case .histogram(let lists) = try snapshot.answer(request)
        else {
            Issue.record("a histogram was expected")
            return
        }
        let honest = lists[0]
        var bucketGone = honest
        bucketGone.removeLast()
        var countsChanged = honest
        countsChanged[0].count += 1
        let cases: [([[HistogramBucket]], SelectionError.Reason)] = [
            ([], .answerDoesNotFitRequest), ([honest, honest], .answerDoesNotFitRequest),
            ([bucketGone], .countsDisagree), ([countsChanged], .countsDisagree), ([[]], .countsDisagree),
            ([honest.reversed()], .bucketOutOfRange), ([honest + [honest[0]]], .bucketOutOfRange),
            ([[HistogramBucket(index: 8_192, count: 20_000)]], .bucketOutOfRange),
            ([[HistogramBucket(index: .max, count: 20_000)]], .bucketOutOfRange),
            ([[HistogramBucket(index: -1, count: 20_000)]], .bucketOutOfRange),
            ([[HistogramBucket(index: 0, count: 0)]], .countsDisagree),
            ([[HistogramBucket(index: 0, count: -5)]], .countsDisagree),
            ([[HistogramBucket(index: 0, count: .max), HistogramBucket(index: 1, count: .max)]], .countsDisagree),
        ]
        for (lists, reason) in cases {
            #expect(throws: SelectionError(reason, shard: 0)) { try selection.receive([.histogram(lists)]) }
        }
        #expect(throws: SelectionError(.answerDoesNotFitRequest, shard: 0)) { try selection.receive([.values([[]])]) }
        #expect(throws: SelectionError(.answerDoesNotFitRequest)) { try selection.receive([]) }
        try selection.receive([.histogram(lists)])
    }

    @Test func values() throws {
        let snapshot = ValueSnapshot((0..<4_000).map(Double.init))
        var selection = QuartileSelection(shardCount: 1)
        try selection.receive([snapshot.answer(.summary)])
        guard case .ask(let request, _) = selection.next, case .values(let lists) = try snapshot.answer(request) else {
            Issue.record("values were expected")
            return
        }
        var outside = lists
        outside[0][7] = .max
        let cases: [([[UInt64]], SelectionError.Reason)] = [
            ([], .answerDoesNotFitRequest), ([[]], .countsDisagree), ([lists[0] + [lists[0][0]]], .countsDisagree),
            (outside, .imageOutOfRange),
        ]
        for (lists, reason) in cases {
            #expect(throws: SelectionError(reason, shard: 0)) { try selection.receive([.values(lists)]) }
        }
        try selection.receive([.values(lists)])
        guard case .done(let quartiles) = selection.next else {
            Issue.record("an answer was expected")
            return
        }
        #expect(quartiles?.median == 1_999.5)
        #expect(throws: SelectionError(.answerDoesNotFitRequest)) { try selection.receive([]) }
    }

    @Test func requestsBeyondTheLimits() throws {
        let snapshot = ValueSnapshot(Self.values)
        let everything = try #require(ImageRange(low: 0, high: .max))
        let seven = [ImageRange](repeating: everything, count: 7)
        #expect(throws: SelectionError(.limitExceeded)) { try snapshot.answer(.histogram(seven)) }
        #expect(throws: SelectionError(.limitExceeded)) { try snapshot.answer(.values(seven)) }
        #expect(throws: SelectionError(.limitExceeded)) { try snapshot.answer(.values([everything])) }
        #expect(ImageRange(low: 1, high: 0) == nil)
        guard case .histogram(let lists) = try snapshot.answer(.histogram([everything, everything])) else { return }
        #expect(lists[0] == lists[1] && lists[0].map(\.count).reduce(0, +) == 20_000)
    }

    /// One shard's answers changed at random: an error that names it or an answer, never a trap, and never more rounds
    /// than promised.
    @Test(arguments: 1...200)
    func randomFaults(seed: Int) {
        var generator = SeededGenerator(seed: seed)
        let kind = Kind.allCases[seed % Kind.allCases.count]
        let snapshots = (0..<3).map { _ in
            ValueSnapshot(kind.values(Int.random(in: 0...3_000, using: &generator), using: &generator))
        }
        let culprit = Int.random(in: 0..<3, using: &generator)
        var selection = QuartileSelection(shardCount: 3)
        for _ in 0..<6 {
            guard case .ask(let request, let shards) = selection.next else { return }
            var partials = shards.compactMap { try? snapshots[$0].answer(request) }
            if let place = shards.firstIndex(of: culprit) {
                partials[place] = spoiled(partials[place], using: &generator)
            }
            do {
                try selection.receive(partials)
            } catch {
                #expect(error.shard == culprit)
                return
            }
        }
        guard case .done = selection.next else {
            Issue.record("more than six rounds")
            return
        }
    }

    /// The partial with one number changed.
    private func spoiled(_ partial: SelectionPartial, using generator: inout SeededGenerator) -> SelectionPartial {
        let image = generator.next() >> UInt64.random(in: 0..<64, using: &generator)
        let number = Int(bitPattern: UInt(generator.next())) >> Int.random(in: 0..<64, using: &generator)
        switch partial {
        case .whole(var images):
            images.append(image)
            return .whole(images)
        case .summary(let count, let minimum, let maximum):
            return [
                .summary(count: number, minimum: minimum, maximum: maximum),
                .summary(count: count, minimum: image, maximum: maximum),
                .summary(count: count, minimum: minimum, maximum: image),
            ].randomElement(using: &generator) ?? partial
        case .histogram(var lists):
            let list = Int.random(in: 0..<lists.count, using: &generator)
            guard let bucket = lists[list].indices.randomElement(using: &generator) else { return partial }
            if Bool.random(using: &generator) {
                lists[list][bucket].count = number
            } else {
                lists[list][bucket].index = number
            }
            return .histogram(lists)
        case .values(var lists):
            let list = Int.random(in: 0..<lists.count, using: &generator)
            guard let place = lists[list].indices.randomElement(using: &generator) else { return partial }
            lists[list][place] = image
            return .values(lists)
        }
    }

    private func expect(_ partials: [SelectionPartial], _ reason: SelectionError.Reason, shard: Int = 0) {
        var selection = QuartileSelection(shardCount: partials.count)
        #expect(throws: SelectionError(reason, shard: shard)) { try selection.receive(partials) }
    }
}
