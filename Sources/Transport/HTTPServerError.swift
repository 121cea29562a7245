// Why a server could not start, in words an operator can act on.

package struct HTTPServerError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Reason: String, CaseIterable, Sendable {
        case portInUse, permissionDenied, addressNotAvailable, alreadyStarted, tls, other
    }

    /// Bounded: fit for a metric label.
    package var reason: Reason
    /// One line.
    package var description: String

    package init(reason: Reason, description: String) {
        self.reason = reason
        self.description = description
    }
}
