// The leading coordinator's part in the cluster: it lets members in, makes the shard map and has it kept before anybody hears
// of it, spreads definitions, and takes what shards report. One at a time, for as long as the store says that it leads.

internal import Cluster
internal import ClusterMember
internal import ClusterStore
internal import Definitions
internal import Datagrams
internal import Logging
internal import NIOCore
internal import ShardEngine
internal import Synchronization
internal import Transport
internal import Wire

package actor ClusterLeader {
    private var membership: Membership
    private let store: any ClusterStore
    private var mapRevision: Revision?
    /// Of this coordinator.
    private let name: String
    private let terms: ClusterTerms
    nonisolated let sequencer: EventSequencer
    private let view: ClusterView
    private let logger: Logger
    /// Called when an ingest node shows the simulated fabric.
    private let onDemo: @Sendable () async -> Void
    /// By name of the member.
    private var sessions: [String: MemberSession] = [:]
    private var lastConnection: UInt64 = 0
    private var definitions: (version: UInt64, document: [UInt8])?
    private var waiting: [Waiting] = []
    /// Of each worker process, the last report that was taken.
    private var reportsTaken: [UInt64: UInt64] = [:]
    private var isWriting = false

    private struct Waiting {
        let version: UInt64
        let continuation: CheckedContinuation<Void, Never>
    }

    /// The key under which the map is kept.
    package static let mapKey = "shard-map"
    /// Between two looks at the clock. Unit: milliseconds.
    private static let tickMilliseconds = 200

    /// - Parameter kept: the map of earlier leaders.
    init(
        name: String, _ configuration: Membership.Configuration, terms: ClusterTerms, store: any ClusterStore, kept: StoredValue?,
        sequencer: EventSequencer, view: ClusterView, logger: Logger, onDemo: @escaping @Sendable () async -> Void
    ) throws {
        var map: ShardMap?
        if let kept {
            let found = try ShardMap(wireBytes: kept.bytes)
            // Other shards or copies than before: a new map, under numbers that go on.
            map = found.shardCount == terms.shardCount && found.replicas == terms.replicas
                ? found : ShardMap(epoch: found.epoch, shardCount: terms.shardCount, replicas: terms.replicas)
        }
        membership = Membership(configuration, map: map, now: monotonicNow)
        mapRevision = kept?.revision
        self.name = name
        self.terms = terms
        self.store = store
        self.sequencer = sequencer
        self.view = view
        self.logger = logger
        self.onDemo = onDemo
        if let map { view.adopt(map) }
    }

    /// Watches over the members until the task is cancelled or the store has another leader's map.
    package func run() async {
        async let sequencing: Void = sequencer.run()
        while (try? await Task.sleep(for: .milliseconds(ClusterLeader.tickMilliseconds))) != nil { await review() }
        await sequencing
        for session in sessions.values { session.end() }
        for waiting in waiting { waiting.continuation.resume() }
        waiting = []
    }

    // MARK: Members

    /// Serves the stream of a member from its first message to its end.
    func serve(_ stream: MessageStream) async throws {
        stream.accept()
        guard case .join(let join)? = try await stream.receive(MemberReport.self) else {
            throw PeerError(.protocolError, "a member begins with who it is")
        }
        lastConnection += 1
        let session = MemberSession(connection: lastConnection, role: join.role)
        do {
            try membership.join(join, host: stream.remoteAddress ?? "", connection: session.connection, now: monotonicNow)
        } catch {
            logger.warning("Refused", metadata: ["member": "\(join.name)", "why": "\(error.message)"])
            return try await stream.send(MemberOrder.refused(error.message))
        }
        sessions[join.name]?.end()
        sessions[join.name] = session
        logger.notice(
            "Member joined", metadata: ["name": "\(join.name)", "role": "\(join.role.name)", "from": "\(stream.remoteAddress ?? "?")"])
        greet(session)
        if join.isDemo { Task { [onDemo] in await onDemo() } }
        defer { left(join.name, session) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { for await order in session.orders { try await stream.send(order, compress: true) } }
            group.addTask {
                while let report: MemberReport = try await stream.receive() {
                    guard await self.take(report, from: join, session) else { return }
                }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func greet(_ session: MemberSession) {
        session.send(.welcome(terms))
        guard session.role == .worker else { return }
        if let definitions { session.send(.definitions(version: definitions.version, document: definitions.document)) }
        session.sendMap(membership.map)
    }

    private func left(_ name: String, _ session: MemberSession) {
        membership.disconnected(name, connection: session.connection)
        if sessions[name]?.connection == session.connection { sessions[name] = nil }
        logger.notice("Member's stream ended", metadata: ["name": "\(name)"])
    }

    /// - Returns: false when the stream is to end.
    private func take(_ report: MemberReport, from join: Join, _ session: MemberSession) async -> Bool {
        switch report {
        case .join: return false
        case .heartbeat(let heartbeat):
            guard membership.heard(join.name, connection: session.connection, heartbeat, now: monotonicNow) else { return false }
            if let time = heartbeat.sourceTime, time.isCapture {
                view.note(time)
                // The time of a capture is what is seen: heard means by all coordinators.
                sequencer.tell(time) { session.send(.heard(number: heartbeat.number)) }
            } else {
                session.send(.heard(number: heartbeat.number))
            }
            await review()
        case .outbox(let number, let bytes):
            guard let outbox = counted(number, bytes, of: join) else { return false }
            sequencer.add(outbox) { session.send(.taken(number: number)) }
        }
        return true
    }

    /// What of a report counts; nil when it makes no sense.
    private func counted(_ number: UInt64, _ bytes: [UInt8], of join: Join) -> Outbox? {
        guard number > reportsTaken[join.incarnation] ?? 0 else { return Outbox() }
        reportsTaken[join.incarnation] = number
        guard let outbox = try? Outbox(wireBytes: bytes) else { return nil }
        if membership.mayReport(join.name) { return outbox }
        logger.info(
            "Reports of a worker without shards left out",
            metadata: ["name": "\(join.name)", "events": "\(outbox.events.count)", "flows": "\(outbox.flows.count)"])
        return Outbox()
    }

    // MARK: The map

    /// Makes the next map when there must be one, and tells who does not know yet.
    private func review() async {
        membership.forgetGone(now: monotonicNow)
        await renewMap()
        followMap()
        let settled = membership.settledEpoch(now: monotonicNow)
        for session in sessions.values where session.role == .worker { session.sendSettled(settled) }
        for (name, member) in membership.members where membership.isReleased(member, now: monotonicNow) {
            sessions[name]?.release()
        }
        resumeWaiting()
        view.note(snapshot())
    }

    private func renewMap() async {
        guard !isWriting, let next = membership.nextMap(now: monotonicNow) else { return }
        isWriting = true
        defer { isWriting = false }
        do throws(StoreFault) {
            mapRevision = try await store.write(ClusterLeader.mapKey, next.wireBytes, expecting: mapRevision)
        } catch {
            logger.error("The shard map cannot be kept: ownership stays as it is", metadata: ["why": "\(error.message)"])
            return
        }
        membership.adopt(next)
        logger.notice(
            "Shard map", metadata: ["epoch": "\(next.epoch)", "workers": "\(next.workers.map(\.name).joined(separator: " "))"])
        for session in sessions.values where session.role == .worker { session.sendMap(next) }
    }

    /// Questions go by a map when its workers know what is theirs, datagrams when those know also what to count.
    private func followMap() {
        let map = membership.map
        guard !map.workers.isEmpty, areWorkersReady(for: 0) else { return }
        view.adopt(map)
        guard map.orphans.isEmpty, areWorkersReady(for: definitions?.version ?? 0) else { return }
        for session in sessions.values where session.role == .ingest { session.sendMap(map) }
    }

    private func areWorkersReady(for version: UInt64) -> Bool {
        membership.alive(.worker, now: monotonicNow).allSatisfy { worker in
            worker.heartbeat.epoch >= membership.map.epoch && worker.heartbeat.definitionsVersion >= version
        }
    }

    // MARK: Definitions

    /// Begins with definitions: each worker gets them when it joins.
    func begin(version: UInt64, document: [UInt8]) { definitions = (version, document) }

    /// Sends definitions to all workers; returns when all that are alive have them in force.
    func spread(version: UInt64, document: [UInt8]) async {
        definitions = (version, document)
        for session in sessions.values where session.role == .worker {
            session.send(.definitions(version: version, document: document))
        }
        await withCheckedContinuation { continuation in
            waiting.append(Waiting(version: version, continuation: continuation))
            resumeWaiting()
        }
    }

    private func resumeWaiting() {
        guard !waiting.isEmpty, let known = membership.definitionsInForce(now: monotonicNow) else { return }
        for waiting in waiting where waiting.version <= known { waiting.continuation.resume() }
        waiting.removeAll { $0.version <= known }
    }

    // MARK: What is seen

    private func snapshot() -> ClusterSnapshot {
        let now = monotonicNow
        return ClusterSnapshot(
            leader: name, map: membership.map, isFrozen: membership.isFrozen,
            shortShards: membership.shortCopies(now: now).shards.count, copiesMended: membership.copiesMended, definitionsVersion: definitions?.version ?? 0,
            members: membership.members.values.sorted { $0.join.name < $1.join.name }.map { member in
                ClusterSnapshot.Member(
                    join: member.join, address: member.address, state: membership.state(of: member, now: now),
                    silenceMilliseconds: max(0, now - member.lastSeen) / 1_000_000, heartbeat: member.heartbeat)
            })
    }
}
