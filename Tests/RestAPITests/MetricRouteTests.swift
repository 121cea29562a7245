// Metric names, one agent's values, statistics: values computed by hand from the fabric of these tests.

import Foundation
import Testing

@Suite(.timeLimit(.minutes(2))) struct MetricRouteTests {
    @Test(arguments: Way.available) func names(way: Way) async throws {
        try await withAPI([way]) { api in
            let names = try await api.ask(way, "/metrics/json").object
            for name in ["ifinoctets", "ifinutilization", "ifname", "host_name", "load_one", "app-load", "app_load"] {
                #expect(names[name] as? Int == 2_000, "\(name)")
            }
            #expect(names["cpu_user"] == nil, "unknown all along")
        }
    }

    @Test(arguments: Way.available) func oneAgent(way: Way) async throws {
        try await withAPI([way]) { api in
            for name in ["10.0.0.1", "leaf1", "%31%30.0.0.1"] {
                let values = try await api.ask(way, "/metric/\(name)/json").object
                #expect(values["1.ifinoctets"] as? Double == 125_000)
                #expect(values["2.ifname"] as? String == "swp2")
                #expect(values["2.1.host_name"] as? String == "leaf1")
                #expect(values["2.1.load_one"] as? Double == 0.5)
                #expect(values["1.ifspeed"] as? Int == 1_000_000_000)
            }
            let custom = try await api.ask(way, "/metric/leaf2.example/json").object
            #expect(custom["app.requests"] as? Int == 9)
            let unknown = try await api.ask(way, "/metric/192.0.2.9/json")
            #expect(unknown.status == 404)
            #expect(try unknown.message == "no agent '192.0.2.9': /agents/json lists them")
            let all = try await api.ask(way, "/metric/ALL/json").status
            #expect(all == 404, "one agent, not all")
        }
    }

    /// Over in-octets 125,000, 12,500,000, 50,000,000 and 1,000 a second.
    @Test(arguments: [
        ("max", 50_000_000.0), ("min", 1_000), ("sum", 62_626_000), ("avg", 15_656_500), ("med", 6_312_500),
        ("q1", 94_000), ("q2", 6_312_500), ("q3", 21_875_000), ("iqr", 21_781_000), ("any", 125_000),
        ("var", 419_140_125_750_000), ("sdev", 20_472_912.0),
    ])
    func statistic(name: String, expected: Double) async throws {
        try await withAPI { api in
            let answer = try await api.ask(.call, "/metric/ALL/\(name):ifinoctets/json").objects
            #expect(answer.count == 1)
            #expect(answer[0]["metricName"] as? String == "\(name):ifinoctets")
            #expect(answer[0]["metricN"] as? Int == 4)
            let value = try #require(answer[0]["metricValue"] as? Double)
            // Variance and deviation against a plain computation of the same four numbers; the others exactly.
            let values = [125_000.0, 12_500_000, 50_000_000, 1_000]
            let mean = values.reduce(0, +) / 4
            let variance = values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / 4
            switch name {
            case "var": #expect(abs(value / variance - 1) < 1e-12)
            case "sdev": #expect(abs(value / variance.squareRoot() - 1) < 1e-12)
            default: #expect(value == expected)
            }
            let isSelecting = ["max", "min", "any"].contains(name)
            #expect((answer[0]["agent"] != nil) == isSelecting && (answer[0]["dataSource"] is String) == isSelecting)
            #expect((answer[0]["lastUpdate"] as? Int == 2_000) == isSelecting)
            #expect(answer[0]["lastUpdateMin"] as? Int == 2_000 && answer[0]["lastUpdateMax"] as? Int == 2_000)
            #expect((answer[0]["quartiles"] != nil) == ["med", "q1", "q2", "q3", "iqr"].contains(name))
        }
    }

    @Test(arguments: Way.available) func orderAndMembers(way: Way) async throws {
        try await withAPI([way]) { api in
            let answer = try await api.ask(
                way, "/metric/ALL/max:ifinutilization,no_such_metric,any:host_name,ifinoctets,med:ifinoctets/json").objects
            #expect(
                answer.map { $0["metricName"] as? String } == [
                    "max:ifinutilization", "no_such_metric", "any:host_name", "ifinoctets", "med:ifinoctets",
                ])
            #expect(answer[0]["agent"] as? String == "10.0.0.2" && answer[0]["dataSource"] as? String == "1")
            #expect(answer[0]["metricValue"] as? Double == 40)
            #expect(answer[1]["metricN"] as? Int == 0 && answer[1].count == 2, "neither value nor null: \(answer[1])")
            #expect(answer[2]["metricValue"] as? String == "leaf1")
            #expect(
                answer[4]["quartiles"] as? [String: Double] == [
                    "min": 1_000, "q1": 94_000, "med": 6_312_500, "q3": 21_875_000, "max": 50_000_000,
                ])
        }
    }

    @Test func textsAreLeftOutOfArithmetic() async throws {
        try await withAPI { api in
            let answer = try await api.ask(.call, "/metric/ALL/max:ifname,min:ifname,sum:ifname,med:ifname/json").objects
            #expect(answer[0]["metricValue"] as? String == "swp2" && answer[1]["metricValue"] as? String == "swp1")
            #expect(answer[2]["metricValue"] == nil && answer[3]["metricValue"] == nil)
        }
    }

    /// Which rows count: agents in every spelling, data sources in names, filters, percent-encoding.
    @Test(arguments: [
        ("ALL/ifinoctets", 4), ("10.0.0.1/ifinoctets", 2), ("10.0.0.1;10.0.0.2/ifinoctets", 3),
        ("10.0.0.1,10.0.0.2/ifinoctets", 3), ("10.0.0.1%3B10.0.0.2/ifinoctets", 3), ("leaf1,2001:db8::3/ifinoctets", 3),
        ("leaf2/ifinoctets", 1), ("192.0.2.1/ifinoctets", 0), ("TOPOLOGY/ifinoctets", 0), ("EDGE/ifinoctets", 0),
        ("CORE/ifinoctets", 0), ("all/ifinoctets", 0), ("ALL/1.ifinoctets", 2), ("ALL/2.1.load_one", 2),
        ("ALL/9.ifinoctets", 0), ("ALL/app.requests", 1), ("ALL/%69finoctets", 4), ("ALL/IFINOCTETS", 0),
        ("ALL/ifinoctets?ifname=swp1", 2), ("ALL/ifinoctets?ifname=swp1&ifname=swp2", 3),
        ("ALL/ifinoctets?ifname=swp1&ifspeed=1e9", 2), ("ALL/ifinoctets?ifname=swp1&ifspeed=10000000000", 0),
        ("ALL/ifinoctets?ifname=*", 3), ("ALL/ifinoctets?ifname=s*2", 1), ("ALL/ifinoctets?ifname=%73wp%31", 2),
        ("ALL/ifinoctets?host_name=leaf1", 0), ("ALL/load_one?host_name=leaf*", 2), ("ALL/load_one?host_name=leaf2.*", 1),
        ("ALL/ifinoctets?ifspeed=0", 1), ("ALL/ifinoctets?", 4), ("ALL/ifinoctets?&&", 4), ("ALL/ifinoctets?ifname", 0),
        ("ALL/load_one?os_name=Linux+x", 0), ("ALL/load_one?os_name=linux", 2),
    ])
    func selection(query: String, expected: Int) async throws {
        try await withAPI { api in
            let parts = query.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
            let target = "/metric/\(parts[0])/json" + (parts.count > 1 ? "?\(parts[1])" : "")
            let answer = try await api.ask(.call, target)
            #expect(answer.status == 200)
            let first = try #require(try answer.objects.first)
            #expect(first["metricN"] as? Int == expected)
            #expect((first["metricValue"] == nil) == (expected == 0))
        }
    }

    /// The same answer by any way, and for any number of shards, to the byte.
    @Test(.enabled(if: Way.hasCurl, "curl is not installed: skipped")) func sameBytes() async throws {
        var seen: Set<Data> = []
        for shards in [1, 2, 7] {
            try await withAPI(Way.available) { $0.shards = shards } _: { api in
                for way in Way.available {
                    seen.insert(try await api.ask(way, "/metric/ALL/max:ifinoctets,sdev:ifinoctets,q1:ifinoctets/json").body)
                }
            }
        }
        #expect(seen.count == 1)
    }

    @Test(arguments: Way.available) func mistakes(way: Way) async throws {
        try await withAPI([way]) { api in
            let cases: [(target: String, says: String)] = [
                ("/metric/ALL/maximum:ifinoctets/json", "'maximum' in 'maximum:ifinoctets' is no statistic: use one of max, min"),
                ("/metric/ALL/,/json", "no metric named"),
                ("/metric/ALL/max:/json", "a metric name is empty"),
                ("/metric/ALL/4./json", "'4.' is no metric: write name, or dataSource.name as in 4.ifinoctets"),
                ("/metric/;/ifinoctets/json", "no agent named"),
                ("/metric/ALL/ifinoctets/json?=x", "a filter has no metric name"),
                ("/metric/ALL/ifinoctets/json?ifname=%zz", "not percent-encoded properly: write % as %25"),
                ("/metric/AL%L/ifinoctets/json", "not percent-encoded properly: write % as %25"),
                ("/metric/ALL/ifinoctets%/json", "not percent-encoded properly: write % as %25"),
                ("/metric/10.0.0.1/json?x=1", "no parameter 'x' here: it takes none"),
            ]
            for (target, says) in cases {
                let answer = try await api.ask(way, target)
                #expect(answer.status == 400, "\(target)")
                #expect(try answer.message.contains(says), "\(target): \(answer.text)")
            }
        }
    }
}
