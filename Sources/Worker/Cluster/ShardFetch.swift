// Brings the shards here that are to come to this worker: from each worker that has some, one after the other.

internal import Cluster
internal import ClusterMember
internal import Logging
internal import Transport

final class ShardFetch: Sendable {
    private let running: RunningShards
    private let peers: PeerDialer
    private let logger: Logger
    /// Called when shards have come.
    private let onFilled: @Sendable () -> Void
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    /// After which an attempt that has failed is made again. Unit: milliseconds.
    private static let pauseMilliseconds = 100
    /// How long what the other has counted may take to come here. Unit: milliseconds.
    private static let earlyMilliseconds = 2_000
    private let deadline: Duration

    /// - Parameter deadline: how long one shard may take: its owner may be cut off and never say so.
    init(
        _ running: RunningShards, peers: PeerDialer, logger: Logger, deadline: Duration = .seconds(10), onFilled: @escaping @Sendable () -> Void
    ) {
        self.deadline = deadline
        self.running = running
        self.peers = peers
        self.logger = logger
        self.onFilled = onFilled
        (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// There may be something to fetch.
    func look() { wake.yield() }

    /// Fetches until the task is cancelled.
    func run() async {
        for await _ in wakes {
            while !Task.isCancelled {
                let sources = running.fetchable
                if sources.isEmpty { break }
                let isDone = await withTaskGroup(of: Bool.self) { group in
                    for (worker, shards) in sources { group.addTask { await self.fetch(shards, from: worker) } }
                    return await group.reduce(true) { $0 && $1 }
                }
                if !isDone { try? await Task.sleep(for: .milliseconds(ShardFetch.pauseMilliseconds)) }
            }
        }
    }

    /// - Returns: false when something has failed.
    private func fetch(_ shards: ShardSet, from worker: ShardMap.Worker) async -> Bool {
        guard let address = PeerAddress(worker.address) else { return false }
        let client = peers.client(to: address)
        defer {
            running.tellFilled()
            onFilled()
            Task { await client.close() }
        }
        do {
            let stream = try await client.open(ClusterPath.shards)
            defer { stream.cancel() }
            for shard in shards.shards { try await fetchInTime(shard, ShardTaker(stream: stream)) }
            logger.info("Shards have come", metadata: ["from": "\(worker.name)", "count": "\(shards.count)"])
            return true
        } catch {
            logger.info("A shard has not come", metadata: ["from": "\(worker.name)", "why": "\(error)"])
            return false
        }
    }

    private func fetchInTime(_ shard: Int, _ taker: ShardTaker) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.fetch(shard, taker) }
            group.addTask {
                try await Task.sleep(for: self.deadline)
                taker.stream.cancel()
                throw ShardRefusal("its owner does not answer in time")
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func fetch(_ shard: Int, _ taker: ShardTaker) async throws {
        // Given to somebody else meanwhile.
        guard let since = running.comingSince(shard) else { return }
        let executor = running.pool.executor(of: shard)
        running.noteBrought(samples: try await executor.restore(shard, since: since, try await taker.state(of: shard)).get())
        do {
            try await complete(shard, taker, executor)
        } catch {
            await executor.giveUp(shard)
            throw error
        }
        running.noteFilled(shard, since: since)
    }

    private func complete(_ shard: Int, _ taker: ShardTaker, _ executor: ShardExecutor) async throws {
        let check = try await taker.check(of: shard)
        var verdict = await executor.compare(shard, with: check)
        let deadline = ContinuousClock.now + .milliseconds(ShardFetch.earlyMilliseconds)
        while case .early = verdict, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(2))
            verdict = await executor.compare(shard, with: check)
        }
        switch verdict {
        case .agrees: break
        case .early: throw ShardRefusal("what was counted of shard \(shard) there does not come here")
        case .differs(let why):
            // Where all datagrams reach both owners this cannot be: somebody should know.
            logger.warning("Two owners of a shard differ", metadata: ["shard": "\(shard)", "why": "\(why)"])
            throw ShardRefusal("shard \(shard): \(why)")
        }
    }
}
