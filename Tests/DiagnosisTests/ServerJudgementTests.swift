// What is said of a server and of a cluster.

import Diagnosis
import Testing

@Suite struct ServerJudgementTests {
    private func findings(_ before: ServerLook, _ now: ServerLook) -> [Finding] { ServerJudgement(before: before, now: now).findings() }

    @Test func aServerThatTakesInEverythingIsWell() throws {
        let look = try serverLook(stages: "\"shards\": {\"refused.foreign_version\": 0}, \"ingest\": {\"truncated\": 0}")
        #expect(findings(look, look) == [])
    }

    @Test func aServerThatHearsNobody() throws {
        let look = try serverLook(agents: [], analyzer: "\"sFlowDatagramsReceived\": 0, \"uptime\": 180000")
        #expect(findings(look, look).map(\.what) == ["No datagram has arrived since the server started, 3 min ago."])
    }

    @Test func kernelDropsAreTold() throws {
        let before = try serverLook(analyzer: "\"sFlowDatagramsDiscarded\": 7")
        let now = try serverLook(analyzer: "\"sFlowDatagramsDiscarded\": 9")
        #expect(findings(before, now)[0].what == "The kernel dropped 9 datagrams, and it is going on: the receive buffer was full.")
        #expect(findings(now, now)[0].what.contains("none in the last seconds"))
    }

    @Test(arguments: [
        ("foreign_version", "NetFlow"), ("unsupported_version", "version 5"), ("too_many_agents", "forged"), ("too_short", "damaged"),
    ])
    func refusalsAreExplained(reason: String, words: String) throws {
        let look = try serverLook(stages: "\"shards\": {\"refused.\(reason)\": 3}")
        let all = findings(look, look)
        #expect(all.count == 1 && all[0].what.contains("3 datagrams") && all[0].what.contains(reason))
        #expect(all[0].advice.contains(words))
    }

    @Test func aWholeClusterIsWell() throws {
        let look = try serverLook(
            cluster: """
                {"role": "coordinator", "leader": "c-1", "shards": 1024, "missingShards": 0, "members": [
                {"name": "i-1", "role": "ingest", "state": "up"}, {"name": "w-1", "role": "worker", "state": "up"}]}
                """)
        #expect(findings(look, look) == [])
    }

    @Test func whatAClusterLacksIsTold() throws {
        let look = try serverLook(
            cluster: """
                {"role": "coordinator", "leader": "", "shards": 1024, "missingShards": 12, "frozen": true, "members": [
                {"name": "w-1", "role": "worker", "state": "gone", "load": {"dropped": 4}}]}
                """)
        let told = findings(look, look).map(\.what)
        for words in ["No coordinator leads", "12 shards of 1024", "frozen", "worker w-1 is gone", "No ingest node", "dropped 4 datagrams"] {
            #expect(told.contains { $0.contains(words) }, "\(words)")
        }
    }

    @Test func dropsOfAMemberAreAFaultWhileTheyGrow() throws {
        func look(_ dropped: Int, _ queued: Int) throws -> ServerLook {
            try serverLook(
                cluster: """
                    {"role": "coordinator", "leader": "c", "members": [
                    {"name": "i-1", "role": "ingest", "state": "up", "load": {"dropped": \(dropped), "queued": \(queued)}}]}
                    """)
        }
        #expect(findings(try look(4, 0), try look(4, 0)).map(\.weight) == [.hint])
        #expect(findings(try look(4, 0), try look(5, 0))[0].advice.contains("rmem_max"))
        #expect(findings(try look(4, 9), try look(5, 9))[0].advice.contains("Workers cannot keep up"))
    }

    @Test(arguments: ["[]", "{}", "\"x\"", "{\"10.0.0.1\": 5, \"stages\": [], \"members\": {}, \"role\": [], \"shards\": \"x\"}"])
    func answersOfAnyShapeDoNoHarm(text: String) throws {
        let value = try json(text)
        let look = ServerLook(agents: value, analyzer: value, cluster: value)
        _ = findings(look, look)
        _ = AgentJudgement(before: look, now: look).findings()
    }
}
