// One counter's step from one reading to the next: wraps, resets, and the all-ones value that means "not available"
// except when a live counter passes through it (wire-format 1.2 and 7.7).

internal import Bytes

struct CounterReading {
    let value: UInt64
    let is32Bit: Bool

    /// nil when the field is not there.
    static func read(
        _ step: CompiledStructure.NumberStep, _ body: RawSpan, at offset: Int
    ) -> CounterReading? {
        if step.origin == .counter64 {
            return (try? body.uint64(at: offset)).map { CounterReading(value: $0, is32Bit: false) }
        }
        return (try? body.uint32(at: offset)).map { CounterReading(value: UInt64($0), is32Bit: true) }
    }

    private var unknown: UInt64 { is32Bit ? UInt64(UInt32.max) : .max }

    /// The rate after this reading: per second × `scale`, NaN when there is none.
    ///
    /// All ones after a known value may be a counter at its maximum: the old rate stays, and only a second all-ones
    /// makes the value unknown. Of a reset, the old rate stays as well (it expires if nothing follows).
    /// - Parameters:
    ///   - previous: the last reading. Its being all ones while `previousRate` is a number means "once, so far".
    ///   - seconds: nil when the series was interrupted, 0 when no time has passed.
    ///   - limit: the largest believable increase, nil for half of the 32-bit range.
    func rate(
        since previous: UInt64, previousRate: Double, seconds: Double?, limit: Double?, scale: Double
    ) -> Double {
        guard let seconds else { return value == unknown ? .nan : previousRate }
        guard seconds > 0 else { return previousRate }
        if value == unknown { return previous == unknown ? .nan : previousRate }
        if previous == unknown, previousRate.isNaN { return .nan }
        guard let increase = increase(since: previous, limit: limit) else { return previousRate }
        return Double(increase) / seconds * scale
    }

    /// The increase since `previous`, nil when only a reset explains the values.
    private func increase(since previous: UInt64, limit: Double?) -> UInt64? {
        if is32Bit {
            let step = UInt64(UInt32(truncatingIfNeeded: value &- previous))
            return Double(step) <= limit ?? 0x1p31 ? step : nil
        }
        if value >= previous {
            let step = value - previous
            return Double(step) <= limit ?? .infinity ? step : nil
        }
        // Some agents export 32-bit hardware counters in 64-bit fields: these wrap at 2^32.
        guard let limit, previous <= UInt64(UInt32.max) else { return nil }
        let step = value + (1 << 32) - previous
        return Double(step) <= limit ? step : nil
    }
}
