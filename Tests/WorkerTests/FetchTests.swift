// Shards fetched over real connections from an owner that stops in the middle of one and never says so.

import Bytes
import Cluster
import ClusterMember
import DatagramBuilding
import Datagrams
import Logging
import NIOCore
import NIOPosix
import ShardEngine
import Synchronization
import Testing
import Transport
@testable import Worker

/// The owner of shards, whose first streams break off: each of them gives the beginning of a shard and then nothing more, as
/// when the way to it is cut.
private final class CutOffOwner: StreamAcceptor {
    enum Cut: CaseIterable { case beforeTheShard, amidTheShard, beforeTheCheck }

    private let running: RunningShards
    private let cuts: Mutex<[Cut]>
    private let opened = Atomic<Int>(0)
    private let ended = Atomic<Int>(0)

    init(_ running: RunningShards, cuts: [Cut]) {
        self.running = running
        self.cuts = Mutex(cuts)
    }

    /// Streams that were opened, and of those that broke off those that the other end has given up.
    var counts: (opened: Int, givenUp: Int) { (opened.load(ordering: .relaxed), ended.load(ordering: .relaxed)) }

    func accepts(path: String) -> Bool { path == ClusterPath.shards }

    func serve(_ stream: MessageStream) async throws {
        opened.add(1, ordering: .relaxed)
        guard let cut = cuts.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else {
            return try await ShardGiver(stream: stream, running: running).serve()
        }
        defer { ended.add(1, ordering: .relaxed) }
        while let request: ShardRequest = try await stream.receive() {
            guard case .state(let shard) = request, cut != .beforeTheShard else { continue }
            let state = await running.pool.executor(of: shard).state(of: shard)
            try await stream.send(Answer.part(ShardHead(state)))
            let bytes = state.pieces.flatMap(\.self)
            try await stream.send(ByteBuffer(bytes: cut == .amidTheShard ? bytes.dropLast(bytes.count / 2)[...] : bytes[...]))
        }
    }
}

private struct Nothing: HTTPResponder {
    func respond(to request: HTTPRequest) async -> HTTPResponse { HTTPResponse(status: 404, headers: [:], body: .bytes(ByteBuffer())) }
}

@Suite struct FetchTests {
    private static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// What a worker's own batches hold is borrowed from messages: these hold datagrams themselves.
    private static let pool = BatchPool(batches: 8, capacityBytes: 256 << 10, envelopesPerBatch: 64)

    private static func feed(_ running: RunningShards, _ arrivals: [Arrival], number: UInt64 = 1) async {
        let batch = await pool.takeSuspending()
        var filledBytes = 0
        for arrival in arrivals {
            for (offset, byte) in arrival.bytes.enumerated() { batch.writableBytes[filledBytes + offset] = byte }
            batch.envelopes.append(
                Envelope(
                    offset: filledBytes, byteCount: arrival.bytes.count, udpSource: arrival.datagram.agent, arrival: arrival.time, shard: 0))
            filledBytes += arrival.bytes.count
        }
        running.take(batch, .init(kind: .datagrams, epoch: 1, number: number), from: 9) {}
        await running.pool.drain()
    }

    @Test(arguments: CutOffOwner.Cut.allCases) fileprivate func anOwnerThatIsCutOffIsGivenUpAndAskedAgain(_ cut: CutOffOwner.Cut) async throws {
        func make(_ incarnation: UInt64) -> RunningShards {
            RunningShards(
                pool: ExecutorPool(executors: 1, shards: 1, expiry: .standard, catalogue: .standard, events: nil), incarnation: incarnation)
        }
        let old = make(1), new = make(2)
        defer { for running in [old, new] { running.pool.stop() } }
        let owner = CutOffOwner(old, cuts: [cut, cut])
        var configuration = HTTPServerConfiguration(host: "127.0.0.1", port: 0)
        configuration.streams = owner
        let server = HTTPServer(configuration: configuration, responder: Nothing(), logger: Self.silent)
        let port = try await server.start()

        var map = ShardMap(
            epoch: 2, shardCount: 1, replicas: 1,
            workers: [.init(name: "a", incarnation: 1, address: "127.0.0.1:\(port)"), .init(name: "b", incarnation: 2, address: "127.0.0.1:1")])
        map.owners[0].primary = 0
        map.owners[0].incoming = 1
        map.owners[0].incomingSince = 2
        for running in [old, new] { _ = await running.adopt(map) }
        var stream = StreamGenerator(seed: 3, agents: 10)
        let arrivals = Array(stream.seconds(5).prefix(60))
        await Self.feed(old, arrivals)
        for running in [old, new] { running.settle(2) }
        // From an ingest node that was given up: the snapshot may have been taken already.
        await Self.feed(old, arrivals, number: 2)
        #expect(old.datagramCount == UInt64(arrivals.count))
        #expect(old.refusedCount == UInt64(arrivals.count))

        let (come, hasCome) = AsyncStream.makeStream(of: Int.self)
        let fetch = ShardFetch(
            new, peers: PeerDialer(group: MultiThreadedEventLoopGroup.singleton, tls: nil, logger: Self.silent), logger: Self.silent,
            deadline: .milliseconds(300)
        ) { hasCome.yield(new.filled.count) }
        let fetching = Task { await fetch.run() }
        fetch.look()
        var attempts: [Int] = []
        for await count in come {
            attempts.append(count)
            if count == 0 { #expect(await new.pool.executors[0].run { $0[0].agents.isEmpty }, "nothing is left of an attempt") }
            if count > 0 || attempts.count == 100 { break }
        }
        fetching.cancel()
        // On a busy machine even a whole attempt may take too long.
        #expect(attempts.count >= 3 && attempts.last == 1 && attempts.dropLast().allSatisfy { $0 == 0 }, "at least twice in vain: \(attempts)")
        let limit = ContinuousClock.now + .seconds(10)
        while owner.counts.givenUp < 2, ContinuousClock.now < limit { try await Task.sleep(for: .milliseconds(2)) }
        #expect(owner.counts == (attempts.count, 2), "the owner is told that nobody waits any more")
        let hashes = (await old.pool.executors[0].run { $0[0].stateHash }, await new.pool.executors[0].run { $0[0].stateHash })
        #expect(hashes.0 == hashes.1)
        #expect(await new.pool.executors[0].run { !$0[0].agents.isEmpty })
        await server.shutdown(drainSeconds: 0.1)
    }
}
