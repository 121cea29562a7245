// Shards on their way from one worker to another, as the executors at both ends have them.
//
// The new owner is fed from a map's epoch on and keeps what comes. When everything sent by older maps has been counted at the
// old owner, that gives a snapshot, which says up to which batch of each sender it goes; the new owner counts what it kept from
// there on. Before it says that it has the shard, both hash their states as of the same later batches, and must agree.

internal import Bytes
package import Cluster
internal import Datagrams
internal import ShardEngine
internal import Wire

/// A shard's state as its owner has it.
package struct ShardState: Sendable {
    /// Up to which batches of each sender it goes.
    let positions: BatchPositions
    package var pieces: [[UInt8]]
    let hash: UInt64
}

/// What a shard's state is to be, later on.
package struct ShardCheck: Sendable {
    /// The last batches in which both owners got datagrams of the shard.
    let positions: BatchPositions
    /// As of which its flows were ended and its values removed before. Unit: nanoseconds since the Unix epoch.
    let advanced: Int64, swept: Int64
    let hash: UInt64
}

package enum ShardVerdict: Sendable {
    /// Both have the same state; the shard is complete.
    case agrees
    /// Something that the other has counted has not come here yet.
    case early
    /// The attempt has failed; the shard is empty again.
    case differs(String)
}

extension ShardExecutor.Owned {
    var hasMoves: Bool { !coming.isEmpty || !leaving.isEmpty || !brought.isEmpty }

    /// Keeps a datagram of a shard that is coming; notes one of a shard that is leaving.
    /// - Returns: whether it is kept, and not to be counted now.
    func hold(_ bytes: RawSpan, _ envelope: Envelope, of place: Int, _ origin: BatchOrigin?) -> Bool {
        guard let origin else { return false }
        if let last = brought[place]?[origin.sender] {
            if origin.number <= last { return true }
            brought[place]?[origin.sender] = nil
            if brought[place]?.isEmpty == true { brought[place] = nil }
        }
        leaving[place]?.note(origin)
        return coming[place]?.add(
            ComingShard.Datagram(
                origin: origin, udpSource: envelope.udpSource, arrival: envelope.arrival, weight: envelope.weight,
                bytes: bytes.withUnsafeBytes { Array($0) })) != nil
    }

    fileprivate func count(_ datagrams: [ComingShard.Datagram], of place: Int) {
        for datagram in datagrams {
            shards[place].ingest(datagram.bytes.span.bytes, udpSource: datagram.udpSource, arrival: datagram.arrival, weight: datagram.weight)
        }
    }

    /// The shard has come, or will not: it goes on from what it has.
    /// - Parameter positions: the last batches that its old owner has counted, if that is known.
    fileprivate func finish(_ place: Int, upTo positions: BatchPositions? = nil) {
        guard let shard = coming.removeValue(forKey: place) else { return }
        let outstanding = shard.outstanding(of: positions ?? shard.restored ?? BatchPositions())
        brought[place] = outstanding.isEmpty ? nil : outstanding
        count(shard.datagrams, of: place)
        shards[place].advance(to: lastAdvance)
    }

    fileprivate func fail(_ place: Int) {
        guard coming[place] != nil else { return }
        coming[place]?.forget()
        shards[place].forgetAgents()
    }
}

extension ShardExecutor {
    private func places(_ wanted: ShardSet) -> [Int] {
        wanted.shards.filter { $0 % executorCount == index }.map { $0 / executorCount }
    }

    private func places(_ wanted: [Int: UInt64]) -> [(place: Int, since: UInt64)] {
        wanted.filter { $0.key % executorCount == index }.map { ($0.key / executorCount, $0.value) }
    }

    /// What comes for these shards by maps of these epochs is kept until they have come; any that were on their way already
    /// begin anew.
    /// - Parameter kept: shards that show what they have now until they have come.
    package func expect(_ wanted: [Int: UInt64], keeping kept: ShardSet) async {
        let places = places(wanted), keptPlaces = Set(self.places(kept))
        await work { owned in
            for (place, since) in places {
                if !keptPlaces.contains(place) { owned.shards[place].forgetAgents() }
                owned.brought[place] = nil
                owned.coming[place] = ComingShard(since: since)
            }
        }
    }

    /// Nothing more comes for these shards; they go on from what has come.
    package func stopExpecting(_ wanted: ShardSet) async {
        let places = places(wanted)
        await work { [self] owned in
            for place in places { owned.finish(place) }
            report(owned)
        }
    }

