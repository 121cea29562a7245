/// Why a definition is refused. The whole text is meant for the person who wrote the definition.
package struct DefinitionError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Bounded: fit for a metric label.
    package enum Reason: String, CaseIterable, Sendable {
        /// Not JSON at all.
        case syntax
        /// A mandatory member is not there.
        case missing
        /// A number where a text belongs, and the like.
        case wrongType
        case badValue
        /// The name of the definition itself.
        case badName
        /// The name is taken by a counter metric.
        case reservedName
        case limitExceeded
        case unknownMember
    }

    package let reason: Reason
    /// Which member, such as `nodes.leaf1.ports.swp1.ifindex` or `keys[2]`; empty for the definition as a whole.
    package private(set) var place: String
    /// What is expected there, or what to do instead.
    package let message: String

    package init(_ reason: Reason, at place: String, _ message: String) {
        self.reason = reason
        self.place = place
        self.message = message
    }

    package var description: String { place.isEmpty ? message : "\(place): \(message)" }

    /// The same error seen from the document that holds the definition.
    func inside(_ outer: String) -> DefinitionError {
        var error = self
        error.place = place.isEmpty ? outer : "\(outer): \(place)"
        return error
    }

    static func wrongType(at place: String, expected: String, found: JSONValue) -> DefinitionError {
        DefinitionError(.wrongType, at: place, "expected \(expected), found \(found.kind)")
    }
}

/// `leaf1.ports`, with names that are long or odd made presentable.
func memberPlace(_ outer: String, _ name: String) -> String {
    let isPlain = !name.isEmpty && name.utf8.count <= 64 && name.utf8.allSatisfy { isNameByte($0) && $0 < 0x80 }
    return (outer.isEmpty ? "" : outer + ".") + (isPlain ? name : shown(name))
}

/// A text from outside as it may be shown: in quotes, at most 64 characters, and nothing in it that could steer a
/// terminal.
func shown(_ text: String) -> String {
    let scalars = text.unicodeScalars
    let kept = scalars.prefix(64).map { (0x7F...0x9F).contains($0.value) ? "\u{FFFD}" : $0 }
    let quoted = JSONValue.string(String(String.UnicodeScalarView(kept))).text(indent: 0)
    return quoted + (scalars.count > 64 ? "…" : "")
}

extension String {
    /// Without the blanks, tabs and line ends around it.
    var trimmed: String {
        let isBlank = { (scalar: Unicode.Scalar) in [" ", "\t", "\r", "\n"].contains(scalar) }
        guard let first = unicodeScalars.firstIndex(where: { !isBlank($0) }),
            let last = unicodeScalars.lastIndex(where: { !isBlank($0) })
        else { return "" }
        return String(unicodeScalars[first...last])
    }
}
