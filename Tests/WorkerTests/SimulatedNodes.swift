// A whole cluster in which shards move while datagrams come, on a simulated network that loses, delays, doubles and reorders: the leader's,
// the workers' and the moving shards' own state machines, with clocks and connections made up here. A shard's state is the numbers of the datagrams
// that it has counted, so that each can be followed.
//
// Streams are as TCP has them: what is sent on one comes in order or not at all, but what is left of a broken one may come late, after
// its successor has begun. Heartbeats and maps are treated worse, and come in any order.

import Bytes
import Cluster
import DatagramBuilding
import Datagrams
@testable import Worker

struct SimulatedWorker {
    let name: String
    var incarnation: UInt64 = 0
    var isRunning = false
    var isDraining = false
    var member = MemberStream()
    var ownership = Ownership(incarnation: 0)
    /// As an executor has them: how often each datagram is counted, by shard.
    var shards: [Int: [Int: Int]] = [:]
    var coming: [Int: ComingShard] = [:]
    var leaving: [Int: LeavingShard] = [:]
    var brought: [Int: [UInt64: UInt64]] = [:]
    var positions = BatchPositions()
    /// By incarnation of the ingest node.
    var taken: [UInt64: UInt64] = [:]
    /// Under way, by shard.
    var fetches: [Int: Fetch] = [:]
    /// When shards that were given away are forgotten.
    var forgetting: [(at: Int64, shards: ShardSet)] = []

    struct Fetch {
        enum Step {
            case ask, restore(BatchPositions, [Int: Int]), check, compare(BatchPositions, [Int: Int], until: Int64)
        }
        let since: UInt64
        let from: UInt64
        var step: Step
        var due: Int64
    }
}

/// A member's stream to the leader.
struct MemberStream {
    /// nil while there is none.
    var number: UInt64?
    var nextAttempt: Int64 = 0, nextBeat: Int64 = 0

    mutating func refuse(until next: Int64) { (number, nextAttempt) = (nil, next) }
}

struct SimulatedIngest {
    let name: String
    var incarnation: UInt64 = 0
    var isRunning = false
    var member = MemberStream()
    var map: ShardMap?
    var settledEpoch: UInt64 = 0
    /// By map, what must be confirmed before those before it are settled.
    var settling: [(epoch: UInt64, numbers: [UInt64: UInt64])] = []
    var lastNumber: UInt64 = 0
    /// By incarnation of the worker.
    var links: [UInt64: Link] = [:]

    struct Message {
        let number: UInt64, epoch: UInt64
        let datagrams: [(shard: Int, id: Int)]
    }

    struct Link {
        var queue: [Message] = []
        var sent = 0
        var stream: UInt64?
        var nextAttempt: Int64 = 0
        /// When the last message on this stream comes.
        var lastDue: Int64 = 0

        mutating func confirm(_ number: UInt64) {
            let count = queue.prefix { $0.number <= number }.count
            queue.removeFirst(count)
            sent = max(0, sent - count)
        }
    }
}

// MARK: What the real ones do around their state machines

extension SimulatedWorker {
    /// As `RunningShards.adopt` does.
    mutating func adopt(_ map: ShardMap, now: Int64) {
        guard let change = ownership.change(to: map) else { return }
        for (shard, since) in change.begun {
            if !change.demoted.contains(shard) { shards[shard] = nil }
            (coming[shard], brought[shard]) = (ComingShard(since: since), nil)
        }
        leaving = change.leaving.reduce(into: [:]) { result, next in
            let known = leaving[next.key]
            result[next.key] = known?.since == next.value ? known : LeavingShard(since: next.value)
        }
        ownership.adopt(map, change)
        for shard in change.ended.shards { finish(shard) }
        for shard in change.dropped.shards { (coming[shard], shards[shard]) = (nil, nil) }
        if !change.given.isEmpty { forgetting.append((now + 10_000_000_000, change.given)) }
    }

    mutating func forget(now: Int64) {
        for (_, given) in forgetting.filter({ $0.at <= now }) {
            for shard in ownership.release(given).shards where coming[shard] == nil { shards[shard] = nil }
        }
        forgetting.removeAll { $0.at <= now }
    }

