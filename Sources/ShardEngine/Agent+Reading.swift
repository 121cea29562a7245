// What queries see of an agent: values of metrics by name, at one instant.

internal import Bytes
internal import Definitions
internal import SFlow

/// One instant at which everything of an answer is evaluated.
package struct Instant: Sendable, Hashable, BitwiseCopyable {
    /// Unit: nanoseconds since the Unix epoch.
    package let nanoseconds: Int64

    /// Times before the epoch count as its beginning, as those of datagrams do.
    package init(nanoseconds: Int64) { self.nanoseconds = max(0, nanoseconds) }

    /// Age of something that happened at `time`; 0 for what came after this instant. Unit: milliseconds.
    package func age(of time: Int64) -> Int64 { max(0, nanoseconds - time) / 1_000_000 }
}

/// A metric's name and the places where it may be found.
package struct MetricName: Sendable, Hashable {
    package let name: String
    let columns: [Catalogue.ColumnReference]

    package init(_ name: String, in catalogue: Catalogue = .standard) {
        self.init(kept: catalogue.canonicalName(name))
    }

    /// - Parameter name: under which the metric is kept. Places are the same in all catalogues: they differ in aliases.
    init(kept name: String) {
        self.name = name
        columns = Catalogue.standard.columns(named: name)
    }
}

extension MetricName {
    fileprivate static let hostName = MetricName("host_name")
    static let interfaceName = MetricName("ifname")
}

