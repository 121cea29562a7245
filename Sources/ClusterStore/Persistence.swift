// Asking again. A request without an answer may have been carried out or not; compare-and-swap makes repeating a write
// harmless: it happens once, and a conflict with one's own value is the news that it did.

internal import Synchronization

struct Persistence: Sendable {
    /// No attempt begins later than this after the first.
    let patience: Duration
    /// After an attempt that failed at once.
    let pause: Duration
    let time: StoreTime

    /// Calls `attempt` with 0, 1, 2 … as long as nothing is known.
    func callAsFunction<Value>(
        _ attempt: (Int) async throws(StoreFault) -> Value
    ) async throws(StoreFault) -> Value {
        let end = time.now() + patience
        var number = 0
        while true {
            do throws(StoreFault) {
                return try await attempt(number)
            } catch {
                number += 1
                if error.isWorthAnotherTry, error.reason != .timeout { await time.sleep(pause) }
                guard error.isWorthAnotherTry, time.now() < end, !Task.isCancelled else { throw error }
            }
        }
    }
}

/// Several servers that are as good as one another; asked is the one that answered last.
final class Endpoints: Sendable {
    private let servers: [String]
    private let index = Mutex(0)

    /// - Parameter servers: at least one.
    init(_ servers: [String]) { self.servers = servers }

    var current: String { servers[index.withLock { $0 } % servers.count] }

    /// Goes on to the next, unless somebody else already has.
    func leave(_ server: String) {
        index.withLock { index in
            if servers[index % servers.count] == server { index = (index + 1) % servers.count }
        }
    }
}
