// Reading queries, and every refusal with its text: users see them.

import Bytes
import Queries
import ShardEngine
import Testing

@Suite struct SelectorText {
    @Test func forms() throws {
        let addresses: Set = [IPAddress(v4: 0x0A00_0001), IPAddress(v4: 0x0A00_0002)]
        #expect(try AgentSelector("ALL") == .all)
        #expect(try AgentSelector("TOPOLOGY") == .topology)
        #expect(try AgentSelector("EDGE") == .edge)
        #expect(try AgentSelector("CORE") == .core)
        #expect(try AgentSelector("10.0.0.1;10.0.0.2") == .listed(addresses: addresses, names: []))
        #expect(try AgentSelector("10.0.0.2,::ffff:10.0.0.1,") == .listed(addresses: addresses, names: []))
        #expect(try AgentSelector("leaf1;all") == .listed(addresses: [], names: ["leaf1", "all"]))
        #expect(try AgentSelector("EDGE,") == .edge)
        #expect(throws: QueryError("EDGE cannot stand in a list of agents: ask for it alone")) { try AgentSelector("leaf1;EDGE") }
        #expect(throws: QueryError("ALL cannot stand in a list of agents: ask for it alone")) { try AgentSelector("ALL,CORE") }
    }

    @Test func refusals() {
        #expect(throws: QueryError("no agent named: use an address, a host name, a list, or ALL")) { try AgentSelector(";,") }
        #expect(throws: QueryError("no agent named: use an address, a host name, a list, or ALL")) { try AgentSelector("") }
        let many = Array(repeating: "a", count: 10_001).joined(separator: ";")
        #expect(throws: QueryError("10001 agents named: at most 10000")) { try AgentSelector(many) }
    }
}

@Suite struct TermText {
    @Test func forms() throws {
        let terms = try MetricTerm.list("load_one,med:ifinoctets;min:4.ifspeed,q1:2.1.load_one,sum:my-app.hits")
        #expect(terms.map(\.statistic) == [.max, .med, .min, .q1, .sum])
        #expect(terms.map(\.text) == ["load_one", "med:ifinoctets", "min:4.ifspeed", "q1:2.1.load_one", "sum:my-app.hits"])
        #expect(terms.map { $0.reference.source?.description } == [nil, nil, "4", "2.1", "my-app"])
        #expect(terms.map(\.reference.metric.name) == ["load_one", "ifinoctets", "ifspeed", "load_one", "hits"])
        for statistic in Statistic.allCases { #expect(try MetricTerm("\(statistic.rawValue):x").statistic == statistic) }
    }

    @Test(arguments: [
        ("", "no metric named"), (",;", "no metric named"), ("max:", "a metric name is empty"),
        ("big:load", "'big' in 'big:load' is no statistic: use one of max, min, any, sum, avg, var, sdev, med, q1, q2, q3, iqr"),
        (":load", "'' in ':load' is no statistic: use one of max, min, any, sum, avg, var, sdev, med, q1, q2, q3, iqr"),
        ("4.", "'4.' is no metric: write name, or dataSource.name as in 4.ifinoctets"),
        (".load", "'.load' is no metric: write name, or dataSource.name as in 4.ifinoctets"),
    ])
    func refusals(text: String, message: String) {
        #expect(throws: QueryError(message)) { try MetricTerm.list(text) }
    }

    @Test func limits() {
        #expect(throws: QueryError("1001 metrics named: at most 1000")) {
            try MetricTerm.list(Array(repeating: "a", count: 1_001).joined(separator: ","))
        }
        #expect(throws: QueryError("a metric name is longer than 1024 bytes")) {
            try MetricTerm(String(repeating: "a", count: 1_025))
        }
    }

    @Test func metricsAreMeasuredOnce() throws {
        let query = MetricQuery(
            agents: .all, terms: try MetricTerm.list("max:a,med:a,sum:4.a,min:a,avg:4.a"), filter: .none)
        #expect(query.measured.map(\.needs) == [[.extremes, .values], [.moments]])
        #expect(query.emptyMeasurement.partials.count == 2)
    }
}

