// What Prometheus scrapes: names, labels and their escaping, families that stand together.

import Foundation
import SFlow
import Testing

@testable import Prometheus

@Suite(.timeLimit(.minutes(2))) struct PrometheusRouteTests {
    @Test(arguments: Way.available) func metrics(way: Way) async throws {
        try await withAPI([way]) { api in
            let answer = try await api.ask(way, "/prometheus/metrics/ALL/ifinoctets,load_one/txt")
            #expect(answer.status == 200 && answer.headers["content-type"] == "text/plain; charset=utf-8")
            #expect(
                answer.text == """
                    sflow_ifinoctets{agent="10.0.0.1",datasource="1",host="leaf1",ifname="swp1"} 125000
                    sflow_ifinoctets{agent="10.0.0.1",datasource="2",host="leaf1",ifname="swp2"} 12500000
                    sflow_ifinoctets{agent="10.0.0.2",datasource="1",host="leaf2.example",ifname="swp1"} 50000000
                    sflow_ifinoctets{agent="2001:DB8::3",datasource="7"} 1000
                    sflow_load_one{agent="10.0.0.1",datasource="2.1",host="leaf1"} 0.5
                    sflow_load_one{agent="10.0.0.2",datasource="2.1",host="leaf2.example"} 1.5

                    """)
            let filtered = try await api.ask(way, "/prometheus/metrics/leaf1/ifinoctets/txt?ifname=swp2").text
            #expect(filtered == "sflow_ifinoctets{agent=\"10.0.0.1\",datasource=\"2\",host=\"leaf1\",ifname=\"swp2\"} 12500000\n")
            let texts = try await api.ask(way, "/prometheus/metrics/ALL/ifname,host_name/txt").text
            #expect(texts == "", "texts are no numbers")
            let wrong = try await api.ask(way, "/prometheus/metrics/ALL/max:ifinoctets/txt")
            #expect(wrong.status == 400)
        }
    }

    @Test func prefixAndTypes() async throws {
        try await withAPI { $0.prometheus = .init(prefix: "", showsTypes: true) } _: { api in
            let text = try await api.ask(.call, "/prometheus/metrics/10.0.0.1/ifspeed,ifname,load_one/txt").text
            #expect(
                text == """
                    # HELP ifspeed ifspeed as agents report it.
                    # TYPE ifspeed gauge
                    ifspeed{agent="10.0.0.1",datasource="1",host="leaf1",ifname="swp1"} 1000000000
                    ifspeed{agent="10.0.0.1",datasource="2",host="leaf1",ifname="swp2"} 10000000000
                    # HELP load_one load_one as agents report it.
                    # TYPE load_one gauge
                    load_one{agent="10.0.0.1",datasource="2.1",host="leaf1"} 0.5

                    """, "no type for what has no line")
        }
    }

    /// Prometheus refuses a scrape with a series twice, or with the lines of a name apart, as a whole.
    @Test(arguments: [
        "ALL", "ifinoctets,ifspeed,ifinoctets", "1.ifinoctets,ifinoctets", "app-load,app_load", "app_load;app-load;ALL",
    ])
    func noSeriesTwice(metrics: String) async throws {
        try await withAPI { $0.prometheus.showsTypes = true } _: { api in
            let lines = try await api.ask(.call, "/prometheus/metrics/ALL/\(metrics)/txt").text.split(separator: "\n")
            #expect(!lines.isEmpty)
            let series = lines.map { $0.hasPrefix("#") ? $0 : $0[..<($0.lastIndex(of: " ") ?? $0.endIndex)] }
            #expect(Set(series).count == series.count)
            let names = series.filter { !$0.hasPrefix("#") }.map { $0.prefix { $0 != "{" } }
            var runs: [Substring] = []
            for name in names where runs.last != name { runs.append(name) }
            #expect(Set(runs).count == runs.count, "the lines of a name stand together")
        }
    }

    @Test(arguments: Way.available) func analyzer(way: Way) async throws {
        try await withAPI([way]) { api in
            let text = try await api.ask(way, "/prometheus/analyzer/txt").text
            for line in [
                "sflow_analyzer_agents 3", "sflow_analyzer_agent_count 3", "sflow_analyzer_received_datagrams 8",
                "sflow_analyzer_discarded_datagrams 0", "sflow_analyzer_sflow_datagrams_received 8",
                "sflow_analyzer_stage_total{stage=\"ingest\",what=\"received\"} 8",
                "sflow_analyzer_build_info{version=\"0.1-1\"} 1",
                "# TYPE sflow_analyzer_received_datagrams counter", "# TYPE sflow_analyzer_agents gauge",
            ] {
                #expect(text.contains("\n" + line + "\n"), "\(line)")
            }
            let types = text.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }
            #expect(Set(types).count == types.count)
        }
    }
}

@Suite struct PrometheusTextTests {
    @Test(arguments: [
        ("ifinoctets", "ifinoctets"), ("app-load", "app_load"), ("a.b c:d", "a_b_c_d"), ("9lives", "_9lives"), ("", ""),
        ("é", "__"), ("A_9", "A_9"),
    ])
    func name(text: String, expected: String) { #expect(PrometheusText.name(text) == expected) }

    @Test func labels() {
        #expect(PrometheusText.labels([]) == "")
        #expect(PrometheusText.labels([("a", "b"), ("c", "")]) == "a=\"b\",c=\"\"")
        #expect(PrometheusText.labels([("x", "\\ \" \n \t é")]) == "x=\"\\\\ \\\" \\n \t é\"")
        #expect(PrometheusText.labels([("x", "\r\n")]) == "x=\"\r\\n\"", "one Character, two scalars")
    }

    @Test(arguments: [
        ("sFlowDatagramsReceived", "sflow_datagrams_received"), ("uptime", "uptime"), ("httpBytesSent", "http_bytes_sent"),
        ("cpuLoadProcess", "cpu_load_process"), ("gcTime", "gc_time"),
    ])
    func snakeCased(name: String, expected: String) { #expect(snakeCase(name) == expected) }

    @Test func guests() {
        #expect(GuestLabels("k8s_POD_web-1_default_0a1b_0") == nil, "a sandbox runs nothing")
        let pod = GuestLabels("k8s_nginx_web-1_default_0a1b_0")?.labels ?? []
        #expect(pod.map(\.0) == ["vir_host", "k8s_name", "k8s_namespace"])
        #expect(pod.last?.1 == "default")
        #expect(GuestLabels("vm1")?.labels.map(\.0) == ["vir_host"])
    }
}
