// Events of thresholds and records of logged flows. Both are long polls: a client names the last number that it has seen and
// is answered when there is something newer, or with nothing when its time is up.

internal import Bytes
internal import Coordinator
internal import Routing
internal import ShardEngine

enum EventRoutes {
    static func routes(_ context: APIContext) -> [Route] { [events(context), flows(context)] }

    private static let contract = """
        Newest first. Numbers grow by one from 0 and begin again when the server does: a number larger than the newest one \
        counts as -1. In a cluster they go on when another coordinator leads, with a gap where it has missed some, and no number is \
        used twice. Without anything newer the request is held until there is, or answered with an empty list when \
        `timeout` is up.
        """

    private static func parameters(_ name: String, _ id: String, _ max: String, of what: String) -> [Route.Parameter] {
        [
            Route.Parameter(name, "Only those of this \(what)."),
            Route.Parameter(id, "Only those with a larger number; without it all that are kept.", example: "-1"),
            Route.Parameter(max, "At most so many, the newest.", example: "10"),
            Route.Parameter("timeout", "Seconds to wait when there are none; 0 without it.", example: "60"),
        ]
    }

    // MARK: Events

    private static func events(_ context: APIContext) -> Route {
        Route(
            .get, "/events/json", group: "Thresholds", summary: "Thresholds that were exceeded", details: contract,
            queryParameters: parameters("thresholdID", "eventID", "maxEvents", of: "threshold"),
            answer: .json(schema: APISchemas.eventArray), problems: [400: "a parameter is no number"]
        ) { request in
            try request.allowOnly("thresholdID", "eventID", "maxEvents", "timeout")
            let poll = try LongPoll(request, name: "thresholdID", id: "eventID", limit: "maxEvents")
            let events = await context.events.events(
                after: poll.after, threshold: poll.name, limit: poll.limit, timeout: poll.timeout)
            return .json(indent: context.indent) { json in
                json.array { json in
                    for event in events { json.element { write(event, &$0) } }
                }
            }
        }
    }

    private static func write(_ numbered: Numbered<ThresholdEvent>, _ json: inout JSONWriter) {
        let event = numbered.record
        json.object { json in
            json.member("eventID", numbered.id)
            json.member("timestamp", event.time / 1_000_000)
            json.member("thresholdID", event.threshold)
            json.member("metric", event.metric)
            json.member("threshold", event.level)
            json.member("value", event.value)
            json.member("agent", event.agent.description)
            json.member("dataSource", event.source.description)
            if let key = event.flowKey { json.member("flowKey", key) }
            json.values(event.values)
        }
    }

    // MARK: Flow records

    private static func flows(_ context: APIContext) -> Route {
        Route(
            .get, "/flows/json", group: "Flows", summary: "Records of logged flows",
            details: contract + " Only definitions with `log` have records here; `value` is the total of the whole record.",
            queryParameters: parameters("name", "flowID", "maxFlows", of: "flow definition"),
            answer: .json(schema: APISchemas.flowRecordArray), problems: [400: "a parameter is no number"]
        ) { request in
            try request.allowOnly("name", "flowID", "maxFlows", "timeout")
            let poll = try LongPoll(request, name: "name", id: "flowID", limit: "maxFlows")
            let flows = await context.events.flows(
                after: poll.after, name: poll.name, limit: poll.limit, timeout: poll.timeout)
            return .json(indent: context.indent) { json in
                json.array { json in
                    for flow in flows { json.element { write(flow, &$0) } }
                }
            }
        }
    }

    private static func write(_ numbered: Numbered<FlowRecord>, _ json: inout JSONWriter) {
        let flow = numbered.record
        json.object { json in
            json.member("flowID", numbered.id)
            json.member("name", flow.name)
            json.member("flowKeys", flow.flowKey)
            json.member("value", flow.value)
            json.values(flow.values)
            json.member("start", flow.start / 1_000_000)
            json.member("end", flow.end / 1_000_000)
            json.member("agent", flow.agent.description)
            json.member("dataSource", flow.source.description)
        }
    }
}

extension JSONWriter {
    /// Further values of a definition that has some.
    fileprivate mutating func values(_ values: [Double]) {
        guard !values.isEmpty else { return }
        member("values") { json in
            json.array { json in
                for value in values { json.element { $0.number(value) } }
            }
        }
    }
}
