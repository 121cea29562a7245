// /events/json and /flows/json: shapes, parameters, and waiting.

import Bytes
import Coordinator
import Routing
import ShardEngine
import Testing

@Suite struct EventRoutesOverHTTP {
    private static let thresholds = [
        ActiveThreshold(name: "busy", metric: "ifinoctets", level: 10_000_000),
        ActiveThreshold(name: "load", metric: "load_one", level: 1),
    ]

    private func event(_ threshold: String, key: String? = nil, values: [Double] = []) -> ThresholdEvent {
        ThresholdEvent(
            time: TestAPI.start + 1_500_000, threshold: threshold, metric: "f", level: 0.5, value: 2, agent: IPAddress(v4: 0x0A00_0009),
            source: .named("a\"b"), flowKey: key, values: values)
    }

    private func flow(_ name: String, values: [Double] = []) -> FlowRecord {
        FlowRecord(
            name: name, agent: IPAddress(v4: 0x0A00_0009), source: .named("4"), flowKey: "1,2", value: 120_000, values: values,
            start: TestAPI.start, end: TestAPI.start + 9 * TestAPI.second)
    }

    @Test(arguments: Way.available) func eventsOfTheFabric(way: Way) async throws {
        try await withAPI([way], { $0.thresholds = EventRoutesOverHTTP.thresholds }) { api in
            let all = try await api.ask(way, "/events/json").objects
            // leaf1 port 2, leaf2 port 1, and leaf2's load, twice that of the level's agent.
            #expect(all.map { $0["eventID"] as? Int } == [2, 1, 0])
            let busy = try await api.ask(way, "/events/json?thresholdID=busy&maxEvents=5&timeout=60&eventID=-1").objects
            #expect(busy.count == 2)
            let last = try #require(busy.first { $0["agent"] as? String == "10.0.0.2" })
            #expect(last["thresholdID"] as? String == "busy")
            #expect(last["metric"] as? String == "ifinoctets")
            #expect(last["threshold"] as? Double == 10_000_000)
            #expect(last["value"] as? Double == 50_000_000)
            #expect(last["dataSource"] as? String == "1")
            #expect(last["timestamp"] as? Int == 1_700_000_020_000)
            #expect(last["flowKey"] == nil && last["values"] == nil)
            let analyzer = try await api.ask(way, "/analyzer/json").object
            #expect(analyzer["eventsGenerated"] as? Int == 3 && analyzer["eventsLost"] as? Int == 0)
            #expect(analyzer["flowsGenerated"] as? Int == 0 && analyzer["flowsLost"] as? Int == 0)
        }
    }

    @Test func membersOfFlows() async throws {
        try await withAPI { api in
            api.events.events.append([event("x", key: "1,2", values: [1, 2.5]), event("y", key: "")])
            let events = try await api.ask(.call, "/events/json").objects
            #expect(events[0]["flowKey"] as? String == "")
            #expect(events[0]["dataSource"] as? String == "a\"b")
            #expect(events[0]["timestamp"] as? Int == 1_700_000_000_001)
            #expect(events[1]["flowKey"] as? String == "1,2")
            #expect(events[1]["values"] as? [Double] == [1, 2.5])

            api.events.flows.append([flow("tcp"), flow("udp", values: [7])])
            let flows = try await api.ask(.call, "/flows/json?name=udp&maxFlows=10&timeout=60&flowID=").objects
            #expect(flows.count == 1)
            #expect(flows[0]["flowID"] as? Int == 1)
            #expect(flows[0]["flowKeys"] as? String == "1,2")
            #expect(flows[0]["value"] as? Double == 120_000)
            #expect(flows[0]["values"] as? [Double] == [7])
            #expect(flows[0]["start"] as? Int == 1_700_000_000_000)
            #expect(flows[0]["end"] as? Int == 1_700_000_009_000)
            #expect(flows[0]["agent"] as? String == "10.0.0.9")
            #expect(flows[0]["dataSource"] as? String == "4")
            #expect(try await api.ask(.call, "/flows/json?flowID=0").objects.map { $0["flowID"] as? Int } == [1])
            #expect(try await api.ask(.call, "/flows/json?flowID=1").text == "[]\n")
            #expect(try await api.ask(.call, "/flows/json?flowID=2&maxFlows=1").objects.map { $0["flowID"] as? Int } == [1])
        }
    }

    @Test func aRequestWaitsForTheNextEvent() async throws {
        try await withAPI { api in
            async let answer = api.ask(.call, "/events/json?eventID=-1&timeout=3600&thresholdID=y")
            while api.events.events.waitingCount == 0 { await Task.yield() }
            api.events.events.append([event("x")])
            #expect(api.events.events.waitingCount == 1)
            api.events.events.append([event("y")])
            let objects = try await answer.objects
            #expect(objects.map { $0["eventID"] as? Int } == [1])
        }
    }

    @Test(arguments: ["0", "0.001"]) func nothingInTime(timeout: String) async throws {
        try await withAPI { api in
            let answer = try await api.ask(.call, "/events/json?timeout=\(timeout)")
            #expect(answer.status == 200 && answer.text == "[]\n")
            #expect(answer.headers["cache-control"] == "no-cache, no-store")
        }
    }

    @Test func aClientThatGoesAwayWaitsNoLonger() async throws {
        try await withAPI { api in
            let request = Task { try await api.ask(.call, "/flows/json?timeout=3600") }
            while api.events.flows.waitingCount == 0 { await Task.yield() }
            request.cancel()
            _ = try await request.value
            #expect(api.events.flows.waitingCount == 0)
        }
    }

    @Test(arguments: [
        "eventID=x", "eventID=99999999999999999999", "maxEvents=-1", "maxEvents=1.5", "timeout=-1", "timeout=nan", "timeout=x", "name=f",
    ])
    func mistakes(query: String) async throws {
        try await withAPI { api in
            let answer = try await api.ask(.call, "/events/json?\(query)")
            #expect(answer.status == 400)
            #expect(try answer.message.contains(query.prefix { $0 != "=" }) || query == "name=f")
        }
    }
}
