// The way to one worker: a queue that receiving threads fill, and a task that sends it over a stream, again and again over new
// streams until the worker is no longer in the map.

internal import Cluster
internal import ClusterMember
internal import Datagrams
internal import Logging
internal import NIOCore
internal import Synchronization
internal import Transport

final class WorkerLink: Sendable {
    struct Settings: Sendable {
        /// Of the sending process.
        var name: String
        var incarnation: UInt64
        /// What a worker that has fallen behind may owe: half a second at a million datagrams a second of 1,200 bytes would be
        /// 600 MB; a quarter of a second at 200,000 is this. Unit: bytes.
        var queueBytesMax: Int
        /// Shards of the cluster.
        var shardCount: Int
        /// Whether receiving threads wait for room, as the reader of a file can; else what finds no room is dropped.
        var waitsForRoom = false
    }

    /// What is handed to the stream at once: much, since each time costs two changes of threads, but no more than a worker
    /// takes before it confirms.
    private static let sentBytesMax = 512 << 10

    let worker: ShardMap.Worker
    private let settings: Settings
    private let peers: PeerDialer
    private let logger: Logger
    private let state: Mutex<State>
    private let room = Semaphore()

    private struct State {
        var queue: ForwardQueue
        var thinning: Thinning
        var random = SystemRandomNumberGenerator()
        var wake: AsyncStream<Void>.Continuation?
        var waitingThreads = 0
        /// Who waits for a message to be confirmed, with its number.
        var waiting: [(number: UInt64, continuation: CheckedContinuation<Void, Never>)] = []
        var isClosed = false
        var sender: Task<Void, Never>?

        mutating func takeWaiting() -> (threads: Int, tasks: [CheckedContinuation<Void, Never>]) {
            defer { waitingThreads = 0 }
            let (all, confirmed) = (waiting, confirmedNumber)
            waiting = all.filter { $0.number > confirmed }
            return (waitingThreads, all.filter { $0.number <= confirmed }.map(\.continuation))
        }

        /// Nobody needs to wait for messages up to this one.
        private var confirmedNumber: UInt64 { isClosed ? .max : queue.messages.first.map { $0.number - 1 } ?? .max }

        func isConfirmed(upTo number: UInt64) -> Bool { number <= confirmedNumber }
    }

    init(_ worker: ShardMap.Worker, _ settings: Settings, peers: PeerDialer, logger: Logger) {
        self.worker = worker
        self.settings = settings
        self.peers = peers
        self.logger = logger
        state = Mutex(
            State(queue: ForwardQueue(bytesMax: settings.queueBytesMax), thinning: Thinning(shardCount: settings.shardCount)))
        let sender = Task { await self.run() }
        state.withLock { $0.sender = sender }
    }

    /// Datagrams that wait to be sent or confirmed.
    var waitingCount: Int { state.withLock { $0.queue.datagramCount } }
    /// Since when the oldest of what is not confirmed waits; nil when nothing does.
    var waitingSince: ContinuousClock.Instant? { state.withLock { $0.queue.waitingSince } }

    /// How many datagrams each of these stands for, 0 for those that the worker is not to get, because it has fallen behind.
    /// - Parameter isOwner: whether the worker gets datagrams of a shard.
    /// - Returns: nil when it gets all, each for itself.
    func weights(of envelopes: [Envelope], isOwner: (_ shard: Int) -> Bool) -> [UInt8]? {
        guard !settings.waitsForRoom else { return nil }
        return state.withLock { state in
            state.thinning.follow(fill: Double(state.queue.byteCount) / Double(settings.queueBytesMax))
            guard state.thinning.isActive else { return nil }
            return envelopes.map { isOwner($0.shard) ? state.thinning.weight(of: $0.shard, using: &state.random) : 0 }
        }
    }

    /// Waits, if the settings say so, until there is room for a message or the link is closed.
    func waitForRoom(forBytes count: Int) {
        guard settings.waitsForRoom else { return }
        while true {
            let isThere = state.withLock { state in
                if state.isClosed || state.queue.hasRoom(forBytes: count) { return true }
                state.waitingThreads += 1
                return false
            }
            if isThere { return }
            room.wait()
        }
    }

