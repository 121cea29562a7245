// A shard's side of a row query: pages of rows in the query's order.

internal import Bytes
package import ShardEngine

/// Where a shard is in answering a row query. Unsorted rows are read agent by agent as they are asked for, so that only
/// the agents' addresses are kept; sorted ones need the order of all rows first, of which 40 bytes a row are kept.
package struct RowCursor: Sendable {
    package let query: RowQuery
    package let instant: Instant
    /// Unsorted: the agents that are left, the next one last.
    private var agentsLeft: [IPAddress]?
    /// Sorted: what is left, the next row last.
    private var remaining: [Place]?
    private var isDone = false
    /// Which of the shards has each agent.
    private var homes: [IPAddress: Int] = [:]

    /// Rows a page, about: pages end with an agent.
    private static let pageRows = 512

    package init(_ query: RowQuery, at instant: Instant) {
        self.query = query
        self.instant = instant
    }

    /// The next rows of the shards (of one executor) together; nil when there are no more.
    /// - Parameter shards: the same in each call.
    package mutating func next(in shards: [Shard]) -> [Row]? {
        guard !isDone else { return nil }
        if homes.isEmpty {
            for (place, shard) in shards.enumerated() { for address in shard.agents.keys { homes[address] = place } }
        }
        let page = query.order.map { nextSorted($0, in: shards) } ?? nextInPlaceOrder(in: shards)
        isDone = page.isEmpty
        return isDone ? nil : page
    }

    private mutating func nextInPlaceOrder(in shards: [Shard]) -> [Row] {
        if agentsLeft == nil {
            agentsLeft = shards.flatMap { $0.views(of: query.agents, at: instant) }
                .map(\.agent.address).sorted(by: >)
        }
        var rows: [Row] = []
        while rows.count < RowCursor.pageRows, let address = agentsLeft?.popLast() {
            guard let view = view(of: address, in: shards), view.isVisible else { continue }
            query.forEachRow(of: view) { rows.append($0) }
        }
        return rows
    }

    private mutating func nextSorted(_ order: RowOrder, in shards: [Shard]) -> [Row] {
        if remaining == nil { remaining = sortedPlaces(order, in: shards) }
        var rows: [Row] = []
        while rows.count < RowCursor.pageRows, let place = remaining?.popLast() {
            if let view = view(of: place.agent, in: shards), let source = view.agent.source(named: place.source),
                let row = query.row(view, source: source, hostName: query.hostName(view))
            {
                rows.append(row)
            }
        }
        return rows
    }

    private func view(of address: IPAddress, in shards: [Shard]) -> AgentView? {
        guard let home = homes[address], let agent = shards[home].agents[address] else { return nil }
        return AgentView(agent, at: instant, of: shards[home])
    }

    /// All places in reverse order; with a limit no more than that many.
    private func sortedPlaces(_ order: RowOrder, in shards: [Shard]) -> [Place] {
        var rows: [Row] = []
        /// The key of the last row that can still be wanted.
        var worst: MetricValue?
        for view in shards.flatMap({ $0.views(of: query.agents, at: instant) }) {
            for source in query.candidateSources(view) {
                guard let key = query.key(order, view, source: source) else { continue }
                if let worst, order.puts(worst, before: key) { continue }
                if let row = query.row(view, source: source, hostName: nil) { rows.append(row.withoutCells) }
            }
            if let limit = order.limit, rows.count > 2 * limit {
                rows.sort(by: query.precedes)
                rows.removeLast(rows.count - limit)
                worst = rows.last?.key
            }
        }
        rows.sort(by: query.precedes)
        return rows.prefix(order.limit ?? .max).map(\.place).reversed()
    }
}

extension Row {
    fileprivate var withoutCells: Row { Row(place: place, cells: [], key: key, labels: nil) }
}

extension RowQuery {
    /// The rows of one agent, by data source.
    fileprivate func forEachRow(of view: AgentView, _ body: (Row) -> Void) {
        let hostName = hostName(view)
        for source in candidateSources(view) {
            if let row = row(view, source: source, hostName: hostName) { body(row) }
        }
    }

