/// Why flow records cannot be exported as asked.
package struct FlowExportError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Bounded, so fit for a metric label.
    package enum Reason: String, CaseIterable, Sendable {
        case keyNotAllowed, valueNotAllowed, listedTwice, noValue
        /// A collector that is not written as HOST or HOST:PORT.
        case collectorNotUnderstood
        /// No address for a collector's name, or no way to send there.
        case collectorUnreachable
    }

    package let reason: Reason
    /// One sentence that tells the user what to change.
    package let description: String

    package init(reason: Reason, description: String) {
        self.reason = reason
        self.description = description
    }
}
