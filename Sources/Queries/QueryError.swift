/// A query that cannot be understood. The message says what to change; it is shown to the user.
package struct QueryError: Error, Hashable, Sendable {
    package let message: String

    package init(_ message: String) { self.message = message }
}

/// Bounds of one query, so that a single request cannot take the server's memory.
package enum QueryLimits {
    /// Agents, metrics, and filter patterns that a query may name.
    package static let agentsMax = 10_000
    package static let metricsMax = 1_000
    package static let patternsMax = 1_000
    /// Length of a name or pattern. Unit: bytes.
    package static let nameBytesMax = 1_024
}
