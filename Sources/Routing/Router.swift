// Finds the route of a request. The routes become a tree of segments once; finding one walks it segment by segment, a
// fixed name before a parameter.

internal import Coordinator
package import Logging
package import Transport
internal import NIOCore

package struct Router: HTTPResponder {
    private let root: Node
    private let logger: Logger
    /// Value of `Access-Control-Allow-Origin`; nil for none.
    private let allowedOrigin: String?
    private let logsRequests: Bool

    private struct Node: Sendable {
        var fixed: [String: Node] = [:]
        /// The parameter that stands at this place, in a box because a structure cannot contain itself.
        var parameter: [Node] = []
        var routes: [String: Route] = [:]
        var parameterNames: [String: [String]] = [:]
    }

    package init(_ routes: [Route], allowedOrigin: String? = nil, logsRequests: Bool = false, logger: Logger) {
        self.logger = logger
        self.allowedOrigin = allowedOrigin
        self.logsRequests = logsRequests
        var root = Node()
        for route in routes { Router.insert(route, Router.segments(route.path)[...], names: [], into: &root) }
        self.root = root
    }

    package func respond(to request: HTTPRequest) async -> HTTPResponse {
        var response = await answer(request)
        if let allowedOrigin {
            response.headers.add("access-control-allow-origin", allowedOrigin)
            // Else a page of another site could not tell a part from the whole.
            response.headers.add("access-control-expose-headers", "weir-shards, weir-warming")
        }
        if logsRequests {
            logger.info(
                "request",
                metadata: [
                    "method": "\(request.method)", "path": "\(request.path)", "status": "\(response.status)",
                    "from": "\(request.remoteAddress ?? "-")",
                ])
        }
        return response
    }

    /// Runs a handler and says which share of the shards its answer holds.
    private func answer(_ request: RouteRequest, by route: Route) async throws -> HTTPResponse {
        let completeness = Completeness()
        var response = try await Completeness.$current.withValue(completeness) { try await route.handler(request) }
        guard let share = completeness.share else { return response }
        let header = "\(share.answered)/\(share.all)"
        if !share.isComplete, request.http.headers["weir-require"] == "complete" {
            throw HTTPProblem(503, "only \(header) shards answer, and the request asks for all", headers: ["weir-shards": header])
        }
        response.headers.add("weir-shards", header)
        if share.warming > 0 { response.headers.add("weir-warming", "\(share.warming)") }
        return response
    }

    private func answer(_ request: HTTPRequest) async -> HTTPResponse {
        do {
            let (node, values) = try find(request.path)
            if request.method == "OPTIONS" { return preflight(node) }
            guard let route = node.routes[request.method] else {
                throw HTTPProblem(
                    405, "\(request.method) is not possible here: use \(Router.methods(of: node))",
                    headers: ["allow": Router.methods(of: node)])
            }
            let names = node.parameterNames[request.method] ?? []
            let parameters = Dictionary(zip(names, values), uniquingKeysWith: { first, _ in first })
            return try await answer(try RouteRequest(request, parameters: parameters), by: route)
        } catch let problem as HTTPProblem {
            return problem.response
        } catch is CancellationError {
            return HTTPProblem(503, "the request was given up").response
        } catch {
            logger.error("request failed", metadata: ["path": "\(request.path)", "error": "\(error)"])
            return HTTPProblem(500, "this request failed; the server's log says why").response
        }
    }

    private func find(_ path: String) throws -> (Node, values: [String]) {
        var node = root
        var values: [String] = []
        for segment in Router.segments(path) {
            guard let decoded = PercentCoding.decode(segment) else {
                throw HTTPProblem.badRequest("'\(segment)' in the path is not percent-encoded properly: write % as %25")
            }
            if let next = node.fixed[decoded] {
                node = next
            } else if let next = node.parameter.first {
                node = next
                values.append(decoded)
            } else {
                throw HTTPProblem.notFound("nothing is at \(path): /api-docs lists what is there")
            }
        }
        guard !node.routes.isEmpty else {
            throw HTTPProblem.notFound("nothing is at \(path): /api-docs lists what is there")
        }
        return (node, values)
    }

    /// The answer to a browser that asks what another site's page may do.
    private func preflight(_ node: Node) -> HTTPResponse {
        var headers: HTTPHeaderFields = ["allow": Router.methods(of: node)]
        if allowedOrigin != nil {
            headers.add("access-control-allow-methods", Router.methods(of: node))
            headers.add("access-control-allow-headers", "content-type, weir-require")
        }
        return HTTPResponse(status: 204, headers: headers)
    }

    private static func methods(of node: Node) -> String {
        var methods = node.routes.keys.sorted()
        if methods.contains("GET") { methods.append("HEAD") }
        return (methods + ["OPTIONS"]).joined(separator: ", ")
    }

    private static func segments(_ path: String) -> [Substring] {
        path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    }

    private static func insert(_ route: Route, _ segments: ArraySlice<Substring>, names: [String], into node: inout Node) {
        guard let segment = segments.first else {
            node.routes[route.method.rawValue] = route
            node.parameterNames[route.method.rawValue] = names
            return
        }
        if segment.hasPrefix("{"), segment.hasSuffix("}") {
            if node.parameter.isEmpty { node.parameter = [Node()] }
            insert(
                route, segments.dropFirst(), names: names + [String(segment.dropFirst().dropLast())],
                into: &node.parameter[0])
        } else {
            insert(route, segments.dropFirst(), names: names, into: &node.fixed[String(segment), default: Node()])
        }
    }
}
