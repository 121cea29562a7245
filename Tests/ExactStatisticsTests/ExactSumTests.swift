import SeededRandom
import Testing

@testable import ExactStatistics

/// Sums against `BigInteger`, and the promise that neither order nor split can be seen in the result.
struct ExactSumTests {
    @Test func theReferenceTellsNeighboursApart() {
        let largest = Double.greatestFiniteMagnitude
        for x in [1, -1, 0.1, largest, -.leastNormalMagnitude, .leastNonzeroMagnitude, 0] {
            let exact = BigInteger(scaling: x)
            #expect(isNearest(x, to: exact, scale: 1074))
            #expect(!isNearest(x.nextUp, to: exact, scale: 1074) && !isNearest(x.nextDown, to: exact, scale: 1074))
        }
        // 1/3 between its neighbours, a tie, and the least number that is rounded to infinity.
        #expect(isNearest(1 / 3, to: BigInteger(1), over: BigInteger(3), scale: 0))
        #expect(!isNearest((1.0 / 3).nextUp, to: BigInteger(1), over: BigInteger(3), scale: 0))
        let tie = BigInteger(1) << 53 + BigInteger(1)
        #expect(isNearest(0x1p53, to: tie, scale: 0) && !isNearest((0x1p53).nextUp, to: tie, scale: 0))
        let edge = BigInteger(1) << 1024 - BigInteger(1) << 970
        #expect(isNearest(.infinity, to: edge, scale: 0) && !isNearest(largest, to: edge, scale: 0))
        #expect(isNearest(largest, to: edge - BigInteger(1), scale: 0))
    }

    @Test(arguments: 1...12)
    func sumIsCorrectlyRoundedWhateverTheKind(seed: Int) {
        var generator = SeededGenerator(seed: seed)
        for kind in Kind.allCases {
            let values = kind.values(Int.random(in: 0...40, using: &generator), using: &generator)
            var sum = ExactSum()
            for x in values { sum.add(x) }
            let exact = values.reduce(BigInteger(0)) { $0 + BigInteger(scaling: $1) }
            #expect(isNearest(sum.value, to: exact, scale: 1074), "\(kind) \(values)")
        }
    }

