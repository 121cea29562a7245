// The paths of the application "prometheus": flows that the scrape itself defines, and how long they stay.

import Bytes
import Coordinator
import DatagramBuilding
import Definitions
import FlowLanguage
import Prometheus
import SFlow
import ShardEngine
import Testing

private let flows = "/app/prometheus/scripts/export.js/flows/ALL/txt"
private let pairs = "metric=pair&key=ipsource,ipdestination&value=bytes&label=src&scale=8&minValue=0"

extension TestAPI {
    /// A packet each second of ten, from hosts 1, 2, 3 of 10.1.0.0/24 in falling size, at two switches.
    fileprivate func sendPackets() async {
        for second in 1...10 as ClosedRange<UInt32> {
            for agent in 1...2 as ClosedRange<UInt32> {
                let samples = (1...3 as ClosedRange<UInt32>).map { host in
                    Framed.packet(
                        second * 4 + host, DataSource(classNumber: 0, index: agent), from: 0x0A01_0000 + host, to: 0x0A02_0000,
                        frameBytes: 1_500 - 300 * host)
                }
                let datagram = Datagram(
                    agent: IPAddress(v4: 0xAC10_0000 + agent), sequence: second, uptime: 1_000 * second, samples)
                await send([datagram], TestAPI.start + Int64(60 + second) * TestAPI.second)
            }
        }
    }

    fileprivate var names: [String] { get async { await definitions.current.names(of: .flow) } }

    @discardableResult fileprivate func scrape(_ query: String, expecting status: Int = 200) async throws -> String {
        let answer = try await ask(.call, "\(flows)?\(query)")
        #expect(answer.status == status, "\(query): \(answer.text)")
        return answer.text
    }
}

