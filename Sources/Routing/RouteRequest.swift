// A request as a handler sees it: path and query decoded.

package import Transport

package struct RouteRequest: Sendable {
    package let http: HTTPRequest
    /// Values of the route's `{parameters}`.
    private let parameters: [String: String]
    /// The query's `name=value` pairs in order.
    package let query: [(name: String, value: String)]

    init(_ http: HTTPRequest, parameters: [String: String]) throws {
        self.http = http
        self.parameters = parameters
        query = try RouteRequest.parse(http.query ?? "")
    }

    /// The decoded value of a path parameter of this route.
    package func parameter(_ name: String) -> String { parameters[name] ?? "" }

    /// All values of a query parameter.
    package func values(_ name: String) -> [String] { query.filter { $0.name == name }.map(\.value) }

    /// Refuses query parameters that the route does not have, so that a misspelt one is noticed.
    package func allowOnly(_ names: String...) throws { try allowOnly(names) }

    package func allowOnly(_ names: [String]) throws {
        for (name, _) in query where !names.contains(name) {
            let known = names.isEmpty ? "it takes none" : "it takes \(names.joined(separator: ", "))"
            throw HTTPProblem.badRequest("no parameter '\(name)' here: \(known)")
        }
    }

    private static func parse(_ text: String) throws -> [(name: String, value: String)] {
        try text.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentCoding.decode(parts[0], plusIsSpace: true),
                let value = PercentCoding.decode(parts.count > 1 ? parts[1] : "", plusIsSpace: true)
            else { throw HTTPProblem.badRequest("'\(pair)' in the query is not percent-encoded properly: write % as %25") }
            return (name, value)
        }
    }
}
