import SeededRandom
import Testing

@testable import ExactStatistics

/// The bytes of sums and moments: round trips, one form for one sum, and hostile bytes.
struct EncodingTests {
    @Test(arguments: 1...10)
    func sumsSurviveTheRoundTrip(seed: Int) throws {
        var generator = SeededGenerator(seed: seed)
        for kind in Kind.allCases {
            var sum = ExactSum()
            for x in kind.values(5, using: &generator) {
                sum.add(x)
                sum.addProduct(x, x / 7)
                let decoded = try #require(ExactSum(encoded: sum.encoded))
                #expect(decoded == sum)
                #expect(decoded.encoded == sum.encoded)
                #expect(decoded.value.bitPattern == sum.value.bitPattern)
            }
        }
    }

    @Test func formOfAFewSums() {
        var sum = ExactSum()
        #expect(sum.encoded == [0])
        sum.add(-1)
        // 2^2148 is bit 4 of byte 268, which is 12 + 1 · 256.
        #expect(sum.encoded == [2, 12, 1, 1, 0, 0x10])
        sum.add(0x1p-12)
        sum.add(1)
        #expect(sum.encoded == [1, 11, 1, 1, 0, 1])
        sum.add(.infinity)
        #expect(sum.encoded == [3])
    }

    @Test func sumsThatAreNotCanonicalAreRefused() {
        let hostile: [[UInt8]] = [
            [], [6], [255], [0, 0], [3, 0], [1], [1, 0], [1, 0, 0, 0, 0], [1, 0, 0, 1, 0], [1, 0, 0, 1, 0, 0],
            [1, 0, 0, 2, 0, 0, 1], [1, 0, 0, 2, 0, 1, 0], [1, 0, 0, 2, 0, 1], [1, 0, 0, 1, 0, 1, 1],
            [1, 24, 2, 1, 0, 1], [2, 255, 255, 1, 0, 1], [2, 255, 255, 255, 255, 1],
            [1, 0, 0, 255, 255] + [UInt8](repeating: 1, count: 65_535),
        ]
        for bytes in hostile { #expect(ExactSum(encoded: bytes) == nil, "\(bytes.prefix(8))") }
        #expect(ExactSum(encoded: [1, 23, 2, 1, 0, 255]) != nil, "the highest byte there is")
    }

    @Test(arguments: 1...10)
    func hostileBytesNeverTrap(seed: Int) throws {
        var generator = SeededGenerator(seed: seed)
        var moments = Moments()
        for x in Kind.rates.values(20, using: &generator) { moments.add(x) }
        let honest = moments.encoded
        for length in 0..<honest.count { #expect(Moments(encoded: Array(honest[..<length])) == nil) }
        #expect(Moments(encoded: honest + [0]) == nil)
        for _ in 0..<2_000 {
            var bytes = honest
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            guard let decoded = Moments(encoded: bytes) else { continue }
            #expect(decoded.encoded == bytes)
            exercise(decoded, with: moments)
        }
    }

    @Test func forgedSumsAtTheLimitMergeWithoutTrap() throws {
        for kind: UInt8 in [1, 2] {
            var sum = try #require(ExactSum(encoded: [kind, 0, 0, 24, 2] + [UInt8](repeating: 255, count: 536)))
            for _ in 0..<70 {
                sum.merge(sum)
                sum.add(-1)
                _ = sum.value
                _ = sum.encoded
            }
        }
    }

    @Test func momentsThatNoValuesHaveAreRefused() {
        func isRefused(_ count: UInt64, _ sum: ExactSum, _ squares: ExactSum) -> Bool {
            Moments(encoded: Moments(count: count, sum: sum, sumOfSquares: squares).encoded) == nil
        }
        func exactly(_ x: Double, _ y: Double = 1) -> ExactSum {
            var sum = ExactSum()
            sum.addProduct(x, y)
            return sum
        }
        #expect(!isRefused(3, exactly(3), exactly(3)))
        #expect(!isRefused(2, exactly(3), exactly(4.5)))
        #expect(isRefused(2, exactly(3), exactly((4.5).nextDown)), "Cauchy-Schwarz")
        #expect(isRefused(0, exactly(3), exactly(3)))
        #expect(isRefused(0, exactly(.infinity), exactly(.infinity)))
        #expect(isRefused(1, exactly(0), exactly(-1)))
        #expect(isRefused(1, exactly(.infinity), exactly(1)))
        #expect(isRefused(1, exactly(1), exactly(.infinity)))
        #expect(isRefused(1, exactly(.infinity), exactly(-.infinity)))
        #expect(isRefused(1, exactly(0x1p-1000, 0x1p-75), exactly(1)), "a sum below the unit of doubles")
        #expect(isRefused(1 << 40 + 1, exactly(1), exactly(1)))
        #expect(!isRefused(1 << 40, exactly(1), exactly(1)))
    }

    private func exercise(_ decoded: Moments, with honest: Moments) {
        var merged = decoded
        merged.merge(honest)
        merged.merge(merged)
        for moments in [decoded, merged] {
            _ = moments.mean
            let variance = moments.variance ?? 0
            #expect(!(variance < 0))
            _ = moments.standardDeviation
        }
    }
}
