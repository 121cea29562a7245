// The cluster of `SimulatedNodes.swift` in motion: what happens to its nodes, the network between them, and the leader.

import Cluster
import DatagramBuilding
import SeededRandom
@testable import Worker

struct Handovers {
    static let second: Int64 = 1_000_000_000
    /// Unit: nanoseconds.
    static let tick: Int64 = 100_000_000
    static let shardCount = 12

    enum Report { case join(Join), heartbeat(Heartbeat), disconnected }
    enum Order { case map(ShardMap), settled(UInt64), refused }
    enum Message {
        case report(Report), order(Order)
        /// To a worker, and back from it.
        case datagrams(SimulatedIngest.Message), confirmed(UInt64)
    }

    var random: SeededGenerator
    var now: Int64 = 0
    var workers: [SimulatedWorker]
    var ingests: [SimulatedIngest]
    var leader: Membership
    /// Of the present leader, by stream: who speaks there, and the newest epochs told.
    var sessions: [UInt64: (name: String, map: UInt64, settled: UInt64)] = [:]
    var lastStream: UInt64 = 0
    var broken: Set<UInt64> = []
    /// Between member and leader by name, or between ingest node and worker by both incarnations.
    var underWay: [(due: Int64, stream: UInt64, name: String, message: Message)] = []
    var envelopes: [(due: Int64, stream: UInt64, ingest: UInt64, worker: UInt64, message: Message)] = []
    var kept: ShardMap?
    var history: [UInt64: ShardMap] = [:]
    let configuration: Membership.Configuration
    var isCalm = false, hasTraffic = false
    var lastID = 0
    /// By shard, what a primary has counted since the shard began.
    var counted: [Int: Set<Int>] = [:]
    /// What ingest nodes have lost with themselves: it may have come to one owner and not to another.
    var excused: Set<Int> = []
    var wrong: String?

    init(seed: UInt64, replicas: Int) {
        random = SeededGenerator(seed: seed)
        configuration = .init(shardCount: Handovers.shardCount, replicas: replicas, minWorkers: 3)
        leader = Membership(configuration, map: nil, now: 0)
        workers = (0..<5).map { SimulatedWorker(name: "worker-\($0)") }
        ingests = (0..<2).map { SimulatedIngest(name: "ingest-\($0)") }
    }

    mutating func step(isCalm: Bool, hasTraffic: Bool) {
        now += Handovers.tick
        (self.isCalm, self.hasTraffic) = (isCalm, hasTraffic)
        disturb()
        for place in workers.indices where workers[place].isRunning { act(worker: place) }
        for place in ingests.indices where ingests[place].isRunning { act(ingest: place) }
        deliver()
        review()
        check()
    }

    mutating func chance(_ oneIn: Int) -> Bool { Int.random(in: 0..<oneIn, using: &random) == 0 }

    // MARK: What happens to them

    mutating func disturb() {
        for place in workers.indices {
            if isCalm {
                if !workers[place].isRunning { start(worker: place) }
                workers[place].isDraining = false
            } else if !workers[place].isRunning {
                if chance(40) { start(worker: place) }
            } else if chance(500) {
                workers[place].isRunning = false
                leave(workers[place].name, workers[place].member)
            } else if chance(400) {
                workers[place].isDraining.toggle()
            }
        }
        for place in ingests.indices {
            if !ingests[place].isRunning {
                if isCalm || chance(20) { start(ingest: place) }
            } else if !isCalm, chance(800) {
                kill(ingest: place)
            }
        }
        if !isCalm, chance(400) { changeLeader() }
    }

    mutating func start(worker place: Int) {
        workers[place] = SimulatedWorker(name: workers[place].name)
        workers[place].incarnation = .random(in: 1...UInt64.max, using: &random)
        workers[place].isRunning = true
        workers[place].ownership = Ownership(incarnation: workers[place].incarnation)
    }

