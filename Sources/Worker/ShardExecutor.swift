// A thread that owns shards. Everything that touches a shard runs here, one thing after the other: batches of datagrams
// as they come, queries between them. That is why shards need no lock.

package import Datagrams
package import ShardEngine
internal import Bytes
internal import Synchronization

package final class ShardExecutor: Sendable {
    /// The executor's place among the process's executors. It owns the shards `index`, `index + executorCount`, …
    package let index: Int
    private let executorCount: Int
    private let queue = Mutex<Queue>(Queue())
    private let wakeUp = Semaphore()
    private let stopped = Semaphore()

    private struct Queue {
        var jobs: [Job] = []
        var isStopping = false
    }

    private enum Job: Sendable {
        case batch(DatagramBatch)
        case work(@Sendable (Owned) -> Void)
    }

    /// The state that only this executor's thread touches.
    package final class Owned {
        package let shards: [Shard]
        fileprivate var lastSweep: Int64 = 0

        fileprivate init(shards: [Shard]) { self.shards = shards }
    }

    /// Time on the state's clock between two clean-ups of expired values.
    private static let sweepInterval: Int64 = 60_000_000_000
    /// Other agents' datagrams may be stamped this much earlier (by another node's clock, by another capture merged into
    /// one): what they still see must not be removed by how agents happen to share executors. Unit: nanoseconds.
    private static let sweepDelay: Int64 = 600_000_000_000

    /// - Parameter makeShards: called on the executor's own thread.
    package init(index: Int, of executorCount: Int, makeShards: @escaping @Sendable () -> [Shard]) {
        self.index = index
        self.executorCount = executorCount
        startThread(named: "weir-shard-\(index)") { [self] in
            run(Owned(shards: makeShards()))
            stopped.signal()
        }
    }

    /// Takes a batch over; its envelopes for this executor are taken in after all that was handed over before.
    package func ingest(_ batch: DatagramBatch) { enqueue(.batch(batch)) }

    /// Runs something on the executor's thread, after all that was handed over before.
    package func run<Result: Sendable>(_ body: @escaping @Sendable ([Shard]) -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            enqueue(.work { owned in continuation.resume(returning: body(owned.shards)) })
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
                case .work(let body): body(owned)
                }
            }
            if jobs.isEmpty {
                if isStopping { return }
                wakeUp.wait()
            }
        }
    }

    private func ingest(_ batch: DatagramBatch, _ owned: Owned) {
        var newest = owned.lastSweep
        for envelope in batch.envelopes where envelope.shard % executorCount == index {
            batch.withBytes(of: envelope) { bytes in
                owned.shards[envelope.shard / executorCount]
                    .ingest(bytes, udpSource: envelope.udpSource, arrival: envelope.arrival)
            }
            newest = max(newest, envelope.arrival)
        }
        batch.finishReading()
        if newest - owned.lastSweep > ShardExecutor.sweepInterval {
            for shard in owned.shards { shard.removeExpired(asOf: newest - ShardExecutor.sweepDelay) }
            owned.lastSweep = newest
        }
    }
}
