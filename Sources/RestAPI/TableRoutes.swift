// Rows: tables with chosen columns, and dumps of everything.

internal import Bytes
internal import Coordinator
internal import NIOCore
internal import Queries
internal import Routing
internal import ShardEngine

enum TableRoutes {
    static func routes(_ context: APIContext) -> [Route] { [table(context), dump(context)] }

    private static func table(_ context: APIContext) -> Route {
        Route(
            .get, "/table/{agents}/{metrics}/json", group: "Metrics", summary: "A table: one row a data source",
            details: """
                Each row is an array of cells in the order of the columns. A row needs a value in every column, except \
                those written `null:metric`, whose missing cells are null. `sort:metric` sorts ascending; `sort:metric:10` \
                gives the ten lowest rows, `sort:metric:-10` the ten highest, highest first. Without `sort:` rows are \
                ordered by agent and data source.
                """,
            pathParameters: [
                RestAPI.agents,
                Route.Parameter(
                    "metrics", "Columns separated by `,`: `metric`, `null:metric`, `sort:metric:-10`.",
                    example: "ifname,sort:ifinutilization:-5"),
            ],
            takesFilters: true, answer: .json(schema: APISchemas.table),
            problems: [400: "agents, columns or filters are not understood"]
        ) { request in
            let query = try understanding {
                try RowQuery.table(
                    agents: try AgentSelector(request.parameter("agents")), columns: request.parameter("metrics"),
                    filter: try MetricRoutes.filter(request, context), in: context.names)
            }
            let instant = context.queries.now
            let format = TableFormat(instant: instant, indent: context.indent)
            return .json(RowStream(try await context.queries.rows(query, at: instant), format: format).body)
        }
    }

    private static func dump(_ context: APIContext) -> Route {
        Route(
            .get, "/dump/{agents}/{metrics}/json", group: "Metrics", summary: "All values, one object each",
            details: "`ALL` stands for every agent and for every metric. The answer is sent while it is made; it is ordered "
                + "by agent and data source.",
            pathParameters: [
                RestAPI.agents,
                Route.Parameter("metrics", "ALL, or metrics separated by `;` or `,`.", example: "ALL"),
            ],
            takesFilters: true, answer: .json(schema: APISchemas.metricArray),
            problems: [400: "agents, metrics or filters are not understood"]
        ) { request in
            let query = try understanding {
                RowQuery(
                    agents: try AgentSelector(request.parameter("agents")),
                    columns: try RowQuery.Columns(request.parameter("metrics"), in: context.names),
                    filter: try MetricRoutes.filter(request, context))
            }
            let instant = context.queries.now
            let format = DumpFormat(instant: instant, indent: context.indent)
            return .json(RowStream(try await context.queries.rows(query, at: instant), format: format).body)
        }
    }
}

extension JSONWriter {
    /// A value with its place, as `/table` and `/dump` show it.
    fileprivate mutating func cell(_ cell: Row.Cell, of row: Row, at instant: Instant) {
        object { json in
            json.member("agent", row.place.agent.description)
            json.member("dataSource", cell.source.description)
            json.member("metricName", cell.name)
            json.member("metricValue") { $0.value(cell.reading.value) }
            json.member("lastUpdate", instant.age(of: cell.reading.arrival))
            json.topKeys(cell.topKeys, at: instant)
        }
    }
}

private struct TableFormat: RowFormat {
    private let instant: Instant
    private var json: JSONWriter

    init(instant: Instant, indent: Int) {
        self.instant = instant
        json = JSONWriter(indent: indent)
    }

    mutating func begin() { json.open("[") }

    mutating func write(_ row: Row) {
        let instant = instant
        json.element { json in
            json.array { json in
                for cell in row.cells {
                    json.element { json in
                        if let cell { json.cell(cell, of: row, at: instant) } else { json.null() }
                    }
                }
            }
        }
    }

    mutating func end() {
        json.close("]")
        json.finish()
    }

    var byteCount: Int { json.buffer.readableBytes }
    mutating func take() -> ByteBuffer { json.take() }
}

private struct DumpFormat: RowFormat {
    private let instant: Instant
    private var json: JSONWriter

    init(instant: Instant, indent: Int) {
        self.instant = instant
        json = JSONWriter(indent: indent)
    }

    mutating func begin() { json.open("[") }

    mutating func write(_ row: Row) {
        let instant = instant
        for case let cell? in row.cells { json.element { $0.cell(cell, of: row, at: instant) } }
    }

    mutating func end() {
        json.close("]")
        json.finish()
    }

    var byteCount: Int { json.buffer.readableBytes }
    mutating func take() -> ByteBuffer { json.take() }
}
