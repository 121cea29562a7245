// A worker of a cluster: executors as in a single process, fed by ingest nodes, asked by coordinators, told by the leader which
// shards are its own.

package import Cluster
package import ClusterMember
internal import Datagrams
package import Logging
internal import Queries
package import ShardEngine
internal import Synchronization
internal import Transport
internal import Wire

package final class WorkerNode: Sendable {
    /// What a worker needs of the program around it.
    package struct Parts: Sendable {
        /// Of this process.
        package var incarnation: UInt64
        /// Threads that own shards.
        package var executors: Int
        package var catalogue: Catalogue
        package var peers: PeerDialer
        /// Puts a definition document in force in a pool; throws what the leader is to be told.
        package var adoptDefinitions: @Sendable (_ document: [UInt8], ExecutorPool, Catalogue) async throws -> Void

        package init(
            incarnation: UInt64, executors: Int, catalogue: Catalogue, peers: PeerDialer,
            adoptDefinitions: @escaping @Sendable (_ document: [UInt8], ExecutorPool, Catalogue) async throws -> Void
        ) {
            self.incarnation = incarnation
            self.executors = executors
            self.catalogue = catalogue
            self.peers = peers
            self.adoptDefinitions = adoptDefinitions
        }
    }

    private let parts: Parts
    let logger: Logger
    private let state = Mutex(State())

    private struct State {
        var terms: ClusterTerms?
        var running: RunningShards?
        var fetch: ShardFetch?
        var fetching: Task<Void, Never>?
        var definitionsVersion: UInt64 = 0
        var error: String?
        var isDraining = false
        var isReleased = false
        var link: MemberLink?
        var lastLoad = (load: MemberLoad(), at: ContinuousClock.now)
        /// What the executors counted when they were asked last.
        var books = ShardBooks()
        /// Counted by this process.
        var samples: UInt64 = 0
        var loads = ShardLoads()
        /// What the next heartbeat tells of them.
        var loadsToTell: [UInt64: UInt64] = [:]
        var isCounting = false
    }

    package init(_ parts: Parts, logger: Logger) {
        self.parts = parts
        self.logger = logger
    }

    /// The link over which events are reported. Set once, before it runs.
    package func report(over link: MemberLink) { state.withLock { $0.link = link } }

    /// Asks the leader to give the shards to others.
    package func drain() {
        let link = state.withLock { state in
            state.isDraining = true
            return state.link
        }
        link?.beat()
    }

    /// Whether others have all that this worker had: it may end.
    package var isReleased: Bool { state.withLock { $0.isReleased } }

    /// Ends the executors. Blocks.
    package func stop() {
        let (running, fetching) = state.withLock { ($0.running, $0.fetching) }
        fetching?.cancel()
        running?.pool.stop()
    }

    /// nil until the worker has joined.
    var running: RunningShards? { state.withLock { $0.running } }
}

// MARK: What the leader says

extension WorkerNode: MemberDuties {
    package func follow(_ order: MemberOrder) async {
        switch order {
        case .welcome(let terms): begin(terms)
        case .map(let map):
            guard let running else { return }
            for bytes in await running.adopt(map) { state.withLock { $0.link }?.report(bytes) }
            state.withLock { $0.fetch }?.look()
        case .definitions(let version, let document): await adopt(version, document)
        case .settled(let epoch):
            running?.settle(epoch)
            state.withLock { $0.fetch }?.look()
        case .released: state.withLock { $0.isReleased = true }
        case .taken, .heard, .refused: break
        }
    }

    private func begin(_ terms: ClusterTerms) {
        state.withLock { state in
            if let old = state.terms {
                // Executors hold their shards for life.
                if old != terms { state.error = "the cluster now has other terms than when this worker joined: start it again" }
                return
            }
            state.terms = terms
            let catalogue = parts.catalogue.adding(aliases: terms.aliases)
            let pool = ExecutorPool(
                executors: parts.executors, shards: terms.shardCount,
                expiry: Expiry(minimum: terms.expiryMinimum, maximum: terms.expiryMaximum), catalogue: catalogue,
                events: self)
            let running = RunningShards(pool: pool, catalogue: catalogue, incarnation: parts.incarnation)
            let fetch = ShardFetch(running, peers: parts.peers, logger: logger) { [self] in self.state.withLock { $0.link }?.beat() }
            state.running = running
            state.fetch = fetch
            state.fetching = Task { await fetch.run() }
        }
    }

