// The table by itself against the slow reference: values, order, what is evicted, what a clean-up changes (nothing).

import Bytes
import DatagramBuilding
import FlowLanguage
import Glibc
import SeededRandom
import Testing

@testable import ShardEngine

/// A table and the reference, fed alike.
private final class Pair {
    var table: FlowTable
    var slow: SlowRates
    let seconds: Double
    var now: Int64 = 1_700_000_000_000_000_000

    init(t: Double, n: Int) {
        table = FlowTable(shape: FlowTable.Shape(seconds: t, shownCount: n))
        slow = SlowRates(t: t, n: n)
        seconds = t
    }

    @discardableResult
    func add(_ key: [UInt8], source: Int = 0, _ value: Double = 1, isIngress: Bool = true, age: Int64 = 0) -> Bool {
        slow.add(key, at: source, value, at: now - age)
        // A poor hash, so that tags collide: the key decides.
        let hash = key.reduce(7) { $0 &* 3 &+ UInt64($1) } % 64
        return table.add(
            FlowKeyHead(key.span.bytes, hash: hash), key.span.bytes, source: source, value: value, isIngress: isIngress, at: now - age
        ).isNew
    }

    func wait(_ timeConstants: Double) { now += Int64(timeConstants * seconds * 1e9) }

    func shown(_ source: Int = 0) -> [(key: [UInt8], rate: Double)] {
        table.shown(of: source, at: now).map { (table.key(of: $0), table.rate($0, at: now)) }
    }

    /// Whether the table shows what the reference shows. Flows that differ by rounding only may change places.
    func differences(_ source: Int) -> String? {
        let (one, other) = (shown(source), slow.shown(at: source, at: now))
        guard one.count == other.count else { return "\(one.count) flows, not \(other.count)" }
        for (rank, pair) in zip(one, other).enumerated() {
            let (a, b) = pair
            guard isNear(a.rate, b.rate) else { return "rank \(rank): \(a.rate), not \(b.rate)" }
            let own = slow.rate(a.key, at: source, at: now) ?? .nan
            guard a.key == b.key || isNear(own, b.rate) else { return "rank \(rank): \(a.key), not \(b.key)" }
        }
        let top = table.top(of: source, at: now).map { table.key(of: $0) }
        return top == one.first?.key ? nil : "the largest is \(top ?? []), not \(one.first?.key ?? [])"
    }
}

private func key(_ number: Int, bytes: Int = 4) -> [UInt8] {
    (0..<bytes).map { UInt8(truncatingIfNeeded: $0 < 4 ? number >> ($0 * 8) : $0) }
}

@Suite struct FlowTables {
    @Test(arguments: 0..<16 as Range<UInt64>) func equalTheReferenceUpToTheCapacity(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let t = [0.1, 2, 30, 600][Int(seed % 4)]
        let pair = Pair(t: t, n: [5, 6, 20][Int(seed % 3)])
        let capacity = pair.table.shape.capacity
        for step in 0..<3_000 {
            pair.wait(random.chance(400) ? 25 : random.chance(150) ? 61 : .random(in: 0...0.3, using: &random))
            let source = Int.random(in: 0..<3, using: &random)
            let living = pair.slow.living(at: source, at: pair.now)
            let wanted = key(Int.random(in: 0..<capacity * 3, using: &random))
            let isKnown = living.contains { $0.key == wanted }
            let chosen = isKnown || living.count < capacity ? wanted : living[Int.random(in: 0..<living.count, using: &random)].key
            pair.add(chosen, source: source, Double(Int.random(in: 1...4, using: &random)) * 1_500, isIngress: random.chance(2))
            if random.chance(300) { pair.table.removeExpired(asOf: pair.now) }
            if let difference = pair.differences(source) {
                Issue.record("seed \(seed), step \(step): \(difference)")
                return
            }
        }
    }

