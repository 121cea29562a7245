// Which worker owns which shard. Only the leading coordinator makes maps; everybody else goes by the newest that it has seen.

package import Wire

package struct ShardMap: Hashable, Sendable {
    /// A worker process. One that was started again is another one, even under the same name: it has forgotten everything.
    package struct Worker: Hashable, Sendable {
        package let name: String
        /// Drawn at random when the process starts.
        package let incarnation: UInt64
        /// Where its cluster port is reached, `host:port`.
        package let address: String

        package init(name: String, incarnation: UInt64, address: String) {
            self.name = name
            self.incarnation = incarnation
            self.address = address
        }
    }

    /// Who has one shard. Workers are places in `workers`.
    package struct Owners: Hashable, Sendable {
        /// Answers and reports; nil when nobody is left to have it.
        package var primary: Int?
        /// Is fed as well, has all that the primary has, and may take its place.
        package var replica: Int?
        /// Is fed as well, and is being given what the primary has, to take the place of one of the two.
        package var incoming: Int?
        /// The epoch in which `incoming` became that, or in which the last one did if there is none now: everything sent by maps from then
        /// on reaches it.
        package var incomingSince: UInt64 = 0
        /// The epoch in which what had been counted was lost; 0 when nothing ever was.
        package var lostIn: UInt64 = 0

        package init() {}

        /// Of all that are fed; nil where there is none.
        package var places: [Int?] { [primary, replica, incoming] }
    }

    /// Grows with each map, over all leaders.
    package private(set) var epoch: UInt64
    /// Copies of each shard that are wanted, 1 or 2.
    package let replicas: Int
    package var workers: [Worker]
    package var owners: [Owners]
    /// Shards that should be elsewhere than hashing puts them, because of what there is to do: names of workers, by shard.
    package var overrides: [Int: String] = [:]

    /// - Parameter shardCount: at least 1.
    package init(epoch: UInt64 = 0, shardCount: Int, replicas: Int, workers: [Worker] = []) {
        self.epoch = epoch
        self.replicas = replicas
        self.workers = workers
        owners = Array(repeating: Owners(), count: shardCount)
    }

    package var shardCount: Int { owners.count }

    /// - Parameter known: an epoch that somebody has seen; the new one is beyond it.
    mutating func advanceEpoch(beyond known: UInt64) { epoch = max(epoch, known) + 1 }

    /// Each worker with the shards that it answers for; workers without any are left out.
    package var primaries: [(worker: Worker, shards: ShardSet)] { grouped(\.primary) }

    /// The shards that nobody has.
    package var orphans: ShardSet { ShardSet(owners.indices.filter { owners[$0].primary == nil }) }

    /// Who may answer instead of their primaries for some shards.
    package func replicas(of shards: ShardSet) -> [(worker: Worker, shards: ShardSet)] {
        var wanted = self
        for shard in owners.indices where !shards.contains(shard) { wanted.owners[shard].replica = nil }
        return wanted.grouped(\.replica)
    }

    package func place(of worker: Worker) -> Int? { workers.firstIndex(of: worker) }

    /// Whether any shard is a worker's to answer for and to report about.
    package func hasPrimaries(_ worker: Worker) -> Bool {
        guard let place = place(of: worker) else { return false }
        return owners.contains { $0.primary == place }
    }

    /// Whether a worker is fed anything.
    package func hasShards(_ worker: Worker) -> Bool {
        guard let place = place(of: worker) else { return false }
        return owners.contains { $0.places.contains(place) }
    }

    /// The shards that a worker is fed, by what it is to them.
    package func shards(of worker: Worker) -> (primary: ShardSet, replica: ShardSet, incoming: ShardSet) {
        guard let place = place(of: worker) else { return (ShardSet(), ShardSet(), ShardSet()) }
        return (
            ShardSet(owners.indices.filter { owners[$0].primary == place }),
            ShardSet(owners.indices.filter { owners[$0].replica == place }),
            ShardSet(owners.indices.filter { owners[$0].incoming == place })
        )
    }

    /// Shards that a worker had all of, by the map before, and is given again by this one.
    func countDemoted(from old: ShardMap) -> Int {
        owners.indices.count { shard in
            guard owners[shard].incomingSince == epoch, old.owners.indices.contains(shard),
                let worker = owners[shard].incoming.map({ workers[$0] })
            else { return false }
            return [old.owners[shard].primary, old.owners[shard].replica].contains { $0.map { old.workers[$0] == worker } ?? false }
        }
    }

    private func grouped(_ owner: KeyPath<Owners, Int?>) -> [(worker: Worker, shards: ShardSet)] {
        var sets = Array(repeating: ShardSet(), count: workers.count)
        for (shard, owners) in owners.enumerated() {
            if let place = owners[keyPath: owner] { sets[place].insert(shard) }
        }
        return workers.indices.filter { !sets[$0].isEmpty }.map { (workers[$0], sets[$0]) }
    }
}

extension ShardMap.Worker: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(name)
        writer.write(incarnation)
        writer.write(address)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        self.init(name: try reader.value(), incarnation: try reader.value(), address: try reader.value())
    }
}

extension ShardMap.Owners: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(primary)
        writer.write(replica)
        writer.write(incoming)
        writer.write(incomingSince)
        writer.write(lostIn)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        primary = try reader.value()
        replica = try reader.value()
        incoming = try reader.value()
        incomingSince = try reader.value()
        lostIn = try reader.value()
    }
}

extension ShardMap: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(epoch)
        writer.write(replicas)
        writer.write(workers)
        writer.write(owners)
        writer.write(overrides)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        epoch = try reader.value()
        replicas = try reader.value()
        workers = try reader.value()
        owners = try reader.value()
        overrides = try reader.value()
        let places = workers.indices
        let isSound = owners.allSatisfy { owners in
            owners.places.allSatisfy { $0.map(places.contains) ?? true }
        }
        guard isSound, overrides.keys.allSatisfy(owners.indices.contains), (1...2).contains(replicas), (1...ClusterLimits.shardsMax).contains(owners.count),
            workers.count <= ClusterLimits.workersMax, epoch < UInt64(Int64.max) / 2
        else { throw reader.fault(.badValue) }
    }
}
