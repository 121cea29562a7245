// Agents and data sources.

import Testing

@Suite(.timeLimit(.minutes(2))) struct AgentRouteTests {
    @Test(arguments: Way.available) func all(way: Way) async throws {
        try await withAPI([way]) { api in
            let agents = try await api.ask(way, "/agents/json").object
            #expect(agents.keys.sorted() == ["10.0.0.1", "10.0.0.2", "2001:DB8::3"])
            let leaf = try #require(agents["10.0.0.1"] as? [String: Any])
            #expect(leaf["sFlowDatagramSource"] as? [String] == ["10.0.0.1"])
            #expect(leaf["hostName"] as? String == "leaf1")
            let expected = [
                "sFlowDatagramsReceived": 2, "sFlowDatagramsLost": 0, "sFlowDatagramsOutOfOrder": 0,
                "sFlowDatagramsDuplicates": 0, "sFlowFlowSamples": 0, "sFlowFlowDatasources": 0, "sFlowFlowDrops": 0,
                "sFlowFlowLostSamples": 0, "sFlowCounterSamples": 6, "sFlowCounterDatasources": 3,
                "sFlowCounterLostSamples": 0, "sFlowCounterDuplicateSamples": 0, "sFlowCounterOutOfOrderSamples": 0,
                "sFlowNotificationSamples": 0, "sFlowNotificationDatasources": 0, "sFlowNotificationDrops": 0,
                "firstSeen": 12_000, "lastSeen": 2_000, "uptime": 20_000,
            ]
            for (name, value) in expected { #expect(leaf[name] as? Int == value, "\(name)") }
            #expect((agents["2001:DB8::3"] as? [String: Any])?["hostName"] == nil)
        }
    }

    /// By address in any spelling, by name, repeated; what is not there is just missing.
    @Test(arguments: [
        ("agent=10.0.0.1", ["10.0.0.1"]),
        ("agent=10.0.0.1&agent=10.0.0.2", ["10.0.0.1", "10.0.0.2"]),
        ("agent=2001:db8:0:0::3", ["2001:DB8::3"]),
        ("agent=2001%3Adb8%3A%3A3", ["2001:DB8::3"]),
        ("agent=::ffff:10.0.0.1", ["10.0.0.1"]),
        ("agent=leaf1", ["10.0.0.1"]),
        ("agent=leaf2.example&agent=leaf1", ["10.0.0.1", "10.0.0.2"]),
        ("agent=192.0.2.1", []),
        ("agent=", []),
    ])
    func chosen(query: String, expected: [String]) async throws {
        try await withAPI { api in
            let answer = try await api.ask(.call, "/agents/json?" + query)
            #expect(answer.status == 200)
            #expect(try answer.object.keys.sorted() == expected)
        }
    }

    @Test(arguments: Way.available) func misspelt(way: Way) async throws {
        try await withAPI([way]) { api in
            let answer = try await api.ask(way, "/agents/json?agents=10.0.0.1")
            #expect(answer.status == 400)
            #expect(try answer.message == "no parameter 'agents' here: it takes agent")
        }
    }

    @Test(arguments: Way.available) func dataSources(way: Way) async throws {
        try await withAPI([way]) { api in
            // Nothing is sampled in this fabric, and that is no error.
            let answer = try await api.ask(way, "/datasources/ALL/json")
            #expect(answer.status == 200)
            #expect(try answer.objects.isEmpty)
        }
    }
}