    @Test(arguments: 0..<8 as Range<UInt64>) func keepTheLargeBeyondTheCapacity(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let pair = Pair(t: 600, n: 5)
        let capacity = pair.table.shape.capacity
        for step in 0..<4_000 {
            pair.wait(.random(in: 0...0.002, using: &random))
            // The smaller the number the more frequent; now and then a large one.
            let number = Int(exp(Double.random(in: 0...log(Double(capacity * 40)), using: &random)))
            pair.add(key(number), Double(Int.random(in: 64...1_518, using: &random)))
            guard step % 50 == 0 else { continue }
            let total = pair.slow.living(at: 0, at: pair.now).reduce(0) { $0 + $1.rate }
            let scale = pair.table.scale(of: 0, at: pair.now)
            var kept: [[UInt8]: (own: Double, error: Double)] = [:]
            for place in pair.table.places(of: 0) {
                kept[pair.table.key(of: place)] = (pair.table.own(place) * scale, pair.table.chunks[entry: place].error * scale)
            }
            #expect(kept.count <= capacity && pair.table.chunks.allPlaces.count < capacity + FlowChunks.places, "seed \(seed)")
            for (key, rate) in pair.slow.living(at: 0, at: pair.now) {
                guard let entry = kept[key] else {
                    #expect(rate <= total / Double(capacity) * (1 + 1e-9), "seed \(seed), step \(step): \(key) is missing")
                    continue
                }
                #expect(entry.own <= rate * (1 + 1e-9), "seed \(seed), step \(step)")
                #expect(rate <= (entry.own + entry.error) * (1 + 1e-9), "seed \(seed), step \(step)")
            }
        }
    }

    @Test(arguments: 0..<8 as Range<UInt64>) func cleanUpsChangeNothing(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let one = Pair(t: 0.5, n: 5), other = Pair(t: 0.5, n: 5)
        for step in 0..<3_000 {
            let pause = random.chance(60) ? Double.random(in: 8...14, using: &random) : .random(in: 0...0.4, using: &random)
            let (number, source) = (Int.random(in: 0..<24, using: &random), Int.random(in: 0..<2, using: &random))
            let value = random.chance(20) ? 1e9 : Double.random(in: 1...1e3, using: &random)
            one.wait(pause)
            other.wait(pause)
            if random.chance(5) { other.table.removeExpired(asOf: other.now) }
            let (isNew, isNewThere) = (one.add(key(number), source: source, value), other.add(key(number), source: source, value))
            let (left, right) = (one.shown(source), other.shown(source))
            guard isNew == isNewThere, left.map(\.key) == right.map(\.key), left.map(\.rate) == right.map(\.rate) else {
                Issue.record("seed \(seed), step \(step): \(left) but \(right)")
                return
            }
        }
    }

    @Test func expiredFlowsMakeRoomFirst() {
        let pair = Pair(t: 2, n: 5)
        pair.add(key(999), 1e15)
        pair.wait(10.5)
        for number in 0..<pair.table.shape.capacity { pair.add(key(number)) }
        #expect(pair.differences(0) == nil)
        #expect(pair.table.places(of: 0).allSatisfy { pair.table.chunks[entry: $0].error == 0 })
        #expect(pair.table.places(of: 0).count == pair.table.shape.capacity)
    }

    @Test func equalFlowsAreOrderedByKey() {
        let pair = Pair(t: 2, n: 5)
        for number in [3, 1, 4, 0, 2, 9, 7] { pair.add(key(number), 100) }
        #expect(pair.shown().map(\.key) == (0..<5).map { key($0) })
        #expect(pair.differences(0) == nil)
    }

