// Tables and dumps: which rows, in which order, in pages.

import Bytes
import DatagramBuilding
import Queries
import SFlow
import ShardEngine
import Testing

@Suite struct RowQueries {
    let fabric = Fabric(shards: 3)

    init() {
        for agent: UInt32 in [3, 1, 2] { fabric.ports(agent, 1...3, age: Int64(agent)) }
        fabric.host(2, "leaf2", load: 0.5)
    }

    @Test func rowsByAgentAndSource() throws {
        #expect(try fabric.table("ifspeed,ifname").map(\.text) == [
            "0.0.0.1 1: 1000 swp1", "0.0.0.1 2: 2000 swp2", "0.0.0.1 3: 3000 swp3", "0.0.0.2 1: 1000 swp1",
            "0.0.0.2 2: 2000 swp2", "0.0.0.2 3: 3000 swp3", "0.0.0.3 1: 1000 swp1", "0.0.0.3 2: 2000 swp2",
            "0.0.0.3 3: 3000 swp3",
        ])
    }

    @Test func aRowHasAllPlainColumns() throws {
        #expect(try fabric.table("load_one,ifname").isEmpty)
        #expect(try fabric.table("null:ifname,load_one").map(\.text) == ["0.0.0.2 2.1: - 0.5"])
        #expect(try fabric.table("ifname,null:load_one", agents: AgentSelector("0.0.0.3")).first?.text == "0.0.0.3 1: swp1 -")
    }

    @Test func qualifiedColumns() throws {
        #expect(try fabric.table("2.1.load_one").map(\.text) == ["0.0.0.2 2.1: 0.5"])
        #expect(try fabric.table("2.1.load_one,1.ifname,3.ifname").map(\.text) == ["0.0.0.2 2.1: 0.5 swp1 swp3"])
        #expect(try fabric.table("ifname,2.1.load_one").map(\.text) == [
            "0.0.0.2 1: swp1 0.5", "0.0.0.2 2: swp2 0.5", "0.0.0.2 3: swp3 0.5",
        ])
        #expect(try fabric.table("9.ifname").isEmpty)
    }

    @Test func sorting() throws {
        #expect(try fabric.table("ifname,sort:ifspeed:-4").map(\.text) == [
            "0.0.0.1 3: swp3 3000", "0.0.0.2 3: swp3 3000", "0.0.0.3 3: swp3 3000", "0.0.0.1 2: swp2 2000",
        ])
        #expect(try fabric.table("sort:ifspeed:2").map(\.text) == ["0.0.0.1 1: 1000", "0.0.0.2 1: 1000"])
        #expect(try fabric.table("sort:ifname").count == 9)
        #expect(try fabric.table("sort:ifspeed:100").count == 9)
        #expect(try fabric.table("sort:2.1.load_one,ifname").map(\.text).first == "0.0.0.2 1: 0.5 swp1")
    }

    @Test func filtersAndLabels() throws {
        let rows = try fabric.table("ifspeed", filter: RowFilter([(name: "ifname", pattern: "swp2")]))
        #expect(rows.map(\.text) == ["0.0.0.1 2: 2000", "0.0.0.2 2: 2000", "0.0.0.3 2: 2000"])
        #expect(rows.allSatisfy { $0.labels == nil })
        #expect(rows.map { Fabric.instant.age(of: $0.cells[0]?.reading.arrival ?? 0) } == [1_000, 2_000, 3_000])
        let labelled = fabric.rows(
            RowQuery(
                agents: .all, columns: .all, filter: try RowFilter([(name: "ifname", pattern: "swp2")]), wantsLabels: true))
        #expect(labelled.map { $0.labels?.hostName } == [nil, "leaf2", nil])
        #expect(labelled.map { $0.labels?.interfaceName } == ["swp2", "swp2", "swp2"])
    }

    @Test func dumps() throws {
        let all = fabric.rows(RowQuery(agents: .all, columns: .all, filter: .none))
        #expect(all.count == 10)
        let host = all.first { $0.place.source.description == "2.1" }
        let names = host?.cells.compactMap { $0?.name } ?? []
        #expect(Set(names).isSuperset(of: ["host_name", "os_name", "load_one", "cpu_num", "load_one_per_cpu"]))
        let some = fabric.rows(
            RowQuery(
                agents: .all, columns: .anyOf([try MetricReference("load_one"), try MetricReference("2.ifspeed")]), filter: .none))
        #expect(some.map(\.text) == ["0.0.0.1 2: 2000", "0.0.0.2 2: 2000", "0.0.0.2 2.1: 0.5", "0.0.0.3 2: 2000"])
    }

    @Test func noAgents() throws {
        #expect(try Fabric(shards: 2).table("ifname").isEmpty)
        #expect(try Fabric(shards: 2).table("sort:ifname:3").isEmpty)
        #expect(try fabric.table("ifname", agents: .core).isEmpty)
    }

    /// Pages end near 512 rows, after an agent: numbers of ports around that.
    @Test(arguments: [1, 255, 256, 257, 511, 512, 513, 1_500] as [UInt32], [1, 2, 5])
    func pagesLoseAndRepeatNothing(ports: UInt32, shards: Int) throws {
        let fabric = Fabric(shards: shards)
        for agent: UInt32 in 1...4 { fabric.ports(agent, 1...ports) }
        let rows = try fabric.table("ifspeed")
        let expected = (1...4 as ClosedRange<UInt32>).flatMap { agent in
            (1...ports).map { Place(agent: IPAddress(v4: agent), source: .numbered(DataSource(classNumber: 0, index: $0))) }
        }
        #expect(rows.map(\.place) == expected)
        let sorted = try fabric.table("sort:ifspeed:-600")
        #expect(sorted.count == min(600, Int(ports) * 4))
        #expect(zip(sorted, sorted.dropFirst()).allSatisfy { ($1.key ?? .number(0), $0.place) < ($0.key ?? .number(0), $1.place) })
    }

    @Test func aCursorHandsOutBoundedPages() throws {
        let fabric = Fabric()
        for agent: UInt32 in 1...40 { fabric.ports(agent, 1...48) }
        let query = try RowQuery.table(agents: .all, columns: "ifspeed", filter: .none)
        var cursor = RowCursor(query, at: Fabric.instant)
        var sizes: [Int] = []
        while let page = cursor.next(in: fabric.shards) { sizes.append(page.count) }
        #expect(sizes == [528, 528, 528, 336])
        #expect(cursor.next(in: fabric.shards) == nil)
    }

    @Test func mergeWaitsForStarvingSources() throws {
        let query = try RowQuery.table(agents: .all, columns: "sort:ifspeed:2", filter: .none)
        let rows = try fabric.table("sort:ifspeed")
        var merge = RowMerge(query, sources: 2)
        #expect(merge.starving == [0, 1])
        merge.receive([rows[1]], from: 0)
        #expect(merge.next() == nil)
        merge.receive([rows[0]], from: 1)
        #expect(merge.next() == rows[0])
        #expect(merge.starving == [1])
        merge.receive(nil, from: 1)
        #expect(merge.next() == rows[1])
        #expect(merge.starving.isEmpty, "the limit is reached")
        #expect(merge.next() == nil)
    }
}

