// A few agents in a shard, for queries to be asked of.

import Bytes
import DatagramBuilding
import Queries
import SFlow
import ShardEngine

struct Fabric {
    static let now: Int64 = 1_700_000_000_000_000_000
    static let instant = Instant(nanoseconds: now)
    var shards: [Shard]

    init(shards: Int = 1) { self.shards = (0..<shards).map { _ in Shard() } }

    /// One datagram of an agent `age` seconds ago.
    func send(_ agent: UInt32, age: Int64 = 0, sequence: UInt32 = 1, _ samples: [Framed]) {
        let address = IPAddress(v4: agent)
        let shard = shards[Int(address.stableHash % UInt64(shards.count))]
        let datagram = Datagram(agent: address, sequence: sequence, uptime: 1_000_000, samples)
        shard.ingest(datagram.bytes.span.bytes, udpSource: address, arrival: Fabric.now - age * 1_000_000_000)
    }

    /// A value of a custom metric; the simplest of all metrics.
    func gauge(_ agent: UInt32, _ source: String, _ metric: String, _ value: Double, sequence: UInt32 = 1, age: Int64 = 0) {
        send(agent, age: age, sequence: sequence, [.custom(source, [(metric, .double(value))])])
    }

    /// Ports with speed 1000 × the port's number.
    func ports(_ agent: UInt32, _ ports: ClosedRange<UInt32>, age: Int64 = 0) {
        send(agent, age: age, ports.map { port in
            .counters(1, DataSource(classNumber: 0, index: port), [.interface(port, speed: UInt64(port) * 1_000), .portName("swp\(port)")])
        })
    }

    func host(_ agent: UInt32, _ name: String, load: Float) {
        let machine = DataSource(classNumber: 2, index: 1)
        send(agent, sequence: 9, [
            .counters(1, machine, [.hostDescription(name), .record("host_cpu", ["load_one": UInt64(load.bitPattern), "cpu_num": 2])])
        ])
    }

    func measure(_ terms: String, agents: AgentSelector = .all, filter: RowFilter = .none) throws -> [MetricAnswer] {
        let query = MetricQuery(agents: agents, terms: try MetricTerm.list(terms), filter: filter)
        var measurement = query.emptyMeasurement
        for shard in shards { shard.measure(query, at: Fabric.instant, into: &measurement) }
        var answers: [MetricAnswer] = []
        for term in query.terms {
            guard let place = query.measured.firstIndex(where: { $0.reference == term.reference }) else { continue }
            answers.append(
                MetricAnswer(
                    term, measurement.partials[place],
                    quartiles: try .init(of: measurement.snapshots[place])))
        }
        return answers
    }

    /// Rows by the way that the coordinator takes: a cursor a shard, merged.
    func rows(_ query: RowQuery) -> [Row] {
        var cursors = shards.map { _ in RowCursor(query, at: Fabric.instant) }
        var merge = RowMerge(query, sources: shards.count)
        var rows: [Row] = []
        while true {
            for source in merge.starving { merge.receive(cursors[source].next(in: [shards[source]]), from: source) }
            guard let row = merge.next() else { return rows }
            rows.append(row)
        }
    }

    func table(_ columns: String, agents: AgentSelector = .all, filter: RowFilter = .none) throws -> [Row] {
        rows(try RowQuery.table(agents: agents, columns: columns, filter: filter))
    }
}

extension Row {
    /// "10.0.0.1 4: 4000 swp4 -"
    var text: String {
        let values = cells.map { cell in
            switch cell?.reading.value {
            case .number(let number)?: number.decimalText
            case .text(let text)?: text
            case nil: "-"
            }
        }
        return "\(place.agent) \(place.source): \(values.joined(separator: " "))"
    }
}
