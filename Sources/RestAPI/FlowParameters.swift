// Query parameters that routes share, here and in what Prometheus scrapes. An empty value is as good as none: clients build
// the query from variables that are not set yet.

package import Queries
package import Routing

extension RouteRequest {
    /// The last of the parameter's values; nil without any, and when it is empty.
    package func text(_ name: String) -> String? { values(name).last.flatMap { $0.isEmpty ? nil : $0 } }

    /// The same as a number.
    package func number(_ name: String) throws -> Double? {
        guard let text = text(name) else { return nil }
        // Far beyond any rate, and within what an integer holds.
        guard let number = Double(text), number.isFinite, abs(number) < 1e18 else {
            throw HTTPProblem.badRequest("\(name)=\(text): a number is expected")
        }
        return number
    }

    /// `aggMode` in upper or lower case; nil when it is not given.
    package var aggregationMode: ActiveFlowsQuery.Mode? {
        get throws {
            guard let text = text("aggMode") else { return nil }
            guard let mode = ActiveFlowsQuery.Mode(rawValue: text.lowercased()) else {
                let known = ActiveFlowsQuery.Mode.allCases.map(\.rawValue).joined(separator: ", ")
                throw HTTPProblem.badRequest("aggMode=\(text): use one of \(known)")
            }
            return mode
        }
    }
}