@Suite struct Inventory {
    @Test func agentsAndSources() throws {
        let fabric = Fabric()
        let port = DataSource(classNumber: 0, index: 1)
        for number: UInt32 in 1...3 {
            fabric.send(1, age: Int64(4 - number), sequence: number, [
                .flow(number * 2, port, rate: 100, pool: number * 200, drops: number), .counters(number, port, [.portName("swp1")]),
                .discard(number, port, drops: 0, reason: 1),
            ])
        }
        fabric.host(2, "leaf2", load: 1)
        let agents = fabric.shards[0].agentSummaries(of: .all, at: Fabric.instant)
        #expect(agents.map(\.address) == [IPAddress(v4: 1), IPAddress(v4: 2)])
        #expect(agents.map(\.hostName) == [nil, "leaf2"])
        let first = try #require(agents.first)
        #expect([first.flow.samples, first.flow.lost, first.flow.drops] == [3, 2, 2])
        #expect([first.flow.dataSources, first.counter.dataSources, first.notification.dataSources] == [1, 1, 1])
        #expect(Fabric.instant.age(of: first.firstArrival) == 3_000)
        #expect(Fabric.instant.age(of: first.lastArrival) == 1_000)
        let sources = fabric.shards[0].dataSourceSummaries(of: .all, at: Fabric.instant)
        #expect(sources.count == 1)
        #expect(sources.first?.interfaceName == "swp1")
        #expect(sources.first?.samplingRate == 100)
        #expect(sources.first?.effectiveSamplingRate == 200)
        var newest: [String: Int64] = [:]
        fabric.shards[0].newestArrivals(at: Fabric.instant, into: &newest)
        #expect(newest["ifname"].map(Fabric.instant.age) == 1_000)
        #expect(newest["host_name"].map(Fabric.instant.age) == 0)
        #expect(newest["ifinoctets"] == nil)
    }
}
