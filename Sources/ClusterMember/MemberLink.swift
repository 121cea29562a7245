// A member's place in the cluster: it finds the leading coordinator, joins, stays joined, and does what it is told. Whatever
// breaks, it begins anew; what the member itself does goes on meanwhile.

package import Cluster
package import Logging
internal import Synchronization
internal import Transport
internal import Wire

/// What a worker or an ingest node does in the cluster.
package protocol MemberDuties: Sendable {
    /// What the next heartbeat is to say.
    func heartbeat() async -> Heartbeat
    /// Carries out what the leader says. An error is told to the leader with the next heartbeat's `error`.
    func follow(_ order: MemberOrder) async
}

package final class MemberLink: Sendable {
    package struct Configuration: Sendable {
        /// Cluster ports of coordinators; any of them leads to the leader.
        package var coordinators: [PeerAddress]
        package var join: Join
        /// Between two heartbeats. Unit: milliseconds.
        package var heartbeatMilliseconds = 1_000
        /// Between two attempts to join, doubled from the first to the second. Unit: milliseconds.
        package var pauseMinimumMilliseconds = 50, pauseMaximumMilliseconds = 1_000

        package init(coordinators: [PeerAddress], join: Join) {
            self.coordinators = coordinators
            self.join = join
        }
    }

    private let configuration: Configuration
    private let peers: PeerDialer
    private let logger: Logger
    private let state = Mutex(State())

    private struct State {
        /// Wakes the sender of the present stream.
        var wake: AsyncStream<Void>.Continuation?
        var reports = ReportQueue()
        /// Of the heartbeats of the present stream, the last one sent.
        var beats: UInt64 = 0
        /// Who waits for the leader to know what a heartbeat says that is still to be sent: any later than this one.
        var waiting: [(after: UInt64, continuation: CheckedContinuation<Void, Never>)] = []

        mutating func takeWaiting(heard number: UInt64) -> [CheckedContinuation<Void, Never>] {
            defer { waiting.removeAll { $0.after < number } }
            return waiting.filter { $0.after < number }.map(\.continuation)
        }
    }

    package init(_ configuration: Configuration, peers: PeerDialer, logger: Logger) {
        self.configuration = configuration
        self.peers = peers
        self.logger = logger
    }

    /// Sends a heartbeat now: something in it has changed that others wait for.
    package func beat() { _ = state.withLock { $0.wake }?.yield() }

    /// Sends a heartbeat and waits until the leader has it, or this member has left.
    package func beatAndWait() async {
        await withCheckedContinuation { continuation in
            state.withLock { $0.waiting.append(($0.beats, continuation)) }
            beat()
        }
    }

    /// Sends something to the leader that it must not lose: kept until it has said that it has it. At most
    /// ``ReportQueue/countMax`` wait; the oldest go, and are counted.
    package func report(_ bytes: [UInt8]) {
        state.withLock { $0.reports.add(bytes) }
        beat()
    }

    package var reportsLost: UInt64 { state.withLock { $0.reports.lost } }

    /// Joins and stays joined until the task is cancelled.
    package func run(_ duties: any MemberDuties) async {
        var place = 0
        var leader: PeerAddress?
        var pause = configuration.pauseMinimumMilliseconds
        var saidWhy: String?
        defer { for waiting in state.withLock({ $0.takeWaiting(heard: .max) }) { waiting.resume() } }
        while !Task.isCancelled {
            let address = leader ?? configuration.coordinators[place % configuration.coordinators.count]
            let error = await stay(with: address, duties) {
                pause = self.configuration.pauseMinimumMilliseconds
                saidWhy = nil
            }
            if Task.isCancelled { return }
            if let named = error.leader, named != address {
                leader = named
                continue
            }
            leader = nil
            place += 1
            // A reason is told once, not with every attempt.
            if saidWhy != error.description {
                logger.notice("Not joined", metadata: ["coordinator": "\(address)", "why": "\(error)"])
                saidWhy = error.description
            }
            try? await Task.sleep(for: .milliseconds(pause))
            pause = min(2 * pause, configuration.pauseMaximumMilliseconds)
        }
    }

    // MARK: One stream

    /// Returns why the stream has ended.
    private func stay(with address: PeerAddress, _ duties: any MemberDuties, onWelcome: () -> Void) async -> PeerError {
        let client = peers.client(to: address)
        defer { Task { await client.close() } }
        do throws(PeerError) {
            let stream = try await client.open(ClusterPath.member)
            var join = configuration.join
            join.epoch = await duties.heartbeat().epoch
            try await stream.send(MemberReport.join(join))
            guard let first: MemberOrder = try await stream.receive() else { return PeerError(.closed, "closed by the coordinator") }
            if case .refused(let why) = first { return PeerError(.refused, why) }
            onWelcome()
            logger.notice("Joined", metadata: ["coordinator": "\(address)"])
            await duties.follow(first)
            return await speak(on: stream, duties)
        } catch {
            return error
        }
    }

    private func speak(on stream: MessageStream, _ duties: any MemberDuties) async -> PeerError {
        let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        state.withLock {
            $0.wake = wake
            $0.reports.sendAgain()
            $0.beats = 0
            $0.waiting = $0.waiting.map { (0, $0.continuation) }
        }
        wake.yield()
        let error = await withTaskGroup(of: PeerError?.self) { group in
            group.addTask { await self.listen(on: stream, duties) }
            group.addTask { await self.tell(on: stream, duties, when: wakes) }
            group.addTask {
                while (try? await Task.sleep(for: .milliseconds(self.configuration.heartbeatMilliseconds))) != nil { wake.yield() }
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first ?? PeerError(.cancelled, "given up")
        }
        stream.cancel()
        return error
    }

    private func listen(on stream: MessageStream, _ duties: any MemberDuties) async -> PeerError {
        do throws(PeerError) {
            while let order: MemberOrder = try await stream.receive() {
                switch order {
                case .taken(let number): state.withLock { $0.reports.taken(upTo: number) }
                case .heard(let number):
                    for waiting in state.withLock({ $0.takeWaiting(heard: number) }) { waiting.resume() }
                case .welcome, .map, .definitions, .settled, .released, .refused:
                    await duties.follow(order)
                    beat()
                }
            }
            return PeerError(.closed, "closed by the coordinator")
        } catch {
            return error
        }
    }

    private func tell(on stream: MessageStream, _ duties: any MemberDuties, when wakes: AsyncStream<Void>) async -> PeerError {
        do throws(PeerError) {
            for await _ in wakes {
                for report in state.withLock({ $0.reports.takeUnsent() }) {
                    try await stream.send(MemberReport.outbox(number: report.number, bytes: report.bytes), compress: true)
                }
                // Counted before it is made: what is said after this comes with the next one.
                let number = state.withLock { state in
                    state.beats += 1
                    return state.beats
                }
                var heartbeat = await duties.heartbeat()
                heartbeat.number = number
                try await stream.send(MemberReport.heartbeat(heartbeat))
            }
            return PeerError(.cancelled, "given up")
        } catch {
            return error
        }
    }
}

extension PeerError {
    /// A coordinator that does not lead names the one that does.
    fileprivate var leader: PeerAddress? {
        guard status == ClusterPath.notLeadingStatus, message.hasPrefix(ClusterPath.leaderPrefix) else { return nil }
        return PeerAddress(String(message.dropFirst(ClusterPath.leaderPrefix.count)))
    }
}
