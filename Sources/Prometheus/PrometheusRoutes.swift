// What Prometheus scrapes: metrics of the fabric, and the server's own figures.

internal import Coordinator
internal import Ingest
internal import NIOCore
internal import Queries
package import RestAPI
package import Routing
internal import ShardEngine
internal import Transport

package enum PrometheusRoutes {
    package struct Configuration: Sendable {
        /// In front of every metric of the fabric.
        package var prefix: String
        /// Whether `# HELP` and `# TYPE` lines go before the values of the fabric; sFlow-RT's clients do not expect them.
        package var showsTypes: Bool

        package init(prefix: String, showsTypes: Bool) {
            self.prefix = prefix
            self.showsTypes = showsTypes
        }
    }

    static let agents = Route.Parameter("agents", "ALL, or agents separated by `;` or `,`.", example: "ALL")
    static let metrics = Route.Parameter(
        "metrics", "ALL, or metrics separated by `,`.", example: "ifinoctets,ifoutoctets")

    package static func routes(_ context: APIContext, _ configuration: Configuration) -> [Route] {
        [metrics(context, configuration), analyzer(context)]
    }

    private static func metrics(_ context: APIContext, _ configuration: Configuration) -> Route {
        Route(
            .get, "/prometheus/metrics/{agents}/{metrics}/txt", group: "Prometheus", summary: "Metrics to scrape",
            details: """
                One line an agent, data source and metric; texts are left out. Labels: `agent`, `datasource`, `host` where \
                the agent's name is known, `ifname` on interfaces, names of guests on theirs. The lines of one metric \
                stand together.
                """,
            pathParameters: [agents, metrics],
            takesFilters: true, answer: .text(example: #"sflow_ifinoctets{agent="10.0.0.1",datasource="4"} 1503.2"#),
            problems: [400: "agents, metrics or filters are not understood"]
        ) { request in try await scrape(request, context, configuration) }
    }

    /// All metrics that the request names, row by row.
    static func scrape(
        _ request: RouteRequest, _ context: APIContext, _ configuration: Configuration
    ) async throws -> HTTPResponse {
        let (agents, columns, filter) = try understanding {
            (
                try AgentSelector(request.parameter("agents")),
                try RowQuery.Columns(request.parameter("metrics"), in: context.names),
                try RowFilter(request.query.map { (name: $0.name, pattern: $0.value) }, in: context.names)
            )
        }
        let names = try await metricNames(columns, context)
        let scrape = Scrape(
            context: context, configuration: configuration, agents: agents, filter: filter, metrics: names,
            instant: context.queries.now)
        try await scrape.begin()
        return .text(HTTPBodyStream { try await scrape.next() })
    }

    /// The metrics of a scrape by name: all lines of one must stand together, so each is a pass of its own.
    private static func metricNames(_ columns: RowQuery.Columns, _ context: APIContext) async throws -> [MetricReference] {
        switch columns {
        case .anyOf(let metrics): return metrics
        case .all, .table:
            let names = try await context.queries.newestArrivals(at: context.queries.now).keys.sorted()
            return try names.map { try MetricReference($0, in: context.names) }
        }
    }

    private static func analyzer(_ context: APIContext) -> Route {
        let process = ProcessStatistics(started: context.started)
        return Route(
            .get, "/prometheus/analyzer/txt", group: "Prometheus", summary: "The server's own figures to scrape",
            details: "The members of `/analyzer/json` as `sflow_analyzer_…`, and the books of each stage as "
                + "`sflow_analyzer_stage_total{stage=…,what=…}`.",
            answer: .text(example: "sflow_analyzer_agents 22")
        ) { request in
            try request.allowOnly()
            return .text(AnalyzerText(try await snapshot(context, process)).text)
        }
    }

    static func snapshot(_ context: APIContext, _ process: ProcessStatistics) async throws -> AnalyzerSnapshot {
        let books = try await context.queries.books(at: context.queries.now)
        return AnalyzerSnapshot(
            books: books, events: context.events, ingest: context.ingest(), http: context.http(),
            process: process.sample(), version: context.version)
    }
}

/// `/prometheus/analyzer/txt`
private struct AnalyzerText {
    private(set) var text = ""

    /// Names that dashboards in the field ask for, beside those that follow from the members' names.
    private static let fieldNames = [
        "sFlowAgents": ["agents", "agent_count"], "sFlowBytesReceived": ["received_bytes"],
        "sFlowDatagramsReceived": ["received_datagrams"], "sFlowDatagramsDiscarded": ["discarded_datagrams"],
        "heapUsed": ["heap_used_bytes"],
    ]

    init(_ snapshot: AnalyzerSnapshot) {
        for figure in snapshot.figures {
            for name in [snakeCase(figure.name)] + (AnalyzerText.fieldNames[figure.name] ?? []) {
                family("sflow_analyzer_\(name)", help: figure.help, isCounter: figure.isCounter)
                text += "sflow_analyzer_\(name) \(figure.value.decimalText)\n"
            }
        }
        family("sflow_analyzer_stage_total", help: "Books of each stage by what became of its input.", isCounter: true)
        for (stage, entries) in snapshot.stages {
            for entry in entries {
                let labels = PrometheusText.labels([("stage", stage), ("what", entry.name)])
                text += "sflow_analyzer_stage_total{\(labels)} \(entry.value)\n"
            }
        }
        family("sflow_analyzer_build_info", help: "Version of the server, in its label.", isCounter: false)
        text += "sflow_analyzer_build_info{\(PrometheusText.labels([("version", snapshot.version)]))} 1\n"
    }

    private mutating func family(_ name: String, help: String, isCounter: Bool) {
        text += PrometheusText.family(name, help: help, type: isCounter ? "counter" : "gauge")
    }
}
