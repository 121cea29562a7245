// What goes wrong with files, for whoever keeps them.

/// Why something could not be read or kept. The message is one line for the operator: which file, what is wrong, and
/// where it is not plain, what to do.
package struct StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Bounded: fit for a metric label.
    package enum Reason: String, CaseIterable, Sendable {
        case notADirectory, notPermitted, notFound, inUse, diskFull, tooLarge, damaged, unusable
        /// Any other answer of the operating system.
        case system
    }

    package let reason: Reason
    package let message: String

    package init(_ reason: Reason, _ message: String) {
        self.reason = reason
        self.message = message
    }

    package var description: String { message }
}

extension StoreError {
    /// `action` completes "cannot …".
    package init(cannot action: String, _ error: SystemError) {
        self.init(error.reason, "cannot \(action): \(error.text)")
    }
}
