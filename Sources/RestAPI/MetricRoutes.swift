// Metric names, everything of one agent, and statistics over many data sources.

internal import Bytes
internal import Coordinator
internal import ExactStatistics
internal import NIOCore
internal import Queries
internal import Routing
package import ShardEngine

enum MetricRoutes {
    static func routes(_ context: APIContext) -> [Route] { [names(context), agent(context), statistics(context)] }

    private static func names(_ context: APIContext) -> Route {
        Route(
            .get, "/metrics/json", group: "Metrics", summary: "Names of the metrics that there are",
            details: "Each with the milliseconds since any data source last updated it.",
            answer: .json(schema: #"{"type":"object","additionalProperties":{"type":"integer"}}"#)
        ) { request in
            try request.allowOnly()
            let instant = context.queries.now
            let arrivals = try await context.queries.newestArrivals(at: instant)
            return .json(indent: context.indent) { json in
                json.object { json in
                    for (name, arrival) in arrivals.sorted(by: { $0.key < $1.key }) {
                        json.member(name, instant.age(of: arrival))
                    }
                }
            }
        }
    }

    private static func agent(_ context: APIContext) -> Route {
        Route(
            .get, "/metric/{agent}/json", group: "Metrics", summary: "Latest values of all metrics of one agent",
            details: "Keys are `dataSource.metric`.",
            pathParameters: [Route.Parameter("agent", "One agent, by address or host name.", example: "10.0.0.1")],
            answer: .json(schema: #"{"type":"object","additionalProperties":{"type":["number","string"]}}"#),
            problems: [404: "no such agent"]
        ) { request in
            try request.allowOnly()
            let name = request.parameter("agent")
            let instant = context.queries.now
            let selector = AgentSelector(listing: [name])
            guard let agent = try await context.queries.agents(selector, at: instant).first else {
                throw HTTPProblem.notFound("no agent '\(name)': /agents/json lists them")
            }
            let one = AgentSelector.listed(addresses: [agent.address], names: [])
            let rows = try await context.queries.rows(RowQuery(agents: one, columns: .all, filter: .none), at: instant)
            return .json(RowStream(rows, format: AgentFormat(indent: context.indent)).body)
        }
    }

    private static func statistics(_ context: APIContext) -> Route {
        let known = Statistic.allCases.map(\.rawValue).joined(separator: ", ")
        return Route(
            .get, "/metric/{agents}/{metrics}/json", group: "Metrics", summary: "Statistics of metrics over data sources",
            details: """
                One object a metric, in the order asked. A metric may have a statistic in front, as in `avg:load_one`: one of \
                \(known); `max` when there is none. `max`, `min` and `any` name the data source that has the value. \
                `metricValue` is absent when no data source has the metric; `metricN` is the number of those that have it. \
                Ages (`lastUpdate…`) are in milliseconds. Sums, averages and variances are exact and rounded once; \
                quartiles interpolate linearly between closest ranks.
                """,
            pathParameters: [RestAPI.agents, RestAPI.metrics], takesFilters: true,
            answer: .json(schema: APISchemas.metricArray), problems: [400: "agents, metrics or filters are not understood"]
        ) { request in
            let query = try understanding {
                MetricQuery(
                    agents: try AgentSelector(request.parameter("agents")),
                    terms: try MetricTerm.list(request.parameter("metrics"), in: context.names), filter: try filter(request, context))
            }
            let instant = context.queries.now
            let answers = try await context.queries.metrics(query, at: instant)
            return .json(indent: context.indent) { json in
                json.array { json in
                    for answer in answers { json.element { write(answer, instant, &$0) } }
                }
            }
        }
    }

    /// The query string as a filter on rows.
    static func filter(_ request: RouteRequest, _ context: APIContext) throws -> RowFilter {
        try RowFilter(request.query.map { (name: $0.name, pattern: $0.value) }, in: context.names)
    }

    static func write(_ answer: MetricAnswer, _ instant: Instant, _ json: inout JSONWriter) {
        json.object { json in
            if let place = answer.place {
                json.member("agent", place.place.agent.description)
                json.member("dataSource", place.place.source.description)
            }
            json.member("metricName", answer.term.text)
            if let value = answer.value { json.member("metricValue") { $0.value(value) } }
            json.member("metricN", answer.tally.count)
            guard answer.tally.count > 0 else { return }
            if let place = answer.place { json.member("lastUpdate", instant.age(of: place.reading.arrival)) }
            json.member("lastUpdateMin", instant.age(of: answer.tally.newest))
            json.member("lastUpdateMax", instant.age(of: answer.tally.oldest))
            json.topKeys(answer.place?.topKeys, at: instant)
            guard let quartiles = answer.quartiles else { return }
            json.member("quartiles") { json in
                json.object { json in
                    json.member("min", quartiles.minimum)
                    json.member("q1", quartiles.firstQuartile)
                    json.member("med", quartiles.median)
                    json.member("q3", quartiles.thirdQuartile)
                    json.member("max", quartiles.maximum)
                }
            }
        }
    }
}

extension JSONWriter {
    package mutating func value(_ value: MetricValue) {
        switch value {
        case .number(let number): self.number(number)
        case .text(let text): string(text)
        }
    }
}

/// All values of one agent as one object.
private struct AgentFormat: RowFormat {
    private var json: JSONWriter

    init(indent: Int) { json = JSONWriter(indent: indent) }

    mutating func begin() { json.open("{") }

    mutating func write(_ row: Row) {
        for case let cell? in row.cells {
            json.member("\(row.place.source).\(cell.name)") { $0.value(cell.reading.value) }
        }
    }

    mutating func end() {
        json.close("}")
        json.finish()
    }

    var byteCount: Int { json.buffer.readableBytes }
    mutating func take() -> ByteBuffer { json.take() }
}
