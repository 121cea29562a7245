// Watching a key, the same way for every store: a notification only says "look again", and what is told to the consumer
// is always read. So whatever a notification says, and however it is lost, the last value is never missed; and no store
// needs a parser for events, or rules for gaps in them.

/// A key as it was read, and where a notification of its next change has to start.
struct Sighting: Sendable {
    let value: StoredValue?
    let position: String
}

struct Following: Sendable {
    /// At least so often the key is read without a notification, which also shows whether the store is there.
    let recheckInterval: Duration
    /// Waited after a notification that brought nothing new: a store that notifies in vain is not asked without end.
    let vainPause: Duration
    let time: StoreTime
    let read: @Sendable () async throws(StoreFault) -> Sighting
    /// Returns when the key may have changed since the sighting.
    let change: @Sendable (Sighting) async throws(StoreFault) -> Void

    private static let retryPause = Duration.milliseconds(500)

    /// Two updates are buffered: the last value, and that the store is lost.
    func updates() -> AsyncStream<StoreUpdate> {
        AsyncStream(bufferingPolicy: .bufferingNewest(2)) { continuation in
            let task = Task { await run { continuation.yield($0) } }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    private func run(_ yield: (StoreUpdate) -> Void) async {
        var last: StoreUpdate?
        while !Task.isCancelled {
            do throws(StoreFault) {
                let sighting = try await read()
                let update = StoreUpdate.value(sighting.value)
                if update != last { yield(update) } else { await time.sleep(vainPause) }
                last = update
                await waitForChange(since: sighting)
            } catch {
                if Task.isCancelled { return }
                if case .unavailable? = last {} else { yield(.unavailable(error)) }
                last = .unavailable(error)
                await time.sleep(Following.retryPause)
            }
        }
    }

    /// A notification that fails is none: reading shows what became of the store.
    private func waitForChange(since sighting: Sighting) async {
        do throws(StoreFault) {
            try await time.limit("watch", to: recheckInterval) { () throws(StoreFault) in try await change(sighting) }
        } catch {
            if error.reason != .timeout { await time.sleep(Following.retryPause) }
        }
    }
}
