// Queries that list rows instead of summing them up: tables, dumps, and the text that Prometheus scrapes. Rows come in
// pages, sorted, so that nobody ever holds all of them: a shard remembers where it is, the merge takes the next row of
// whichever shard is first.

internal import Bytes
package import ShardEngine

package struct RowQuery: Hashable, Sendable {
    package enum Columns: Hashable, Sendable {
        /// Every metric that a row has.
        case all
        /// Those of these metrics that a row has.
        case anyOf([MetricReference])
        /// A row must have all columns that are not optional; its cells come in the columns' order.
        case table([TableColumn])
    }

    package let agents: AgentSelector
    package let columns: Columns
    package let filter: RowFilter
    package let order: RowOrder?
    /// Whether rows come with the names around them.
    package let wantsLabels: Bool

    package init(
        agents: AgentSelector, columns: Columns, filter: RowFilter, order: RowOrder? = nil, wantsLabels: Bool = false
    ) {
        self.agents = agents
        self.columns = columns
        self.filter = filter
        self.order = order
        self.wantsLabels = wantsLabels
    }
}

package struct TableColumn: Hashable, Sendable {
    package let reference: MetricReference
    /// As shown: the reference as it was written, without `null:` or `sort:`.
    package let name: String
    package let isOptional: Bool
}

/// Sort by one column's value.
package struct RowOrder: Hashable, Sendable {
    package let column: Int
    package let isDescending: Bool
    /// Rows wanted; nil for all.
    package let limit: Int?
}

/// One data source of one agent, with what was asked of it.
package struct Row: Hashable, Sendable {
    package struct Cell: Hashable, Sendable {
        package let name: String
        /// Where the value stands: the row's data source, or another of the same agent that the column names.
        package let source: SourceName
        package let reading: Reading
        /// Of a flow metric, the largest flows there.
        package var topKeys: [TopKey]?
    }

    package let place: Place
    /// nil where an optional column has no value.
    package let cells: [Cell?]
    /// The value that the row is sorted by.
    package let key: MetricValue?
    /// nil unless asked for.
    package let labels: RowLabels?
}

/// Names around a row, for people and for Prometheus labels.
package struct RowLabels: Hashable, Sendable {
    package var hostName: String?
    package var interfaceName: String?
    package var guestName: String?
}

extension RowQuery.Columns {
    /// Reads the metrics of `/dump`: `ALL`, or metrics separated by `,` or `;`.
    package init(_ text: String, in catalogue: Catalogue = .standard) throws(QueryError) {
        guard text != "ALL" else {
            self = .all
            return
        }
        var metrics: [MetricReference] = []
        for item in try QueryText.list(text) {
            guard !item.contains(":") else { throw QueryError("'\(item)' is no metric: statistics are asked at /metric") }
            metrics.append(try MetricReference(item, in: catalogue))
        }
        self = .anyOf(metrics)
    }
}

extension RowQuery {
    /// Reads the columns of `/table`: `metric`, `null:metric`, `sort:metric`, `sort:metric:10`, `sort:metric:-10`.
    package static func table(
        agents: AgentSelector, columns text: String, filter: RowFilter, in catalogue: Catalogue = .standard
    ) throws(QueryError) -> RowQuery {
        var columns: [TableColumn] = []
        var order: RowOrder?
        for item in try QueryText.list(text) {
            var name = item
            var isOptional = false
            if item.hasPrefix("null:") {
                name = String(item.dropFirst("null:".count))
                isOptional = true
            } else if item.hasPrefix("sort:") {
                guard order == nil else { throw QueryError("more than one sort: column in '\(text)'") }
                (name, order) = try sort(item, column: columns.count)
            }
            guard !name.contains(":") else {
                throw QueryError("'\(item)' is no column: write metric, null:metric, sort:metric or sort:metric:-10")
            }
            columns.append(
                TableColumn(reference: try MetricReference(name, in: catalogue), name: name, isOptional: isOptional))
        }
        return RowQuery(agents: agents, columns: .table(columns), filter: filter, order: order)
    }

    private static func sort(_ item: String, column: Int) throws(QueryError) -> (String, RowOrder) {
        let parts = item.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2 || parts.count == 3 else {
            throw QueryError("'\(item)' is no sort column: write sort:metric, sort:metric:10 or sort:metric:-10")
        }
        guard parts.count == 3 else { return (String(parts[1]), RowOrder(column: column, isDescending: false, limit: nil)) }
        guard let count = Int32(parts[2]), count != 0 else {
            throw QueryError("'\(parts[2])' in '\(item)' is no number of rows: use 10 for the lowest, -10 for the highest")
        }
        return (String(parts[1]), RowOrder(column: column, isDescending: count < 0, limit: Int(count.magnitude)))
    }

    /// Whether `a` comes before `b`: by the sort column, then by agent and data source. The same on every node.
    package func precedes(_ a: Row, _ b: Row) -> Bool {
        guard let order, let left = a.key, let right = b.key, left != right else { return a.place < b.place }
        return order.puts(left, before: right)
    }
}

extension RowOrder {
    /// Whether one value is sorted before another one that differs.
    func puts(_ a: MetricValue, before b: MetricValue) -> Bool { isDescending ? b < a : a < b }
}
