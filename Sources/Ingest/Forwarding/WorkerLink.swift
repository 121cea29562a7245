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
        var counters = PeerCounters()
        /// What a worker that has fallen behind may owe: half a second at a million datagrams a second of 1,200 bytes would be
        /// 600 MB; a quarter of a second at 200,000 is this. Unit: bytes.
        var queueBytesMax = 64 << 20
        /// Whether receiving threads wait for room, as the reader of a file can; else what finds no room is dropped.
        var waitsForRoom = false
    }

    let worker: ShardMap.Worker
    private let settings: Settings
    private let group: any EventLoopGroup
    private let logger: Logger
    private let state: Mutex<State>
    private let room = Semaphore()

    private struct State {
        var queue: ForwardQueue
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

    init(_ worker: ShardMap.Worker, _ settings: Settings, group: any EventLoopGroup, logger: Logger) {
        self.worker = worker
        self.settings = settings
        self.group = group
        self.logger = logger
        state = Mutex(State(queue: ForwardQueue(bytesMax: settings.queueBytesMax)))
        let sender = Task { await self.run() }
        state.withLock { $0.sender = sender }
    }

    /// Datagrams that wait to be sent or confirmed.
    var waitingCount: Int { state.withLock { $0.queue.datagramCount } }
    var waitingBytes: Int { state.withLock { $0.queue.byteCount } }

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
    func offer(_ writer: inout EnvelopeMessageWriter, _ header: EnvelopeMessage.Header) -> Bool {
        state.withLock { state in
            guard !state.isClosed, settings.waitsForRoom || state.queue.hasRoom(forBytes: writer.bytes.count) else { return false }
            state.queue.add(number: header.number, datagrams: writer.count, writer.finish(header))
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
        let client = PeerClient(.init(address, settings.counters), group: group, logger: logger)
        var pauseMilliseconds = 20
        while !Task.isCancelled {
            do {
                let stream = try await client.open(
                    ClusterPath.envelopes,
                    headers: [
                        ClusterPath.nameField: settings.name, ClusterPath.incarnationField: "\(settings.incarnation)",
                    ])
                pauseMilliseconds = 20
                try await forward(on: stream)
            } catch {
                logger.debug("Stream to a worker broken", metadata: ["worker": "\(worker.name)", "why": "\(error)"])
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
                    while let message = self.state.withLock({ $0.queue.next() }) {
                        try await stream.send(ByteBuffer(bytes: message.bytes))
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
