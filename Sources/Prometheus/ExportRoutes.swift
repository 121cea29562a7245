// The paths of sFlow-RT's application "prometheus", which scrape configurations in the field name: flows by keys that the
// scrape itself gives, statistics of groups of agents, and what the first version of the application had besides.

internal import Coordinator
internal import Definitions
internal import DataFiles
internal import FlowLanguage
internal import Queries
package import RestAPI
package import Routing
internal import ShardEngine

package enum ExportRoutes {
    private static let path = "/app/prometheus/scripts/export.js"

    /// - Parameter scraped: defines the flows that scrapes ask for.
    package static func routes(
        _ context: APIContext, _ configuration: PrometheusRoutes.Configuration, _ scraped: ScrapedFlows
    ) -> [Route] {
        [
            flows(context, configuration, scraped), statistics(context, configuration), dump(context, configuration),
            analyzer(context, configuration),
        ]
    }

    // MARK: Flows

    private static func flows(
        _ context: APIContext, _ configuration: PrometheusRoutes.Configuration, _ scraped: ScrapedFlows
    ) -> Route {
        Route(
            .get, "\(path)/flows/{agents}/txt", group: "Prometheus", summary: "The largest flows to scrape",
            details: """
                The first scrape defines a flow of its own, `prometheus_0` and so on, with these keys, value, filter, `n`, `t` \
                and `dropped`, and usually returns nothing; further ones with the same use it, until five minutes have \
                passed without any. There are at most \(DefinitionLimits.temporaryFlows) such definitions, and no restart keeps \
                them. One line a flow, the largest first, with a label for each key.
                """,
            pathParameters: [PrometheusRoutes.agents], queryParameters: flowParameters,
            answer: .text(example: #"pair{src="10.0.0.1",dst="10.0.0.2"} 8350144"#),
            problems: [
                400: "a parameter is missing or not understood, or two labels have one name",
                500: "a key of the traffic contains `_SEP_`, or the definition cannot be made",
                503: "too many different flows are scraped already",
            ]
        ) { request in
            try request.allowOnly(FlowScrape.parameterNames)
            let scrape = try FlowScrape(request)
            let query = scrape.query(try await define(scrape, scraped))
            guard let answer = try await context.queries.activeFlows(query, at: context.queries.now) else { return .text("") }
            return .text(try scrape.text(answer, showsType: configuration.showsTypes))
        }
    }

    private static func define(_ scrape: FlowScrape, _ scraped: ScrapedFlows) async throws -> String {
        do {
            return try await scraped.name(of: scrape.definition)
        } catch let error as DefinitionError {
            throw error.reason == .limitExceeded
                ? HTTPProblem(503, error.description) : HTTPProblem.badRequest(error.description)
        } catch let error as FlowRefusal {
            throw HTTPProblem.badRequest(error.reason.description)
        } catch let error as StoreError {
            throw HTTPProblem(500, error.message)
        }
    }

    private static let flowParameters = [
        Route.Parameter("metric", "Name of the metric in the answer.", example: "pair", isRequired: true),
        Route.Parameter(
            "key", "Keys of the flows, separated by `,`; may be repeated.", example: "ipsource,ipdestination",
            isRequired: true),
        Route.Parameter("value", "What is added up.", example: "bytes", isRequired: true),
        Route.Parameter("label", "Labels of the keys by position; the key where empty.", example: "src,dst"),
        Route.Parameter("filter", "Which samples count.", example: "ipprotocol=6"),
        Route.Parameter("n", "Flows kept a data source; 10 unless given.", example: "20"),
        Route.Parameter("t", "Smoothing in seconds; 15 unless given.", example: "2"),
        Route.Parameter("dropped", "`true` counts discarded packets instead.", example: "true"),
        Route.Parameter(
            "aggMode", "max, min, sum, avg, edge or core; `max` unless given, of discarded packets `sum`.", example: "sum"),
        Route.Parameter("maxFlows", "At most this many; 20 unless given.", example: "100"),
        Route.Parameter("minValue", "Leaves smaller flows out; 0.1 unless given.", example: "1000"),
        Route.Parameter("scale", "Factor on the value: 8 makes bits of bytes.", example: "8"),
    ]

    // MARK: Statistics

    private static func statistics(_ context: APIContext, _ configuration: PrometheusRoutes.Configuration) -> Route {
        Route(
            .get, "\(path)/statistics/{group}/{agents}/{metrics}/txt", group: "Prometheus",
            summary: "Statistics over data sources to scrape",
            details: "One line a metric that has a number, named as it is asked for, with the label `group`.",
            pathParameters: [
                Route.Parameter("group", "Value of the label.", example: "rack7"), PrometheusRoutes.agents,
                Route.Parameter(
                    "metrics", "Metrics separated by `,`, each with a statistic in front or `max`.",
                    example: "max:load_one,avg:load_one"),
            ],
            takesFilters: true, answer: .text(example: #"sflow_max_load_one{group="rack7"} 3.9"#),
            problems: [400: "agents, metrics or filters are not understood"]
        ) { request in
            let query = try understanding {
                MetricQuery(
                    agents: try AgentSelector(request.parameter("agents")),
                    terms: try MetricTerm.list(request.parameter("metrics"), in: context.names),
                    filter: try RowFilter(request.query.map { (name: $0.name, pattern: $0.value) }, in: context.names))
            }
            let labels = PrometheusText.labels([("group", request.parameter("group"))])
            var names: Set<String> = []
            var text = ""
            for answer in try await context.queries.metrics(query, at: context.queries.now) {
                let name = PrometheusText.name(configuration.prefix + answer.term.text)
                guard case .number(let number)? = answer.value, names.insert(name).inserted else { continue }
                if configuration.showsTypes {
                    text += PrometheusText.family(name, help: "\(answer.term.text) over data sources.", type: "gauge")
                }
                text += "\(name){\(labels)} \(number.decimalText)\n"
            }
            return .text(text)
        }
    }

    // MARK: Of the application's first version

    private static func dump(_ context: APIContext, _ configuration: PrometheusRoutes.Configuration) -> Route {
        Route(
            .get, "\(path)/dump/{agents}/{metrics}/txt", group: "Prometheus", summary: "Metrics to scrape",
            details: "The same as `/prometheus/metrics/{agents}/{metrics}/txt`.",
            pathParameters: [PrometheusRoutes.agents, PrometheusRoutes.metrics], takesFilters: true,
            answer: .text(example: #"sflow_ifinoctets{agent="10.0.0.1",datasource="4"} 1503.2"#),
            problems: [400: "agents, metrics or filters are not understood"]
        ) { request in try await PrometheusRoutes.scrape(request, context, configuration) }
    }

    /// Members whose names end in their unit there.
    private static let inMilliseconds: Set = ["uptime", "gcTime", "cpuTime"]

    private static func analyzer(_ context: APIContext, _ configuration: PrometheusRoutes.Configuration) -> Route {
        let process = ProcessStatistics(started: context.started)
        return Route(
            .get, "\(path)/analyzer/txt", group: "Prometheus", summary: "The server's own figures by their older names",
            details: "The members of `/analyzer/json` as `sflow_rt_…`.", answer: .text(example: "sflow_rt_agents 22")
        ) { request in
            try request.allowOnly()
            let text = try await PrometheusRoutes.snapshot(context, process).figures.map { figure in
                let member = figure.name.hasPrefix("sFlow") ? String(figure.name.dropFirst("sFlow".count)) : figure.name
                let unit = inMilliseconds.contains(member) ? "_ms" : ""
                let name = PrometheusText.name("\(configuration.prefix)rt_\(snakeCase(member))\(unit)")
                let type = figure.isCounter ? "counter" : "gauge"
                return PrometheusText.family(name, help: figure.help, type: type)
                    + "\(name) \(figure.value.decimalText)\n"
            }
            return .text(text.joined())
        }
    }
}
