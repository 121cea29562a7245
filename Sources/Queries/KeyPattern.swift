// Which flows a client wants to see, by their keys' texts. A pattern can be split only where the definition is known: it
// says what stands between the components of a key.

internal import ShardEngine

/// A key's text in which an empty field matches anything: `,10.0.0.9,` for flows whose second key of three is that address.
/// Fields that are not written match anything as well.
struct KeyPattern: Sendable {
    private let fields: [ArraySlice<UInt8>]
    private let separator: [UInt8]
    private let flow: ActiveFlow

    init(_ text: String, of flow: ActiveFlow) {
        self.flow = flow
        separator = Array(flow.keySeparator.utf8)
        fields = KeyPattern.fields(of: text, separator)
    }

    /// Both sides are split as texts, so that the text of any key matches itself, whatever its components contain.
    func matches(_ key: [UInt8]) -> Bool {
        let found = KeyPattern.fields(of: flow.keyText(key), separator)
        return fields.count <= found.count && zip(fields, found).allSatisfy { $0.isEmpty || $0 == $1 }
    }

    private static func fields(of text: String, _ separator: [UInt8]) -> [ArraySlice<UInt8>] {
        let bytes = Array(text.utf8)
        return separator.isEmpty ? [bytes[...]] : bytes.split(separator: separator, omittingEmptySubsequences: false)
    }
}