/// An agent seen at one instant by the rules of its shard.
package struct AgentView {
    package let agent: Agent
    package let instant: Instant
    let shard: Shard
    let expiry: Expiry
    /// nil without a topology.
    let place: TopologyPlace?

    package init(_ agent: Agent, at instant: Instant, of shard: Shard) {
        self.agent = agent
        self.instant = instant
        self.shard = shard
        expiry = shard.expiry
        place = shard.hasTopology ? TopologyPlace(shard.topology) : nil
    }

    /// Not kept: it is of many parts that all threads share, and each copy would count itself at all of them.
    var catalogue: Catalogue { shard.catalogue }

    package var isVisible: Bool { agent.isVisible(asOf: instant.nanoseconds, expiry: expiry) }

    /// The value of a metric at a data source, nil when there is none.
    package func reading(of metric: MetricName, source: Int) -> Reading? {
        for column in metric.columns {
            if let reading = reading(column, source: source) { return reading }
        }
        guard let entry = agent.custom[source]?.entries[metric.name],
            entry.isVisible(asOf: instant.nanoseconds, expiry: expiry)
        else { return flowReading(of: metric, source: source) }
        return entry.value.map { Reading(value: $0, arrival: entry.arrival) }
    }

    /// All values of a metric, one a data source at most, in no particular order.
    package func forEachReading(of metric: MetricName, _ body: (_ source: Int, Reading) -> Void) {
        for (place, column) in metric.columns.enumerated() {
            forEachReading(column) { source, reading in
                // A preferred place may have had the value already.
                guard place == 0 || !metric.columns[..<place].contains(where: { self.reading($0, source: source) != nil })
                else { return }
                body(source, reading)
            }
        }
        forEachFlowReading(of: metric, body)
        guard !agent.custom.isEmpty else { return }
        for source in agent.custom.keys.sorted() {
            guard let entry = agent.custom[source]?.entries[metric.name], let value = entry.value,
                entry.isVisible(asOf: instant.nanoseconds, expiry: expiry),
                !metric.columns.contains(where: { reading($0, source: source) != nil })
            else { continue }
            body(source, Reading(value: value, arrival: entry.arrival))
        }
    }

    /// All metrics of a data source, by structure and column, custom ones by name after them.
    package func forEachMetric(source: Int, _ body: (_ name: String, Reading) -> Void) {
        for table in agent.tables {
            guard let row = table.row(ofSource: source), isVisible(table, row) else { continue }
            let structure = catalogue.structures[Int(table.key.structure.index)]
            for place in structure.columns.indices {
                let column = Catalogue.ColumnReference(
                    structure: table.key.structure, column: place, instance: table.key.instance)
                guard let value = value(structure.columns[place].storage, table, row),
                    !catalogue.preferredColumns(to: column).contains(where: { reading($0, source: source) != nil })
                else { continue }
                body(
                    structure.columns[place].name(instance: table.key.instance),
                    Reading(value: value, arrival: table.rows[row].arrival))
            }
        }
        forEachFlowMetric(source: source, body)
        guard let custom = agent.custom[source] else { return }
        for (name, entry) in custom.entries.sorted(by: { $0.key < $1.key }) {
            guard let value = entry.value, entry.isVisible(asOf: instant.nanoseconds, expiry: expiry) else { continue }
            body(name, Reading(value: value, arrival: entry.arrival))
        }
    }

    /// When each metric was last refreshed at any of the data sources, column by column: names are looked up once a
    /// column and not once a value. Unit: nanoseconds since the Unix epoch.
    package func newestArrivals(into newest: inout [String: Int64]) {
        func note(_ name: String, _ arrival: Int64) { newest[name] = max(newest[name] ?? .min, arrival) }
        for table in agent.tables {
            let structure = catalogue.structures[Int(table.key.structure.index)]
            for (place, column) in structure.columns.enumerated() {
                let reference = Catalogue.ColumnReference(
                    structure: table.key.structure, column: place, instance: table.key.instance)
                if let arrival = newestArrival(reference, column.storage, table) {
                    note(column.name(instance: table.key.instance), arrival)
                }
            }
        }
        for (place, flow) in shard.flows.enumerated() {
            if let arrival = agent.flow(place)?.newestArrival(asOf: instant.nanoseconds) { note(flow.name, arrival) }
        }
        for custom in agent.custom.values {
            for (name, entry) in custom.entries
            where entry.value != nil && entry.isVisible(asOf: instant.nanoseconds, expiry: expiry) {
                note(name, entry.arrival)
            }
        }
    }

    private func newestArrival(
        _ reference: Catalogue.ColumnReference, _ storage: CompiledStructure.Column.Storage, _ table: StructureTable
    ) -> Int64? {
        let preferred = catalogue.preferredColumns(to: reference)
        var newest: Int64?
        for row in table.rows.indices {
            let state = table.rows[row]
            guard state.arrival > newest ?? .min, isVisible(table, row), value(storage, table, row) != nil,
                !preferred.contains(where: { reading($0, source: Int(state.source)) != nil })
            else { continue }
            newest = state.arrival
        }
        return newest
    }

    /// The agent's own name: host_name of data source 2.1, or of the first that has one.
    package var hostName: String? {
        var first: (source: SourceName, name: String)?
        forEachReading(of: .hostName) { source, reading in
            guard case .text(let name) = reading.value else { return }
            let source = agent.sources[source]
            if first.map({ AgentView.isNameSource(source, before: $0.source) }) ?? true { first = (source, name) }
        }
        return first?.name
    }

    private static func isNameSource(_ a: SourceName, before b: SourceName) -> Bool {
        a == .machine || b != .machine && a < b
    }

    func reading(_ column: Catalogue.ColumnReference, source: Int) -> Reading? {
        let key = StructureTable.Key(structure: column.structure, instance: column.instance)
        guard let place = agent.table(key), let row = agent.tables[place].row(ofSource: source),
            isVisible(agent.tables[place], row)
        else { return nil }
        let storage = catalogue.structures[Int(column.structure.index)].columns[column.column].storage
        return value(storage, agent.tables[place], row).map {
            Reading(value: $0, arrival: agent.tables[place].rows[row].arrival)
        }
    }

    private func forEachReading(_ column: Catalogue.ColumnReference, _ body: (Int, Reading) -> Void) {
        let key = StructureTable.Key(structure: column.structure, instance: column.instance)
        guard let place = agent.table(key) else { return }
        let table = agent.tables[place]
        let storage = catalogue.structures[Int(column.structure.index)].columns[column.column].storage
        for row in table.rows.indices where isVisible(table, row) {
            guard let value = value(storage, table, row) else { continue }
            body(Int(table.rows[row].source), Reading(value: value, arrival: table.rows[row].arrival))
        }
    }

    private func isVisible(_ table: StructureTable, _ row: Int) -> Bool {
        table.isVisible(row, asOf: instant.nanoseconds, expiry: expiry)
    }

    private func value(_ storage: CompiledStructure.Column.Storage, _ table: StructureTable, _ row: Int) -> MetricValue? {
        switch storage {
        case .number(let place):
            let number = table.numbers[row * table.numberCount + place]
            return number.isNaN ? nil : .number(number)
        case .code(let place, let names):
            guard let code = UInt32(exactly: table.numbers[row * table.numberCount + place]) else { return nil }
            return .text(names[code] ?? String(code))
        case .mac(let place):
            guard let bits = UInt64(exactly: table.numbers[row * table.numberCount + place]) else { return nil }
            return .text(MACAddress(bits).description)
        case .text(let place):
            let text = table.texts[row * table.textCount + place]
            return text.isEmpty ? nil : .text(text)
        }
    }
}