    mutating func start(ingest place: Int) {
        ingests[place] = SimulatedIngest(name: ingests[place].name)
        ingests[place].incarnation = .random(in: 1...UInt64.max, using: &random)
        ingests[place].isRunning = true
    }

    mutating func kill(ingest place: Int) {
        ingests[place].isRunning = false
        for link in ingests[place].links.values { excused.formUnion(link.queue.flatMap { $0.datagrams.map(\.id) }) }
        leave(ingests[place].name, ingests[place].member)
    }

    /// The leader hears of it, or has to find out.
    mutating func leave(_ name: String, _ member: MemberStream) {
        if let stream = member.number, chance(2) { send(.report(.disconnected), stream, name) }
    }

    mutating func changeLeader() {
        leader = Membership(configuration, map: kept, now: now)
        sessions = [:]
        underWay = []
        for place in workers.indices { workers[place].member.number = nil }
        for place in ingests.indices { ingests[place].member.number = nil }
    }

    // MARK: Members

    /// - Returns: whether a heartbeat is due.
    mutating func stay(_ member: inout MemberStream, _ join: Join) -> Bool {
        if let stream = member.number, broken.contains(stream), chance(isCalm ? 4 : 12) {
            member.number = nil
            send(.report(.disconnected), stream, join.name)
        }
        if member.number == nil, now >= member.nextAttempt {
            lastStream += 1
            member.number = lastStream
            member.nextBeat = now
            send(.report(.join(join)), lastStream, join.name)
        }
        guard member.number != nil, now >= member.nextBeat else { return false }
        member.nextBeat = now + Handovers.second
        return true
    }

    mutating func act(worker place: Int) {
        workers[place].forget(now: now)
        fetch(place)
        let worker = workers[place]
        var member = worker.member
        let join = Join(
            role: .worker, name: worker.name, incarnation: worker.incarnation, port: 1, epoch: worker.ownership.epoch, version: "")
        let isDue = stay(&member, join)
        workers[place].member = member
        guard isDue, let stream = member.number else { return }
        var heartbeat = Heartbeat()
        heartbeat.epoch = worker.ownership.epoch
        heartbeat.isDraining = worker.isDraining
        heartbeat.filled = worker.ownership.toldFilled
        send(.report(.heartbeat(heartbeat)), stream, worker.name)
    }

    mutating func act(ingest place: Int) {
        ingests[place].settle()
        var ingest = ingests[place]
        let join = Join(
            role: .ingest, name: ingest.name, incarnation: ingest.incarnation, port: 0, epoch: ingest.map?.epoch ?? 0, version: "")
        if stay(&ingest.member, join), let stream = ingest.member.number {
            var heartbeat = Heartbeat()
            heartbeat.epoch = ingest.map?.epoch ?? 0
            heartbeat.settledEpoch = ingest.settledEpoch
            send(.report(.heartbeat(heartbeat)), stream, ingest.name)
        }
        if hasTraffic, ingest.map != nil, chance(2) {
            ingest.pass(
                (0..<Int.random(in: 1...4, using: &random)).map { _ in
                    lastID += 1
                    return (Int.random(in: 0..<Handovers.shardCount, using: &random), lastID)
                })
        }
        for worker in ingest.links.keys.sorted() { drive(&ingest, worker) }
        ingests[place] = ingest
    }

    /// Sends what waits for a worker.
    mutating func drive(_ ingest: inout SimulatedIngest, _ worker: UInt64) {
        guard var link = ingest.links[worker] else { return }
        if link.stream != nil, chance(isCalm ? 500 : 60) {
            breakOff(link.stream)
            link.stream = nil
            link.nextAttempt = now + Int64.random(in: 0...10, using: &random) * Handovers.tick
        }
        if link.stream == nil, now >= link.nextAttempt, let other = workers.first(where: { $0.incarnation == worker && $0.isRunning }) {
            lastStream += 1
            link.stream = lastStream
            link.confirm(other.taken[ingest.incarnation] ?? 0)
            (link.sent, link.lastDue) = (0, now)
        }
        // A slow worker's window is full now and then.
        while let stream = link.stream, link.sent < link.queue.count, !chance(4) {
            link.lastDue = max(link.lastDue, now + Int64.random(in: 0...(isCalm ? Handovers.tick : Handovers.second / 2), using: &random))
            envelopes.append((link.lastDue, stream, ingest.incarnation, worker, .datagrams(link.queue[link.sent])))
            link.sent += 1
        }
        ingest.links[worker] = link
    }

