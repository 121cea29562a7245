// How the threads of this process find the largest flows together: by ranking all that they have, or, where the largest rate
// decides, from the few that may be among them.

package import Queries
package import ShardEngine

extension LocalShardHost {
    package func flows(_ query: ActiveFlowsQuery, at instant: Instant) async -> (any FlowMeasurement)? {
        query.isDecidedByLargest ? await largestFlows(query, at: instant) : await allFlows(query, at: instant)
    }

    private func allFlows(_ query: ActiveFlowsQuery, at instant: Instant) async -> (any FlowMeasurement)? {
        let parts: [(flows: GatheredFlows, definition: ActiveFlow)?] = await gather { shards in
            guard let shard = shards.first, let flow = shard.flow(named: query.flow) else { return nil }
            var gathered = query.emptyGathered(shard.flows[flow])
            for shard in shards { shard.collect(query, at: instant, into: &gathered) }
            return (gathered, shard.flows[flow])
        }
        let found = parts.compactMap { $0 }
        guard let first = found.first else { return nil }
        // Merging and ranking them is not the executors' work: their threads take in datagrams.
        let all = found.dropFirst().reduce(into: first.flows) { $0.merge($1.flows) }
        return AllFlows(
            keySeparator: first.definition.keySeparator, snapshot: FlowSnapshot(all, of: first.definition, mode: query.mode))
    }

    private func largestFlows(_ query: ActiveFlowsQuery, at instant: Instant) async -> (any FlowMeasurement)? {
        let parts: [(flows: FlowPartial, isAll: Bool, keySeparator: String)?] = await gather { shards in
            guard let shard = shards.first, let flow = shard.flow(named: query.flow) else { return nil }
            var largest = query.emptyLargest(shard.flows[flow])
            for shard in shards { shard.collect(query, at: instant, into: &largest) }
            return (query.partial(largest), largest.isAll, shard.flows[flow].keySeparator)
        }
        let found = parts.compactMap { $0 }
        guard let first = found.first else { return nil }
        let merged = query.merge(found.map(\.flows))
        let largest = query.answer(merged)
        let counts = await count(query, largest.map(\.key), at: instant)
        let listed = zip(largest, counts).map { ($0.key, $0.tally.counted($1)) }
        let snapshot = FlowSnapshot(
            FlowPartial(uniqueKeysWithValues: listed), mode: query.mode,
            isAll: listed.count == merged.count && found.allSatisfy(\.isAll))
        return Largest(keySeparator: first.keySeparator, snapshot: snapshot) { await tallies(query, $0, at: instant) }
    }

    private func count(_ query: ActiveFlowsQuery, _ keys: [[UInt8]], at instant: Instant) async -> [Int] {
        await gather { shards in
            var counts = Array(repeating: 0, count: keys.count)
            guard let shard = shards.first, let flow = shard.flow(named: query.flow), !keys.isEmpty else { return counts }
            var search = FlowSearch(keys, of: shard.flows[flow])
            for shard in shards { shard.count(query, &search, at: instant, into: &counts) }
            return counts
        }.reduce(into: Array(repeating: 0, count: keys.count)) { sums, counts in
            for (place, count) in counts.enumerated() { sums[place] += count }
        }
    }

    /// In the order of the keys; nil for flows that are not here.
    private func tallies(_ query: ActiveFlowsQuery, _ keys: [[UInt8]], at instant: Instant) async -> [FlowTally?] {
        let empty = Array(repeating: FlowTally(query.mode), count: keys.count)
        return await gather { shards in
            var tallies = empty
            guard let shard = shards.first, let flow = shard.flow(named: query.flow), !keys.isEmpty else { return tallies }
            var search = FlowSearch(keys, of: shard.flows[flow])
            for shard in shards { shard.tally(query, &search, at: instant, into: &tallies) }
            return tallies
        }.reduce(into: empty) { merged, tallies in
            for (place, tally) in tallies.enumerated() { merged[place].merge(tally) }
        }.map { $0.count > 0 ? $0 : nil }
    }
}

/// All flows that the host had when the query began.
private struct AllFlows: FlowMeasurement {
    let keySeparator: String
    let snapshot: FlowSnapshot

    func answer(_ request: TopFlowRequest) async throws -> TopFlowPartial { try snapshot.answer(request) }
}

/// The largest flows when the query began; others are looked for when they are asked for.
private struct Largest: FlowMeasurement {
    let keySeparator: String
    let snapshot: FlowSnapshot
    let tallies: @Sendable ([[UInt8]]) async -> [FlowTally?]

    func answer(_ request: TopFlowRequest) async throws -> TopFlowPartial {
        guard case .tallies(let keys) = request else { return try snapshot.answer(request) }
        guard keys.count <= TopFlowLimits.entriesMax else { throw TopFlowError(.limitExceeded) }
        return .tallies(await tallies(keys))
    }
}
