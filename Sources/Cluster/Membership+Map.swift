// What comings and goings mean for the shards: the next map.

extension Membership {
    /// The map that should follow the present one; nil when that is as it should be. The leader first has it kept by the store
    /// and then takes it over with `adopt`.
    package mutating func nextMap(now: Int64) -> ShardMap? {
        let present = presentWorkers(now: now)
        let isFirst = map.workers.isEmpty
        if isFirst, present.count < max(1, configuration.minWorkers) { return nil }
        let gone = map.workers.filter { !present.contains($0) }
        // One of two may fail like any other. Those who vanish together are missed one after the other, as their heartbeats would
        // have come: who is late by then counts, too. Not so one that has been started again: its successor says that it is dead.
        let vanished = map.workers.filter { present.contains($0) ? isLate($0, now) : !isReplaced($0, now) }
        if !gone.isEmpty, vanished.count > 1, vanished.count * 3 > map.workers.count {
            frozenUntil = now + configuration.silenceMaximum
        }
        // They come back one after the other, too.
        isFrozen = !gone.isEmpty && now < frozenUntil
        guard !isFrozen, !present.isEmpty else { return nil }

        var plan = Plan(map, present: present, draining: draining(now: now), replicas: configuration.replicas, beyond: epochKnown)
        // Where members know of maps that the store has forgotten, something has been counted under those.
        let isKnown = epochKnown <= map.epoch
        for shard in map.owners.indices { plan.assign(shard, isFirst: isFirst && isKnown) }
        return plan.map == map && isKnown ? nil : plan.finished
    }

    /// Takes over a map that the store has kept.
    package mutating func adopt(_ map: ShardMap) { self.map = map }

    private func isReplaced(_ worker: ShardMap.Worker, _ now: Int64) -> Bool {
        members[worker.name].map { $0.join.incarnation != worker.incarnation && isAlive($0, now) } ?? false
    }

    private func isLate(_ worker: ShardMap.Worker, _ now: Int64) -> Bool {
        members[worker.name].map { $0.worker == worker && now - $0.lastSeen >= configuration.silenceMaximum / 2 } ?? false
    }

    /// Workers that can have shards: those that are heard, and after a change of leader those of the map that have not had the
    /// time to come yet.
    private func presentWorkers(now: Int64) -> [ShardMap.Worker] {
        var present = alive(.worker, now: now).map(\.worker)
        if now - start < configuration.takeoverGrace {
            present += map.workers.filter { worker in members[worker.name] == nil }
        }
        return present.sorted { $0.name < $1.name }
    }

    /// Whether nothing depends on a draining worker any more: it has no shards, or there is nobody to take them; and ingest nodes
    /// send it nothing.
    package func isReleased(_ member: Member, now: Int64) -> Bool {
        guard member.join.role == .worker, member.heartbeat.isDraining else { return false }
        let (primary, replica) = map.shards(of: member.worker)
        let others = alive(.worker, now: now).filter { !$0.heartbeat.isDraining }
        guard !others.isEmpty else { return true }
        return primary.isEmpty && replica.isEmpty
            && alive(.ingest, now: now).allSatisfy { $0.heartbeat.epoch >= map.epoch }
    }

    /// Whether workers of the map that an earlier leader has left may still come: until then nobody knows that they are gone.
    package func awaitsWorkers(now: Int64) -> Bool {
        now - start < configuration.takeoverGrace && map.workers.contains { members[$0.name] == nil }
    }

    private func draining(now: Int64) -> Set<String> {
        Set(alive(.worker, now: now).filter(\.heartbeat.isDraining).map(\.join.name))
    }
}

/// A map in the making.
private struct Plan {
    private(set) var map: ShardMap
    private let present: [ShardMap.Worker]
    private let draining: Set<String>
    private let replicas: Int
    private let known: UInt64
    private let epoch: UInt64
    /// Places of the old map's workers in the new one; nil for those that are gone.
    private let places: [Int?]
    private let candidates: [Int]

    init(_ old: ShardMap, present: [ShardMap.Worker], draining: Set<String>, replicas: Int, beyond known: UInt64) {
        map = old
        map.workers = present
        self.present = present
        self.draining = draining
        self.replicas = replicas
        self.known = known
        epoch = max(old.epoch, known) + 1
        places = old.workers.map { present.firstIndex(of: $0) }
        candidates = present.indices.filter { !draining.contains(present[$0].name) }
    }

    var finished: ShardMap {
        var finished = map
        finished.advanceEpoch(beyond: known)
        return finished
    }

    /// - Parameter isFirst: nothing has been counted anywhere: every owner is as good as another.
    mutating func assign(_ shard: Int, isFirst: Bool) {
        let old = map.owners[shard]
        var new = old
        new.primary = old.primary.flatMap { places[$0] }
        new.replica = old.replica.flatMap { places[$0] }
        if new.replica == nil { new.isReplicaWhole = false }
        let isLeaving = new.primary.map { draining.contains(present[$0].name) } ?? false
        if let replica = new.replica, new.isReplicaWhole, new.primary == nil || isLeaving, candidates.contains(replica) {
            new.replica = isLeaving ? new.primary : nil
            new.isReplicaWhole = isLeaving
            new.primary = replica
        }
        // Until shards can move with what they have counted, a worker that leaves takes it along.
        if let leaving = new.primary, draining.contains(present[leaving].name), let other = best(shard, except: leaving),
            candidates.contains(other)
        {
            new.primary = nil
            if new.replica.map({ draining.contains(present[$0].name) }) ?? false { new.replica = nil }
        }
        if new.primary == nil {
            // A replica that has not everything still has more than others.
            new.primary = new.replica ?? best(shard, except: nil)
            new.replica = nil
            if !isFirst { new.lostIn = epoch }
        }
        if let replica = new.replica, draining.contains(present[replica].name), let other = best(shard, except: new.primary) {
            new.replica = other
            new.isReplicaWhole = false
        }
        if replicas > 1, new.replica == nil, let replica = best(shard, except: new.primary) {
            new.replica = replica
            new.isReplicaWhole = isFirst
        }
        map.owners[shard] = new
    }

    private func best(_ shard: Int, except taken: Int?) -> Int? {
        let free = candidates.filter { $0 != taken }
        return Placement.ranking(of: free.map { present[$0].name }, shard: shard).first.map { free[$0] }
            ?? (taken == nil ? present.indices.first : nil)
    }
}
