// Asking again. A request without an answer may have been carried out or not; compare-and-swap makes repeating a write
// harmless: it happens once, and a conflict with one's own value is the news that it did.

internal import Synchronization

struct Persistence: Sendable {
    let attemptsMax: Int
    let pause: Duration
    let time: StoreTime

    /// Calls `attempt` with 0, 1, 2 … as long as nothing is known.
    func callAsFunction<Value>(
        _ attempt: (Int) async throws(StoreFault) -> Value
    ) async throws(StoreFault) -> Value {
        var number = 0
        while true {
            do throws(StoreFault) {
                return try await attempt(number)
            } catch {
                number += 1
                guard error.isWorthAnotherTry, number < attemptsMax, !Task.isCancelled else { throw error }
                if error.reason != .timeout { await time.sleep(pause) }
            }
        }
    }
}

extension StoredValue {
    /// The revision of a write whose repetition found this: ours when the content is and the key has moved on since.
    func revision(ifWritten bytes: [UInt8], after expected: Revision?) -> Revision? {
        self.bytes == bytes && revision != expected ? revision : nil
    }
}

/// Several servers that are as good as one another; asked is the one that answered last.
final class Endpoints: Sendable {
    private let servers: [String]
    private let index = Mutex(0)

    /// - Parameter servers: at least one.
    init(_ servers: [String]) { self.servers = servers }

    var count: Int { servers.count }
    var current: String { servers[index.withLock { $0 } % servers.count] }

    /// Goes on to the next, unless somebody else already has.
    func leave(_ server: String) {
        index.withLock { index in
            if servers[index % servers.count] == server { index = (index + 1) % servers.count }
        }
    }
}
