// Why the store did not do what it was asked to do: one type for all stores.

internal import DataFiles

package struct StoreFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// Bounded: fit for a metric label.
    package enum Reason: String, CaseIterable, Sendable {
        /// No connection, or an answer that says "not now".
        case unreachable
        case timeout
        /// The key is at another revision than expected.
        case conflict
        case tooLarge
        case notPermitted
        /// What is stored, or the answer, is not what it should be.
        case damaged
        /// Any other refusal.
        case rejected
    }

    package let reason: Reason
    /// One line for the operator.
    package let message: String

    package init(_ reason: Reason, _ message: String) {
        self.reason = reason
        self.message = message
    }

    package var description: String { message }

    static func conflict(_ key: String) -> StoreFault {
        StoreFault(.conflict, "\(key) was changed by another; read it again")
    }

    /// Nothing is known about the request: another endpoint, or the same one later, may do better.
    var isWorthAnotherTry: Bool {
        switch reason {
        case .unreachable, .timeout, .damaged: true
        case .conflict, .tooLarge, .notPermitted, .rejected: false
        }
    }

    init(_ error: StoreError) {
        let reason: Reason =
            switch error.reason {
            case .notPermitted: .notPermitted
            case .tooLarge: .tooLarge
            case .damaged: .damaged
            case .notADirectory, .notFound, .inUse, .diskFull, .unusable, .system: .rejected
            }
        self.init(reason, error.message)
    }
}

/// Text from outside as part of a message: one line of printable characters, not long.
func shown(_ text: some StringProtocol) -> String {
    let lengthMax = 200
    let printable = text.unicodeScalars.prefix(lengthMax).map { scalar -> Character in
        scalar.value < 0x20 || scalar.value == 0x7F ? " " : Character(scalar)
    }
    return "\"" + String(printable) + (printable.count == lengthMax ? "…\"" : "\"")
}
