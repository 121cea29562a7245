// Time as the stores see it: an argument, so that tests pass hours in moments.

package struct StoreTime: Sendable {
    /// Time since some moment, on a clock that nobody sets and that goes on while the machine sleeps: a lease does, too.
    let now: @Sendable () -> Duration
    /// Returns early when the task is cancelled.
    let sleep: @Sendable (Duration) async -> Void

    package init(now: @escaping @Sendable () -> Duration, sleep: @escaping @Sendable (Duration) async -> Void) {
        self.now = now
        self.sleep = sleep
    }

    package static let real = {
        let clock = ContinuousClock()
        let start = clock.now
        return StoreTime(now: { clock.now - start }, sleep: { try? await clock.sleep(for: $0) })
    }()

    /// What `body` returns, or `.timeout`. The body is cancelled then, and waited for: it must end when it is cancelled.
    func limit<Value: Sendable>(
        _ what: String, to deadline: Duration, _ body: @escaping @Sendable () async throws(StoreFault) -> Value
    ) async throws(StoreFault) -> Value {
        let first = await withTaskGroup(of: Result<Value, StoreFault>.self) { group in
            group.addTask {
                do throws(StoreFault) { return .success(try await body()) } catch { return .failure(error) }
            }
            group.addTask {
                await sleep(deadline)
                return .failure(StoreFault(.timeout, "\(what): no answer within \(deadline)"))
            }
            // There are two, so there is a first.
            let first = await group.next() ?? .failure(StoreFault(.timeout, what))
            group.cancelAll()
            return first
        }
        return try first.get()
    }
}
