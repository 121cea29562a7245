// Agents and their data sources.

internal import Bytes
internal import Coordinator
internal import Queries
internal import Routing
internal import SFlow
internal import ShardEngine

enum AgentRoutes {
    static func routes(_ context: APIContext) -> [Route] { [agents(context), dataSources(context)] }

    private static func agents(_ context: APIContext) -> Route {
        Route(
            .get, "/agents/json", group: "Agents", summary: "Agents and the books of their datagrams and samples",
            details: "An object keyed by agent address. `firstSeen` and `lastSeen` are ages in milliseconds, `uptime` is the "
                + "agent's own in milliseconds.",
            queryParameters: [
                Route.Parameter("agent", "Only this agent, by address or host name; may be repeated.", example: "10.0.0.1")
            ],
            answer: .json(schema: #"{"type":"object","additionalProperties":{"type":"object"}}"#)
        ) { request in
            try request.allowOnly("agent")
            let names = request.values("agent")
            let selector = names.isEmpty ? AgentSelector.all : AgentSelector(listing: names)
            let instant = context.queries.now
            let agents = try await context.queries.agents(selector, at: instant)
            return .json(indent: context.indent) { json in
                json.object { json in
                    for agent in agents {
                        json.member(agent.address.description) { json in write(agent, instant, &json) }
                    }
                }
            }
        }
    }

    private static func write(_ agent: AgentSummary, _ instant: Instant, _ json: inout JSONWriter) {
        json.object { json in
            json.member("sFlowDatagramSource") { json in
                json.array { json in
                    for source in agent.statistics.udpSources { json.element { $0.string(source.description) } }
                }
            }
            json.member("sFlowDatagramsReceived", agent.statistics.datagrams)
            json.member("sFlowDatagramsLost", agent.statistics.lost)
            json.member("sFlowDatagramsOutOfOrder", agent.statistics.outOfOrder)
            json.member("sFlowDatagramsDuplicates", agent.statistics.duplicates)
            json.member("sFlowRestarts", agent.statistics.restarts)
            json.member("sFlowFlowSamples", agent.flow.samples)
            json.member("sFlowFlowDatasources", agent.flow.dataSources)
            json.member("sFlowFlowDrops", agent.flow.drops)
            writeLoss("sFlowFlow", agent.flow, &json)
            json.member("sFlowCounterSamples", agent.counter.samples)
            json.member("sFlowCounterDatasources", agent.counter.dataSources)
            writeLoss("sFlowCounter", agent.counter, &json)
            json.member("sFlowNotificationSamples", agent.notification.samples)
            json.member("sFlowNotificationDatasources", agent.notification.dataSources)
            json.member("sFlowNotificationDrops", agent.notification.drops)
            writeLoss("sFlowNotification", agent.notification, &json)
            writeFaults(agent, &json)
            if let name = agent.hostName { json.member("hostName", name) }
            json.member("firstSeen", instant.age(of: agent.firstArrival))
            json.member("lastSeen", instant.age(of: agent.lastArrival))
            json.member("uptime", agent.uptimeMilliseconds)
        }
    }

    private static func writeLoss(_ prefix: String, _ samples: AgentSummary.Samples, _ json: inout JSONWriter) {
        json.member("\(prefix)LostSamples", samples.lost)
        json.member("\(prefix)DuplicateSamples", samples.duplicates)
        json.member("\(prefix)OutOfOrderSamples", samples.outOfOrder)
    }

    /// Present only when something in the agent's datagrams was refused or repaired.
    private static func writeFaults(_ agent: AgentSummary, _ json: inout JSONWriter) {
        let faults = agent.statistics.faults.map { ($0.key.rawValue, $0.value) }
            + [
                ("too_many_sources", agent.statistics.sourcesRefused), ("too_many_structures", agent.statistics.tablesRefused),
                ("too_many_custom_metrics", agent.statistics.customRefused), ("too_many_hosts", agent.statistics.hostsRefused),
                ("too_many_adapters", agent.statistics.adaptersRefused),
            ].filter { $0.1 > 0 }
        guard !faults.isEmpty else { return }
        json.member("faults") { json in
            json.object { json in
                for (reason, count) in faults.sorted(by: { $0.0 < $1.0 }) { json.member(reason, count) }
            }
        }
    }

    private static func dataSources(_ context: APIContext) -> Route {
        Route(
            .get, "/datasources/{agents}/json", group: "Agents", summary: "Flow sampling of each data source",
            details: "Weir's own addition. `effectiveSamplingRate` is the growth of the sample pool a received sample, which "
                + "makes up for lost samples; it equals `samplingRate` where the agent's pool is not credible.",
            pathParameters: [RestAPI.agents],
            answer: .json(schema: #"{"type":"array","items":{"type":"object"}}"#),
            problems: [400: "the agents are not understood"]
        ) { request in
            try request.allowOnly()
            let selector = try understanding { try AgentSelector(request.parameter("agents")) }
            let sources = try await context.queries.dataSources(selector, at: context.queries.now)
            return .json(indent: context.indent) { json in
                json.array { json in
                    for source in sources { json.element { write(source, &$0) } }
                }
            }
        }
    }

    private static func write(_ source: DataSourceSummary, _ json: inout JSONWriter) {
        json.object { json in
            json.member("agent", source.agent.description)
            json.member("dataSource", source.source.description)
            if let name = source.interfaceName { json.member("ifname", name) }
            json.member("samplingRate", source.samplingRate)
            json.member("effectiveSamplingRate", source.effectiveSamplingRate)
            json.member("flowSamples", source.samples)
            json.member("flowLostSamples", source.lost)
            json.member("flowDrops", source.drops)
        }
    }
}
