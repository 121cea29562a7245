// The simulator's own source of chance: the same seed must give the same bytes on every platform and with every
// version of the standard library, which `SystemRandomNumberGenerator` and `Int.random(in:using:)` do not promise.

/// splitmix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014, figure 17.
struct SplitMix64: Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return SplitMix64.mix(state)
    }

    /// A number in 0..<bound, by the high half of a product (Lemire, "Fast random integer generation in an interval",
    /// ACM TOMACS 29, 2019). Its bias, at most bound / 2⁶⁴, is let stand.
    mutating func next(below bound: Int) -> Int {
        Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(max(bound, 1))).high)
    }

    mutating func next(in range: ClosedRange<Int>) -> Int { range.lowerBound + next(below: range.count) }

    /// The finaliser alone, as a hash.
    static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
