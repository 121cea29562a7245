// What a scrape of flows asks for, read from its query, and the lines that answer it.

internal import Coordinator
internal import Definitions
internal import FlowLanguage
internal import Queries
internal import RestAPI
internal import Routing
internal import ShardEngine

struct FlowScrape {
    /// Name of the metric, as it is written.
    let metric: String
    /// Name of each key's label.
    let labels: [String]
    let definition: FlowDefinition
    private let agents: AgentSelector
    private let mode: ActiveFlowsQuery.Mode
    private let maxFlows: Int
    private let minValue: Double
    private let scale: Double

    /// Between the keys of a flow.
    private static let separator = "_SEP_"
    static let parameterNames = [
        "metric", "key", "value", "label", "filter", "n", "t", "dropped", "aggMode", "maxFlows", "minValue", "scale",
    ]

    init(_ request: RouteRequest) throws {
        agents = try understanding { try AgentSelector(request.parameter("agents")) }
        metric = PrometheusText.name(try FlowScrape.required("metric", request))
        definition = try FlowScrape.definition(request)
        labels = try FlowScrape.labels(request, of: definition.keys)
        mode = try request.aggregationMode ?? (definition.dropped ? .sum : .max)
        maxFlows = Int(try request.number("maxFlows") ?? 20)
        minValue = try request.number("minValue") ?? 0.1
        scale = try request.number("scale") ?? 1
    }

    private static func required(_ name: String, _ request: RouteRequest) throws -> String {
        guard let text = request.values(name).first, !text.isEmpty else {
            throw HTTPProblem.badRequest("\(name) is missing: add \(name)=…")
        }
        return text
    }

    /// By the rules for the body of a PUT, limits included.
    private static func definition(_ request: RouteRequest) throws -> FlowDefinition {
        _ = try required("key", request)
        var body = JSONObject()
        body.set("keys", .array(request.values("key").map(JSONValue.string)))
        body.set("value", .string(try required("value", request)))
        if let filter = request.values("filter").first { body.set("filter", .string(filter)) }
        body.set("n", request.text("n").map(JSONValue.string) ?? .number(10))
        body.set("t", request.text("t").map(JSONValue.string) ?? .number(15))
        body.set("dropped", .bool(request.values("dropped").first == "true"))
        body.set("fs", .string(separator))
        do throws(DefinitionError) {
            return try FlowDefinition(json: .object(body))
        } catch {
            throw HTTPProblem.badRequest(error.description)
        }
    }

    /// By position, and as the key is written where none is given. A scrape with two labels of a name is refused as a whole by
    /// Prometheus, and names that begin with `__` are its own.
    private static func labels(_ request: RouteRequest, of keys: [String]) throws -> [String] {
        let given = request.values("label").flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }
        let labels = keys.enumerated().map { place, key in
            PrometheusText.name(place < given.count && !given[place].isEmpty ? String(given[place]) : key)
        }
        for (place, label) in labels.enumerated() {
            guard !labels[..<place].contains(label), !label.hasPrefix("__") else {
                throw HTTPProblem.badRequest(
                    "'\(label)' cannot be the label of '\(keys[place])': give each key another one with label=…")
            }
        }
        return labels
    }

    func query(_ flow: String) -> ActiveFlowsQuery {
        ActiveFlowsQuery(agents: agents, flow: flow, maxFlows: maxFlows, minValue: minValue, mode: mode)
    }

    /// One line a flow, the largest first.
    func text(_ found: ActiveFlows, showsType: Bool) throws -> String {
        var text = ""
        var series: Set<String> = []
        for answer in found.flows {
            let labels = try labels(found.keyText(answer))
            let value = answer.value * scale
            // Keys of different kinds may read the same: of two, the larger is shown.
            guard value.isFinite, series.insert(labels).inserted else { continue }
            text += "\(metric){\(labels)} \(value.decimalText)\n"
        }
        guard showsType, !text.isEmpty else { return text }
        let help = "Largest flows: \(definition.value) by \(definition.keys.joined(separator: ","))."
        return PrometheusText.family(metric, help: help, type: "gauge") + text
    }

    private func labels(_ keyText: String) throws -> String {
        let keys = keyText.split(separator: FlowScrape.separator, omittingEmptySubsequences: false)
        guard keys.count == labels.count else {
            throw HTTPProblem(500, "a key of the traffic contains \(FlowScrape.separator), which stands between keys: leave it out by a filter")
        }
        return PrometheusText.labels(zip(labels, keys).map { ($0, String($1)) })
    }
}
