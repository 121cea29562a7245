// Keeping distances in time, for sources that play in what happened at other times.

internal import CSocket
internal import Glibc

package struct Pace: Sendable {
    /// On a clock that nobody sets: a correction of the time of day neither stops a replay nor hurries it.
    private let started = csocket_monotonic_ns()
    /// Longest wait at a time, so that who waits can look whether to stop. Unit: nanoseconds.
    private static let pieceNanoseconds: Int64 = 100_000_000

    package init() {}

    /// Nanoseconds until `offset` after the start; negative when that is over.
    package func left(until offset: Int64) -> Int64 { started &+ offset &- csocket_monotonic_ns() }

    /// Waits until `offset` nanoseconds after the start; returns earlier when it is long until then.
    @discardableResult
    package func waitAWhile(until offset: Int64) -> Bool {
        let left = left(until: offset)
        guard left > 0 else { return false }
        usleep(UInt32(clamping: min(left, Pace.pieceNanoseconds) / 1_000 + 1))
        return true
    }

    package func wait(until offset: Int64) {
        while waitAWhile(until: offset) {}
    }
}
