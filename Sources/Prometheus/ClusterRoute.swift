// What Prometheus scrapes of a cluster: how complete its answers are, and what each member does. Apart from the other paths
// because a single process has none of it.

internal import Cluster
package import Coordinator
internal import RestAPI
package import Routing
internal import Transport

package enum ClusterRoute {
    package static func route(_ view: ClusterView) -> Route {
        Route(
            .get, "/prometheus/cluster/txt", group: "Prometheus", summary: "Completeness and members of the cluster to scrape",
            details: """
                What `/cluster/json` says, as `sflow_cluster_…`; of members with the labels `name` and `role`; and this coordinator's \
                streams to and from other nodes as `sflow_cluster_stream…` (each node's cluster port has its own at the same path). \
                `sflow_cluster_shards_missing` is above 0 while answers lack agents: alerts on sums should wait for that to end.
                """,
            answer: .text(example: "sflow_cluster_shards_missing 0")
        ) { request in
            try request.allowOnly()
            var text = ClusterText()
            if let map = view.map { text.add(map) }
            if let status = view.snapshot { text.add(status) }
            return .text(text.text + StreamRoute.text(view.counters.snapshot))
        }
    }
}

private struct ClusterText {
    private(set) var text = ""

    private typealias Member = ClusterSnapshot.Member

    mutating func add(_ map: ShardMap) {
        add("epoch", "Number of the shard map.", Int64(clamping: map.epoch))
        add("shards", "Parts into which agents are divided.", map.shardCount)
        add("replicas", "Workers that are to keep each shard.", map.replicas)
        add("shards_missing", "Shards that no worker has; answers lack their agents.", map.orphans.count)
        add("shards_lost", "Shards that began anew because all their workers were gone.", map.owners.count { $0.lostIn > 0 })
        let halves = map.replicas > 1 ? map.owners.count { $0.replica == nil } : 0
        add("shards_overridden", "Shards that are elsewhere than hashing puts them, to even out the load.", map.overrides.count)
        add("shards_moving", "Shards on their way to another worker.", map.owners.count { $0.incoming != nil })
        add("shards_unreplicated", "Shards that should have a whole replica and have none.", halves)
    }

    mutating func add(_ status: ClusterSnapshot) {
        add("frozen", "1 while too many workers have gone at once, and ownership stays as it is.", status.isFrozen ? 1 : 0)
        add("shards_short", "Shards one copy of which lacks something that was left out for its worker.", status.shortShards)
        add("copies_mended_total", "Copies of shards made again because they lacked something.", status.copiesMended, "counter")
        add("definitions_version", "Version of the definitions in force.", Int64(clamping: status.definitionsVersion))
        family("leader_info", "Which coordinator leads, in its label.", "gauge")
        text += "sflow_cluster_leader_info{\(PrometheusText.labels([("name", status.leader)]))} 1\n"
        addMembers(status)
    }

    private mutating func addMembers(_ status: ClusterSnapshot) {
        let members = status.members
        add("member_up", "1 while heartbeats arrive and the member does its work.", of: members) { $0.state == .up ? 1 : 0 }
        add("member_silence_seconds", "Time since the last heartbeat.", of: members) { Double($0.silenceMilliseconds) / 1000 }
        add("member_datagrams_total", "Datagrams received, or by a worker taken in.", "counter", of: members) {
            Double($0.heartbeat.load.datagrams)
        }
        add("member_dropped_total", "Datagrams that could not be taken in or passed on.", "counter", of: members) {
            Double($0.heartbeat.load.dropped)
        }
        add("member_thinned_total", "Copies of datagrams left out for a worker that fell behind; others stand for them.", "counter", of: members) {
            Double($0.heartbeat.load.thinned)
        }
        add("member_queued", "Datagrams that wait.", of: members) { Double($0.heartbeat.load.queued) }
        add("member_lag_seconds", "How long the oldest datagram that waits has waited.", of: members) {
            Double($0.heartbeat.lagMilliseconds) / 1000
        }
        let workers = members.filter { $0.join.role == .worker }
        add("member_agents", "Agents that a worker keeps.", of: workers) { Double($0.heartbeat.load.agents) }
        let shares = Dictionary(
            status.map.workers.map { ($0.name, status.map.shards(of: $0)) }, uniquingKeysWith: { first, _ in first })
        add("member_primary_shards", "Shards that a worker answers for.", of: workers) {
            Double(shares[$0.join.name]?.primary.count ?? 0)
        }
        add("member_replica_shards", "Shards that a worker keeps a replica of.", of: workers) {
            Double(shares[$0.join.name]?.replica.count ?? 0)
        }
    }

    private mutating func add(_ name: String, _ help: String, _ value: some BinaryInteger, _ type: String = "gauge") {
        family(name, help, type)
        text += "sflow_cluster_\(name) \(value)\n"
    }

    private mutating func add(
        _ name: String, _ help: String, _ type: String = "gauge", of members: [Member], _ value: (Member) -> Double
    ) {
        guard !members.isEmpty else { return }
        family(name, help, type)
        for member in members {
            let labels = PrometheusText.labels([("name", member.join.name), ("role", member.join.role.name)])
            text += "sflow_cluster_\(name){\(labels)} \(value(member))\n"
        }
    }

    private mutating func family(_ name: String, _ help: String, _ type: String) {
        text += PrometheusText.family("sflow_cluster_\(name)", help: help, type: type)
    }
}
