// `weir ingest`: receives sFlow (or replays a capture) and passes each datagram on to the workers that own its agent's shard.
// It keeps nothing: any number of them may run, and any of them may get any datagram.

internal import ClusterMember
internal import Cluster
internal import Datagrams
internal import Ingest
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import Settings
internal import Synchronization
internal import Transport

struct IngestCommand {
    private let settings: Settings
    private let logger: Logger

    /// What has been received may take this long to reach the workers when the process is told to stop.
    private static let drainSeconds = 5.0
    /// And the leader may take so long to hear that it ends.
    private static let goodbyeSeconds = 2.0

    init(_ settings: Settings) {
        self.settings = settings
        logger = makeLogger(settings)
    }

    func run() async throws {
        let ends = EndOfService()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let peers = PeerDialer(group: group, tls: peerTLS(settings), logger: logger)
        let incarnation = UInt64.random(in: 1...UInt64.max)
        let isReplay = settings.replay != nil
        let clock = StateClock(isReplay && settings.replayPace == .fast ? .capture : .machine)
        let node = IngestNode(clock: clock, isCapture: isReplay && settings.replayPace == .fast)
        let cluster = ClusterPort(settings, role: "ingest", streams: nil, peers: peers, logger: logger) { node.isForwarding }
        let port = try await cluster.start()
        let name = nodeName(settings, port: port)
        var join = Join(role: .ingest, name: name, incarnation: incarnation, port: port, epoch: 0, version: Weir.version)
        join.isDemo = settings.demo
        let link = MemberLink(
            MemberLink.Configuration(coordinators: settings.coordinator.map { PeerAddress(host: $0.host, port: $0.port) }, join: join),
            peers: peers, logger: logger)
        let membership = Task { await link.run(node) }
        defer { membership.cancel() }

        let ending = Task {
            let reason = await ends.wait()
            node.stopWaiting()
            return reason
        }
        // How many shards there are is the cluster's to say; until then nothing can be passed on.
        guard let terms = await node.terms else {
            let reason = await ending.value
            logger.notice("Stopping before a coordinator was found", metadata: ["reason": "\(reason)"])
            membership.cancel()
            await membership.value
            await cluster.stop()
            return try await group.shutdownGracefully()
        }
        let forwarder = ShardForwarder(
            shardCount: terms.shardCount, name: name, incarnation: incarnation, queueBytesMax: settings.workerQueue,
            waitsForRoom: isReplay || settings.demo,
            peers: peers, logger: logger, onSettled: link.beat)
        let (source, sflow) = try DatagramSources(settings, logger: logger).open(
            into: forwarder, clock: clock, counters: node.counters
        ) { report in
            Task { await finish(report, node, forwarder, link, ends) }
        }
        node.begin(forwarder)
        link.beat()
        say("ready role=ingest name=\(name) cluster=\(port) sflow=\(sflow)\n")
        source.start()
        let ticking = Task { await tellTime(forwarder, clock) }

        let reason = await ending.value
        logger.notice("Stopping", metadata: ["reason": "\(reason)"])
        forwarder.stopHolding()
        source.stop()
        ticking.cancel()
        if await drain(forwarder) { await sayGoodbye(node, link, membership) }
        membership.cancel()
        await membership.value
        await cluster.stop()
        try await group.shutdownGracefully()
        logger.notice("Stopped", metadata: ["datagrams": "\(node.counters.snapshot.datagramsReceived)"])
        if let error = reason.error { throw error }
    }

    /// While nothing arrives, nothing but the clock tells the workers that a logged flow has ended.
    private func tellTime(_ forwarder: ShardForwarder, _ clock: StateClock) async {
        guard settings.replay == nil || settings.replayPace == .recorded else { return }
        while (try? await Task.sleep(for: .seconds(1))) != nil { forwarder.advance(to: clock.now - arrivalDelayNanoseconds) }
    }

    /// - Returns: whether the workers have taken in all that was received.
    private func drain(_ forwarder: ShardForwarder) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await forwarder.drain()
                return true
            }
            group.addTask {
                try? await Task.sleep(for: .seconds(IngestCommand.drainSeconds))
                return false
            }
            let isThrough = await group.next() ?? false
            // A drain that is not through ends with the links.
            forwarder.stop()
            return isThrough
        }
    }

    /// The leader need not wait for a word of this node any more before shards change hands.
    private func sayGoodbye(_ node: IngestNode, _ link: MemberLink, _ membership: Task<Void, Never>) async {
        node.leave()
        let patience = Task {
            try await Task.sleep(for: .seconds(IngestCommand.goodbyeSeconds))
            membership.cancel()
        }
        await link.beatAndWait()
        patience.cancel()
    }

    /// The end of a replay: told when the workers have taken in all of it.
    private func finish(
        _ report: ReplaySource.Report, _ node: IngestNode, _ forwarder: ShardForwarder, _ link: MemberLink, _ ends: EndOfService
    ) async {
        if report.end == .hold { forwarder.advance(to: report.time) }
        await forwarder.drain()
        node.hold(at: report.time)
        await link.beatAndWait()
        ends.replayed(report, datagrams: node.counters.snapshot.datagramsReceived)
    }
}

