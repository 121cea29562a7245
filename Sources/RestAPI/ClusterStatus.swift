// What /cluster/json says: who is there, who has which shards, what moves. One shape for a coordinator and for a single
// process, so that pages and scripts need not know which they ask.

internal import Routing

package struct ClusterStatus: Sendable {
    package struct Load: Sendable {
        /// Over the last second or more.
        package var datagramsPerSecond = 0.0, samplesPerSecond = 0.0
        package var agents = 0
        /// Datagrams; `datagrams` since the start.
        package var queued: UInt64 = 0, dropped: UInt64 = 0, thinned: UInt64 = 0, datagrams: UInt64 = 0
        /// Messages of other nodes that made no sense.
        package var refusedMessages: UInt64 = 0
        /// Questions not answered, because they went by an older shard map.
        package var olderQuestions: UInt64 = 0
    }

    package struct Member: Sendable {
        package var name: String
        /// `serve`, `coordinator`, `worker` or `ingest`.
        package var role: String
        /// Empty when there is nothing to connect to.
        package var address = ""
        package var version: String
        /// `up`, `late`, `draining` or `gone`.
        package var state = "up"
        package var lastSeenMilliseconds = 0
        package var primaryShards = 0, replicaShards = 0, incomingShards = 0
        package var load = Load()
        /// How long the oldest datagram that waits has waited; nil where it is not known.
        package var lagMilliseconds: Int?
        /// What arrived at an ingest node until then, workers have taken in. Since the Unix epoch, by the clock of what it receives.
        package var watermarkMilliseconds: Int64?
        package var epoch = 0
        package var definitionsVersion: UInt64 = 0
        /// What went wrong last; nil when nothing did.
        package var error: String?
    }

    /// Shards on their way from their primary to another worker.
    package struct Handover: Sendable {
        package var from: String, to: String
        package var shards: Int
        /// The shard map in which the first of them began to move.
        package var sinceEpoch: UInt64
    }

    /// `serve` or `coordinator`: of the process that answers.
    package var role: String
    package var name: String
    package var leader: String
    package var epoch = 0
    package var replicas = 1
    /// Shards whose counts are in no answer: nobody has them, or who has them is gone.
    package var missingShards = 0
    package var warmingShards = 0
    /// Shards that have lost what they had counted, at any time.
    package var lostShards = 0
    package var isFrozen = false
    /// Shards one copy of which lacks something that was left out for a worker that had fallen behind, and copies made again for that.
    package var shortShards = 0, copiesMended = 0
    package var definitionsVersion: UInt64
    package var members: [Member]
    package var handovers: [Handover] = []
    /// Primary and replicas of each shard, by name.
    package var shardMap: [[String]]

    func write(_ json: inout JSONWriter) {
        json.object { json in
            json.member("role", role)
            json.member("name", name)
            json.member("leader", leader)
            json.member("epoch", epoch)
            json.member("shards", shardMap.count)
            json.member("replicas", replicas)
            json.member("missingShards", missingShards)
            json.member("warmingShards", warmingShards)
            json.member("lostShards", lostShards)
            json.member("shortShards", shortShards)
            json.member("copiesMended", copiesMended)
            json.member("frozen", isFrozen)
            json.member("definitionsVersion", definitionsVersion)
            json.member("members") { $0.array { json in for member in members { json.element(member.write) } } }
            json.member("handovers") { $0.array { json in for handover in handovers { json.element(handover.write) } } }
            json.member("shardMap") { json in
                json.array { json in
                    for owners in shardMap {
                        json.element { $0.array { json in for owner in owners { json.element { $0.string(owner) } } } }
                    }
                }
            }
        }
    }

    static let schema = """
        {"type":"object","required":["role","name","shards","missingShards","members","handovers","shardMap"],"properties":{\
        "role":{"type":"string"},"name":{"type":"string"},"leader":{"type":"string"},"epoch":{"type":"integer"},\
        "shards":{"type":"integer"},"replicas":{"type":"integer"},"missingShards":{"type":"integer"},\
        "warmingShards":{"type":"integer"},"shortShards":{"type":"integer"},"copiesMended":{"type":"integer"},"frozen":{"type":"boolean"},"definitionsVersion":{"type":"integer"},\
        "members":{"type":"array","items":{"type":"object","required":["name","role","state"]}},\
        "handovers":{"type":"array","items":{"type":"object","required":["from","to","shards"]}},\
        "shardMap":{"type":"array","items":{"type":"array","items":{"type":"string"}}}}}
        """
}

extension ClusterStatus.Member {
    func write(_ json: inout JSONWriter) {
        json.object { json in
            json.member("name", name)
            json.member("role", role)
            json.member("address", address)
            json.member("version", version)
            json.member("state", state)
            json.member("lastSeenMs", lastSeenMilliseconds)
            json.member("primaryShards", primaryShards)
            json.member("replicaShards", replicaShards)
            json.member("incomingShards", incomingShards)
            json.member("load") { json in
                json.object { json in
                    json.member("datagramsPerSecond", load.datagramsPerSecond)
                    json.member("samplesPerSecond", load.samplesPerSecond)
                    json.member("agents", load.agents)
                    json.member("queued", load.queued)
                    json.member("dropped", load.dropped)
                    json.member("thinned", load.thinned)
                    json.member("datagrams", load.datagrams)
                    json.member("refusedMessages", load.refusedMessages)
                    json.member("olderQuestions", load.olderQuestions)
                }
            }
            if let lagMilliseconds { json.member("lagMs", lagMilliseconds) }
            if let watermarkMilliseconds { json.member("watermarkMs", watermarkMilliseconds) }
            json.member("epoch", epoch)
            json.member("definitionsVersion", definitionsVersion)
            if let error { json.member("error", error) }
        }
    }
}

extension ClusterStatus.Handover {
    fileprivate func write(_ json: inout JSONWriter) {
        json.object { json in
            json.member("from", from)
            json.member("to", to)
            json.member("shards", shards)
            json.member("sinceEpoch", Int(clamping: sinceEpoch))
        }
    }
}