    /// Some of what is under way still comes, the rest never.
    mutating func breakOff(_ stream: UInt64?) {
        let left = Int.random(in: 0...3, using: &random)
        var count = 0
        envelopes.removeAll { message in
            guard message.stream == stream else { return false }
            count += 1
            return count > left
        }
    }

    // MARK: Fetching

    mutating func fetch(_ place: Int) {
        for (source, shards) in workers[place].ownership.fetchable {
            for shard in shards.shards where workers[place].fetches[shard] == nil && !chance(3) {
                guard let since = workers[place].ownership.coming[shard] else { continue }
                let due = delay()
                workers[place].fetches[shard] = .init(since: since, from: source.incarnation, step: .ask, due: due)
            }
        }
        for (shard, fetch) in workers[place].fetches.sorted(by: { $0.key < $1.key }) where fetch.due <= now {
            let next = delay()
            workers[place].fetches[shard]?.due = next
            if !isCalm && chance(25) || !advance(shard, fetch, at: place) { workers[place].giveUp(shard) }
        }
    }

    mutating func delay() -> Int64 { now + Int64.random(in: 0...(isCalm ? 1 : 8), using: &random) * Handovers.tick }

    /// - Returns: false when the fetch has failed.
    mutating func advance(_ shard: Int, _ fetch: SimulatedWorker.Fetch, at place: Int) -> Bool {
        let owner = workers.first { $0.incarnation == fetch.from && $0.isRunning && $0.ownership.gives(shard) }
        switch fetch.step {
        case .ask:
            guard let owner else { return false }
            workers[place].fetches[shard]?.step = .restore(owner.positions, owner.shards[shard] ?? [:])
        case .restore(let positions, let state):
            guard workers[place].restore(shard, since: fetch.since, state, positions) else { return false }
            workers[place].fetches[shard]?.step = .check
        case .check:
            guard let owner else { return false }
            workers[place].fetches[shard]?.step = .compare(
                owner.leaving[shard]?.positions ?? BatchPositions(), owner.shards[shard] ?? [:], until: now + 2 * Handovers.second)
        case .compare(let positions, let state, let deadline):
            guard let agrees = workers[place].compare(shard, state, positions) else { return now < deadline }
            guard agrees else { return false }
            workers[place].fetches[shard] = nil
            workers[place].ownership.noteFilled(shard, since: fetch.since)
            workers[place].ownership.tellFilled()
        }
        return true
    }

    // MARK: The network

    mutating func send(_ message: Message, _ stream: UInt64, _ name: String) {
        for _ in 0..<(chance(15) ? 2 : 1) {
            let delay = Int64.random(in: 0...(isCalm ? Handovers.tick : Handovers.second), using: &random)
            underWay.append((now + delay, stream, name, message))
        }
    }

    mutating func deliver() {
        let due = underWay.filter { $0.due <= now }.shuffled(using: &random)
        underWay.removeAll { $0.due <= now }
        for (_, stream, name, message) in due {
            if !isCalm, chance(80) { broken.insert(stream) }
            if case .report(.disconnected) = message {} else if broken.contains(stream) { continue }
            switch message {
            case .report(let report): leaderHears(report, stream, name)
            case .order(let order): memberHears(order, stream, name)
            default: break
            }
        }
        let arrived = envelopes.filter { $0.due <= now }
        envelopes.removeAll { $0.due <= now }
        for (_, stream, ingest, worker, message) in arrived { deliver(message, stream, ingest, worker) }
    }

