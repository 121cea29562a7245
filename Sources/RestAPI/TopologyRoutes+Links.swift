// Links: which interfaces they are between, whether they are up, and metrics at their two ends.

internal import Coordinator
internal import Definitions
internal import Queries
internal import Routing
internal import SFlow
internal import ShardEngine

extension TopologyQuestions {
    var links: Route {
        Route(
            .get, "/topology/links/json", group: Self.group, summary: "All links",
            details: Self.own + "An object keyed by name. " + linkDetails,
            answer: .json(schema: #"{"type":"object","additionalProperties":\#(APISchemas.topologyLink)}"#)
        ) { request in
            try request.allowOnly()
            let topology = await definitions.current.topology
            let ends = LinkEnds(try await context.queries.ports(of: .topology, at: context.queries.now))
            return .json(indent: context.indent) { json in
                json.object { json in
                    for link in topology.links { json.member(link.name) { write(link, ends, &$0) } }
                }
            }
        }
    }

    var link: Route {
        Route(
            .get, "/topology/link/{link}/json", group: Self.group, summary: "One link",
            details: Self.own + linkDetails, pathParameters: [Self.linkName],
            answer: .json(schema: APISchemas.topologyLink), problems: [404: "no such link"]
        ) { request in
            try request.allowOnly()
            let (link, ends) = try await find(request, at: context.queries.now)
            return .json(indent: context.indent) { write(link, ends, &$0) }
        }
    }

    private static let linkName = Route.Parameter("link", "Its name in the topology.", example: "leaf1-spine1")

    private var linkDetails: String {
        "`agent1` and `ifindex1`, `agent2` and `ifindex2` are the interfaces at the two ends, as far as they are known. "
            + "`status` is `up` when both ends are, `down` when one is not, `unmonitored` when one does not say."
    }

    private func find(_ request: RouteRequest, at instant: Instant) async throws -> (Topology.Link, LinkEnds) {
        let topology = await definitions.current.topology
        guard let link = topology.link(named: request.parameter("link")) else {
            throw HTTPProblem.notFound("no such link: /topology/links/json lists them")
        }
        let selector = topology.selector(ofNodes: [link.end1.node, link.end2.node])
        return (link, LinkEnds(try await context.queries.ports(of: selector, at: instant)))
    }

    var linkMetrics: Route {
        Route(
            .get, "/topology/link/{link}/{metrics}/json", group: Self.group, summary: "Metrics at both ends of a link",
            details: Self.own + """
                First one object a metric at the first end, then one a metric at the second, each as `/metric` shows it. Where \
                an end is not monitored, its objects have no `agent` and no `metricValue`.
                """,
            pathParameters: [Self.linkName, RestAPI.metrics],
            queryParameters: [Route.Parameter("node", "Begin with the end at this node.", example: "leaf1")],
            answer: .json(schema: APISchemas.metricArray),
            problems: [400: "metrics are not understood, or the link does not touch the node", 404: "no such link"]
        ) { request in
            try request.allowOnly("node")
            let terms = try understanding { try MetricTerm.list(request.parameter("metrics"), in: context.names) }
            let instant = context.queries.now
            let (link, ports) = try await find(request, at: instant)
            var ends = [link.end1, link.end2]
            if let node = request.values("node").last {
                guard ends.contains(where: { $0.node == node }) else {
                    throw HTTPProblem.badRequest("this link does not touch node '\(node)'")
                }
                if ends[0].node != node { ends.reverse() }
            }
            var answers: [MetricAnswer] = []
            for end in ends { answers += try await metrics(terms, at: ports.port(at: end), instant) }
            return .json(indent: context.indent) { json in
                json.array { json in
                    for answer in answers { json.element { MetricRoutes.write(answer, instant, &$0) } }
                }
            }
        }
    }

    private func metrics(_ terms: [MetricTerm], at port: PortSummary?, _ instant: Instant) async throws -> [MetricAnswer] {
        guard let port else { return terms.map { MetricAnswer($0, MetricPartial(needs: []), quartiles: nil) } }
        let source = SourceName.numbered(DataSource(classNumber: 0, index: port.ifIndex))
        let query = MetricQuery(
            agents: .listed(addresses: [port.agent], names: []), terms: terms.map { $0.at(source) }, filter: .none)
        return try await context.queries.metrics(query, at: instant)
    }
}
