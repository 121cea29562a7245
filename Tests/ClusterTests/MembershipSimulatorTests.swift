// A whole cluster's bookkeeping on a simulated network that loses, delays, doubles and reorders what members and leaders say, with
// members that die, drain and come back and leaders that change: what must hold after each step, whatever the seed.
//
// A message that is lost breaks its stream, as TCP would: the member finds out after a while and joins anew, and what is still under
// way on the old stream arrives late. The leader tells each member each map once a stream, as `ClusterLeader` does.

import Cluster
import SeededRandom
import Testing

@Suite struct MembershipSimulatorTests {
    @Test(arguments: 0..<40) func whatHoldsAfterEachStep(seed: Int) throws {
        var simulation = Simulation(seed: UInt64(seed), replicas: 1 + seed % 2)
        // Then messages get through again, and nobody dies any more: past the silence, the grace of a new leader and the broken streams.
        for step in 0..<750 {
            simulation.step(isCalm: step >= 600)
            if let wrong = simulation.wrong {
                Issue.record("seed \(seed) at \(simulation.now / 1_000_000) ms: \(wrong)")
                return
            }
        }
        if let wrong = simulation.unsettled { Issue.record("seed \(seed): \(wrong)") }
    }
}

private struct Simulation {
    static let second: Int64 = 1_000_000_000
    /// The leader's look at the clock. Unit: nanoseconds.
    static let tick: Int64 = 200_000_000

    enum Message {
        case join(Join)
        case heartbeat(Heartbeat)
        case disconnected
        case map(ShardMap)
        case refused
    }

    struct Node {
        let name: String
        let role: MemberRole
        var incarnation: UInt64 = 0
        var isRunning = false
        var isDraining = false
        /// The stream that it speaks on; nil while it has none.
        var stream: UInt64?
        var nextAttempt: Int64 = 0
        var nextBeat: Int64 = 0
        var map: ShardMap?
    }

    private var random: SeededGenerator
    private(set) var now: Int64 = 0
    private var nodes: [Node] = []
    private var leader: Membership
    /// Of the present leader, by stream: the newest map sent there.
    private var sessions: [UInt64: UInt64] = [:]
    private var lastStream: UInt64 = 0
    private var brokenStreams: Set<UInt64> = []
    private var underWay: [(due: Int64, node: Int, stream: UInt64, isUp: Bool, message: Message)] = []
    private var kept: ShardMap?
    /// Every map that was ever kept, by epoch.
    private var history: [UInt64: ShardMap] = [:]
    private let configuration: Membership.Configuration
    private var isCalm = false
    /// What did not hold.
    private(set) var wrong: String?

    init(seed: UInt64, replicas: Int) {
        random = SeededGenerator(seed: seed)
        configuration = .init(shardCount: 24, replicas: replicas, minWorkers: 3)
        leader = Membership(configuration, map: nil, now: 0)
        nodes = (0..<6).map { Node(name: "worker-\($0)", role: .worker) } + (0..<2).map { Node(name: "ingest-\($0)", role: .ingest) }
    }

    mutating func step(isCalm: Bool) {
        now += Simulation.tick
        self.isCalm = isCalm
        if isCalm { calmDown() } else { disturb() }
        for place in nodes.indices { act(place) }
        deliver()
        review()
        check()
    }

    private mutating func chance(_ oneIn: Int) -> Bool { Int.random(in: 0..<oneIn, using: &random) == 0 }

    // MARK: What happens to them

    private mutating func disturb() {
        for place in nodes.indices {
            if nodes[place].isRunning {
                if chance(150) { kill(place) } else if chance(200) { nodes[place].isDraining = true }
            } else if chance(20) {
                start(place)
            }
        }
        // Many at once, as when a switch dies: their streams break.
        if chance(100) { for place in nodes.indices where chance(2) { nodes[place].stream.map { _ = brokenStreams.insert($0) } } }
        if chance(120) { changeLeader() }
    }

    private mutating func calmDown() {
        for place in nodes.indices where !nodes[place].isRunning { start(place) }
        for place in nodes.indices where nodes[place].isDraining { nodes[place].isDraining = false }
    }

    private mutating func start(_ place: Int) {
        let incarnation = UInt64.random(in: 1...UInt64.max, using: &random)
        nodes[place] = Node(name: nodes[place].name, role: nodes[place].role, incarnation: incarnation, isRunning: true)
    }

    private mutating func kill(_ place: Int) {
        nodes[place].isRunning = false
        if let stream = nodes[place].stream, chance(2) { send(place, stream, up: true, .disconnected) }
        nodes[place].stream = nil
    }

    private mutating func changeLeader() {
        leader = Membership(configuration, map: kept, now: now)
        sessions = [:]
        underWay.removeAll { $0.isUp }
        for place in nodes.indices { nodes[place].stream = nil }
    }

    // MARK: Members

    private mutating func act(_ place: Int) {
        guard nodes[place].isRunning else { return }
        if let stream = nodes[place].stream, brokenStreams.contains(stream), chance(isCalm ? 2 : 12) {
            nodes[place].stream = nil
            send(place, stream, up: true, .disconnected)
        }
        if nodes[place].stream == nil, now >= nodes[place].nextAttempt {
            lastStream += 1
            nodes[place].stream = lastStream
            nodes[place].nextBeat = now
            let node = nodes[place]
            send(
                place, lastStream, up: true,
                .join(
                    Join(
                        role: node.role, name: node.name, incarnation: node.incarnation, port: 1, epoch: node.map?.epoch ?? 0, version: "")))
        }
        guard let stream = nodes[place].stream, now >= nodes[place].nextBeat else { return }
        nodes[place].nextBeat = now + Simulation.second
        var heartbeat = Heartbeat()
        heartbeat.epoch = nodes[place].map?.epoch ?? 0
        heartbeat.isDraining = nodes[place].isDraining
        send(place, stream, up: true, .heartbeat(heartbeat))
    }

