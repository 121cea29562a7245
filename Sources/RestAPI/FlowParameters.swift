// Query parameters that the routes of flows share, here and in what Prometheus scrapes.

package import Queries
package import Routing

extension RouteRequest {
    /// The last of the parameter's values; nil without any.
    package func number(_ name: String) throws -> Double? {
        guard let text = values(name).last else { return nil }
        // Far beyond any rate, and within what an integer holds.
        guard let number = Double(text), number.isFinite, abs(number) < 1e18 else {
            throw HTTPProblem.badRequest("\(name)=\(text): a number is expected")
        }
        return number
    }

    /// `aggMode` in upper or lower case; nil when it is not given.
    package var aggregationMode: ActiveFlowsQuery.Mode? {
        get throws {
            guard let text = values("aggMode").last else { return nil }
            guard let mode = ActiveFlowsQuery.Mode(rawValue: text.lowercased()) else {
                let known = ActiveFlowsQuery.Mode.allCases.map(\.rawValue).joined(separator: ", ")
                throw HTTPProblem.badRequest("aggMode=\(text): use one of \(known)")
            }
            return mode
        }
    }
}