@Suite struct TableText {
    func columns(_ text: String) throws -> (RowQuery, [TableColumn]) {
        let query = try RowQuery.table(agents: .all, columns: text, filter: .none)
        guard case .table(let columns) = query.columns else { return (query, []) }
        return (query, columns)
    }

    @Test func forms() throws {
        let (query, columns) = try columns("ifname,null:ifspeed,sort:2.1.load_one:-10")
        #expect(columns.map(\.name) == ["ifname", "ifspeed", "2.1.load_one"])
        #expect(columns.map(\.isOptional) == [false, true, false])
        #expect(query.order.map { [$0.column, $0.limit ?? 0, $0.isDescending ? 1 : 0] } == [2, 10, 1])
        #expect(try self.columns("sort:a").0.order?.limit == nil)
        #expect(try self.columns("b,sort:a:3").0.order.map { [$0.column, $0.limit ?? 0, $0.isDescending ? 1 : 0] } == [1, 3, 0])
        #expect(try self.columns("sort:a:-2147483648").0.order?.limit == 2_147_483_648)
    }

    @Test(arguments: [
        ("", "no metric named"), ("sort:a,sort:b", "more than one sort: column in 'sort:a,sort:b'"),
        ("max:a", "'max:a' is no column: write metric, null:metric, sort:metric or sort:metric:-10"),
        ("null:sort:a", "'null:sort:a' is no column: write metric, null:metric, sort:metric or sort:metric:-10"),
        ("sort:a:1:2", "'sort:a:1:2' is no sort column: write sort:metric, sort:metric:10 or sort:metric:-10"),
        ("sort:a:0", "'0' in 'sort:a:0' is no number of rows: use 10 for the lowest, -10 for the highest"),
        ("sort:a:x", "'x' in 'sort:a:x' is no number of rows: use 10 for the lowest, -10 for the highest"),
        ("sort:a:", "'' in 'sort:a:' is no number of rows: use 10 for the lowest, -10 for the highest"),
        ("sort:", "a metric name is empty"), ("null:", "a metric name is empty"),
    ])
    func refusals(text: String, message: String) {
        #expect(throws: QueryError(message)) { try RowQuery.table(agents: .all, columns: text, filter: .none) }
    }
}

@Suite struct FilterText {
    @Test func alternativesAndConjunctions() throws {
        let filter = try RowFilter([("os_name", "linux"), ("cpu_num", "2"), ("os_name", "windows")])
        #expect(filter.conditions.map(\.metric.name) == ["os_name", "cpu_num"])
        #expect(filter.conditions.map { $0.patterns.map(\.text) } == [["linux", "windows"], ["2"]])
    }

    @Test func refusals() {
        #expect(throws: QueryError("a filter has no metric name: write ?metric=pattern")) { try RowFilter([("", "x")]) }
        #expect(throws: QueryError("a filter is longer than 1024 bytes")) {
            try RowFilter([("a", String(repeating: "*", count: 1_025))])
        }
        #expect(throws: QueryError("1001 filters: at most 1000")) {
            try RowFilter(Array(repeating: (name: "a", pattern: "b"), count: 1_001))
        }
    }
}

@Suite struct HostAddressText {
    @Test(arguments: ["0001E8D95A67", "00:01:e8:d9:5a:67", "00-01-E8-D9-5A-67", "0001.e8d9.5a67"])
    func macAddresses(text: String) throws { #expect(try HostAddress(text) == .mac(MACAddress(0x0001_E8D9_5A67))) }

    @Test func ipAddresses() throws {
        #expect(try HostAddress("10.0.0.1") == .ip(IPAddress(v4: 0x0A00_0001)))
        #expect(try HostAddress("::ffff:10.0.0.1") == .ip(IPAddress(v4: 0x0A00_0001)))
        #expect(try HostAddress("2001:db8::1") == .ip(IPAddress(v6High: 0x2001_0DB8_0000_0000, low: 1)))
    }

    @Test(arguments: ["", "leaf1", "0001E8D95A6", "0001E8D95A677", "+001E8D95A67", "0001E8D95A6G", "00:01:e8:d9:5a:67:::::::::::::::"])
    func refused(text: String) { #expect(throws: QueryError.self) { try HostAddress(text) } }
}
