// Why a definition was refused, so that a person can mend it.

/// The first fault of a flow definition.
package struct FlowSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The attribute with the fault.
    package enum Part: String, Sendable, CaseIterable {
        case keys, value, values, filter, fs, aggMode
    }

    package let part: Part
    /// Where, in characters from 0. For `keys` and `values` given as arrays: in their elements joined with commas.
    package let position: Int
    /// What should stand there.
    package let expected: String

    package init(part: Part, position: Int, expected: String) {
        self.part = part
        self.position = position
        self.expected = expected
    }

    /// For the user: "filter, character 12: expected a value".
    package var description: String { "\(part.rawValue), character \(position): expected \(expected)" }
}
