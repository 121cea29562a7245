// The records that were taken last, to tell one that comes again.

internal import Synchronization

final class RecentRecords: Sendable {
    /// Far more than a replica keeps to tell again (a dozen seconds of its shards' reports).
    private static let countMax = 1 << 17

    private let state = Mutex(State())

    private struct State {
        /// Of records' hashes, seeded anew by each process: two records with one hash in 2^64 are not expected.
        var known: Set<Int> = []
        var order: [Int] = []
        var oldest = 0
    }

    init() {}

    /// Whether a record was not taken before; from now on it was.
    func isNew(_ record: some Hashable) -> Bool {
        let hash = record.hashValue
        return state.withLock { state in
            guard state.known.insert(hash).inserted else { return false }
            if state.order.count < RecentRecords.countMax {
                state.order.append(hash)
            } else {
                state.known.remove(state.order[state.oldest])
                state.order[state.oldest] = hash
                state.oldest = (state.oldest + 1) % RecentRecords.countMax
            }
            return true
        }
    }
}
