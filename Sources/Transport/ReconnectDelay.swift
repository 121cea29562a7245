// How long to wait before trying a peer again. Pure: chance and time are the caller's.

/// Doubles from failure to failure, up to a bound, and scatters: nodes that lost the same peer must not come back to it in
/// step.
package struct ReconnectDelay: Sendable {
    private let firstSeconds: Double
    private let maxSeconds: Double
    private var currentSeconds: Double

    package init(firstSeconds: Double = 0.1, maxSeconds: Double = 5) {
        self.firstSeconds = firstSeconds
        self.maxSeconds = maxSeconds
        currentSeconds = firstSeconds
    }

    /// Seconds to wait after another failure: between a half and the whole of the current bound.
    package mutating func next(using random: inout some RandomNumberGenerator) -> Double {
        defer { currentSeconds = min(currentSeconds * 2, maxSeconds) }
        return Double.random(in: currentSeconds / 2...currentSeconds, using: &random)
    }

    /// After a success.
    package mutating func reset() { currentSeconds = firstSeconds }
}