    @Test func areSeenForTheirLifetimeAndBeginAnewAfterIt() {
        for (t, lifetime) in [(0.1, 2.0), (2, 20), (600, 6_000)] {
            let pair = Pair(t: t, n: 5)
            #expect(pair.add(key(1), 1_000))
            let start = pair.now
            pair.now = start + Int64(lifetime * 1e9)
            #expect(pair.shown().count == 1)
            #expect(pair.table.top(of: 0, at: pair.now) != nil)
            pair.now += 1
            #expect(pair.shown().isEmpty)
            #expect(pair.table.top(of: 0, at: pair.now) == nil)
            #expect(pair.add(key(1), 500), "new again")
            #expect(!pair.add(key(1), 500))
            #expect(pair.shown().first.map { isNear($0.rate, 1_000 / t) } == true)
        }
    }

    /// Hours of samples every 50 ms: the landmark moves dozens of times.
    @Test func hoursOfSamples() {
        let pair = Pair(t: 2, n: 5)
        for step in 0..<100_000 {
            pair.now += 50_000_000
            pair.add(key(step % 7), Double(1 + step % 11))
            if step % 997 == 0 { #expect(pair.differences(0) == nil, "step \(step)") }
        }
        let total = pair.shown().reduce(0) { $0 + $1.rate }
        #expect(isNear(total, 5.0 / 7 * 20 * 6, within: 0.3))
    }

    @Test func longKeysComeAndGo() {
        let pair = Pair(t: 2, n: 5)
        for number in 0..<10_000 {
            pair.wait(0.01)
            pair.add(key(number, bytes: 900 + number % 125), source: number % 3, Double(number))
            if number % 250 == 0 { #expect(pair.shown(number % 3).first?.key == key(number, bytes: 900 + number % 125)) }
        }
        #expect(pair.table.chunks.allPlaces.count <= 3 * 16)
        #expect(pair.table.places(of: 0).allSatisfy { pair.table.key(of: $0).count >= 900 })
    }

    @Test func manySourcesShareMemory() {
        let pair = Pair(t: 2, n: 5)
        for round in 0..<5 {
            for source in 0..<1_000 { pair.add(key(round), source: round * 1_000 + source, Double(source)) }
            for source in [0, 1, 999] { #expect(pair.differences(round * 1_000 + source) == nil) }
            pair.wait(11)
            pair.table.removeExpired(asOf: pair.now)
        }
        #expect(pair.table.chunks.allPlaces.count == 1_000 * FlowChunks.places)
        #expect(pair.table.sources.isEmpty, "all are gone")
        #expect(pair.shown(77).isEmpty && pair.shown(1_000_000).isEmpty)
    }

    @Test func emptyKeyIsAKey() {
        let pair = Pair(t: 2, n: 5)
        pair.add([], 5)
        pair.add([], 7)
        pair.add([0], 1)
        #expect(pair.shown().map(\.key) == [[], [0]])
        #expect(pair.differences(0) == nil)
    }

    /// Clocks that jump, numbers that are none of a packet's.
    @Test func hostileTimesAndNumbers() {
        var table = FlowTable(shape: FlowTable.Shape(seconds: 0.1, shownCount: 5))
        let values = [0, -1e300, .greatestFiniteMagnitude, 1, .infinity, -.infinity, .nan, 1e30]
        let times: [Int64] = [1, .max, 1_700_000_000_000_000_000, .max - 1, 1, 1_700_000_000_000_000_001, .max]
        for round in 0..<60 {
            for (place, time) in times.enumerated() {
                let name = key(round * 7 + place)
                _ = table.add(
                    FlowKeyHead(name.span.bytes, hash: UInt64(round)), name.span.bytes, source: 0, value: values[(round + place) % values.count],
                    isIngress: true, at: time)
                for instant in [0, time, .max] {
                    #expect(table.shown(of: 0, at: instant).count <= 5)
                    _ = table.top(of: 0, at: instant)
                }
                let areFinite = table.chunks.allPlaces.allSatisfy { table.chunks[weight: $0].isFinite }
                #expect(areFinite)
            }
            table.removeExpired(asOf: times[round % times.count])
        }
    }
}