@Suite(.timeLimit(.minutes(2))) struct FlowExportTests {
    @Test(arguments: Way.available) func definesAndShows(way: Way) async throws {
        try await withAPI([way]) { api in
            let first = try await api.ask(way, flows + "?" + pairs)
            #expect(first.status == 200 && first.text == "" && first.headers["content-type"] == "text/plain; charset=utf-8")
            let definition = try #require(await api.definitions.current.flows["prometheus_0"])
            #expect(
                definition == FlowDefinition(keys: ["ipsource", "ipdestination"], value: "bytes", n: 10, t: 15, fs: "_SEP_"))
            await api.sendPackets()
            let lines = try await api.ask(way, flows + "?" + pairs).text.split(separator: "\n").map(String.init)
            let values = try await api.ask(way, "/activeflows/ALL/prometheus_0/json").objects.map { try #require($0["value"] as? Double) }
            #expect(values.count == 3)
            #expect(lines == zip(1...3, values).map { host, value in
                "pair{src=\"10.1.0.\(host)\",ipdestination=\"10.2.0.0\"} \((value * 8).decimalText)"
            })
            // As clients ask that build the query from variables without a value.
            let unset = "/activeflows/ALL/prometheus_0/json?maxFlows=&minValue=&aggMode=&filter="
            #expect(try await api.ask(way, unset).objects.count == values.count)
            let least = try await api.ask(way, flows + "?" + pairs + "&maxFlows=1&aggMode=SUM").text
            #expect(least == "pair{src=\"10.1.0.1\",ipdestination=\"10.2.0.0\"} \((values[0] * 16).decimalText)\n")
            #expect(try await api.ask(way, flows + "?" + pairs + "&minValue=1e12").text == "")
            #expect(await api.names == ["prometheus_0"])
        }
    }

    @Test func oneDefinitionForTheSameFlows() async throws {
        try await withAPI { api in
            let same = [
                "key=ipsource,ipdestination&value=bytes", "key=ipsource&key=ipdestination&value=bytes&metric=m2",
                "key=ipsource,ipdestination&value=bytes&n=10&t=15&dropped=false&label=a,b&aggMode=min&maxFlows=3&scale=2",
                "key=ipsource,ipdestination&value=bytes&n=&t=&dropped=&label=&filter=&aggMode=&maxFlows=&minValue=&scale=",
            ]
            for query in same { try await api.scrape("metric=m&\(query)") }
            #expect(await api.names == ["prometheus_0"])
            for query in ["&t=1", "&n=20", "&dropped=true", "&filter=ipprotocol=6", "&key=macsource"] {
                try await api.scrape("metric=m&\(same[0])\(query)")
            }
            #expect(await api.names == (0...5).map { "prometheus_\($0)" })
            #expect(await api.definitions.current.flows["prometheus_3"]?.dropped == true)
        }
    }

    /// All first scrapes at the same time get one definition.
    @Test func atTheSameTime() async throws {
        try await withAPI { api in
            try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<20 { group.addTask { try await api.scrape(pairs) } }
                try await group.waitForAll()
            }
            #expect(await api.names == ["prometheus_0"])
        }
    }

    @Test func leavesWhenNobodyAsks() async throws {
        try await withAPI { api in
            try await api.scrape(pairs)
            api.wallTime.advance(seconds: 200)
            try await api.scrape(pairs)
            try await api.scrape(pairs + "&t=1")
            api.wallTime.advance(seconds: 299.5)
            await api.scraped.removeUnused()
            #expect(await api.names == ["prometheus_0", "prometheus_1"])
            try await api.scrape(pairs + "&t=1")
            api.wallTime.advance(seconds: 0.5)
            await api.scraped.removeUnused()
            #expect(await api.names == ["prometheus_1"])
            // A number is not given twice.
            try await api.scrape(pairs)
            #expect(await api.names == ["prometheus_1", "prometheus_2"])
        }
    }

    @Test func whatUsersDoToThem() async throws {
        try await withAPI { api in
            let own = FlowDefinition(keys: ["ipprotocol"], value: "frames")
            try await api.definitions.apply(.put(name: "prometheus_0", .flow(own)))
            try await api.scrape(pairs)
            #expect(await api.names == ["prometheus_0", "prometheus_1"], "a user's definition stays as it is")
            try await api.definitions.apply(.delete(.flow, name: "prometheus_1"))
            try await api.scrape(pairs)
            #expect(await api.names == ["prometheus_0", "prometheus_1"], "made again")
            try await api.definitions.apply(.put(name: "prometheus_1", .flow(own)))
            try await api.scrape(pairs)
            #expect(await api.names == ["prometheus_0", "prometheus_1", "prometheus_2"])
            let set = await api.definitions.current
            #expect(set.flows["prometheus_1"] == own && set.temporaryFlows == ["prometheus_2"])
            // The very same definition, but a user's: it is nobody else's to remove.
            try await api.definitions.apply(.put(name: "prometheus_2", .flow(try #require(set.flows["prometheus_2"]))))
            api.wallTime.advance(seconds: 1_000)
            await api.scraped.removeUnused()
            #expect(await api.names == ["prometheus_0", "prometheus_1", "prometheus_2"])
        }
    }

    @Test func thereIsALimit() async throws {
        try await withAPI { api in
            let query = "metric=m&key=ipsource&value=bytes&filter=vlan="
            for number in 0..<DefinitionLimits.temporaryFlows { try await api.scrape(query + "\(number)") }
            try await api.scrape(query + "4000", expecting: 503)
            // Those that are there go on.
            try await api.scrape(query + "0")
            #expect(await api.names.count == DefinitionLimits.temporaryFlows)
            api.wallTime.advance(seconds: 300)
            try await api.scrape(query + "4000")
            #expect(await api.names.count == 1)
        }
    }

    @Test(arguments: [
        "", "key=ipsource&value=bytes", "metric=m&value=bytes", "metric=m&key=ipsource", "metric=&key=ipsource&value=bytes",
        "metric=m&key=&value=bytes", "metric=m&key=nonsense:ipsource&value=bytes", "metric=m&key=ipsource&value=nonsense:bytes",
        "metric=m&key=ipsource&value=bytes&filter=ipsource=", "metric=m&key=ipsource&value=bytes&t=fast",
        "metric=m&key=ipsource&value=bytes&n=1.5", "metric=m&key=ipsource&value=bytes&scale=x",
        "metric=m&key=ipsource&value=bytes&aggMode=most", "metric=m&key=ipsource&value=bytes&minvalue=1",
        "metric=m&key=ipsource,ipdestination&value=bytes&label=a,a", "metric=m&key=ipsource&value=bytes&label=__name__",
        "metric=m&key=ipsource,,ipdestination&value=bytes", "metric=m&key=[&value=bytes",
    ])
    func whatIsWrong(query: String) async throws {
        try await withAPI { api in
            let answer = try await api.ask(.call, "\(flows)?\(query)")
            #expect(answer.status == 400, "\(answer.text)")
            #expect(try !answer.message.isEmpty)
            #expect(await api.names.isEmpty)
        }
    }

    @Test func namesAndKeysAreMadeSafe() async throws {
        try await withAPI { $0.prometheus.showsTypes = true } _: { api in
            let labels = [#"a"b\c"#, "line\nend", "x_SEP_y"]
            let group = JSONObject.labels(labels.enumerated().map { ($1, "10.1.0.\($0 + 1)") })
            try await api.definitions.apply(.put(name: "g", try Definition(.group, json: group)))
            let query = "metric=1-a.b&key=null:%5Bgroup:ipsource:g%5D:unknown&value=bytes&minValue=0"
            try await api.scrape(query)
            await api.sendPackets()
            #expect(try await api.scrape(query, expecting: 500).contains("_SEP_"))
            let lines = try await api.scrape(query + "&maxFlows=2").split(separator: "\n")
            #expect(lines.prefix(2) == [
                "# HELP _1_a_b Largest flows: bytes by null:[group:ipsource:g]:unknown.", "# TYPE _1_a_b gauge",
            ])
            #expect(lines.dropFirst(2).map { $0.prefix { $0 != "}" } } == [
                #"_1_a_b{null__group_ipsource_g__unknown="a\"b\\c""#, "_1_a_b{null__group_ipsource_g__unknown=\"line\u{FFFD}end\"",
            ])
        }
    }
}