    // MARK: The network

    private mutating func send(_ place: Int, _ stream: UInt64, up isUp: Bool, _ message: Message) {
        for _ in 0..<(chance(15) ? 2 : 1) {
            let delay = Int64.random(in: 0...(isCalm ? Simulation.tick : Simulation.second), using: &random)
            underWay.append((now + delay, place, stream, isUp, message))
        }
    }

    private mutating func deliver() {
        let due = underWay.filter { $0.due <= now }.shuffled(using: &random)
        underWay.removeAll { $0.due <= now }
        for (_, place, stream, isUp, message) in due {
            if !isCalm, chance(60) { brokenStreams.insert(stream) }
            if case .disconnected = message {} else if brokenStreams.contains(stream) { continue }
            if isUp { leaderHears(place, stream, message) } else { memberHears(place, stream, message) }
        }
    }

    private mutating func memberHears(_ place: Int, _ stream: UInt64, _ message: Message) {
        guard nodes[place].isRunning, nodes[place].stream == stream else { return }
        switch message {
        case .map(let map): if map.epoch > nodes[place].map?.epoch ?? 0 { nodes[place].map = map }
        default:
            nodes[place].stream = nil
            nodes[place].nextAttempt = now + Simulation.second
        }
    }

    // MARK: The leader

    private mutating func leaderHears(_ place: Int, _ stream: UInt64, _ message: Message) {
        switch message {
        case .join(let join):
            // A doubled one.
            guard sessions[stream] == nil, leader.members[join.name].map({ $0.connection < stream }) ?? true else { return }
            do {
                try leader.join(join, host: "h", connection: stream, now: now)
                sessions[stream] = 0
            } catch {
                send(place, stream, up: false, .refused)
            }
        case .heartbeat(let heartbeat):
            // One that overtakes its join, or is of a stream that the leader has given up.
            if !leader.heard(nodes[place].name, connection: stream, heartbeat, now: now), sessions[stream] != nil {
                sessions[stream] = nil
                send(place, stream, up: false, .refused)
            }
        default:
            leader.disconnected(nodes[place].name, connection: stream)
            sessions[stream] = nil
        }
    }

    private mutating func review() {
        leader.forgetGone(now: now)
        let before = leader.map
        let next = leader.nextMap(now: now)
        if let next {
            if leader.isFrozen { wrong = "a frozen leader makes map \(next.epoch)" }
            // The store may be away.
            if isCalm || !chance(10) {
                if let last = kept, next.epoch <= last.epoch { wrong = "map \(next.epoch) after \(last.epoch)" }
                checkLoss(before, next)
                kept = next
                history[next.epoch] = next
                leader.adopt(next)
            }
        }
        for (place, node) in nodes.enumerated() {
            guard let member = leader.members[node.name], let sent = sessions[member.connection], leader.map.epoch > sent else { continue }
            sessions[member.connection] = leader.map.epoch
            send(place, member.connection, up: false, .map(leader.map))
        }
    }

    // MARK: What must hold

    /// What an owner has counted is lost only with that owner.
    private mutating func checkLoss(_ before: ShardMap, _ next: ShardMap) {
        for shard in next.owners.indices where next.owners[shard].lostIn == next.epoch {
            guard let primary = before.owners[shard].primary, let place = next.place(of: before.workers[primary]) else { continue }
            let isDraining = leader.members[next.workers[place].name]?.heartbeat.isDraining ?? false
            if !isDraining { wrong = "shard \(shard) is lost in map \(next.epoch) although \(next.workers[place].name) has it" }
        }
    }

    private mutating func check() {
        for (epoch, map) in history where map.epoch != epoch { wrong = "two numbers for map \(epoch)" }
        if let kept, leader.map.epoch > kept.epoch { wrong = "the leader goes by a map that is not kept" }
        // One map an epoch, and one primary a shard in it.
        for node in nodes {
            if let map = node.map, history[map.epoch] != map { wrong = "\(node.name) has a map \(map.epoch) that nobody has kept" }
        }
        for (shard, owners) in leader.map.owners.enumerated() where !leader.map.workers.isEmpty {
            if owners.primary == nil { wrong = "shard \(shard) has no primary in map \(leader.map.epoch)" }
            if owners.primary != nil, owners.primary == owners.replica { wrong = "shard \(shard) has one owner twice" }
        }
    }

    /// What does not hold although messages have flowed for long enough; nil when everything does.
    var unsettled: String? {
        if leader.isFrozen { return "the map is frozen" }
        for node in nodes {
            guard let member = leader.members[node.name], member.join.incarnation == node.incarnation else { return "\(node.name) is no member" }
            if leader.state(of: member, now: now) != .up { return "\(node.name) is \(leader.state(of: member, now: now))" }
            if node.map != leader.map { return "\(node.name) has map \(node.map?.epoch ?? 0), not \(leader.map.epoch)" }
        }
        let owners = Set(leader.map.workers.map(\.incarnation))
        let workers = Set(nodes.filter { $0.role == .worker }.map(\.incarnation))
        return owners == workers ? nil : "the map's workers are not those that live"
    }
}