/// An ingest node's part in the cluster.
private final class IngestNode: MemberDuties {
    let counters = IngestCounters()
    private let clock: StateClock
    private let isCapture: Bool
    private let state = Mutex(State())

    private struct State {
        var terms: ClusterTerms?
        var waiting: CheckedContinuation<ClusterTerms?, Never>?
        var isStopped = false
        var forwarder: ShardForwarder?
        var map: ShardMap?
        var watermark: Int64 = 0
        var error: String?
        var isLeaving = false
        var lastDatagrams: UInt64 = 0
        var lastBeat = ContinuousClock.now
        var datagramsPerSecond = 0.0
    }

    init(clock: StateClock, isCapture: Bool) {
        self.clock = clock
        self.isCapture = isCapture
    }

    var isForwarding: Bool { state.withLock { $0.forwarder?.epoch ?? 0 } > 0 }

    /// What the cluster has told; waits for it. nil when the wait was given up.
    var terms: ClusterTerms? {
        get async {
            await withCheckedContinuation { continuation in
                let (isOver, known) = state.withLock { state in
                    let isOver = state.terms != nil || state.isStopped
                    if !isOver { state.waiting = continuation }
                    return (isOver, state.terms)
                }
                if isOver { continuation.resume(returning: known) }
            }
        }
    }

    func stopWaiting() {
        let waiting = state.withLock { state in
            state.isStopped = true
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume(returning: nil)
    }

    func begin(_ forwarder: ShardForwarder) {
        let map = state.withLock { state in
            state.forwarder = forwarder
            return state.map
        }
        if let map { forwarder.adopt(map) }
    }

    /// Everything has been taken in: the clock stands here.
    func hold(at time: Int64) { state.withLock { $0.watermark = time } }

    /// Everything received has been passed on, and nothing will be any more.
    func leave() { state.withLock { $0.isLeaving = true } }

    func follow(_ order: MemberOrder) async {
        switch order {
        case .welcome(let terms):
            let waiting = state.withLock { state -> CheckedContinuation<ClusterTerms?, Never>? in
                if let known = state.terms {
                    if known.shardCount != terms.shardCount {
                        state.error = "the cluster now has \(terms.shardCount) shards, \(known.shardCount) when this node joined: start it again"
                    }
                    return nil
                }
                state.terms = terms
                defer { state.waiting = nil }
                return state.waiting
            }
            waiting?.resume(returning: terms)
        case .map(let map):
            let forwarder = state.withLock { state in
                state.map = map
                return state.forwarder
            }
            forwarder?.adopt(map)
        case .definitions, .taken, .heard, .settled, .released, .refused: break
        }
    }

    func heartbeat() async -> Heartbeat {
        var heartbeat = Heartbeat()
        let received = counters.snapshot
        let forwarder = state.withLock { $0.forwarder }
        let forwarded = forwarder?.counters ?? ShardForwarder.Counters()
        let waiting = forwarder?.waitingCount ?? 0
        let lag = forwarder?.lag ?? .zero
        let now = clock.now
        // In this order: what it says of copies is no older than the map that it names.
        heartbeat.epoch = forwarder?.epoch ?? 0
        heartbeat.short = forwarder?.shortCopies ?? ShortReport()
        state.withLock { state in
            heartbeat.lagMilliseconds = lag.milliseconds
            heartbeat.settledEpoch = forwarder?.settledEpoch ?? 0
            heartbeat.error = state.error
            heartbeat.isDraining = state.isLeaving
            heartbeat.load.datagrams = received.datagramsReceived
            heartbeat.load.bytes = received.bytesReceived
            heartbeat.load.droppedByKernel = received.droppedByKernel
            heartbeat.load.dropped = forwarded.queueFull &+ forwarded.ownerGone &+ forwarded.noOwner &+ received.droppedByKernel
            heartbeat.load.thinned = forwarded.thinned
            heartbeat.load.queued = waiting
            if !isCapture { state.watermark = now - Int64(lag.milliseconds) * 1_000_000 }
            heartbeat.sourceTime = SourceTime(isCapture: isCapture, watermark: state.watermark)
            let seconds = state.lastBeat.duration(to: .now) / .seconds(1)
            if seconds >= 0.9 {
                state.datagramsPerSecond = Double(received.datagramsReceived &- state.lastDatagrams) / seconds
                (state.lastDatagrams, state.lastBeat) = (received.datagramsReceived, .now)
            }
            heartbeat.load.datagramsPerSecond = state.datagramsPerSecond
        }
        return heartbeat
    }
}
