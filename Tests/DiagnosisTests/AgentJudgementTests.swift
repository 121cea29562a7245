// What is said of agents, from answers of the REST API written out as text.

import Definitions
import Diagnosis
import Testing

@Suite struct AgentJudgementTests {
    @Test func anAgentThatIsHeardAndLosesNothingIsWell() throws {
        let look = try serverLook(agents: [agent("10.0.0.1")])
        #expect(AgentJudgement(before: look, now: look).findings() == [])
        #expect(AgentJudgement(before: look, now: look).findings(of: "10.0.0.1") == [])
    }

    @Test func silenceIsTold() throws {
        let look = try serverLook(agents: [agent("10.0.0.1"), agent("10.0.0.2", "\"hostName\": \"leaf2\", \"lastSeen\": 95000")])
        let findings = AgentJudgement(before: look, now: look).findings()
        #expect(findings.map(\.what) == ["10.0.0.2 (leaf2) is silent: the last datagram came 95 s ago."])
        #expect(findings[0].weight == .fault && findings[0].advice.contains("Others are heard (1)"))
        #expect(AgentJudgement(before: look, now: look).findings(of: "leaf2").map(\.what) == findings.map(\.what))
        #expect(AgentJudgement(before: look, now: look).findings(of: "10.0.0.1") == [])
    }

    @Test func whenAllAreSilentTheyAreNamedTogether() throws {
        let look = try serverLook(agents: (1...8).map { agent("10.0.0.\($0)", "\"lastSeen\": \($0 * 100_000)") })
        let findings = AgentJudgement(before: look, now: look).findings()
        #expect(findings.count == 1 && findings[0].advice.hasPrefix("All are silent"))
        #expect(findings[0].what == "8 agents are silent: the last datagram came 13 min ago: "
            + "10.0.0.8, 10.0.0.7, 10.0.0.6, 10.0.0.5, 10.0.0.4 and 3 more.")
    }

    @Test(arguments: [
        (lost: 0, lostNow: 1, received: 1_000_000, weight: Finding.Weight.fault),
        (lost: 5, lostNow: 5, received: 1_000_000, weight: .hint),
        (lost: 50, lostNow: 50, received: 1000, weight: .fault),
    ])
    func lossIsAFaultWhileItGrowsOrWhenItIsMuch(lost: Int, lostNow: Int, received: Int, weight: Finding.Weight) throws {
        func look(_ lost: Int) throws -> ServerLook {
            try serverLook(agents: [agent("10.0.0.1", "\"sFlowDatagramsLost\": \(lost), \"sFlowDatagramsReceived\": \(received)")])
        }
        let findings = AgentJudgement(before: try look(lost), now: try look(lostNow)).findings()
        #expect(findings.map(\.weight) == [weight])
        #expect(findings[0].what.contains(lostNow > lost ? "it is going on" : "none in the last seconds"))
        #expect(findings[0].advice.hasPrefix("The server itself has dropped none"))
    }

    @Test func lossIsBlamedOnTheKernelWhereThatDrops() throws {
        let look = try serverLook(
            agents: [agent("10.0.0.1", "\"sFlowDatagramsLost\": 100, \"sFlowDatagramsReceived\": 1000")],
            analyzer: "\"sFlowDatagramsDiscarded\": 100")
        #expect(AgentJudgement(before: look, now: look).findings()[0].advice.contains("kernel has dropped 100 datagrams"))
    }

    @Test func anAgentThatIsAskedForByTheAddressItSendsFromIsExplained() throws {
        let look = try serverLook(agents: [agent("10.0.0.1", "\"sFlowDatagramSource\": [\"192.0.2.9\"]")])
        let judgement = AgentJudgement(before: look, now: look)
        let finding = try #require(judgement.findings(of: "192.0.2.9").first)
        #expect(finding.weight == .fault && finding.what.contains("10.0.0.1"))
        let unknown = try #require(judgement.findings(of: "192.0.2.10").first)
        #expect(unknown.what.hasPrefix("No datagram of 192.0.2.10 has ever arrived"))
    }

    @Test func twoDevicesWithOneAddressAreSuspected() throws {
        let look = try serverLook(
            agents: [agent("10.0.0.1", "\"sFlowRestarts\": 40, \"sFlowDatagramSource\": [\"192.0.2.9\", \"192.0.2.10\"]")])
        let finding = try #require(AgentJudgement(before: look, now: look).findings().first)
        #expect(finding.advice.contains("two devices") && finding.advice.contains("192.0.2.9, 192.0.2.10"))
    }

    @Test(arguments: [
        ("\"sFlowFlowDrops\": 10, \"sFlowFlowSamples\": 100", "10 packets for want of resources"),
        ("\"faults\": {\"record_truncated\": 3}", "damaged parts (record_truncated)"),
        ("\"sFlowDatagramsDuplicates\": 3", "arrive twice"),
    ])
    func otherTroubleIsTold(books: String, words: String) throws {
        let look = try serverLook(agents: [agent("10.0.0.1", books)])
        #expect(AgentJudgement(before: look, now: look).findings().map(\.what).contains { $0.contains(words) })
    }

    @Test func whatAnAgentDoesNotSendIsOnlyAHint() throws {
        let look = try serverLook(agents: [agent("10.0.0.1", "\"sFlowCounterSamples\": 0, \"sFlowFlowSamples\": 0, \"sFlowDatagramsOutOfOrder\": 2")])
        let findings = AgentJudgement(before: look, now: look).findings(of: "10.0.0.1")
        #expect(findings.count == 3 && findings.allSatisfy { $0.weight == .hint })
    }

    @Test func namesOfAgentsDoNoHarmToATerminal() throws {
        let look = try serverLook(agents: [agent("10.0.0.1", "\"hostName\": \"a\\u001b[2Jb\\u202e\", \"lastSeen\": 61000")])
        let what = try #require(AgentJudgement(before: look, now: look).findings().first?.what)
        #expect(what.hasPrefix("10.0.0.1 (a?[2Jb?) is silent"))
    }
}
