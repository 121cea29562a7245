// The clock of the state: what "now" is for queries, ages and expiry. Live it is the machine's; of a capture replayed
// fast it is the arrival time of the last frame read, and stands still when the capture is over, so that answers can be
// repeated to the last digit.

internal import CSocket
internal import Synchronization

package final class StateClock: Sendable {
    package enum Source: Sendable { case machine, capture }

    private let isCapture: Atomic<Bool>
    private let capture = Atomic<Int64>(0)

    package init(_ source: Source) { isCapture = Atomic(source == .capture) }

    /// Unit: nanoseconds since the Unix epoch.
    package var now: Int64 { isCapture.load(ordering: .acquiring) ? capture.load(ordering: .acquiring) : csocket_now_ns() }

    /// From now on this is the clock of a capture that another node replays, and it stands there or later.
    package func follow(capture time: Int64) {
        advance(to: time)
        isCapture.store(true, ordering: .releasing)
    }

    /// Moves a capture's clock on; it never goes back.
    package func advance(to time: Int64) { _ = capture.max(time, ordering: .releasing) }
}
