// What sequence numbers tell: loss, reordering, duplicates and restarts (wire-format 2.4 and 4.8).
//
// Datagrams of one sub-agent and samples of one data source are numbered apart, by 32-bit numbers that wrap. A step
// back can be a late datagram, a duplicate or a restarted agent; the tracker tells them apart by how far back it goes,
// by what it has seen, and by the agent's uptime. Pure state machines: number in, verdict out.

/// What a number says about its place in the stream.
package enum SequenceVerdict: Hashable, Sendable {
    case first, inOrder
    /// So many numbers were skipped.
    case gap(lost: UInt32)
    /// Arrives after a higher number; it had been counted as lost.
    case late
    /// Was here before.
    case duplicate
    /// The sender started over.
    case restart
}

/// The widest gap, and the furthest step back, that belong to a running stream.
private let windowNumbers: UInt32 = 1 << 15

/// Datagrams of one sub-agent.
struct DatagramSequence: Sendable {
    /// A fall of the uptime by less than this is reordering, not a restart.
    private static let uptimeFallMilliseconds: UInt32 = 5_000
    /// The uptime wraps after 49.7 days; falls from the last minutes before the wrap to the first after it are no restart.
    private static let wrapMarginMilliseconds: UInt32 = 600_000

    var last: UInt32 = 0
    var uptimeMilliseconds: UInt32 = 0
    var isRunning = false
    var recent = RecentNumbers()

    mutating func observe(_ number: UInt32, uptimeMilliseconds uptime: UInt32) -> SequenceVerdict {
        guard isRunning else {
            isRunning = true
            start(number, uptime)
            return .first
        }
        let step = number &- last
        if step == 0 { return isRestart(uptime) ? restart(number, uptime) : .duplicate }
        if step <= windowNumbers {
            recent.advance(from: last, to: number)
            (last, uptimeMilliseconds) = (number, uptime)
            return step == 1 ? .inOrder : .gap(lost: step - 1)
        }
        guard step >= 0 &- windowNumbers, !isRestart(uptime) else { return restart(number, uptime) }
        return recent.insert(number, newest: last) ? .late : .duplicate
    }

    static func uptimeFell(from old: UInt32, to new: UInt32) -> Bool {
        guard new < old, old - new > uptimeFallMilliseconds else { return false }
        return !(old > UInt32.max - wrapMarginMilliseconds && new < wrapMarginMilliseconds)
    }

    private func isRestart(_ uptime: UInt32) -> Bool {
        DatagramSequence.uptimeFell(from: uptimeMilliseconds, to: uptime)
    }

    private mutating func restart(_ number: UInt32, _ uptime: UInt32) -> SequenceVerdict {
        start(number, uptime)
        return .restart
    }

    private mutating func start(_ number: UInt32, _ uptime: UInt32) {
        (last, uptimeMilliseconds) = (number, uptime)
        recent = RecentNumbers()
        _ = recent.insert(number, newest: number)
    }
}

/// Which of the last 1024 numbers of a stream were seen: tells a late datagram from one that came twice. A number further
/// back counts as late: nothing is lost, and a network that delays by so much does not duplicate as well.
struct RecentNumbers: Sendable {
    private static let capacity: UInt32 = 1024
    var seen = InlineArray<16, UInt64>(repeating: 0)

    /// Makes room for the numbers up to `newest`, and marks it.
    mutating func advance(from last: UInt32, to newest: UInt32) {
        var skipped = last &+ 1
        let count = min(newest &- last, RecentNumbers.capacity)
        if count == RecentNumbers.capacity { skipped = newest &- count &+ 1 }
        while skipped != newest {
            seen[word(skipped)] &= ~bit(skipped)
            skipped &+= 1
        }
        seen[word(newest)] |= bit(newest)
    }

    /// Marks a number; false when it was marked already.
    mutating func insert(_ number: UInt32, newest: UInt32) -> Bool {
        guard newest &- number < RecentNumbers.capacity else { return true }
        let isNew = seen[word(number)] & bit(number) == 0
        seen[word(number)] |= bit(number)
        return isNew
    }

    private func word(_ number: UInt32) -> Int { Int(number % RecentNumbers.capacity / 64) }
    private func bit(_ number: UInt32) -> UInt64 { 1 << UInt64(number % 64) }
}

/// Samples of one kind of one data source.
struct SampleSequence: Sendable, BitwiseCopyable {
    /// After so many unexplained steps back the numbers are not one series (agents that number by thread), and gaps
    /// between them mean nothing.
    static let backstepsMax: UInt8 = 16

    var last: UInt32 = 0
    var isRunning = false
    var backsteps: UInt8 = 0

    /// False once the numbers have proved not to be one series.
    var isTracked: Bool { backsteps < SampleSequence.backstepsMax }

    /// - Parameters:
    ///   - isLate: the datagram around the sample came late: only then is a step back no restart.
    ///   - isNewRun: the agent has started over since the last number, so this one is a first one.
    mutating func observe(
        _ number: UInt32, datagramIsLate isLate: Bool, isNewRun: Bool = false
    ) -> SequenceVerdict {
        if isNewRun { self = SampleSequence() }
        guard isRunning else {
            isRunning = true
            last = number
            return .first
        }
        let step = number &- last
        if step == 0 { return .duplicate }
        if step <= windowNumbers {
            last = number
            return step == 1 ? .inOrder : .gap(lost: step - 1)
        }
        if isLate, step >= 0 &- windowNumbers { return .late }
        last = number
        if backsteps < SampleSequence.backstepsMax { backsteps += 1 }
        return .restart
    }
}
