// Tables and dumps.

import Foundation
import Testing

@Suite(.timeLimit(.minutes(2))) struct TableRouteTests {
    /// Values of a table, `null` for missing cells.
    private func values(_ api: TestAPI, _ target: String, _ way: Way = .call) async throws -> [[String]] {
        let answer = try await api.ask(way, target)
        #expect(answer.status == 200)
        let rows = try #require(try answer.json as? [[Any]])
        return rows.map { row in
            row.map { cell in
                guard let cell = cell as? [String: Any] else { return "null" }
                return cell["metricValue"].map { "\($0)" } ?? "?"
            }
        }
    }

    @Test(arguments: Way.available) func cells(way: Way) async throws {
        try await withAPI([way]) { api in
            let answer = try await api.ask(way, "/table/10.0.0.1/ifname,sort:ifinutilization:-1,null:load_one/json")
            let rows = try #require(try answer.json as? [[Any]])
            #expect(rows.count == 1 && rows[0].count == 3)
            let cell = try #require(rows[0][1] as? [String: Any])
            #expect(cell["agent"] as? String == "10.0.0.1" && cell["dataSource"] as? String == "2")
            #expect(cell["metricName"] as? String == "ifinutilization", "the bare name")
            #expect(cell["metricValue"] as? Double == 1 && cell["lastUpdate"] as? Int == 2_000)
            #expect(rows[0][2] is NSNull)
        }
    }

    @Test(arguments: Way.available) func rowsAndOrder(way: Way) async throws {
        try await withAPI([way]) { api in
            // By agent and data source; a row without a name is not there.
            let named = try await values(api, "/table/ALL/ifname,ifspeed/json", way)
            #expect(named == [["swp1", "1000000000"], ["swp2", "10000000000"], ["swp1", "1000000000"]])
            let sorted = try await values(api, "/table/ALL/null:ifname,sort:ifinoctets/json", way)
            #expect(sorted.map { $0[0] } == ["null", "swp1", "swp2", "swp1"])
            let cases: [(target: String, expected: [[String]])] = [
                ("ALL/sort:ifinoctets:2/json", [["1000"], ["125000"]]),
                ("ALL/sort:ifinoctets:-2/json", [["50000000"], ["12500000"]]),
                ("ALL/sort:host_name,load_one/json", [["leaf1", "0.5"], ["leaf2.example", "1.5"]]),
                ("ALL/ifname,no_such_metric/json", []),
                ("ALL/ifname/json?ifspeed=10000000000", [["swp2"]]),
                ("TOPOLOGY/ifname/json", []),
            ]
            for (target, expected) in cases {
                let seen = try await values(api, "/table/" + target, way)
                #expect(seen == expected, "\(target)")
            }
        }
    }

    @Test(arguments: [
        ("sort:ifname,sort:ifspeed", "more than one sort: column"), ("sort:ifname:0", "'0' in 'sort:ifname:0' is no number of rows"),
        ("sort:ifname:x", "is no number of rows"), ("sort:ifname:1:2", "is no sort column"),
        ("max:ifname", "'max:ifname' is no column"), ("null:", "a metric name is empty"), ("sort:", "a metric name is empty"),
        ("sort:ifname:99999999999", "is no number of rows"),
    ])
    func mistakes(columns: String, says: String) async throws {
        try await withAPI { api in
            let answer = try await api.ask(.call, "/table/ALL/\(columns)/json")
            #expect(answer.status == 400)
            #expect(try answer.message.contains(says), "\(answer.text)")
        }
    }

    @Test(arguments: Way.available) func dump(way: Way) async throws {
        try await withAPI([way]) { api in
            let octets = try await api.ask(way, "/dump/ALL/ifinoctets/json").objects
            #expect(octets.map { $0["agent"] as? String } == ["10.0.0.1", "10.0.0.1", "10.0.0.2", "2001:DB8::3"])
            #expect(octets.map { $0["dataSource"] as? String } == ["1", "2", "1", "7"])
            #expect(octets.allSatisfy { $0["metricName"] as? String == "ifinoctets" && $0["lastUpdate"] as? Int == 2_000 })
            let both = try await api.ask(way, "/dump/10.0.0.1/ifname;ifspeed/json").objects
            #expect(both.count == 4)
            let everything = try await api.ask(way, "/dump/ALL/ALL/json").objects
            let one = try await api.ask(way, "/metric/10.0.0.1/json").object
            #expect(everything.filter { $0["agent"] as? String == "10.0.0.1" }.count == one.count)
            let nothing = try await api.ask(way, "/dump/192.0.2.1/ALL/json")
            #expect(nothing.status == 200 && nothing.text == "[]\n")
            let statistic = try await api.ask(way, "/dump/ALL/max:ifinoctets/json")
            #expect(statistic.status == 400)
            #expect(try statistic.message == "'max:ifinoctets' is no metric: statistics are asked at /metric")
        }
    }

    /// A dump is sent in pieces; a thousand agents make many.
    @Test(arguments: Way.available) func largeDump(way: Way) async throws {
        try await withAPI([way]) { $0.feed = feedManyAgents } _: { api in
            let answer = try await api.ask(way, "/dump/ALL/ALL/json")
            #expect(answer.body.count > 1_000_000)
            let rows = try answer.objects
            #expect(Set(rows.compactMap { $0["agent"] as? String }).count == 1_000)
            let packed = try await api.ask(way, "/dump/ALL/ALL/json", headers: [("accept-encoding", "gzip")])
            #expect(packed.headers["content-encoding"] == "gzip" && packed.body.count < answer.body.count / 5)
            let plain = try await run("/usr/bin/gzip", ["-dc"], input: packed.body)
            #expect(plain == answer.body)
        }
    }
}