    private func adopt(_ version: UInt64, _ document: [UInt8]) async {
        guard let running else { return }
        do {
            try await parts.adoptDefinitions(document, running.pool, running.catalogue)
            state.withLock { state in
                state.definitionsVersion = version
                state.error = nil
            }
        } catch {
            logger.error("Definitions cannot be put in force", metadata: ["version": "\(version)", "why": "\(error)"])
            state.withLock { $0.error = "definitions \(version): \(error)" }
        }
    }

    package func heartbeat() async -> Heartbeat {
        var heartbeat = Heartbeat()
        let running = self.running
        let waiting = running?.waiting(at: .now)
        if let running { count(running) }
        state.withLock { state in
            heartbeat.epoch = running?.epoch ?? 0
            heartbeat.definitionsVersion = state.definitionsVersion
            heartbeat.isDraining = state.isDraining
            heartbeat.error = state.error
            guard let running else { return }
            heartbeat.filled = running.filled
            heartbeat.load.dropped = running.refusedCount
            heartbeat.load.refusedMessages = running.malformedCount
            heartbeat.load.olderQuestions = running.olderQuestionCount
            heartbeat.load.queued = waiting?.datagrams ?? 0
            heartbeat.lagMilliseconds = waiting?.lag.milliseconds ?? 0
            heartbeat.load.datagrams = running.datagramCount
            heartbeat.load.samples = state.samples
            (heartbeat.shardLoads, state.loadsToTell) = (state.loadsToTell, [:])
            heartbeat.load.agents = state.books.agentCount
            heartbeat.load.setRates(since: &state.lastLoad)
        }
        return heartbeat
    }

    /// Asks the executors what they have counted, for the next heartbeat: this one does not wait for its turn behind all that they
    /// have to do, since a worker with much to do would be taken for dead.
    private func count(_ running: RunningShards) {
        let isFirst = state.withLock { state in
            defer { state.isCounting = true }
            return !state.isCounting
        }
        guard isFirst else { return }
        Task {
            let books = await running.pool.books()
            let isDue = state.withLock { $0.loads.isDue(at: .now) }
            let samples = isDue ? await running.pool.samplesByShard() : []
            state.withLock { state in
                if isDue { state.loadsToTell = state.loads.rates(samples: samples, answered: running.answered, at: .now) }
                state.books = books
                // A shard may have come in between; then this says too little for a moment.
                let brought = min(running.samplesBrought, books.counters.samples)
                state.samples = max(state.samples, books.counters.samples - brought)
                state.isCounting = false
            }
        }
    }
}

extension MemberLoad {
    /// Rates over the time since the load before; the present one takes its place when a second has passed.
    fileprivate mutating func setRates(since last: inout (load: MemberLoad, at: ContinuousClock.Instant)) {
        let now = ContinuousClock.now
        let passed = last.at.duration(to: now)
        let seconds = Double(passed.components.seconds) + Double(passed.components.attoseconds) * 1e-18
        guard seconds >= 0.9 else {
            datagramsPerSecond = last.load.datagramsPerSecond
            samplesPerSecond = last.load.samplesPerSecond
            return
        }
        datagramsPerSecond = Double(datagrams &- last.load.datagrams) / seconds
        samplesPerSecond = Double(samples &- last.load.samples) / seconds
        last = (self, now)
    }
}

// MARK: What shards report

extension WorkerNode: EventSink {
    package func accept(_ outbox: Outbox, of shard: Int) {
        guard let running, let bytes = running.keepOrTake(outbox, of: shard) else { return }
        state.withLock { $0.link }?.report(bytes)
    }
}

// MARK: Ending

extension WorkerNode {
    /// Whether this worker knows its shards.
    package var isServing: Bool { running.map { $0.epoch > 0 } ?? false }

    /// Asks the leader to give the shards to others, and waits until it has, but not for ever.
    package func drain(atMost limit: Duration) async {
        // A worker that never joined has nothing that others could wait for.
        guard running != nil else { return }
        drain()
        let deadline = ContinuousClock.now + limit
        while !isReleased, ContinuousClock.now < deadline, (try? await Task.sleep(for: .milliseconds(20))) != nil {}
    }
}
