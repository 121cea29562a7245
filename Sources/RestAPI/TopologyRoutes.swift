// Questions about the topology as it is now: nodes and links and whether they are monitored, ports and what they are wired
// to, and where hosts are. What the topology itself is, is put and shown by the routes of definitions.

package import Coordinator
internal import Bytes
internal import Definitions
internal import Queries
package import Routing
internal import ShardEngine

package enum TopologyRoutes {
    /// - Parameter definitions: has the topology.
    package static func routes(_ context: APIContext, _ definitions: DefinitionService) -> [Route] {
        let routes = TopologyQuestions(context: context, definitions: definitions)
        return [
            routes.nodes, routes.node, routes.links, routes.link, routes.linkMetrics, routes.ports, routes.port,
            routes.status, routes.unknown, routes.locate, routes.located,
        ]
    }
}

/// The routes, by what they are about.
struct TopologyQuestions: Sendable {
    let context: APIContext
    let definitions: DefinitionService

    static let group = "Topology"
    static let own = "Weir's own addition. "

    // MARK: Nodes

    var nodes: Route {
        Route(
            .get, "/topology/nodes/json", group: Self.group, summary: "All nodes",
            details: Self.own + "An object keyed by name. " + nodeDetails,
            answer: .json(schema: #"{"type":"object","additionalProperties":\#(APISchemas.topologyNode)}"#)
        ) { request in
            try request.allowOnly()
            let topology = await definitions.current.topology
            let agents = try await NodeAgents(context.queries.agents(.topology, at: context.queries.now), topology)
            return .json(indent: context.indent) { json in
                json.object { json in
                    for node in topology.nodes { json.member(node.name) { write(node, agents, topology, &$0) } }
                }
            }
        }
    }

    var node: Route {
        Route(
            .get, "/topology/node/{node}/json", group: Self.group, summary: "One node",
            details: Self.own + nodeDetails,
            pathParameters: [Route.Parameter("node", "Its name in the topology.", example: "leaf1")],
            answer: .json(schema: APISchemas.topologyNode), problems: [404: "no such node"]
        ) { request in
            try request.allowOnly()
            let topology = await definitions.current.topology
            guard let node = topology.node(named: request.parameter("node")) else {
                throw HTTPProblem.notFound("no such node: /topology/nodes/json lists them")
            }
            let found = try await context.queries.agents(topology.selector(ofNodes: [node.name]), at: context.queries.now)
            return .json(indent: context.indent) { write(node, NodeAgents(found, topology), topology, &$0) }
        }
    }

    private var nodeDetails: String {
        "`agent` is the agent that the node is, by its address in the topology or by its host name. `status` is `flows` when "
            + "it has sent samples of packets, `noflows` when it has sent others only, `unmonitored` when there is no such agent."
    }

    // MARK: Ports

    var ports: Route {
        Route(
            .get, "/topology/ports/{agents}/json", group: Self.group, summary: "Interfaces of agents of the topology",
            details: Self.own + "EDGE lists the edge ports, CORE the ends of links. " + portDetails,
            pathParameters: [RestAPI.agents],
            answer: .json(schema: #"{"type":"array","items":\#(APISchemas.topologyPort)}"#),
            problems: [400: "the agents are not understood"]
        ) { request in
            try request.allowOnly()
            let selector = try understanding { try AgentSelector(request.parameter("agents")) }
            let topology = await definitions.current.topology
            let ports = try await context.queries.ports(of: selector, at: context.queries.now)
            return .json(indent: context.indent) { json in
                json.array { json in for port in ports { json.element { write(port, topology, &$0) } } }
            }
        }
    }

    var port: Route {
        Route(
            .get, "/topology/port/{agent}/{ifindex}/json", group: Self.group, summary: "One interface and its link",
            details: Self.own + portDetails,
            pathParameters: [
                Route.Parameter("agent", "One agent, by address, host name or node name.", example: "10.0.0.1"),
                Route.Parameter("ifindex", "The interface's ifIndex.", example: "1"),
            ],
            answer: .json(schema: APISchemas.topologyPort), problems: [404: "no such interface of an agent of the topology"]
        ) { request in
            try request.allowOnly()
            let topology = await definitions.current.topology
            let selector = AgentSelector(listing: [request.parameter("agent")])
            let ports = try await context.queries.ports(of: selector, at: context.queries.now)
            guard let port = ports.first(where: { String($0.ifIndex) == request.parameter("ifindex") }) else {
                throw HTTPProblem.notFound("no such interface of an agent of the topology: /topology/ports/ALL/json lists them")
            }
            return .json(indent: context.indent) { write(port, topology, &$0) }
        }
    }

    private var portDetails: String {
        "`class` is `core` for ends of links and aggregates of them, else `edge`. `port` is the name in the topology, else "
            + "the agent's, `link` the link that is attached, `remotenode` and `remoteport` its other end."
    }

    // MARK: Figures

    var status: Route {
        Route(
            .get, "/topology/status/json", group: Self.group, summary: "How much of the topology is monitored",
            details: Self.own + "Numbers of links and nodes by their `status`, and of agents that no node is.",
            answer: .json(schema: #"{"type":"object","additionalProperties":true}"#)
        ) { request in
            try request.allowOnly()
            let topology = await definitions.current.topology
            let instant = context.queries.now
            let ends = LinkEnds(try await context.queries.ports(of: .topology, at: instant))
            let found = try await context.queries.agents(.all, at: instant)
            let agents = NodeAgents(found, topology)
            let links = Dictionary(grouping: topology.links, by: ends.status).mapValues(\.count)
            let nodes = Dictionary(grouping: topology.nodes) { agents.status($0.name) }.mapValues(\.count)
            return .json(indent: context.indent) { json in
                json.object { json in
                    json.member("version", topology.version)
                    json.member("links") { $0.counts(links) }
                    json.member("nodes") { $0.counts(nodes) }
                    json.member("unknownAgents", agents.unknown.count)
                }
            }
        }
    }

    var unknown: Route {
        Route(
            .get, "/topology/unknown/json", group: Self.group, summary: "Agents that are no node of the topology",
            details: Self.own, answer: .json(schema: #"{"type":"array","items":{"type":"object"}}"#)
        ) { request in
            try request.allowOnly()
            let topology = await definitions.current.topology
            let found = try await context.queries.agents(.all, at: context.queries.now)
            return .json(indent: context.indent) { json in
                json.array { json in
                    for agent in NodeAgents(found, topology).unknown {
                        json.element { json in
                            json.object { json in
                                json.member("agent", agent.address.description)
                                if let name = agent.hostName { json.member("hostName", name) }
                            }
                        }
                    }
                }
            }
        }
    }
}
