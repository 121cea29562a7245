// What a coordinator knows of its cluster as /cluster/json says it.

internal import Cluster
internal import Coordinator
internal import Queries

extension ClusterStatus {
    init(_ view: ClusterView) {
        let snapshot = view.snapshot
        let map = view.map
        self.init(
            role: "coordinator", name: view.name, leader: snapshot?.leader ?? "",
            definitionsVersion: snapshot?.definitionsVersion ?? 0, members: [], shardMap: map.map(ClusterStatus.rows) ?? [])
        epoch = Int(clamping: map?.epoch ?? 0)
        replicas = map?.replicas ?? 1
        missingShards = map.map { $0.missing(without: snapshot?.gone ?? []) } ?? 0
        warmingShards = view.hosts.warmingCount
        lostShards = map?.owners.count { $0.lostIn > 0 } ?? 0
        isFrozen = snapshot?.isFrozen ?? false
        (shortShards, copiesMended) = (snapshot?.shortShards ?? 0, snapshot?.copiesMended ?? 0)
        members = snapshot?.members.map { Member($0, in: map) } ?? []
        handovers = map.map(ClusterStatus.handovers) ?? []
    }

    private static func handovers(_ map: ShardMap) -> [Handover] {
        var found: [[Int]: Handover] = [:]
        for owners in map.owners {
            guard let from = owners.primary, let to = owners.incoming else { continue }
            var handover = found[[from, to]]
                ?? Handover(from: map.workers[from].name, to: map.workers[to].name, shards: 0, sinceEpoch: owners.incomingSince)
            handover.shards += 1
            handover.sinceEpoch = min(owners.incomingSince, handover.sinceEpoch)
            found[[from, to]] = handover
        }
        return found.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
    }

    private static func rows(_ map: ShardMap) -> [[String]] {
        map.owners.map { owners in [owners.primary, owners.replica].compactMap { $0.map { map.workers[$0].name } } }
    }
}

extension ClusterStatus.Member {
    fileprivate init(_ member: ClusterSnapshot.Member, in map: ShardMap?) {
        self.init(name: member.join.name, role: member.join.role.name, address: member.address, version: member.join.version)
        state = member.state.rawValue
        lastSeenMilliseconds = Int(clamping: member.silenceMilliseconds)
        if let map, let worker = map.workers.first(where: { $0.incarnation == member.join.incarnation }) {
            let shards = map.shards(of: worker)
            (primaryShards, replicaShards, incomingShards) = (shards.primary.count, shards.replica.count, shards.incoming.count)
        }
        let heartbeat = member.heartbeat
        load = ClusterStatus.Load(
            datagramsPerSecond: heartbeat.load.datagramsPerSecond, samplesPerSecond: heartbeat.load.samplesPerSecond,
            agents: heartbeat.load.agents, queued: UInt64(clamping: heartbeat.load.queued), dropped: heartbeat.load.dropped,
            thinned: heartbeat.load.thinned,
            datagrams: heartbeat.load.datagrams, refusedMessages: heartbeat.load.refusedMessages,
            olderQuestions: heartbeat.load.olderQuestions)
        lagMilliseconds = heartbeat.lagMilliseconds
        if member.join.role == .ingest { watermarkMilliseconds = heartbeat.sourceTime.map { $0.watermark / 1_000_000 } }
        epoch = Int(clamping: heartbeat.epoch)
        definitionsVersion = heartbeat.definitionsVersion
        error = heartbeat.error
    }
}

extension ClusterSnapshot {
    /// Processes that are not heard any more.
    fileprivate var gone: Set<UInt64> { Set(members.filter { $0.state == .gone }.map(\.join.incarnation)) }
}

extension ShardMap {
    /// How many shards have nobody to answer for them when these workers are gone.
    fileprivate func missing(without gone: Set<UInt64>) -> Int {
        let isGone = workers.map { gone.contains($0.incarnation) }
        return owners.count { owners in
            let hasPrimary = owners.primary.map { !isGone[$0] } ?? false
            let hasReplica = owners.replica.map { !isGone[$0] } ?? false
            return !hasPrimary && !hasReplica
        }
    }
}
