// All executors of a process: spreads shards over them, takes batches for them, and answers queries through them.

package import Cluster
package import Datagrams
package import Queries
package import ShardEngine
internal import Bytes

package final class ExecutorPool: DatagramSink, Sendable {
    package let shardCount: Int
    package let executors: [ShardExecutor]

    /// - Parameters:
    ///   - executorCount: threads, at least one, at most one a shard.
    ///   - shardCount: at least one.
    ///   - events: takes what the shards report; without it that is dropped.
    package init(
        executors executorCount: Int, shards shardCount: Int, expiry: Expiry, catalogue: Catalogue,
        events: (any EventSink)? = nil
    ) {
        let shardCount = max(1, shardCount)
        let executorCount = max(1, min(executorCount, shardCount))
        self.shardCount = shardCount
        executors = (0..<executorCount).map { index in
            ShardExecutor(index: index, of: executorCount, events: events) {
                let memory = IngestMemory()
                return stride(from: index, to: shardCount, by: executorCount).map { _ in
                    Shard(expiry: expiry, catalogue: catalogue, memory: memory)
                }
            }
        }
    }

    package func accept(_ batch: DatagramBatch) {
        guard !batch.envelopes.isEmpty else {
            batch.startReading(by: 1)
            return batch.finishReading()
        }
        batch.startReading(by: executors.count)
        for executor in executors { executor.ingest(batch) }
    }

    /// The shards as queries see them: one host.
    package var hosts: HostSet {
        HostSet(hosts: [LocalShardHost(executors: executors, wanted: nil, shardCount: shardCount)], shardCount: shardCount)
    }

    /// Some of the shards as queries see them.
    package func host(for shards: ShardSet) -> LocalShardHost {
        LocalShardHost(executors: executors, wanted: shards, shardCount: shards.count)
    }

    /// The books of all shards together. Agents count whether they are still seen or not.
    func books() async -> ShardBooks {
        var books = ShardBooks()
        for executor in executors {
            books.add(
                await executor.run { shards in
                    var books = ShardBooks()
                    for shard in shards {
                        books.counters.add(shard.counters)
                        books.agentCount += shard.agents.count
                    }
                    return books
                })
        }
        return books
    }

    /// Of each shard, the samples in its books.
    func samplesByShard() async -> [UInt64] {
        var samples = Array(repeating: UInt64(0), count: shardCount)
        for executor in executors {
            let own = await executor.run { $0.map(\.counters.samples) }
            for (place, count) in own.enumerated() { samples[executor.index + place * executors.count] = count }
        }
        return samples
    }

    /// Tells the shards what time it is, after everything accepted so far: logged flows that have ended by then are
    /// reported when it returns.
    /// - Parameter instant: no datagram with an earlier arrival may be accepted afterwards. Unit: nanoseconds since the
    ///   Unix epoch.
    package func advance(to instant: Int64) async {
        for executor in executors { await executor.advance(to: instant) }
    }

    /// Waits until everything accepted so far has been taken in.
    package func drain() async {
        for executor in executors { await executor.run { _ in } }
    }

    /// Finishes what was accepted and ends the threads. Nothing may be asked of them afterwards. Blocks.
    package func stop() {
        for executor in executors { executor.stop() }
    }
}
