// Header fields as an ordered list. Separate from NIO's type so that nothing above this module knows which protocol, or
// which library, brought a request.

/// Header fields in the order they came or will be sent. Names compare without regard to ASCII case
/// (RFC 9110, section 5.1); a name may occur more than once. Look-up is linear: messages carry a handful of fields, and
/// the server bounds their number and size.
package struct HTTPHeaderFields: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    package struct Field: Sendable, Hashable {
        package var name: String
        package var value: String
    }

    package private(set) var fields: [Field] = []

    package init() {}

    package init(dictionaryLiteral elements: (String, String)...) {
        fields = elements.map { Field(name: $0.0, value: $0.1) }
    }

    /// The first value of `name`; setting replaces all of them, setting nil removes them.
    package subscript(name: String) -> String? {
        get { fields.first { equalIgnoringCase($0.name, name) }?.value }
        set {
            remove(name)
            if let newValue { add(name, newValue) }
        }
    }

    /// All values of `name`, in order.
    package func values(_ name: String) -> [String] {
        fields.filter { equalIgnoringCase($0.name, name) }.map(\.value)
    }

    package mutating func reserveCapacity(_ count: Int) { fields.reserveCapacity(count) }

    package mutating func add(_ name: String, _ value: String) {
        fields.append(Field(name: name, value: value))
    }

    package mutating func remove(_ name: String) {
        fields.removeAll { equalIgnoringCase($0.name, name) }
    }

    /// Drops every field that `isWanted` refuses.
    mutating func filter(_ isWanted: (Field) -> Bool) {
        if !fields.allSatisfy(isWanted) { fields.removeAll { !isWanted($0) } }
    }

    /// Whether a list-valued field (`Connection`, `Expect`, …) names `token`.
    func contains(token: String, in name: String) -> Bool {
        values(name).contains { value in
            value.split(separator: ",").contains { equalIgnoringCase(trimmed($0), token) }
        }
    }
}

/// ASCII comparison without regard to case; no allocation.
func equalIgnoringCase(_ left: some StringProtocol, _ right: some StringProtocol) -> Bool {
    left.utf8.elementsEqual(right.utf8) { lowercased($0) == lowercased($1) }
}

/// The ASCII lower-case form of a byte.
func lowercased(_ byte: UInt8) -> UInt8 {
    byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
}

/// Without the optional white space (RFC 9110, section 5.6.3) at both ends.
func trimmed(_ text: Substring) -> Substring {
    var text = text
    while let first = text.utf8.first, first == 0x20 || first == 0x09 { text = text.dropFirst() }
    while let last = text.utf8.last, last == 0x20 || last == 0x09 { text = text.dropLast() }
    return text
}
