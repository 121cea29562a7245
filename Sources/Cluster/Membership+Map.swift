// What comings and goings mean for the shards: the next map. A shard goes to another worker in two maps: by the first the
// other one is fed as well and fetches what was counted before (`Owners.incoming`); when it has that, the second gives it the
// shard. Nothing is counted twice or not at all on the way, and there is an answer all the time.

extension Membership {
    /// Shards on their way at the same time: what comes for them in the meantime takes memory at their new workers.
    package static let movesMaximum = 128

    /// The map that should follow the present one; nil when that is as it should be. The leader first has it kept by the store
    /// and then takes it over with `adopt`.
    package mutating func nextMap(now: Int64) -> ShardMap? {
        let alive = presentWorkers(now: now)
        if map.workers.isEmpty, alive.count < max(1, configuration.minWorkers) { return nil }
        let gone = map.workers.filter { !alive.contains($0) }
        // One of two may fail like any other. Those who vanish together are missed one after the other, as their heartbeats would
        // have come: who is late by then counts, too. Not so one that has been started again: its successor says that it is dead.
        let vanished = map.workers.filter { alive.contains($0) ? isLate($0, now) : !isReplaced($0, now) }
        if !gone.isEmpty, vanished.count > 1, vanished.count * 3 > map.workers.count {
            frozenUntil = now + configuration.silenceMaximum
        }
        // They come back one after the other, too.
        isFrozen = !gone.isEmpty && now < frozenUntil
        // Who wants to go and has nothing any more is left out: then nobody sends it anything.
        let present = alive.filter { worker in
            let wantsToGo = members[worker.name].map { $0.worker == worker && $0.heartbeat.isDraining } ?? false
            return !wantsToGo || map.hasShards(worker)
        }
        guard !isFrozen, !present.isEmpty else { return nil }

        var inputs = MapPlan.Inputs(map: map, epochKnown: epochKnown, overrides: map.overrides)
        for worker in present {
            let member = members[worker.name].flatMap { $0.worker == worker ? $0 : nil }
            inputs.present.append(worker)
            inputs.isDraining.append(member?.heartbeat.isDraining ?? false)
            inputs.filled.append(.init(epoch: member?.heartbeat.epoch ?? 0, shards: member?.heartbeat.filled ?? ShardSet()))
        }
        let short = shortCopies(now: now)
        inputs.uneven = short.shards.subtracting(short.lately)
        inputs.lacking = present.map { short.lacking[$0.incarnation] ?? ShardSet() }
        let candidates = Set(zip(inputs.present, inputs.isDraining).filter { !$1 }.map(\.0.name))
        if map.owners.allSatisfy({ $0.incoming == nil }),
            let better = balance.overrides(for: map, candidates: candidates, now: now)
        {
            inputs.overrides = better
        }
        // Most of what is heard changes nothing.
        guard inputs != settledInputs else { return nil }
        placement.arrange(
            inputs.present.map(\.name).filter(candidates.contains), shardCount: map.shardCount, copies: configuration.replicas)
        var plan = MapPlan(inputs, wanted: placement)
        let next = plan.next()
        if next == nil { settledInputs = inputs }
        return next
    }

    /// Takes over a map that the store has kept.
    package mutating func adopt(_ map: ShardMap) {
        copiesMended += map.countDemoted(from: self.map)
        self.map = map
    }

    /// What ingest nodes say of copies that are short. It counts when said by the present map: by older ones they cannot know yet
    /// what has been mended. Where anything was left out just now, by whichever map, copies are left as they are.
    package func shortCopies(now: Int64) -> ShortReport {
        var report = ShortReport()
        for member in alive(.ingest, now: now) {
            report.lately = report.lately.union(member.heartbeat.short.lately)
            if member.heartbeat.epoch == map.epoch { report.add(member.heartbeat.short) }
        }
        return report
    }

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
        let others = alive(.worker, now: now).filter { !$0.heartbeat.isDraining }
        guard !others.isEmpty else { return true }
        return map.place(of: member.worker) == nil
            && ingestNodes(now: now).allSatisfy { $0.heartbeat.epoch >= map.epoch }
    }

    /// Whether workers of the map that an earlier leader has left may still come: until then nobody knows that they are gone.
    package func awaitsWorkers(now: Int64) -> Bool {
        now - start < configuration.takeoverGrace && map.workers.contains { members[$0.name] == nil }
    }

    /// Everything that ingest nodes have sent by maps older than this epoch has been taken in, but for those that have not been heard for so
    /// long that they are given up. A new leader waits until they all have come.
    package func settledEpoch(now: Int64) -> UInt64 {
        if isSuccessor, now - start < configuration.ingestPatience { return 0 }
        return ingestNodes(now: now).filter { $0.heartbeat.error == nil }.map(\.heartbeat.settledEpoch).min() ?? map.epoch
    }

    /// Those that may still send something, heard lately or not.
    private func ingestNodes(now: Int64) -> [Member] {
        members.values.filter { $0.join.role == .ingest && isAwaited($0, now) }
    }
}