    /// The quick sum says what the wide one says, or nothing; and of rates it nearly always says it.
    @Test(arguments: 1...12)
    func theCompensatedSumIsTheExactOneOrNone(seed: Int) {
        var generator = SeededGenerator(seed: seed)
        var certainCount = 0
        for kind in Kind.allCases {
            for count in [0, 1, 2, 3, 7, 40, 1_000] {
                let values = kind.values(count, using: &generator)
                var (quick, sum) = (CompensatedSum(), ExactSum())
                for x in values {
                    quick.add(x)
                    sum.add(x)
                }
                if let value = quick.value { #expect(value.bitPattern == sum.value.bitPattern, "seed \(seed), \(kind) ×\(count)") }
                if kind == .rates, quick.value != nil { certainCount += 1 }
            }
        }
        #expect(certainCount == 7, "seed \(seed)")
        for odd in [Double.infinity, -.infinity, .nan] {
            var quick = CompensatedSum()
            for x in [1, odd, 2] { quick.add(x) }
            #expect(quick.value == nil)
        }
    }

    @Test(arguments: 1...12)
    func sumOfProductsIsCorrectlyRounded(seed: Int) {
        var generator = SeededGenerator(seed: seed)
        for kind in Kind.allCases {
            let xs = kind.values(12, using: &generator)
            let ys = Kind.anyMagnitude.values(12, using: &generator)
            var sum = ExactSum()
            var exact = BigInteger(0)
            for (x, y) in zip(xs, ys) {
                sum.addProduct(x, y)
                sum.add(y)
                exact = exact + BigInteger(scaling: x) * BigInteger(scaling: y) + (BigInteger(scaling: y) << 1074)
            }
            #expect(isNearest(sum.value, to: exact, scale: 2148), "\(kind) \(xs) \(ys)")
        }
    }

    @Test(arguments: 1...20)
    func everyOrderAndSplitGivesTheSameSum(seed: Int) {
        var generator = SeededGenerator(seed: seed)
        for kind in Kind.allCases {
            let values = kind.values(60, using: &generator)
            var whole = ExactSum()
            for x in values { whole.add(x) }
            var merged = ExactSum()
            for part in values.shuffled(using: &generator).dealt(
                to: Int.random(in: 1...9, using: &generator), using: &generator)
            {
                var sum = ExactSum()
                for x in part { sum.add(x) }
                merged.merge(sum)
            }
            #expect(merged == whole)
            #expect(merged.encoded == whole.encoded)
            #expect(merged.value.bitPattern == whole.value.bitPattern)
        }
    }

    @Test func manyDepositsInOneChunkAreCarriedInTime() {
        // All significand bits set and shifted by 31, the most there is, far more often than one chunk can take.
        let x = Double(sign: .plus, exponent: 15, significand: 2.0.nextDown)
        for term in [x, -x] {
            var sum = ExactSum()
            for _ in 0..<10_000 { sum.add(term) }
            for _ in 0..<10_000 { sum.addProduct(term, abs(term)) }
            let exact =
                BigInteger(scaling: term) * (BigInteger(scaling: abs(term)) + (BigInteger(1) << 1074))
                * BigInteger(10_000)
            #expect(isNearest(sum.value, to: exact, scale: 2148))
        }
    }

    @Test func roundingAtTheEdges() {
        let largest = Double.greatestFiniteMagnitude
        let halfUlp = largest.ulp / 2
        #expect(sum([largest, halfUlp]).value == .infinity)
        #expect(sum([largest, halfUlp, -Double.leastNonzeroMagnitude]).value == largest)
        #expect(sum([-largest, -largest, largest]).value == -largest)
        let one = 1.0
        #expect(sum([1, 0x1p-53]).value == 1)
        #expect(sum([1, 0x1p-53, .leastNonzeroMagnitude]).value == one.nextUp)
        #expect(sum([one.nextUp, 0x1p-53]).value == one.nextUp.nextUp)
        #expect(sum([.leastNormalMagnitude, -.leastNonzeroMagnitude]).value == .leastNormalMagnitude.nextDown)
        #expect(sum([]).value.bitPattern == 0)
        #expect(sum([-0.0, -0.0]).value.bitPattern == 0)
        #expect(sum([1e300, -1e300]).value.bitPattern == 0)

        var tiny = ExactSum()
        tiny.addProduct(0x1p-1000, 0x1p-75)
        #expect(tiny.value == 0)
        tiny.addProduct(.leastNonzeroMagnitude, .leastNonzeroMagnitude)
        #expect(tiny.value == .leastNonzeroMagnitude)

        var vast = ExactSum()
        vast.addProduct(largest, largest)
        #expect(vast.value == .infinity)
        #expect(vast.isFinite)
        vast.addProduct(largest, -largest)
        #expect(vast == ExactSum())
    }

    @Test func infinitiesAndNaNStickInEveryOrder() {
        #expect(sum([1, .infinity, -1e308]).value == .infinity)
        #expect(sum([-.infinity, 2]).value == -.infinity)
        #expect(sum([.infinity, 1]) == sum([2, .infinity]))
        let undefined: [[Double]] = [
            [.infinity, 3, -.infinity], [.nan], [-.infinity, .infinity, .infinity], [.nan, -.infinity],
        ]
        for values in undefined {
            #expect(sum(values).value.isNaN)
            #expect(sum(values) == sum(values.reversed()))
            #expect(sum(values).encoded == [5])
        }
        var product = ExactSum()
        product.addProduct(.infinity, -2)
        #expect(product.value == -.infinity)
        product.addProduct(0, .infinity)
        #expect(product.value.isNaN)
    }

    private func sum(_ values: [Double]) -> ExactSum {
        values.reduce(into: ExactSum()) { $0.add($1) }
    }
}
