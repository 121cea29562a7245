// The shards of a worker that has joined: the executors, and which of their shards are the worker's to feed, to answer for and
// to report about.

internal import Bytes
internal import Cluster
internal import Datagrams
internal import ShardEngine
internal import Synchronization
internal import Wire

final class RunningShards: Sendable {
    let pool: ExecutorPool
    /// With the cluster's names for metrics.
    let catalogue: Catalogue
    /// Batches on their way from streams to executors: what bounds a worker's queue. A batch has one message, in the memory
    /// in which that came.
    let batches: BatchPool
    private let state: Mutex<State>

    /// An ingest node's largest message: a batch of the receiver's, with frames.
    static let messageBytesMax = 1 << 20
    private static let batchesMax = 32
    /// By then every coordinator goes by the map in which a shard is another worker's: the leader does when all workers do, and
    /// waits three seconds for one that has died.
    private static let retention = Duration.seconds(10)

    private struct State {
        var ownership: Ownership
        var replicaReports = ReplicaReports()
        /// Of each ingest process, the last message taken in, and the instant that it has told.
        var taken: [UInt64: UInt64] = [:]
        var times: [UInt64: Int64] = [:]
        var datagrams: UInt64 = 0, notOwned: UInt64 = 0
        /// Samples in the books of shards that came with them.
        var samplesBrought: UInt64 = 0
        var malformed: UInt64 = 0
        /// Batches that the executors have not finished: since when, and how many datagrams. Executors take them in order.
        var unfinished: [(since: ContinuousClock.Instant, datagrams: Int)] = []
        /// Questions by older maps, and the newest of these.
        var olderQuestions: UInt64 = 0, olderEpoch: UInt64 = 0
    }

    init(pool: ExecutorPool, catalogue: Catalogue = .standard, incarnation: UInt64) {
        self.pool = pool
        self.catalogue = catalogue
        state = Mutex(State(ownership: Ownership(incarnation: incarnation)))
        batches = BatchPool(
            batches: RunningShards.batchesMax, capacityBytes: 0, envelopesPerBatch: 256)
    }

    var epoch: UInt64 { state.withLock { $0.ownership.epoch } }
    /// Datagrams that were taken in.
    var datagramCount: UInt64 { state.withLock { $0.datagrams } }
    /// Samples in the books that this process has not counted itself.
    var samplesBrought: UInt64 { state.withLock { $0.samplesBrought } }
    /// Datagrams that were not taken in, because their shard is another worker's.
    var refusedCount: UInt64 { state.withLock { $0.notOwned } }
    /// Messages that made no sense.
    var malformedCount: UInt64 { state.withLock { $0.malformed } }

    /// Datagrams that have come and are not taken in, and how long the oldest waits.
    func waiting(at now: ContinuousClock.Instant) -> (datagrams: Int, lag: Duration) {
        state.withLock { state in
            (state.unfinished.reduce(0) { $0 + $1.datagrams }, state.unfinished.first?.since.duration(to: now) ?? .zero)
        }
    }

    /// Questions that were not answered, because they went by an older map.
    var olderQuestionCount: UInt64 { state.withLock { $0.olderQuestions } }

    // MARK: Ownership

    /// Goes by a newer map. Shards that come to this worker are kept waiting for what was counted elsewhere; those that are no
    /// longer its own forget what they know a little later.
    /// - Returns: reports of shards that were this worker's as replica and are now its own: the old primary may have died
    ///   before it could tell them.
    func adopt(_ map: ShardMap) async -> [[UInt8]] {
        guard let change = state.withLock({ $0.ownership.change(to: map) }) else { return [] }
        // Before anybody knows that this map is followed here: what is sent by it finds the shards ready.
        await pool.expect(change.begun, keeping: change.demoted)
        await pool.give(change.leaving)
        let reports = state.withLock { state in
            state.ownership.adopt(map, change)
            return state.replicaReports.take(change.primary)
        }
        await pool.stopExpecting(change.ended)
        await pool.drop(change.dropped)
        if !change.given.isEmpty { Task { await forgetLater(change.given) } }
        return reports
    }

    private func forgetLater(_ shards: ShardSet) async {
        try? await Task.sleep(for: RunningShards.retention)
        let forgotten = state.withLock { $0.ownership.release(shards) }
        await pool.forget(forgotten)
    }

    /// The shards of a question that this worker may answer for, by the map that the question goes by.
    func answerable(_ shards: ShardSet, epoch: UInt64) -> ShardSet {
        state.withLock { $0.ownership.answerable(shards, epoch: epoch) }
    }

    // MARK: Shards on their way

    /// Those that have come, as the leader is told.
    var filled: ShardSet { state.withLock { $0.ownership.toldFilled } }

    /// The leader is told of all that have come so far: not of each by itself, since each time makes a map.
    func tellFilled() { state.withLock { $0.ownership.tellFilled() } }

    /// Everything sent by maps older than this has been counted where it was sent to.
    func settle(_ epoch: UInt64) { state.withLock { $0.ownership.settle(epoch) } }

    /// What can be fetched now, by who has it.
    var fetchable: [(worker: ShardMap.Worker, shards: ShardSet)] {
        state.withLock { $0.ownership.fetchable }
    }

