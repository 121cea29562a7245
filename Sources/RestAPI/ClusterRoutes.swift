// What a coordinator says about its cluster: members, shards, who leads.

internal import Cluster
package import Coordinator
package import Routing

package enum ClusterRoutes {
    /// - Parameter name: of this coordinator.
    package static func route(_ view: ClusterView, name: String, indent: Int) -> Route {
        Route(
            .get, "/cluster/json", group: "Cluster", summary: "Members and shards of the cluster",
            details: """
                `epoch` is the number of the shard map; `shardMap` has a row a shard: its primary and its replica, as far as it \
                has them. `state` of a member is `up`, `late` (heartbeats are missing), `draining` or `gone`. `frozen`: too many \
                workers have gone at once, and ownership stays as it is.
                """,
            answer: .json(schema: #"{"type":"object"}"#)
        ) { request in
            try request.allowOnly()
            return .json(indent: indent) { json in
                json.object { json in
                    json.member("role", "coordinator")
                    json.member("name", name)
                    if let map = view.map { write(map, &json) }
                    if let status = view.status { write(status, &json) }
                }
            }
        }
    }

    private static func write(_ map: ShardMap, _ json: inout JSONWriter) {
        json.member("epoch", Int64(clamping: map.epoch))
        json.member("shards", map.shardCount)
        json.member("replicas", map.replicas)
        json.member("missingShards", map.orphans.count)
        json.member("lostShards", map.owners.count { $0.lostIn > 0 })
    }

    private static func write(_ status: ClusterStatus, _ json: inout JSONWriter) {
        json.member("leader", status.leader)
        json.member("frozen", status.isFrozen)
        json.member("definitionsVersion", Int64(clamping: status.definitionsVersion))
        json.member("members") { json in
            json.array { json in
                for member in status.members { json.element { write(member, of: status.map, &$0) } }
            }
        }
        json.member("handovers") { json in json.array { _ in } }
        json.member("shardMap") { json in
            json.array { json in
                for owners in status.map.owners {
                    json.element { json in
                        json.array { json in
                            for place in [owners.primary, owners.replica] {
                                if let place { json.element { $0.string(status.map.workers[place].name) } }
                            }
                        }
                    }
                }
            }
        }
    }

    private static func write(_ member: ClusterStatus.Member, of map: ShardMap, _ json: inout JSONWriter) {
        json.object { json in
            json.member("name", member.join.name)
            json.member("role", member.join.role.name)
            json.member("address", member.address)
            json.member("version", member.join.version)
            json.member("state", member.state.rawValue)
            json.member("lastSeenMs", member.silenceMilliseconds)
            json.member("epoch", Int64(clamping: member.heartbeat.epoch))
            json.member("lagMs", member.heartbeat.lagMilliseconds)
            if let worker = map.workers.first(where: { $0.name == member.join.name }) {
                let shards = map.shards(of: worker)
                json.member("primaryShards", shards.primary.count)
                json.member("replicaShards", shards.replica.count)
            }
            json.member("load") { json in
                json.object { json in
                    let load = member.heartbeat.load
                    json.member("datagramsPerSecond", load.datagramsPerSecond)
                    json.member("samplesPerSecond", load.samplesPerSecond)
                    json.member("agents", load.agents)
                    json.member("queued", load.queued)
                    json.member("datagrams", Int64(clamping: load.datagrams))
                    json.member("dropped", Int64(clamping: load.dropped))
                }
            }
            if let error = member.heartbeat.error { json.member("error", error) }
        }
    }
}