    /// As `RunningShards.take` and the executors do.
    /// - Returns: the datagrams of its own shards.
    mutating func take(_ message: SimulatedIngest.Message, from ingest: UInt64) -> [(shard: Int, id: Int)] {
        guard message.number > taken[ingest] ?? 0 else { return [] }
        taken[ingest] = message.number
        let origin = BatchOrigin(sender: ingest, number: message.number, epoch: message.epoch)
        let own = message.datagrams.filter { ownership.feed.takes($0.shard, by: message.epoch) }
        if !own.isEmpty { positions.note(origin) }
        for (shard, id) in own where brought[shard]?[ingest].map({ $0 < message.number }) ?? true {
            brought[shard]?[ingest] = nil
            leaving[shard]?.note(origin)
            let kept = ComingShard.Datagram(
                origin: origin, udpSource: IPAddress(v4: 1), arrival: 0, weight: 1,
                bytes: (0..<4).map { UInt8(truncatingIfNeeded: id >> ($0 * 8)) })
            if coming[shard]?.add(kept) == nil { shards[shard, default: [:]][id, default: 0] += 1 }
        }
        return own
    }

    mutating func count(_ kept: [ComingShard.Datagram], of shard: Int) {
        for datagram in kept {
            let id = datagram.bytes.enumerated().reduce(0) { $0 | Int($1.element) << ($1.offset * 8) }
            shards[shard, default: [:]][id, default: 0] += 1
        }
    }

    mutating func finish(_ shard: Int, upTo positions: BatchPositions? = nil) {
        guard let gone = coming.removeValue(forKey: shard) else { return }
        brought[shard] = gone.outstanding(of: positions ?? gone.restored ?? BatchPositions())
        count(gone.datagrams, of: shard)
    }

    mutating func giveUp(_ shard: Int) {
        fetches[shard] = nil
        guard coming[shard] != nil else { return }
        coming[shard]?.forget()
        shards[shard] = nil
    }

    /// As `ShardExecutor.restore` does.
    mutating func restore(_ shard: Int, since: UInt64, _ state: [Int: Int], _ upTo: BatchPositions) -> Bool {
        guard let known = coming[shard], known.since == since, upTo.reaches(known.missing) else { return false }
        shards[shard] = state
        coming[shard]?.restore(upTo: upTo)
        return true
    }

    /// As `ShardExecutor.compare` does.
    /// - Returns: nil for too early.
    mutating func compare(_ shard: Int, _ state: [Int: Int], _ upTo: BatchPositions) -> Bool? {
        guard coming[shard]?.restored != nil else { return false }
        guard coming[shard]?.reaches(upTo) == true else { return nil }
        count(coming[shard]?.take(upTo: upTo) ?? [], of: shard)
        guard shards[shard, default: [:]] == state else { return false }
        finish(shard, upTo: upTo)
        return true
    }
}

extension SimulatedIngest {
    /// As `ShardForwarder.adopt` does.
    /// - Returns: datagrams that waited for workers that have gone.
    mutating func adopt(_ map: ShardMap) -> [Int] {
        guard map.epoch > self.map?.epoch ?? 0 else { return [] }
        self.map = map
        let present = Set(map.workers.map(\.incarnation))
        let lost = links.filter { !present.contains($0.key) }.values.flatMap { $0.queue.flatMap { $0.datagrams.map(\.id) } }
        links = links.filter { present.contains($0.key) }
        for worker in present where links[worker] == nil { links[worker] = Link() }
        settling.append((map.epoch, links.mapValues { $0.queue.last?.number ?? 0 }))
        return lost
    }

    mutating func settle() {
        settling.removeAll { epoch, numbers in
            let isConfirmed = numbers.allSatisfy { worker, number in
                links[worker].map { $0.queue.first.map { $0.number > number } ?? true } ?? true
            }
            if isConfirmed { settledEpoch = max(epoch, settledEpoch) }
            return isConfirmed
        }
    }

    /// As `ShardForwarder.accept` does.
    mutating func pass(_ datagrams: [(shard: Int, id: Int)]) {
        guard let map else { return }
        lastNumber += 1
        for (place, worker) in map.workers.enumerated() {
            let own = datagrams.filter { map.owners[$0.shard].places.contains(place) }
            if !own.isEmpty { links[worker.incarnation]?.queue.append(Message(number: lastNumber, epoch: map.epoch, datagrams: own)) }
        }
    }
}