    mutating func deliver(_ message: Message, _ stream: UInt64, _ ingest: UInt64, _ worker: UInt64) {
        switch message {
        case .datagrams(let message):
            guard let place = workers.firstIndex(where: { $0.incarnation == worker && $0.isRunning }) else { return }
            let taken = workers[place].take(message, from: ingest)
            if let map = kept, let own = map.workers.firstIndex(where: { $0.incarnation == worker }) {
                for (shard, id) in taken where map.owners[shard].primary == own && workers[place].ownership.primary.contains(shard) {
                    counted[shard, default: []].insert(id)
                }
            }
            envelopes.append((now + Handovers.tick, stream, ingest, worker, .confirmed(message.number)))
        case .confirmed(let number):
            guard let place = ingests.firstIndex(where: { $0.incarnation == ingest && $0.links[worker]?.stream == stream }) else { return }
            ingests[place].links[worker]?.confirm(number)
        default: break
        }
    }

    mutating func memberHears(_ order: Order, _ stream: UInt64, _ name: String) {
        if let place = workers.firstIndex(where: { $0.name == name && $0.isRunning && $0.member.number == stream }) {
            switch order {
            case .map(let map): workers[place].adopt(map, now: now)
            case .settled(let epoch): workers[place].ownership.settle(epoch)
            case .refused: workers[place].member.refuse(until: now + Handovers.second)
            }
        } else if let place = ingests.firstIndex(where: { $0.name == name && $0.isRunning && $0.member.number == stream }) {
            switch order {
            case .map(let map): excused.formUnion(ingests[place].adopt(map))
            case .settled: break
            case .refused: ingests[place].member.refuse(until: now + Handovers.second)
            }
        }
    }

    // MARK: The leader

    mutating func leaderHears(_ report: Report, _ stream: UInt64, _ name: String) {
        switch report {
        case .join(let join):
            // A doubled one.
            guard sessions[stream] == nil, leader.members[join.name].map({ $0.connection < stream }) ?? true else { return }
            do {
                try leader.join(join, host: "h", connection: stream, now: now)
                sessions[stream] = (name, 0, 0)
            } catch {
                send(.order(.refused), stream, name)
            }
        case .heartbeat(let heartbeat):
            // One that overtakes its join, or is of a stream that the leader has given up.
            if !leader.heard(name, connection: stream, heartbeat, now: now), sessions[stream] != nil {
                sessions[stream] = nil
                send(.order(.refused), stream, name)
            }
        case .disconnected:
            leader.disconnected(name, connection: stream)
            sessions[stream] = nil
        }
    }

    /// As `ClusterLeader` does.
    mutating func review() {
        leader.forgetGone(now: now)
        // The store may be away.
        if let next = leader.nextMap(now: now), isCalm || !chance(10) {
            if let last = kept, next.epoch <= last.epoch { wrong = "map \(next.epoch) after \(last.epoch)" }
            checkOwners(from: leader.map, to: next)
            kept = next
            history[next.epoch] = next
            leader.adopt(next)
        }
        let areReady = leader.alive(.worker, now: now).allSatisfy { $0.heartbeat.epoch >= leader.map.epoch }
        let settled = leader.settledEpoch(now: now)
        for (stream, session) in sessions.sorted(by: { $0.key < $1.key }) where leader.members[session.name]?.connection == stream {
            let isWorker = leader.members[session.name]?.join.role == .worker
            if isWorker || areReady && leader.map.orphans.isEmpty, !leader.map.workers.isEmpty, leader.map.epoch > session.map {
                sessions[stream]?.map = leader.map.epoch
                send(.order(.map(leader.map)), stream, session.name)
            }
            if isWorker, settled > session.settled {
                sessions[stream]?.settled = settled
                send(.order(.settled(settled)), stream, session.name)
            }
        }
    }
}
