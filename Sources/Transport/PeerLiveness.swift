// When to ask a silent peer whether it is there, and when to give it up. Pure: counts ticks, so a pause of our own
// process, in which no ticks pass, is not taken for the peer's.

struct PeerLiveness {
    enum Action: Hashable {
        case wait
        /// Send a PING (RFC 9113, section 6.7).
        case ask
        case giveUp
    }

    private let intervalTicks: Int
    private let timeoutTicks: Int
    private var isAsked = false
    /// Since the last PING.
    private var askedTicks = 0
    /// Since anything came, or the last PING.
    private var silentTicks = 0

    init(intervalSeconds: Double, timeoutSeconds: Double, tickSeconds: Double) {
        func ticks(_ seconds: Double) -> Int { Int((min(max(seconds / max(tickSeconds, 0.001), 1), 1e9)).rounded(.up)) }
        intervalTicks = ticks(intervalSeconds)
        timeoutTicks = ticks(timeoutSeconds)
    }

    /// Any byte is a sign of life: behind a large message the answer to a PING may take its time.
    mutating func received() { silentTicks = 0 }

    mutating func acknowledged() { isAsked = false }

    mutating func tick() -> Action {
        askedTicks += 1
        silentTicks += 1
        if isAsked {
            // The second condition is for one that trickles bytes and never answers.
            return silentTicks > timeoutTicks || askedTicks > 4 * timeoutTicks ? .giveUp : .wait
        }
        guard askedTicks >= intervalTicks else { return .wait }
        (isAsked, askedTicks, silentTicks) = (true, 0, 0)
        return .ask
    }
}