    /// A shard that was on its way since an epoch has come.
    func noteFilled(_ shard: Int, since epoch: UInt64) {
        state.withLock { $0.ownership.noteFilled(shard, since: epoch) }
    }

    /// A shard's books say so many samples more since it was fetched.
    func noteBrought(samples: UInt64) { state.withLock { $0.samplesBrought &+= samples } }

    /// Since when a shard has been on its way; nil for one that is not.
    func comingSince(_ shard: Int) -> UInt64? { state.withLock { $0.ownership.coming[shard] } }

    /// Those that this worker answers for.
    var answered: ShardSet { state.withLock { $0.ownership.primary } }

    /// Whether this worker has a shard that others may ask for as a whole.
    func gives(_ shard: Int) -> Bool { state.withLock { $0.ownership.gives(shard) } }

    // MARK: Reports

    /// A shard's report, to be sent if the shard is this worker's; a replica's is kept for a while.
    func keepOrTake(_ outbox: Outbox, of shard: Int) -> [UInt8]? {
        let bytes = outbox.wireBytes
        return state.withLock { state in
            if state.ownership.primary.contains(shard) { return bytes }
            state.replicaReports.add(bytes, of: shard)
            return nil
        }
    }

    /// Counts a question that went by an older map.
    /// - Returns: whether it is the first by this one.
    func noteOlderQuestion(by epoch: UInt64) -> Bool {
        state.withLock { state in
            state.olderQuestions += 1
            defer { state.olderEpoch = max(state.olderEpoch, epoch) }
            return epoch > state.olderEpoch || state.olderQuestions == 1
        }
    }

    // MARK: Feeding

    /// The last message of an ingest process that was taken in.
    func lastTaken(from ingest: UInt64) -> UInt64 { state.withLock { $0.taken[ingest] ?? 0 } }

    /// Hands the datagrams of a message to the executors, those of foreign shards left out.
    /// - Parameter finished: called when they are taken in.
    func take(
        _ batch: DatagramBatch, _ header: EnvelopeMessage.Header, from ingest: UInt64, finished: @escaping @Sendable () -> Void
    ) {
        let count = batch.envelopes.count
        let number = header.number
        batch.origin = BatchOrigin(sender: ingest, number: number, epoch: header.epoch)
        let feed = state.withLock { state -> Ownership.Feed? in
            // Of two streams of one process the older may still be at a message that the newer brings again.
            guard number > state.taken[ingest] ?? 0 else { return nil }
            state.taken[ingest] = number
            return state.ownership.feed
        }
        guard let feed else {
            // The sender does not know yet that it has been taken in: else it would wait for ever if this is its last one.
            batch.envelopes.removeAll(keepingCapacity: true)
            batch.whenFinished = finished
            return pool.accept(batch)
        }
        batch.envelopes.removeAll { !feed.takes($0.shard, by: header.epoch) }
        let taken = batch.envelopes.count
        state.withLock { state in
            state.datagrams += UInt64(taken)
            state.notOwned += UInt64(count - taken)
            if taken > 0 { state.unfinished.append((.now, taken)) }
        }
        batch.whenFinished = { [self] in
            if taken > 0 { state.withLock { _ = $0.unfinished.removeFirst() } }
            finished()
        }
        pool.accept(batch)
    }

    /// Nothing that arrived before `time` follows from this ingest process. When that holds for all of them, the shards are
    /// told.
    func advance(to time: Int64, message number: UInt64, from ingest: UInt64) async {
        let common = state.withLock { state in
            // An older stream of the same process may be late with it.
            state.taken[ingest] = max(number, state.taken[ingest] ?? 0)
            state.times[ingest] = max(time, state.times[ingest] ?? time)
            return state.times.values.min() ?? time
        }
        await pool.advance(to: common)
    }

    /// An ingest process has gone; it holds nobody up any more. What it sent last is remembered, since it may come back, but not
    /// of more processes than a cluster has members.
    func forgetTime(of ingest: UInt64) {
        state.withLock { state in
            state.times[ingest] = nil
            if state.taken.count > ClusterLimits.membersMax { state.taken[ingest] = nil }
        }
    }

    func noteMalformed() { state.withLock { $0.malformed += 1 } }
}

/// What shards of which this worker is the replica have reported lately: their primary reports the same, unless it dies.
private struct ReplicaReports {
    /// A dead worker is noticed after three seconds; then its replica reports what it may have failed to.
    private static let keptSeconds = 12
    private static let countMax = 4_096

    private var kept: [(shard: Int, at: ContinuousClock.Instant, bytes: [UInt8])] = []

    mutating func add(_ bytes: [UInt8], of shard: Int) {
        let now = ContinuousClock.now
        kept.append((shard, now, bytes))
        let tooOld = kept.prefix { $0.at.duration(to: now) > .seconds(ReplicaReports.keptSeconds) }.count
        kept.removeFirst(max(tooOld, kept.count - ReplicaReports.countMax))
    }

    mutating func take(_ shards: ShardSet) -> [[UInt8]] {
        let now = ContinuousClock.now
        defer { kept.removeAll { shards.contains($0.shard) } }
        return kept.filter {
            shards.contains($0.shard) && $0.at.duration(to: now) <= .seconds(ReplicaReports.keptSeconds)
        }.map(\.bytes)
    }
}
