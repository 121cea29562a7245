// How many different values were seen lately: exact for few, estimated for many, in bounded memory.
//
// Up to 64 values are kept as they are. Beyond that a HyperLogLog sketch takes over (Flajolet, Fusy, Gandouet, Meunier,
// "HyperLogLog: the analysis of a near-optimal cardinality estimation algorithm", AofA 2007), with linear counting for
// small numbers as that paper's section 4 says: 2048 registers, a standard error of 2.3 %. Two windows of one time constant
// each take turns, so that "lately" is between one and two time constants.

struct DistinctCounter: Sendable {
    static let exactMax = 64
    static let registers = 2048
    private static let registerBits = 11
    /// Of a register: the number of a hash's leading zeros, where counting them is worth it.
    static let rankMax: UInt8 = 55

    var current = Window()
    var previous = Window()
    /// The number of the current window; they begin at multiples of the time constant.
    var number: Int64 = 0

    struct Window: Sendable {
        var exact: [UInt64] = []
        var sketch: [UInt8] = []

        mutating func add(_ hash: UInt64) {
            guard sketch.isEmpty else { return note(hash) }
            guard !exact.contains(hash) else { return }
            exact.append(hash)
            if exact.count > DistinctCounter.exactMax {
                sketch = [UInt8](repeating: 0, count: DistinctCounter.registers)
                for hash in exact { note(hash) }
                exact = []
            }
        }

        private mutating func note(_ hash: UInt64) {
            let register = Int(hash >> UInt64(64 - DistinctCounter.registerBits))
            let rank = UInt8(truncatingIfNeeded: (hash << UInt64(DistinctCounter.registerBits)).leadingZeroBitCount + 1)
            sketch[register] = max(sketch[register], min(rank, DistinctCounter.rankMax))
        }

        mutating func merge(_ other: Window) {
            for hash in other.exact { add(hash) }
            guard !other.sketch.isEmpty else { return }
            if sketch.isEmpty {
                sketch = [UInt8](repeating: 0, count: DistinctCounter.registers)
                for hash in exact { note(hash) }
                exact = []
            }
            for register in sketch.indices { sketch[register] = max(sketch[register], other.sketch[register]) }
        }
    }

    mutating func add(_ hash: UInt64, at arrival: Int64, window: Int64) {
        turn(to: arrival, window: window)
        current.add(hash)
    }

    func estimate(at instant: Int64, window: Int64) -> Double {
        var counter = self
        counter.turn(to: instant, window: window)
        var all = counter.current
        all.merge(counter.previous)
        return all.sketch.isEmpty ? Double(all.exact.count) : DistinctCounter.estimate(all.sketch)
    }

    /// When the estimate changes if nothing more is seen.
    func turns(window: Int64) -> [Int64] {
        let end = (number * window).addingSaturated(window)
        return [end, end.addingSaturated(window)]
    }

    private mutating func turn(to arrival: Int64, window: Int64) {
        let next = arrival / window
        guard next > number else { return }
        previous = next == number + 1 ? current : Window()
        current = Window()
        number = next
    }

    private static func estimate(_ sketch: [UInt8]) -> Double {
        let m = Double(registers)
        var sum = 0.0, empty = 0
        for rank in sketch {
            sum += 1 / Double(UInt64(1) << UInt64(rank))
            if rank == 0 { empty += 1 }
        }
        let raw = 0.7213 / (1 + 1.079 / m) * m * m / sum
        return (raw <= 2.5 * m && empty > 0 ? m * logarithm(m / Double(empty)) : raw).rounded()
    }
}