    /// The data sources to look at. A table of nothing but qualified columns (`2.1.load_one`) has one row an agent: that
    /// of its first column.
    fileprivate func candidateSources(_ view: AgentView) -> [Int] {
        if case .table(let columns) = columns, columns.allSatisfy({ $0.reference.source != nil }) {
            return columns.lazy.compactMap { $0.reference.source.flatMap(view.agent.source(named:)) }.prefix(1).map { $0 }
        }
        return view.agent.sortedSources
    }

    /// For the labels: as the agent calls itself, else as the topology calls it.
    fileprivate func hostName(_ view: AgentView) -> String? {
        wantsLabels ? view.hostName ?? view.nodeName : nil
    }

    /// The value that a row is sorted by.
    fileprivate func key(_ order: RowOrder, _ view: AgentView, source: Int) -> MetricValue? {
        guard case .table(let columns) = columns else { return nil }
        let reference = columns[order.column].reference
        let place = reference.source.map { view.agent.source(named: $0) } ?? source
        return place.flatMap { view.reading(of: reference.metric, source: $0) }?.value
    }

    fileprivate func row(_ view: AgentView, source: Int, hostName: String?) -> Row? {
        guard agents.selects(view, source: source), let cells = cells(view, source: source),
            filter.selects(view, source: source)
        else { return nil }
        var key: MetricValue?
        if let order {
            key = cells[order.column]?.reading.value
            if key == nil { return nil }
        }
        return Row(
            place: Place(agent: view.agent.address, source: view.agent.sources[source]), cells: cells, key: key,
            labels: wantsLabels ? view.labels(source: source, hostName: hostName) : nil)
    }

    /// nil when the row does not belong into the answer.
    private func cells(_ view: AgentView, source: Int) -> [Row.Cell?]? {
        let name = view.agent.sources[source]
        switch columns {
        case .all:
            var cells: [Row.Cell?] = []
            view.forEachMetric(source: source) { metric, reading in
                let topKeys = view.topKeys(ofFlow: metric, source: source)
                cells.append(Row.Cell(name: metric, source: name, reading: reading, topKeys: topKeys))
            }
            return cells.isEmpty ? nil : cells
        case .anyOf(let metrics):
            let cells: [Row.Cell?] = metrics.compactMap { reference in
                guard reference.source == nil || reference.source == name else { return nil }
                return view.reading(of: reference.metric, source: source)
                    .map { cell(reference.metric.name, reference.metric, name, $0, view, source) }
            }
            return cells.isEmpty ? nil : cells
        case .table(let columns):
            var cells: [Row.Cell?] = []
            for column in columns {
                let place = column.reference.source.map { view.agent.source(named: $0) } ?? source
                let reading = place.flatMap { view.reading(of: column.reference.metric, source: $0) }
                guard reading != nil || column.isOptional else { return nil }
                cells.append(
                    reading.map {
                        cell(column.name, column.reference.metric, column.reference.source ?? name, $0, view, place ?? source)
                    })
            }
            return cells
        }
    }
}

extension RowQuery {
    private func cell(
        _ name: String, _ metric: MetricName, _ sourceName: SourceName, _ reading: Reading, _ view: AgentView, _ source: Int
    ) -> Row.Cell {
        Row.Cell(
            name: name, source: sourceName, reading: reading,
            topKeys: view.topKeys(ofFlow: metric.name, source: source))
    }
}

extension AgentView {
    fileprivate func labels(source: Int, hostName: String?) -> RowLabels {
        RowLabels(
            hostName: hostName, interfaceName: text(.interfaceName, source), guestName: text(.guestName, source))
    }

    private func text(_ metric: MetricName, _ source: Int) -> String? {
        guard case .text(let text)? = reading(of: metric, source: source)?.value else { return nil }
        return text
    }
}

extension MetricName {
    fileprivate static let interfaceName = MetricName("ifname")
    fileprivate static let guestName = MetricName("vir_host_name")
}
