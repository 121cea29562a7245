// A thread that owns shards. Everything that touches a shard runs here, one thing after the other: batches of datagrams
// as they come, queries between them. That is why shards need no lock.

package import Cluster
package import Datagrams
package import ShardEngine
internal import Bytes
internal import Synchronization

package final class ShardExecutor: Sendable {
    /// The executor's place among the process's executors. It owns the shards `index`, `index + executorCount`, …
    package let index: Int
    let executorCount: Int
    private let events: (any EventSink)?
    private let queue = Mutex<Queue>(Queue())
    private let wakeUp = Semaphore()
    private let stopped = Semaphore()

    private struct Queue {
        var jobs: [Job] = []
        var isStopping = false
    }

    enum Job: Sendable {
        case batch(DatagramBatch)
        case work(@Sendable (Owned) -> Void)
    }

    /// The state that only this executor's thread touches.
    package final class Owned {
        package let shards: [Shard]
        var lastSweep: Int64 = 0
        var lastAdvance: Int64 = 0
        /// Of each process that sends batches, the number of its last one.
        var positions = BatchPositions()
        /// Shards that wait for what was counted of them elsewhere, and what came for them meanwhile; by place in `shards`.
        var coming: [Int: ComingShard] = [:]
        /// Shards that another worker is being given, and the last batches that both got datagrams of them in.
        var leaving: [Int: LeavingShard] = [:]
        /// Of shards that have come, by sender up to which batch they had what may still come here; by place in `shards`.
        var brought: [Int: [UInt64: UInt64]] = [:]
        /// Which of the datagrams of the batch at hand are this executor's: their places in the batch. Reused.
        fileprivate var places: [Int] = []
        /// Whether shards beside those of a batch may have something to report.
        fileprivate var mayAllReport = true

        fileprivate init(shards: [Shard]) { self.shards = shards }

        /// Shards whose time passes here: all but those that wait for what was counted elsewhere.
        var present: [Shard] {
            coming.isEmpty ? shards : shards.indices.filter { coming[$0] == nil }.map { shards[$0] }
        }

        /// As of which expired values were removed last. Unit: nanoseconds since the Unix epoch.
        var swept: Int64 { lastSweep - ShardExecutor.sweepDelay }
    }

    /// Time on the state's clock between two clean-ups of expired values.
    private static let sweepInterval: Int64 = 60_000_000_000
    /// Other agents' datagrams may be stamped this much earlier (by another node's clock, by another capture merged into
    /// one): what they still see must not be removed by how agents happen to share executors. Unit: nanoseconds.
    fileprivate static let sweepDelay: Int64 = 600_000_000_000

    /// Time on the state's clock between two looks for logged flows that have ended, and how far behind the newest arrival
    /// that clock is kept: datagrams stamped that much earlier may still come, from another node. Unit: nanoseconds.
    private static let advanceInterval: Int64 = 1_000_000_000
    private static let advanceDelay: Int64 = 2_000_000_000

    /// - Parameters:
    ///   - events: takes what the shards report.
    ///   - makeShards: called on the executor's own thread.
    package init(
        index: Int, of executorCount: Int, events: (any EventSink)?, makeShards: @escaping @Sendable () -> [Shard]
    ) {
        self.index = index
        self.executorCount = executorCount
        self.events = events
        startThread(named: "weir-shard-\(index)") { [self] in
            run(Owned(shards: makeShards()))
            stopped.signal()
        }
    }

    /// Takes a batch over; its envelopes for this executor are taken in after all that was handed over before.
    package func ingest(_ batch: DatagramBatch) { enqueue(.batch(batch)) }

    /// Runs something on the executor's thread with those of its shards that are wanted, after all that was handed over before.
    /// - Parameter wanted: nil for all.
    package func run<Result: Sendable>(
        on wanted: ShardSet?, _ body: @escaping @Sendable ([Shard]) -> Result
    ) async -> Result {
        guard let wanted else { return await run(body) }
        return await run { [self] shards in
            body(shards.indices.filter { wanted.contains(index + $0 * executorCount) }.map { shards[$0] })
        }
    }

    /// Runs something on the executor's thread, after all that was handed over before.
    package func run<Result: Sendable>(_ body: @escaping @Sendable ([Shard]) -> Result) async -> Result {
        await work { body($0.shards) }
    }

    /// The same with all that the executor owns.
    func work<Result: Sendable>(_ body: @escaping @Sendable (Owned) -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            enqueue(.work { owned in continuation.resume(returning: body(owned)) })
        }
    }

    /// Tells the shards what time it is, after all that was handed over before.
    package func advance(to instant: Int64) async {
        await withCheckedContinuation { continuation in
            enqueue(.work { [self] owned in
                advance(owned, to: instant)
                report(owned)
                continuation.resume()
            })
        }
    }

    /// Finishes what was handed over, then ends the thread. Blocks.
    package func stop() {
        queue.withLock { $0.isStopping = true }
        wakeUp.signal()
        stopped.wait()
    }

    private func enqueue(_ job: Job) {
        let wasEmpty = queue.withLock { queue in
            queue.jobs.append(job)
            return queue.jobs.count == 1
        }
        if wasEmpty { wakeUp.signal() }
    }

    private func run(_ owned: Owned) {
        while true {
            let (jobs, isStopping) = queue.withLock { queue in
                defer { queue.jobs.removeAll(keepingCapacity: true) }
                return (queue.jobs, queue.isStopping)
            }
            for job in jobs {
                switch job {
                case .batch(let batch): ingest(batch, owned)
                case .work(let body):
                    body(owned)
                    owned.mayAllReport = true
                }
            }
            if jobs.isEmpty {
                if isStopping { return }
                wakeUp.wait()
            }
        }
    }

    private func ingest(_ batch: DatagramBatch, _ owned: Owned) {
        if let origin = batch.origin { owned.positions.note(origin) }
        let newest = choose(from: batch, owned)
        for first in stride(from: 0, to: owned.places.count, by: Shard.datagramsAhead) {
            ingest(owned.places[first..<min(first + Shard.datagramsAhead, owned.places.count)], of: batch, owned)
        }
        let shards = owned.mayAllReport ? [] : reporting(batch, owned)
        batch.finishReading()
        if newest - owned.lastAdvance > ShardExecutor.advanceInterval + ShardExecutor.advanceDelay {
            advance(owned, to: newest - ShardExecutor.advanceDelay)
        }
        if newest - owned.lastSweep > ShardExecutor.sweepInterval {
            owned.lastSweep = newest
            for shard in owned.present { shard.removeExpired(asOf: owned.swept) }
            owned.mayAllReport = true
        }
        if owned.mayAllReport { report(owned) } else { for place in shards { report(owned, place) } }
    }

    /// Notes which datagrams are this executor's.
    /// - Returns: when the newest of all arrived, or the last sweep's time if that is later.
    private func choose(from batch: DatagramBatch, _ owned: Owned) -> Int64 {
        owned.places.removeAll(keepingCapacity: true)
        var newest = owned.lastSweep
        for (place, envelope) in batch.envelopes.enumerated() {
            newest = max(newest, envelope.arrival)
            if envelope.shard % executorCount == index { owned.places.append(place) }
        }
        return newest
    }

    /// Takes a few datagrams in, all of which are announced to their shards before the first.
    private func ingest(_ places: ArraySlice<Int>, of batch: DatagramBatch, _ owned: Owned) {
        for place in places {
            let envelope = batch.envelopes[place]
            batch.withBytes(of: envelope) {
                owned.shards[envelope.shard / executorCount].expect($0, udpSource: envelope.udpSource)
            }
        }
        // Of all of them: the shards share what looks ahead.
        if let place = places.first { owned.shards[batch.envelopes[place].shard / executorCount].fetchExpected() }
        for place in places {
            let envelope = batch.envelopes[place]
            let shard = envelope.shard / executorCount
            batch.withBytes(of: envelope) { bytes in
                if owned.hasMoves, owned.hold(bytes, envelope, of: shard, batch.origin) { return }
                owned.shards[shard].ingest(bytes, udpSource: envelope.udpSource, arrival: envelope.arrival, weight: envelope.weight)
            }
        }
    }

    /// Those of a batch's shards that have something to report, each once, in order.
    private func reporting(_ batch: DatagramBatch, _ owned: Owned) -> [Int] {
        var shards: [Int] = []
        for place in owned.places {
            let shard = batch.envelopes[place].shard / executorCount
            if owned.shards[shard].hasReports { shards.append(shard) }
        }
        return shards.isEmpty ? [] : Set(shards).sorted()
    }

    private func advance(_ owned: Owned, to instant: Int64) {
        for shard in owned.present { shard.advance(to: instant) }
        owned.lastAdvance = max(owned.lastAdvance, instant)
        owned.mayAllReport = true
    }

    /// Hands over what the shards have to report.
    func report(_ owned: Owned) {
        for place in owned.shards.indices where owned.shards[place].hasReports { report(owned, place) }
        owned.mayAllReport = false
    }

    private func report(_ owned: Owned, _ place: Int) {
        let outbox = owned.shards[place].takeOutbox()
        events?.accept(outbox, of: index + place * executorCount)
    }
}
