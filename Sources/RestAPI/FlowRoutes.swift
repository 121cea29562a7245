// Flows: the largest ones, where they are, what keys there are.

internal import Bytes
internal import Coordinator
internal import Queries
internal import Routing
internal import ShardEngine

enum FlowRoutes {
    static func routes(_ context: APIContext) -> [Route] {
        [keys(context), active(context), value(context), locations(context)]
    }

    private static let name = Route.Parameter("name", "A flow definition.", example: "srcdst")
    private static let key = Route.Parameter(
        "key", "The flow's key, its components joined as the definition's `fs` says.", example: "10.0.0.1,10.0.0.2",
        isRequired: true)

    private static func keys(_ context: APIContext) -> Route {
        Route(
            .get, "/flowkeys/json", group: "Flows", summary: "Keys that occur",
            details: "Each with the milliseconds since it was seen. One sample in 64 is looked through.",
            answer: .json(schema: #"{"type":"object","additionalProperties":{"type":"integer"}}"#)
        ) { request in
            try request.allowOnly()
            let instant = context.queries.now
            let arrivals = try await context.queries.keyArrivals()
            return .json(indent: context.indent) { json in
                json.object { json in
                    for (name, arrival) in arrivals.sorted(by: { $0.key < $1.key }) {
                        json.member(name, instant.age(of: arrival))
                    }
                }
            }
        }
    }

    private static func active(_ context: APIContext) -> Route {
        Route(
            .get, "/activeflows/{agents}/{name}/json", group: "Flows", summary: "The largest flows",
            details: """
                Largest first; equal ones by key. `flowN` is the number of data sources that have the flow, `agent` and \
                `dataSource` the one with the largest rate (with `min` the smallest). `aggMode` says how rates at several data \
                sources become one: `max` (the default; several switches see the same packets), `min`, `sum`, `avg`, `edge` \
                (over edge ports of the topology), `core` (largest at link ports).
                """,
            pathParameters: [RestAPI.agents, name],
            queryParameters: [
                Route.Parameter("maxFlows", "At most this many; 100 unless given.", example: "10"),
                Route.Parameter("minValue", "Leaves smaller flows out.", example: "1000"),
                Route.Parameter("aggMode", "max, min, sum, avg, edge or core.", example: "sum"),
                Route.Parameter("filter", "A key in which empty components match anything, its components joined as the definition's `fs` says.",
                    example: "10.0.0.1,"),
            ],
            answer: .json(schema: #"{"type":"array","items":{"type":"object"}}"#),
            problems: [400: "a parameter is not understood"]
        ) { request in
            try request.allowOnly("maxFlows", "minValue", "aggMode", "filter")
            let query = try activeQuery(request)
            let answer = try await context.queries.activeFlows(query, at: context.queries.now)
            return .json(indent: context.indent) { json in
                json.array { json in
                    guard let answer else { return }
                    for flow in answer.flows { json.element { write(flow, key: answer.keyText(flow), &$0) } }
                }
            }
        }
    }

    private static func activeQuery(_ request: RouteRequest) throws -> ActiveFlowsQuery {
        ActiveFlowsQuery(
            agents: try understanding { try AgentSelector(request.parameter("agents")) }, flow: request.parameter("name"),
            maxFlows: Int(try request.number("maxFlows") ?? 100), minValue: try request.number("minValue") ?? 0,
            mode: try request.aggregationMode ?? .max, keyFilter: request.values("filter").last)
    }

    private static func write(_ flow: ActiveFlowAnswer, key: String, _ json: inout JSONWriter) {
        json.object { json in
            json.member("key", key)
            json.member("value", flow.value)
            json.member("flowN", flow.tally.count)
            guard let best = flow.tally.best else { return }
            json.member("agent", best.place.agent.description)
            json.member("dataSource", best.place.source.description)
            json.values(best.values)
        }
    }

    private static func value(_ context: APIContext) -> Route {
        Route(
            .get, "/flowvalue/{agent}/{flow}/json", group: "Flows", summary: "The rate of one flow at one data source",
            details: "A bare number.",
            pathParameters: [
                Route.Parameter("agent", "One agent, by address or host name.", example: "10.0.0.1"),
                Route.Parameter("flow", "`dataSource.name`.", example: "22.srcdst"),
            ],
            queryParameters: [key], answer: .json(schema: #"{"type":"number"}"#),
            problems: [400: "the key is missing", 404: "there is no such flow at this place"]
        ) { request in
            try request.allowOnly("key")
            let place = try understanding { try MetricReference(request.parameter("flow"), in: context.names) }
            guard let source = place.source else {
                throw HTTPProblem.badRequest("'\(request.parameter("flow"))' names no data source: write 22.name")
            }
            let query = FlowLocationQuery(
                agents: AgentSelector(listing: [request.parameter("agent")]), flow: place.metric.name,
                keyText: try requiredKey(request))
            let found = try await context.queries.flowLocations(query, at: context.queries.now)
            guard let location = found?.first(where: { $0.place.source == source }) else {
                throw HTTPProblem.notFound("no such flow at this place")
            }
            return .json(indent: context.indent) { $0.number(location.reading.value) }
        }
    }

    private static func locations(_ context: APIContext) -> Route {
        Route(
            .get, "/flowlocations/{agents}/{name}/json", group: "Flows", summary: "Where a flow is seen",
            pathParameters: [RestAPI.agents, name], queryParameters: [key],
            answer: .json(schema: #"{"type":"array","items":{"type":"object"}}"#),
            problems: [400: "the key is missing", 404: "there is no such definition"]
        ) { request in
            try request.allowOnly("key")
            let query = FlowLocationQuery(
                agents: try understanding { try AgentSelector(request.parameter("agents")) },
                flow: request.parameter("name"), keyText: try requiredKey(request))
            let instant = context.queries.now
            guard let found = try await context.queries.flowLocations(query, at: instant) else {
                throw HTTPProblem.notFound("no flow definition '\(query.flow)': /flow/json lists them")
            }
            return .json(indent: context.indent) { json in
                json.array { json in
                    for location in found { json.element { write(location, instant, &$0) } }
                }
            }
        }
    }

    private static func requiredKey(_ request: RouteRequest) throws -> String {
        guard let key = request.values("key").last else { throw HTTPProblem.badRequest("which flow? add ?key=…") }
        return key
    }

    private static func write(_ location: FlowLocation, _ instant: Instant, _ json: inout JSONWriter) {
        json.object { json in
            json.member("agent", location.place.agent.description)
            json.member("dataSource", location.place.source.description)
            json.member("value", location.reading.value)
            json.values(location.reading.values)
            json.member("lastUpdate", instant.age(of: location.reading.arrival))
        }
    }
}

extension JSONWriter {
    /// A definition's further values; nothing when it has none.
    fileprivate mutating func values(_ values: [Double]) {
        guard !values.isEmpty else { return }
        member("values") { json in
            json.array { json in for value in values { json.element { $0.number(value) } } }
        }
    }

    /// The largest flows behind a flow metric; nothing for other metrics.
    mutating func topKeys(_ topKeys: [TopKey]?, at instant: Instant) {
        guard let topKeys else { return }
        member("topKeys") { json in
            json.array { json in
                for top in topKeys {
                    json.element { json in
                        json.object { json in
                            json.member("key", top.key)
                            json.member("value", top.value)
                            json.member("lastUpdate", instant.age(of: top.arrival))
                        }
                    }
                }
            }
        }
    }
}