extension JSONObject {
    fileprivate static func labels(_ labels: [(label: String, address: String)]) -> JSONValue {
        var object = JSONObject()
        for (label, address) in labels { object.set(label, .array([.string(address)])) }
        return .object(object)
    }
}

@Suite(.timeLimit(.minutes(2))) struct OtherExportTests {
    private static let path = "/app/prometheus/scripts/export.js"

    @Test(arguments: Way.available) func statistics(way: Way) async throws {
        try await withAPI([way]) { api in
            let path = OtherExportTests.path + "/statistics/rack%207/ALL"
            let answer = try await api.ask(way, "\(path)/max:ifinoctets,min:ifinoctets,load_one,any:ifname,max:nothing,load_one/txt")
            #expect(
                answer.text == """
                    sflow_max_ifinoctets{group="rack 7"} 50000000
                    sflow_min_ifinoctets{group="rack 7"} 1000
                    sflow_load_one{group="rack 7"} 1.5

                    """)
            #expect(try await api.ask(way, "\(path)/max:ifinoctets/txt?ifname=swp2").text == "sflow_max_ifinoctets{group=\"rack 7\"} 12500000\n")
            #expect(try await api.ask(way, "\(path)/foo:ifinoctets/txt").status == 400)
            #expect(try await api.ask(way, OtherExportTests.path + "/statistics/ALL/load_one/txt").status == 404)
        }
    }

    @Test func statisticsWithTypes() async throws {
        try await withAPI { $0.prometheus = .init(prefix: "", showsTypes: true) } _: { api in
            let answer = try await api.ask(.call, OtherExportTests.path + "/statistics/a/leaf1/max:load_one,max:nothing/txt")
            #expect(
                answer.text == """
                    # HELP max_load_one max:load_one over data sources.
                    # TYPE max_load_one gauge
                    max_load_one{group="a"} 0.5

                    """)
        }
    }

    @Test(arguments: Way.available) func dump(way: Way) async throws {
        try await withAPI([way]) { api in
            let dump = try await api.ask(way, OtherExportTests.path + "/dump/ALL/ALL/txt").text
            #expect(!dump.isEmpty)
            #expect(try await api.ask(way, "/prometheus/metrics/ALL/ALL/txt").text == dump)
        }
    }

    @Test func analyzer() async throws {
        try await withAPI { api in
            let text = try await api.ask(.call, OtherExportTests.path + "/analyzer/txt").text
            for name in [
                "uptime_ms", "agents", "datagrams_received", "bytes_received", "parse_errors", "unsupported_version",
                "datagrams_discarded", "http_connections_current", "available_processors", "heap_max", "heap_used",
                "thread_count", "gc_time_ms", "gc_count", "flows_generated", "events_generated", "cpu_time_ms", "mem_total",
                "mem_free", "cpu_load_system", "cpu_load_process",
            ] {
                #expect(text.contains("\nsflow_rt_\(name) "), "\(name)")
            }
            #expect(text.contains("\nsflow_rt_agents 3\n") && text.contains("\nsflow_rt_datagrams_received 8\n"))
        }
    }
}