    /// Queues a message. Never waits: where receiving threads are to wait for room they have done so before, and several at
    /// once may then be a message above the limit each.
    /// - Returns: false when there is no room for it.
    func offer(_ message: inout ForwardMessage, _ header: EnvelopeMessage.Header) -> Bool {
        state.withLock { state in
            guard !state.isClosed, settings.waitsForRoom || state.queue.hasRoom(forBytes: message.byteCount) else { return false }
            state.queue.add(number: header.number, datagrams: message.count, message.finish(header), at: .now)
            state.wake?.yield()
            return true
        }
    }

    /// The number of the last message offered.
    var lastNumber: UInt64 { state.withLock { $0.queue.lastNumber } }

    /// Waits until everything up to a message is taken in by the worker, or the link is closed.
    func confirmed(upTo number: UInt64) async {
        await withCheckedContinuation { continuation in
            let isConfirmed = state.withLock { state in
                if state.isConfirmed(upTo: number) { return true }
                state.waiting.append((number, continuation))
                return false
            }
            if isConfirmed { continuation.resume() }
        }
    }

    /// The worker is gone, or the process ends.
    /// - Returns: datagrams that it had not confirmed.
    func close() -> Int {
        let (count, sender, waiting) = state.withLock { state in
            state.isClosed = true
            return (state.queue.datagramCount, state.sender, state.takeWaiting())
        }
        sender?.cancel()
        resume(waiting)
        return count
    }

    private func resume(_ waiting: (threads: Int, tasks: [CheckedContinuation<Void, Never>])) {
        for _ in 0..<waiting.threads { room.signal() }
        for task in waiting.tasks { task.resume() }
    }

    // MARK: Sending

    private func run() async {
        guard let address = PeerAddress(worker.address) else {
            return logger.error("A worker's address makes no sense", metadata: ["address": "\(worker.address)"])
        }
        let client = peers.client(to: address)
        var pauseMilliseconds = 20
        var saidWhy: String?
        while !Task.isCancelled {
            do {
                let stream = try await client.open(
                    ClusterPath.envelopes,
                    headers: [
                        ClusterPath.nameField: settings.name, ClusterPath.incarnationField: "\(settings.incarnation)",
                    ])
                pauseMilliseconds = 20
                saidWhy = nil
                try await forward(on: stream)
            } catch {
                // A reason is told once, not with every attempt.
                if !Task.isCancelled, saidWhy != "\(error)" {
                    logger.notice("Nothing gets to a worker", metadata: ["worker": "\(worker.name)", "why": "\(error)"])
                    saidWhy = "\(error)"
                }
            }
            try? await Task.sleep(for: .milliseconds(pauseMilliseconds))
            pauseMilliseconds = min(500, 2 * pauseMilliseconds)
        }
        await client.close()
    }

    private func forward(on stream: MessageStream) async throws {
        // The first confirmation says where to go on.
        guard let begin: UInt64 = try await stream.receive() else { return }
        let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let waiting = state.withLock { state in
            state.queue.begin(after: begin)
            state.wake = wake
            return state.takeWaiting()
        }
        resume(waiting)
        wake.yield()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.takeConfirmations(from: stream) }
            group.addTask {
                for await _ in wakes {
                    while true {
                        let messages = self.state.withLock { $0.queue.next(bytesMax: WorkerLink.sentBytesMax).map(\.bytes) }
                        if messages.isEmpty { break }
                        try await stream.send(messages)
                    }
                }
            }
            defer {
                group.cancelAll()
                stream.cancel()
            }
            try await group.next()
        }
    }

    private func takeConfirmations(from stream: MessageStream) async throws {
        while let number: UInt64 = try await stream.receive() {
            let waiting = state.withLock { state in
                state.queue.confirm(upTo: number)
                return state.takeWaiting()
            }
            resume(waiting)
        }
    }
}
