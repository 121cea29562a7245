// /cluster/json: of a coordinator, and of a process that is alone: it is its own only member and has every shard.

internal import Cluster
package import Coordinator
internal import Ingest
internal import Queries
package import Routing
internal import ShardEngine
internal import Synchronization

package enum ClusterRoutes {
    package static func federated(_ view: ClusterView, indent: Int) -> Route {
        Route(
            .get, "/cluster/json", group: "Server", summary: "Members, shards and what moves",
            details: """
                Weir's own addition. `epoch` is the number of the shard map; `shardMap` has a row for each shard: the name of its \
                primary, then its replica, as far as it has them. `handovers` are on their way from their primary to another worker, which has them when it \
                has all of them. `lostShards` have lost their counts at some time, `warmingShards` within the last minute. \
                `shortShards` have a copy that lacks something, because an ingest node left it out for one worker only; when nothing has been left out \
                for five seconds such a copy is made again from the other one, and `copiesMended` counts it. \
                `state` of a member is `up`, `late` (heartbeats are missing), `draining` or `gone`; `frozen`: too many workers \
                have gone at once, and ownership stays as it is. `load.thinned` of an ingest node counts copies of datagrams that \
                were left out for a worker that had fallen behind, and for which others stand; `load.dropped` those that were lost. \
                `lagMs` is how long the oldest datagram that waits has waited: at an ingest node until workers have taken it in, at a \
                worker since it came there; `watermarkMs` until when all that arrived at an ingest node has been taken in.
                """,
            answer: .json(schema: ClusterStatus.schema)
        ) { request in
            try request.allowOnly()
            return .json(indent: indent, ClusterStatus(view).write)
        }
    }

    /// - Parameters:
    ///   - shards: how many the process has.
    ///   - definitionsVersion: of the definitions in force.
    package static func single(
        _ context: APIContext, shards: Int, definitionsVersion: @escaping @Sendable () async -> UInt64
    ) -> Route {
        let rates = Rates()
        return Route(
            .get, "/cluster/json", group: "Server", summary: "Members, shards and what moves",
            details: """
                Weir's own addition. A single process (`role` is `serve`) is its only member. `shardMap` has a row for each \
                shard: the name of the member that answers for it, then its replica. `load` is over the last second or more.
                """,
            answer: .json(schema: ClusterStatus.schema)
        ) { request in
            try request.allowOnly()
            let books = try await context.queries.books(at: context.queries.now)
            let ingest = context.ingest()
            let counters = books.counters
            let samples = counters.flowSamples + counters.counterSamples + counters.notifications + counters.namedSamples
            let rate = rates.update(datagrams: ingest.datagramsReceived, samples: samples)
            var member = ClusterStatus.Member(name: "serve", role: "serve", version: context.version)
            member.primaryShards = shards
            member.load = ClusterStatus.Load(
                datagramsPerSecond: rate.datagrams, samplesPerSecond: rate.samples, agents: books.agentCount,
                queued: ingest.datagramsReceived >= counters.datagrams ? ingest.datagramsReceived - counters.datagrams : 0,
                dropped: ingest.droppedByKernel, datagrams: ingest.datagramsReceived)
            let status = ClusterStatus(
                role: "serve", name: "serve", leader: "serve", definitionsVersion: await definitionsVersion(),
                members: [member], shardMap: Array(repeating: ["serve"], count: shards))
            return .json(indent: context.indent, status.write)
        }
    }
}

/// Counters become rates between two questions that are at least a second apart.
private final class Rates: Sendable {
    private struct State {
        var time = ContinuousClock.now
        var datagrams: UInt64 = 0, samples: UInt64 = 0
        var rate = (datagrams: 0.0, samples: 0.0)
    }
    private let state = Mutex(State())

    func update(datagrams: UInt64, samples: UInt64) -> (datagrams: Double, samples: Double) {
        state.withLock { state in
            let now = ContinuousClock.now
            let seconds = (now - state.time) / .seconds(1)
            guard seconds >= 1 else { return state.rate }
            state.rate = (
                Double(datagrams - min(datagrams, state.datagrams)) / seconds,
                Double(samples - min(samples, state.samples)) / seconds
            )
            (state.time, state.datagrams, state.samples) = (now, datagrams, samples)
            return state.rate
        }
    }
}
