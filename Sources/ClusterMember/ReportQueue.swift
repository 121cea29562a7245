// What a member has reported and the leader has not confirmed: numbered, so that the leader takes each once, however often a
// broken stream makes it travel.

struct ReportQueue: Sendable {
    /// More than a leader that is away for a minute misses at a hundred reports a second.
    static let countMax = 8_192

    private(set) var lost: UInt64 = 0
    private var waiting: [(number: UInt64, bytes: [UInt8])] = []
    private var last: UInt64 = 0
    /// The highest number sent on the present stream.
    private var sent: UInt64 = 0

    mutating func add(_ bytes: [UInt8]) {
        last += 1
        waiting.append((last, bytes))
        if waiting.count > ReportQueue.countMax {
            waiting.removeFirst()
            lost += 1
        }
    }

    /// A new stream: the leader may not have got what the old one carried.
    mutating func sendAgain() { sent = 0 }

    mutating func takeUnsent() -> [(number: UInt64, bytes: [UInt8])] {
        defer { sent = last }
        return waiting.filter { $0.number > sent }
    }

    mutating func taken(upTo number: UInt64) { waiting.removeAll { $0.number <= number } }
}
