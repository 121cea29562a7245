/// Why a database file was not taken.
package struct AddressDatabaseError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Bounded, so fit for a metric label.
    package enum Reason: String, CaseIterable, Sendable {
        /// There is no such file, or no right to read it, or it is not a regular file.
        case unreadable
        case tooLarge
        /// The bytes contradict themselves or the format.
        case damaged
        /// A sound database of something else.
        case wrongType
    }

    package let reason: Reason
    /// As configured.
    package let path: String
    /// One sentence for the operator, without the path.
    package let detail: String

    package var description: String { "\(path): \(detail)" }
}
