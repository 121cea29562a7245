// Where the leader's events and flow records get their numbers, one report after the other: the numbers are taken from the store,
// the records go to all followers, then clients see them, and only then does the worker hear that it need not tell them again.
// Whatever breaks in between, no number is given to two records and no record gets two numbers.

internal import Cluster
internal import ClusterMember
internal import ClusterStore
internal import Logging
internal import ShardEngine
internal import Transport
internal import Wire

actor EventSequencer {
    private enum Item: Sendable {
        case report(Outbox, taken: @Sendable () -> Void)
        /// Where the clock of a capture stands.
        case time(SourceTime, heard: @Sendable () -> Void)
        case follower(EventTail)
        /// Shows whether the followers are still there.
        case tick
    }

    private let events: EventLog
    private let store: any ClusterStore
    private let follower: EventFollower
    private let logger: Logger
    private var numbers = EventNumbers()
    private var revision: Revision?
    private var tails: [EventTail] = []
    private let items: AsyncStream<Item>
    /// Bounded by what workers keep until it is confirmed.
    private nonisolated let feed: AsyncStream<Item>.Continuation

    private static let tickMilliseconds = 1_000
    /// Between two attempts to write to the store. Unit: milliseconds.
    private static let pauseMilliseconds = 200
    /// Records of a message, when a follower gets all that are kept.
    private static let recordsPerMessage = 1_000

    /// - Parameters:
    ///   - follower: what this coordinator has followed until now.
    ///   - kept: what the store keeps under ``EventNumbers/key``.
    init(
        events: EventLog, follower: EventFollower, store: any ClusterStore, kept: StoredValue?, logger: Logger
    ) throws {
        self.events = events
        self.follower = follower
        self.store = store
        self.logger = logger
        (items, feed) = AsyncStream.makeStream()
        guard let kept else { return }
        numbers = try EventNumbers(wireBytes: kept.bytes)
        revision = kept.revision
        // Others may have given numbers to what is not here: none of those again.
        if follower.wholeGeneration != numbers.generation { events.goOn(event: numbers.events, flow: numbers.flows) }
    }

    /// Takes a worker's report.
    /// - Parameter taken: called when nothing can lose it any more.
    nonisolated func add(_ outbox: Outbox, taken: @escaping @Sendable () -> Void) { feed.yield(.report(outbox, taken: taken)) }

    /// Tells the followers where the clock of a capture stands.
    nonisolated func tell(_ time: SourceTime, heard: @escaping @Sendable () -> Void) { feed.yield(.time(time, heard: heard)) }

    /// Serves a follower until it goes or is left behind.
    nonisolated func serve(_ stream: MessageStream) async {
        let tail = EventTail(stream)
        guard case .enqueued = feed.yield(.follower(tail)) else { return }
        stream.accept()
        await tail.waitUntilClosed()
    }

    /// Works until the task is cancelled.
    func run() async {
        let ticking = Task { [feed] in
            while (try? await Task.sleep(for: .milliseconds(EventSequencer.tickMilliseconds))) != nil { feed.yield(.tick) }
        }
        // From now on those who followed an earlier leader no longer have everything.
        follower.wholeGeneration = nil
        numbers.generation += 1
        _ = numbers.reserve(events: events.events.nextID, flows: events.flows.nextID)
        if await keep() { for await item in items { await handle(item) } }
        // Until another leads, this coordinator has everything.
        follower.wholeGeneration = numbers.generation
        ticking.cancel()
        feed.finish()
        for tail in tails { tail.close() }
        // This task is cancelled by now; those that still wait are turned away by another.
        Task { [items] in for await case .follower(let tail) in items { tail.close() } }
    }

    private func handle(_ item: Item) async {
        switch item {
        case .report(let outbox, let taken): if await publish(outbox) { taken() }
        case .time(let time, let heard):
            _ = await deliver(.time(time))
            heard()
        case .follower(let tail): await attach(tail)
        case .tick: _ = await deliver(whole)
        }
    }

    // MARK: Records

    /// - Returns: false when leading has ended before it was sure.
    private func publish(_ outbox: Outbox) async -> Bool {
        if numbers.reserve(
            events: events.events.nextID + Int64(outbox.events.count), flows: events.flows.nextID + Int64(outbox.flows.count))
        {
            guard await keep() else { return false }
        }
        let fresh = events.fresh(outbox)
        guard !fresh.isEmpty else { return true }
        guard await deliver(.records(events: events.events.nextID, flows: events.flows.nextID, fresh)) else { return false }
        events.append(fresh)
        return true
    }

    // MARK: Followers

    private var whole: EventTailMessage {
        .whole(events: events.events.nextID, flows: events.flows.nextID, generation: numbers.generation)
    }

    private func attach(_ tail: EventTail) async {
        var isWhole = await tail.deliver(.clear)
        for run in events.events.kept.runs(of: EventSequencer.recordsPerMessage) where isWhole {
            isWhole = await tail.deliver(.records(events: run[0].id, flows: 0, Outbox(events: run.map(\.record))))
        }
        for run in events.flows.kept.runs(of: EventSequencer.recordsPerMessage) where isWhole {
            isWhole = await tail.deliver(.records(events: 0, flows: run[0].id, Outbox(flows: run.map(\.record))))
        }
        if isWhole { isWhole = await tail.deliver(whole) }
        if isWhole { tails.append(tail) } else { tail.close() }
    }

    /// Gives all followers a message. Who does not confirm it is left behind, and the store is told so before anything else happens.
    /// - Returns: false when leading has ended before the store knew.
    private func deliver(_ message: EventTailMessage) async -> Bool {
        let asked = tails
        let confirmed = await withTaskGroup(of: (Int, Bool).self) { group in
            for (place, tail) in asked.enumerated() { group.addTask { (place, await tail.deliver(message)) } }
            return await group.reduce(into: Array(repeating: false, count: asked.count)) { $0[$1.0] = $1.1 }
        }
        guard confirmed.contains(false) else { return true }
        for (place, tail) in asked.enumerated() where !confirmed[place] { tail.close() }
        tails = zip(asked, confirmed).filter(\.1).map(\.0)
        logger.notice("A coordinator no longer follows the events", metadata: ["left": "\(tails.count)"])
        numbers.generation += 1
        guard await keep() else { return false }
        // Those that are left hear that they still have everything, with the records of this message.
        return tails.isEmpty ? true : await deliver(afterwards(message))
    }

    /// What tells of the present generation right after a message.
    private func afterwards(_ message: EventTailMessage) -> EventTailMessage {
        guard case .records(let event, let flow, let outbox) = message else { return whole }
        return .whole(
            events: event + Int64(outbox.events.count), flows: flow + Int64(outbox.flows.count(where: \.isLogged)),
            generation: numbers.generation)
    }

    // MARK: The store

    /// Has the store keep the numbers; tries until it has, or leading has ended.
    private func keep() async -> Bool {
        var saidWhy = false
        let bytes = numbers.wireBytes
        while !Task.isCancelled {
            do throws(StoreFault) {
                revision = try await store.write(EventNumbers.key, bytes, expecting: revision)
                return true
            } catch {
                // Written all the same, perhaps, and only the answer was lost.
                if let kept = try? await store.read(EventNumbers.key), kept.bytes == bytes {
                    revision = kept.revision
                    return true
                }
                if !saidWhy { logger.error("Numbers of events cannot be kept: events wait", metadata: ["why": "\(error.message)"]) }
                saidWhy = true
            }
            try? await Task.sleep(for: .milliseconds(EventSequencer.pauseMilliseconds))
        }
        return false
    }
}

extension Array {
    /// In order, pieces of consecutive numbers, none longer than `limit`.
    fileprivate func runs<Record>(of limit: Int) -> [[Numbered<Record>]] where Element == Numbered<Record> {
        reduce(into: []) { runs, next in
            if let last = runs.last, last.count < limit, let before = last.last, before.id + 1 == next.id {
                runs[runs.count - 1].append(next)
            } else {
                runs.append([next])
            }
        }
    }
}
