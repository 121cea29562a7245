// A map in the making: what each shard's owners are when the gone are out, those that have got everything are in, and the next
// ones are on their way to where they should be.

struct MapPlan {
    /// All that the next map depends on.
    struct Inputs: Hashable {
        var map: ShardMap
        /// The newest epoch that any member has told of: larger than the map's where the store has forgotten maps.
        var epochKnown: UInt64
        /// Of the map, or those that should take their place.
        var overrides: [Int: String]
        /// Workers that can be owners, and what is known of each, at the same places.
        var present: [ShardMap.Worker] = []
        var isDraining: [Bool] = []
        /// Shards that were coming to a worker by the map of an epoch and have come.
        var filled: [Filled] = []
        /// Shards whose copies differ, and those that each of `present` lacks something of.
        var uneven = ShardSet(), lacking: [ShardSet] = []

        struct Filled: Hashable {
            var epoch: UInt64 = 0
            var shards = ShardSet()
        }
    }

    private let inputs: Inputs
    private var old: ShardMap { inputs.map }
    private var map: ShardMap
    /// By shard, places of those that should have it, the primary's first. Empty when nobody can have any.
    private let wanted: [[Int]]
    /// Places of the old map's workers in the new one; nil for those that are gone.
    private let places: [Int?]

    init(_ inputs: Inputs, wanted placement: Placement) {
        self.inputs = inputs
        map = inputs.map
        map.workers = inputs.present
        let placeOfName = Dictionary(inputs.present.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        map.overrides = inputs.overrides.filter { name in placeOfName[name.value].map { !inputs.isDraining[$0] } ?? false }
        wanted = map.owners.indices.map { [overrides = map.overrides] shard in
            let names = placement.names(for: shard)
            let all = overrides[shard].map { name in [name] + names.filter { $0 != name } } ?? names
            return all.prefix(names.count).compactMap { placeOfName[$0] }
        }
        let placeOfWorker = Dictionary(inputs.present.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        places = inputs.map.workers.map { placeOfWorker[$0] }
    }

    private var epoch: UInt64 { max(old.epoch, inputs.epochKnown) + 1 }

    /// The next map; nil when the old one is as it should be.
    mutating func next() -> ShardMap? {
        for shard in map.owners.indices { map.owners[shard] = owners(of: shard) }
        mend()
        bringIn()
        guard map != old || inputs.epochKnown > old.epoch else { return nil }
        map.advanceEpoch(beyond: inputs.epochKnown)
        return map
    }

    /// The owners of a shard among those that have something of it.
    private func owners(of shard: Int) -> ShardMap.Owners {
        var owners = old.owners[shard]
        owners.primary = owners.primary.flatMap { places[$0] }
        owners.replica = owners.replica.flatMap { places[$0] }
        owners.incoming = owners.incoming.flatMap { places[$0] }
        var holders = [owners.primary, owners.replica].compactMap(\.self)
        if let incoming = owners.incoming {
            if isFilled(shard, incoming, since: owners.incomingSince) {
                holders.append(incoming)
                owners.incoming = nil
            } else if !wanted[shard].contains(incoming) {
                owners.incoming = nil
            }
        }
        if holders.isEmpty { holders = beginAnew(shard, &owners) }
        // Whole copies stay in their order unless others should have the shard rather.
        holders = holders.enumerated()
            .sorted { (rank($0.element, shard), $0.offset) < (rank($1.element, shard), $1.offset) }
            .map(\.element)
        owners.primary = holders.first
        owners.replica = old.replicas > 1 ? holders.dropFirst().first : nil
        if let replica = owners.replica, inputs.isDraining[replica], wanted[shard].allSatisfy(holders.contains) { owners.replica = nil }
        return owners
    }

    /// Those who wanted shards should go to first, those who leave last.
    private func rank(_ place: Int, _ shard: Int) -> Int {
        wanted[shard].firstIndex(of: place) ?? (inputs.isDraining[place] ? old.replicas + 1 : old.replicas)
    }

    private func isFilled(_ shard: Int, _ place: Int, since: UInt64) -> Bool {
        inputs.filled[place].epoch >= since && inputs.filled[place].shards.contains(shard)
    }

    /// Nobody is left who has all of a shard.
    private func beginAnew(_ shard: Int, _ owners: inout ShardMap.Owners) -> [Int] {
        // Under maps that only members know of something has been counted.
        let isFirst = old.workers.isEmpty && inputs.epochKnown <= old.epoch
        if !isFirst { owners.lostIn = epoch }
        // One that was being filled has at least what came since.
        if let incoming = owners.incoming {
            owners.incoming = nil
            return [incoming]
        }
        // Before anything has been counted, each is as good as another.
        return wanted[shard].isEmpty ? [0] : Array(wanted[shard].prefix(isFirst ? old.replicas : 1))
    }

    private var room: Int { Membership.movesMaximum - map.owners.count { $0.incoming != nil } }

    /// Where two copies differ, one of them becomes that which is whole, or else the one that has answered so far, and the other is made again from it.
    /// Whoever else was on its way to the shard is so again afterwards.
    private mutating func mend() {
        var room = room
        for shard in inputs.uneven.shards where map.owners.indices.contains(shard) {
            guard let primary = map.owners[shard].primary, let replica = map.owners[shard].replica else { continue }
            if map.owners[shard].incoming == nil { room -= 1 }
            guard room >= 0 else { return }
            let isReplicaWhole = inputs.lacking[primary].contains(shard) && !inputs.lacking[replica].contains(shard)
            let short = isReplicaWhole ? primary : replica
            map.owners[shard].primary = isReplicaWhole ? replica : primary
            map.owners[shard].replica = nil
            map.owners[shard].incoming = wanted[shard].contains(short) ? short : nil
            if wanted[shard].contains(short) { map.owners[shard].incomingSince = epoch }
        }
    }

    /// Names who is to be fed next; first for shards whose owners leave, then for those with a copy less than there should be.
    private mutating func bringIn() {
        var room = room
        guard room > 0 else { return }
        let missing = map.owners.indices.compactMap { shard -> (urgency: Int, shard: Int, place: Int)? in
            let owners = map.owners[shard]
            guard owners.incoming == nil,
                let place = wanted[shard].first(where: { $0 != owners.primary && $0 != owners.replica })
            else { return nil }
            let leaves = [owners.primary, owners.replica].contains { $0.map { inputs.isDraining[$0] } ?? false }
            let lacks = old.replicas > 1 && owners.replica == nil
            return (leaves ? 0 : lacks ? 1 : 2, shard, place)
        }
        for next in missing.sorted(by: { ($0.urgency, $0.shard) < ($1.urgency, $1.shard) }) where room > 0 {
            map.owners[next.shard].incoming = next.place
            map.owners[next.shard].incomingSince = epoch
            room -= 1
        }
    }
}
