// Hosts: at which port an address was seen, and which hosts were seen at ports.

internal import Coordinator
internal import Queries
internal import Routing
internal import ShardEngine
internal import Transport

extension TopologyQuestions {
    var locate: Route {
        Route(
            .get, "/topology/locate/json", group: Self.group, summary: "Where a host is",
            details: Self.own + hostDetails,
            queryParameters: [
                Route.Parameter("address", "A MAC, IPv4 or IPv6 address.", example: "0001E8D95A67", isRequired: true)
            ],
            answer: .json(schema: #"{"type":"array","items":\#(APISchemas.hostLocation)}"#),
            problems: [400: "the address is missing or not understood"]
        ) { request in
            try request.allowOnly("address")
            guard let text = request.values("address").last else {
                throw HTTPProblem.badRequest("which host? add ?address=…")
            }
            let address = try understanding { try HostAddress(text) }
            return try await hosts(HostQuery(agents: .topology, address: address, hostsMax: HostQuery.hostsMaxMax))
        }
    }

    var located: Route {
        Route(
            .get, "/topology/hosts/{agents}/json", group: Self.group, summary: "Hosts that are located",
            details: Self.own + "By MAC address. " + hostDetails, pathParameters: [RestAPI.agents],
            queryParameters: [
                Route.Parameter("ifindex", "Only at the ports with this ifIndex.", example: "3"),
                Route.Parameter("maxHosts", "At most this many; 1000 unless given.", example: "100"),
            ],
            answer: .json(schema: #"{"type":"array","items":\#(APISchemas.hostLocation)}"#),
            problems: [400: "a parameter is not understood"]
        ) { request in
            try request.allowOnly("ifindex", "maxHosts")
            let ifIndex = try request.values("ifindex").last.map { text in
                guard let number = UInt32(text) else { throw HTTPProblem.badRequest("ifindex=\(text): a number is expected") }
                return number
            }
            return try await hosts(
                HostQuery(
                    agents: try understanding { try AgentSelector(request.parameter("agents")) }, ifIndex: ifIndex,
                    hostsMax: Int(try request.number("maxHosts") ?? 1000)))
        }
    }

    private var hostDetails: String {
        "Hosts are learned from sampled packets that come in at edge ports of the topology, and forgotten five minutes after "
            + "the last one. `ipaddress` and `ip6address` are those seen last; a router shows those of others."
    }

    private func hosts(_ query: HostQuery) async throws -> HTTPResponse {
        let instant = context.queries.now
        let vendors = await definitions.vendorNames
        let found = try await context.queries.hosts(query, at: instant)
        return .json(indent: context.indent) { json in
            json.array { json in
                for location in found { json.element { write(location, vendors, instant, &$0) } }
            }
        }
    }
}