    /// These shards do not come any more.
    package func drop(_ wanted: ShardSet) async {
        let places = places(wanted)
        await work { owned in
            for place in places {
                owned.coming[place] = nil
                owned.shards[place].forgetAgents()
            }
        }
    }

    /// These shards are no longer this worker's; they forget what they know, unless they are on their way back.
    package func forget(_ wanted: ShardSet) async {
        let places = places(wanted)
        await work { owned in
            for place in places where owned.coming[place] == nil { owned.shards[place].forgetAgents() }
        }
    }

    /// These shards, and no others, are being given to other workers, which are fed by maps of these epochs.
    package func give(_ wanted: [Int: UInt64]) async {
        let places = places(wanted)
        await work { owned in
            owned.leaving = places.reduce(into: [:]) { leaving, next in
                let known = owned.leaving[next.place]
                leaving[next.place] = known?.since == next.since ? known : LeavingShard(since: next.since)
            }
        }
    }

    // MARK: The old owner

    /// A shard as it is now.
    package func state(of shard: Int) async -> ShardState {
        let place = shard / executorCount
        return await work { owned in
            let pieces = ShardSnapshot(of: owned.shards[place]).pieces
            return ShardState(positions: owned.positions, pieces: pieces, hash: ShardSnapshot.hash(of: pieces))
        }
    }

    /// What the state of a shard that is being given away is now.
    package func check(of shard: Int) async -> ShardCheck {
        let place = shard / executorCount
        return await work { [self] owned in
            let shard = owned.shards[place]
            shard.settle(advanced: owned.lastAdvance, swept: owned.swept)
            defer { report(owned) }
            return ShardCheck(
                positions: owned.leaving[place]?.positions ?? BatchPositions(), advanced: owned.lastAdvance, swept: owned.swept,
                hash: shard.stateHash)
        }
    }

    // MARK: The new owner

    /// Takes a snapshot in. The shard is not complete before a check of it agrees.
    /// - Returns: by how many samples more its books say than before; nothing, and the shard is empty, if it cannot be used.
    package func restore(_ shard: Int, since: UInt64, _ state: ShardState) async -> Result<UInt64, ShardRefusal> {
        let place = shard / executorCount
        return await work { owned in
            guard var coming = owned.coming[place], coming.since == since else {
                return .failure(ShardRefusal("it is not expected any more"))
            }
            guard state.positions.reaches(coming.missing) else { return .failure(ShardRefusal("it is too old")) }
            owned.shards[place].forgetAgents()
            let before = owned.shards[place].counters.samples
            do throws(WireError) {
                var restoration = ShardRestoration(into: owned.shards[place])
                for piece in state.pieces { try restoration.take(piece) }
                guard restoration.isComplete, owned.shards[place].stateHash == state.hash else {
                    owned.fail(place)
                    return .failure(ShardRefusal("what was made of it is something else"))
                }
            } catch {
                owned.fail(place)
                return .failure(ShardRefusal("it does not fit: \(error)"))
            }
            coming.restore(upTo: state.positions)
            owned.coming[place] = coming
            return .success(owned.shards[place].counters.samples &- before)
        }
    }

    /// An attempt to get a shard has failed; the next one begins anew.
    package func giveUp(_ shard: Int) async {
        let place = shard / executorCount
        await work { $0.fail(place) }
    }

    /// Counts what was kept up to where the old owner was, and compares. If both agree the rest is counted too, and the shard
    /// is complete.
    package func compare(_ shard: Int, with check: ShardCheck) async -> ShardVerdict {
        let place = shard / executorCount
        return await work { [self] owned in
            guard owned.coming[place]?.restored != nil else { return .differs("it is not expected any more") }
            guard owned.coming[place]?.reaches(check.positions) == true else { return .early }
            owned.count(owned.coming[place]?.take(upTo: check.positions) ?? [], of: place)
            owned.shards[place].settle(advanced: check.advanced, swept: check.swept)
            defer { report(owned) }
            guard owned.shards[place].stateHash == check.hash else {
                owned.fail(place)
                return .differs("both count on from the same state and come to different ones")
            }
            owned.finish(place, upTo: check.positions)
            return .agrees
        }
    }
}

/// Why a snapshot cannot be used.
package struct ShardRefusal: Error, Sendable {
    package let why: String

    init(_ why: String) { self.why = why }
}
