// Version, status, the server's own counters.

import Foundation
import Testing

@Suite(.timeLimit(.minutes(2))) struct ServerRouteTests {
    @Test(arguments: Way.available) func version(way: Way) async throws {
        try await withAPI([way]) { api in
            let answer = try await api.ask(way, "/version")
            #expect(answer.status == 200)
            #expect(answer.text == "0.1-1\n")
            #expect(answer.headers["content-type"]?.hasPrefix("text/plain") == true)
        }
    }

    @Test(arguments: Way.available) func status(way: Way) async throws {
        try await withAPI([way]) { api in
            let answer = try await api.ask(way, "/status")
            #expect(answer.status == 200 && answer.text == "OK\n")
        }
    }

    @Test(arguments: Way.available) func analyzer(way: Way) async throws {
        try await withAPI([way]) { api in
            let books = try await api.ask(way, "/analyzer/json").object
            for name in [
                "uptime", "sFlowAgents", "sFlowBytesReceived", "sFlowDatagramsReceived", "sFlowDatagramsDiscarded",
                "sFlowParseErrors", "sFlowUnsupportedVersion", "httpConnectionsCurrent", "httpConnectionsTotal",
                "httpMessagesReceived", "httpMessagesSent", "httpBytesReceived", "httpBytesSent", "availableProcessors",
                "heapMax", "heapUsed", "threadCount", "threadDaemonCount", "threadTotalStartedCount", "gcTime", "gcCount",
                "cpuTime", "memTotal", "memFree", "cpuLoadSystem", "cpuLoadProcess",
            ] {
                #expect(books[name] is NSNumber, "\(name)")
            }
            #expect(books["sFlowAgents"] as? Int == 3)
            #expect(books["sFlowDatagramsReceived"] as? Int == 8)
            #expect(books["version"] as? String == "0.1-1")
            let stages = try #require(books["stages"] as? [String: [String: Int]])
            let (ingest, shards) = (try #require(stages["ingest"]), try #require(stages["shards"]))
            #expect(ingest["received"] == 8 && ingest["passed_on"] == 8)
            let refused = shards.filter { $0.key.hasPrefix("refused.") }.values.reduce(0, +)
            #expect(shards["received"] == 8 && shards["waiting"] == 0)
            #expect((shards["accepted"] ?? 0) + (shards["duplicates"] ?? 0) + refused == 8)
        }
    }

    /// A single process is a cluster of one, which misses nothing.
    @Test func clusterOfOne() async throws {
        try await withAPI { $0.shards = 5 } _: { api in
            let status = try await api.ask(.call, "/cluster/json").object
            #expect(status["role"] as? String == "serve" && status["leader"] as? String == "serve")
            #expect(status["shards"] as? Int == 5 && status["missingShards"] as? Int == 0 && status["definitionsVersion"] as? Int == 7)
            #expect(status["shardMap"] as? [[String]] == Array(repeating: ["serve"], count: 5))
            #expect((status["handovers"] as? [Any])?.isEmpty == true)
            let member = try #require((status["members"] as? [[String: Any]])?.first)
            #expect(member["state"] as? String == "up" && member["primaryShards"] as? Int == 5 && member["version"] as? String == "0.1-1")
            let load = try #require(member["load"] as? [String: Double])
            #expect(load["agents"] == 3 && load["queued"] == 0 && load["dropped"] == 0)
            #expect(Set(load.keys) == ["agents", "queued", "dropped", "datagrams", "refusedMessages", "olderQuestions", "thinned", "datagramsPerSecond", "samplesPerSecond"])
            #expect(member["lagMs"] == nil, "not measured is not zero")
        }
    }
}
