// The records that were taken last, to tell one that comes again.

internal import Synchronization

final class RecentRecords: Sendable {
    /// Far more than a replica keeps to tell again (a dozen seconds of its shards' reports).
    fileprivate static let countMax = 1 << 17

    private let state = Mutex(State())

    fileprivate struct State {
        /// Of records' hashes, seeded anew by each process: two records with one hash in 2^64 are not expected.
        var known: Set<Int> = []
        var order: [Int] = []
        var oldest = 0
    }

    init() {}

    /// The records that were not taken before, each once.
    func new<Record: Hashable & Sendable>(_ records: [Record]) -> [Record] {
        state.withLock { state in
            var here: Set<Int> = []
            return records.filter { !state.known.contains($0.hashValue) && here.insert($0.hashValue).inserted }
        }
    }

    /// From now on these were taken.
    func note(_ records: [some Hashable & Sendable]) {
        state.withLock { state in for record in records { state.note(record.hashValue) } }
    }
}

extension RecentRecords.State {
    fileprivate mutating func note(_ hash: Int) {
        guard known.insert(hash).inserted else { return }
        if order.count < RecentRecords.countMax {
            order.append(hash)
        } else {
            known.remove(order[oldest])
            order[oldest] = hash
            oldest = (oldest + 1) % RecentRecords.countMax
        }
    }
}
