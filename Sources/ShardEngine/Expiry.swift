// When values leave. A value is shown for as long as its structure can be expected to be reported again; the state's
// own clock (arrival times, and the time of a query) decides, never the machine's, so that a replay forgets exactly
// what the live stream forgot.

/// How long values stay without being refreshed.
package struct Expiry: Sendable, Hashable, BitwiseCopyable {
    /// Five reporting intervals, as last observed, but at least and at most this long. Unit: nanoseconds.
    package var minimum: Int64
    package var maximum: Int64

    package static let intervals: Int64 = 5
    package static let standard = Expiry(minimum: 60_000_000_000, maximum: 600_000_000_000)

    package init(minimum: Int64, maximum: Int64) {
        self.minimum = minimum
        self.maximum = max(minimum, maximum)
    }

    /// Lifetime of a value whose structure came at this interval; 0 when it came only once, so that nothing is known
    /// yet: such a value gets the longest life, because a slow agent must not flicker.
    func lifetime(interval: Int64) -> Int64 {
        guard interval > 0 else { return maximum }
        let (life, overflow) = interval.multipliedReportingOverflow(by: Expiry.intervals)
        return overflow ? maximum : min(max(life, minimum), maximum)
    }
}
