// The REST API: all routes that answer JSON, by group. Names, shapes and status codes are those that clients of sFlow-RT
// know; Weir's own additions say so in their descriptions.

package import Routing

package enum RestAPI {
    package static func routes(_ context: APIContext) -> [Route] {
        ServerRoutes.routes(context) + AgentRoutes.routes(context) + MetricRoutes.routes(context)
            + TableRoutes.routes(context) + FlowRoutes.routes(context) + EventRoutes.routes(context)
    }

    /// Path parameters that many routes share.
    static let agents = Route.Parameter(
        "agents",
        "ALL, or agents by address, host name or node name, separated by `;` or `,`. TOPOLOGY selects the agents of the "
            + "topology, CORE their interfaces that are ends of links, EDGE their other interfaces; without a topology these "
            + "select nothing.", example: "ALL")
    static let metrics = Route.Parameter(
        "metrics",
        "Metrics separated by `,`. A metric of one data source is written `4.ifinoctets`.", example: "ifinoctets,ifoutoctets")
}
