// Who is in the cluster, as its leading coordinator sees it. Time and messages in, refusals out; it does nothing by itself
// and waits for nothing. What follows for the shards stands in `Membership+Map.swift`.

package struct Membership: Sendable {
    package struct Configuration: Sendable {
        package var shardCount: Int
        /// Copies of each shard, 1 or 2.
        package var replicas: Int
        /// Workers that must be there before shards are given out for the first time.
        package var minWorkers: Int
        /// A member that was not heard for so long is gone: three heartbeats. Unit: nanoseconds.
        package var silenceMaximum: Int64 = 3_000_000_000
        /// A new leader gives the workers of the map that it found so long to come. Unit: nanoseconds.
        package var takeoverGrace: Int64 = 6_000_000_000
        /// An ingest node that is not heard may be paused, or cut off, and may still send by an older map what waits there: for so long shards
        /// do not change hands without its word. Unit: nanoseconds.
        package var ingestPatience: Int64 = 10_000_000_000

        package init(shardCount: Int, replicas: Int, minWorkers: Int) {
            self.shardCount = shardCount
            self.replicas = replicas
            self.minWorkers = minWorkers
        }
    }

    package struct Member: Sendable {
        package let join: Join
        /// `host:port` of its cluster port; the host alone when it has none.
        package let address: String
        /// The stream that it speaks on; what an older stream of it says no longer counts.
        package let connection: UInt64
        package internal(set) var isConnected = true
        /// On the leader's monotonic clock. Unit: nanoseconds.
        package internal(set) var lastSeen: Int64
        package internal(set) var heartbeat = Heartbeat()

        var worker: ShardMap.Worker { ShardMap.Worker(name: join.name, incarnation: join.incarnation, address: address) }
    }

    /// Why somebody may not join; the message is for its operator.
    package struct Refusal: Error, Hashable, Sendable {
        package enum Reason: String, CaseIterable, Sendable { case nameInUse, tooManyMembers }
        package let reason: Reason
        package let message: String
    }

    package let configuration: Configuration
    /// By name.
    package private(set) var members: [String: Member] = [:]
    package internal(set) var map: ShardMap
    /// Copies of shards that are made again, or were, because they lacked something, by this leader.
    package internal(set) var copiesMended = 0
    /// Where the shards should be, of the workers that can have some.
    var placement = Placement()
    /// Which shards should be elsewhere, because of what there is to do.
    var balance = Balance()
    /// From which it followed last that the map is as it should be.
    var settledInputs: MapPlan.Inputs?
    /// Too many workers have gone at once for it to be their fault: ownership stays as it is.
    package internal(set) var isFrozen = false
    /// Those who vanished together have so long to come back, after the first of them has. Unit: nanoseconds.
    var frozenUntil: Int64 = .min
    /// The newest map that any member knew when it came: an earlier leader's, if the store has lost what that one had kept.
    private(set) var epochKnown: UInt64 = 0
    /// When this leader began.
    let start: Int64
    /// Whether another one led before.
    let isSuccessor: Bool

    /// - Parameter map: what an earlier leader has left; nil when there was none.
    package init(_ configuration: Configuration, map: ShardMap?, now: Int64) {
        self.configuration = configuration
        self.map = map ?? ShardMap(shardCount: configuration.shardCount, replicas: configuration.replicas)
        start = now
        isSuccessor = map != nil
    }

    // MARK: What members say

    package mutating func join(_ join: Join, host: String, connection: UInt64, now: Int64) throws(Refusal) {
        if let known = members[join.name], known.isConnected, isAlive(known, now),
            known.join.incarnation != join.incarnation
        {
            throw Refusal(
                reason: .nameInUse, message: "a \(known.join.role.name) named \(join.name) is here already, from \(known.address)")
        }
        guard members[join.name] != nil || members.count < ClusterLimits.membersMax else {
            throw Refusal(reason: .tooManyMembers, message: "the cluster has \(ClusterLimits.membersMax) members, the most possible")
        }
        let address = join.port > 0 ? (host.contains(":") ? "[\(host)]:\(join.port)" : "\(host):\(join.port)") : host
        epochKnown = max(epochKnown, join.epoch)
        members[join.name] = Member(join: join, address: address, connection: connection, lastSeen: now)
    }

    /// - Returns: false when the member has joined anew on another stream: this one is to be closed.
    package mutating func heard(_ name: String, connection: UInt64, _ heartbeat: Heartbeat, now: Int64) -> Bool {
        guard members[name]?.connection == connection else { return false }
        members[name]?.lastSeen = now
        members[name]?.heartbeat = heartbeat
        balance.note(heartbeat.shardLoads)
        return true
    }

    /// The stream has ended. A worker that said that it drains, and has nothing any more, is forgotten, and so is an ingest node
    /// that said goodbye; others may come back before their silence has lasted too long.
    package mutating func disconnected(_ name: String, connection: UInt64) {
        guard let member = members[name], member.connection == connection else { return }
        members[name]?.isConnected = false
        guard member.heartbeat.isDraining else { return }
        if member.join.role == .ingest || map.place(of: member.worker) == nil { members[name] = nil }
    }

    /// Forgets those who went long ago.
    package mutating func forgetGone(now: Int64) {
        let limit = 100 * configuration.silenceMaximum
        members = members.filter { _, member in
            if member.join.role == .ingest { return isAwaited(member, now) || member.isConnected && isAlive(member, now) }
            return map.place(of: member.worker) != nil || now - member.lastSeen < limit
        }
    }

    // MARK: What is known

    /// Whether a member's reports count. One that was given up, and is back, may still tell what its shards had to say before
    /// others took them over: they have told it since, or have begun anew.
    package func mayReport(_ name: String) -> Bool { members[name].map { map.hasPrimaries($0.worker) } ?? false }

    /// The version of the definitions that all living workers have in force at least. A worker that is silent holds nobody up for
    /// longer than it takes to be gone, nor does one that says what is wrong with it; one that joins later gets them first thing.
    /// - Returns: nil while a new leader has not heard of those that live.
    package func definitionsInForce(now: Int64) -> UInt64? {
        guard !awaitsWorkers(now: now) else { return nil }
        return alive(.worker, now: now).map { $0.heartbeat.error == nil ? $0.heartbeat.definitionsVersion : .max }.min() ?? .max
    }

    package enum State: String, Sendable { case up, late, draining, gone }

    package func state(of member: Member, now: Int64) -> State {
        guard isAlive(member, now) else { return .gone }
        if member.heartbeat.isDraining { return .draining }
        return member.isConnected && now - member.lastSeen < configuration.silenceMaximum / 2 ? .up : .late
    }

    /// Whether an ingest node may still send something.
    func isAwaited(_ member: Member, _ now: Int64) -> Bool {
        !member.heartbeat.isDraining && now - member.lastSeen < configuration.ingestPatience
    }

    func isAlive(_ member: Member, _ now: Int64) -> Bool { now - member.lastSeen < configuration.silenceMaximum }

    /// Members that are to have what the cluster agrees on: those that are alive.
    package func alive(_ role: MemberRole, now: Int64) -> [Member] {
        members.values.filter { $0.join.role == role && isAlive($0, now) }.sorted { $0.join.name < $1.join.name }
    }
}
