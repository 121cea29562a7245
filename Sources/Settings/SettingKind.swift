/// What a setting's text may be and which Swift value it stands for.
///
/// Apart from the settings themselves, because this is the only place where text becomes a value: the resolver checks
/// with it, the typed access reads with it, dump and help print with it. A kind never sees surrounding white space.
package struct SettingKind<Value: Sendable>: Sendable {
    /// Completes the sentence "expected …".
    let expected: String
    /// Stands for the value in the help: PORT in `--sflow-port PORT`.
    let placeholder: String
    let shape: SettingShape
    /// nil: not acceptable.
    let parse: @Sendable (String) -> Value?
    /// The canonical text, which `parse` reads back to the same value; nil for "not set".
    let format: @Sendable (Value) -> String?

    init(
        expected: String, placeholder: String, shape: SettingShape = .value,
        parse: @escaping @Sendable (String) -> Value?, format: @escaping @Sendable (Value) -> String?
    ) {
        self.expected = expected
        self.placeholder = placeholder
        self.shape = shape
        self.parse = parse
        self.format = format
    }
}

/// How a setting is given, as far as the command line and empty values are concerned.
package enum SettingShape: Sendable {
    /// One value. Given empty, the setting goes back to its default.
    case value
    /// One value that may be the empty text.
    case text
    /// Yes or no: the bare option means yes, `--no-…` means no.
    case flag
    /// Parts separated by commas; on the command line several occurrences add up.
    case list
}

extension SettingKind {
    /// A setting that may be left unset.
    static func optional<Wrapped>(_ kind: SettingKind<Wrapped>) -> SettingKind where Value == Wrapped? {
        SettingKind(
            expected: kind.expected, placeholder: kind.placeholder, shape: kind.shape,
            parse: { text in kind.parse(text).map { .some($0) } },
            format: { value in value.flatMap(kind.format) })
    }

    /// Parts separated by commas; white space around them and empty parts do not count.
    static func list<Element>(of kind: SettingKind<Element>) -> SettingKind where Value == [Element] {
        SettingKind(
            expected: "\(kind.expected), or several separated by commas", placeholder: "\(kind.placeholder)[,…]",
            shape: .list,
            parse: { text in
                var elements: [Element] = []
                for part in text.utf8.split(separator: UInt8(ascii: ",")) {
                    let part = trimmed(String(Substring(part)))
                    if part.isEmpty { continue }
                    guard let element = kind.parse(part) else { return nil }
                    elements.append(element)
                }
                return elements
            },
            format: { elements in
                elements.isEmpty ? nil : elements.compactMap(kind.format).joined(separator: ",")
            })
    }
}

extension SettingKind where Value: CaseIterable & RawRepresentable, Value.RawValue == String {
    /// One of the words that an enumeration lists, in any case.
    static var choice: SettingKind {
        let words = Value.allCases.map(\.rawValue)
        return SettingKind(
            expected: enumeration(of: words), placeholder: words.joined(separator: "|"),
            parse: { Value(rawValue: $0.lowercased()) }, format: { $0.rawValue })
    }
}

extension SettingKind where Value == Bool {
    /// sFlow-RT knows yes and no; the other words are what people try.
    static var boolean: SettingKind {
        SettingKind(
            expected: "yes or no", placeholder: "yes|no", shape: .flag,
            parse: { text in
                switch text.lowercased() {
                case "yes", "true", "on", "1": true
                case "no", "false", "off", "0": false
                default: nil
                }
            },
            format: { $0 ? "yes" : "no" })
    }
}

extension SettingKind where Value == String {
    static var text: SettingKind {
        SettingKind(expected: "a text", placeholder: "TEXT", parse: nonEmpty, format: { $0 })
    }

    /// A text for which empty is a value of its own and not a way to say "default".
    static var textOrEmpty: SettingKind {
        SettingKind(expected: "a text", placeholder: "TEXT", shape: .text, parse: { $0 }, format: { $0 })
    }

    static var file: SettingKind {
        SettingKind(expected: "a file name", placeholder: "FILE", parse: nonEmpty, format: { $0 })
    }

    static var directory: SettingKind {
        SettingKind(expected: "a directory", placeholder: "DIR", parse: nonEmpty, format: { $0 })
    }

    /// A metric's name: no white space, at most 128 bytes.
    static var metricName: SettingKind {
        SettingKind(
            expected: "a metric name", placeholder: "METRIC",
            parse: { text in
                let isName = (1...128).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
                return isName ? text : nil
            },
            format: { $0 })
    }

    @Sendable private static func nonEmpty(_ text: String) -> String? { text.isEmpty ? nil : text }
}

extension SettingKind where Value == String? {
    /// A text, or one of the words for no, which mean nil.
    static var textOrNo: SettingKind {
        SettingKind(
            expected: "a text, or no", placeholder: "TEXT|no",
            parse: { text in
                if text.isEmpty { return nil }
                if SettingKind<Bool>.boolean.parse(text) == false { return .some(nil) }
                return text
            },
            format: { $0 ?? "no" })
    }
}

/// "a, b or c".
func enumeration(of words: [String]) -> String {
    guard words.count > 1, let last = words.last else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " or " + last
}

/// Without the spaces, tabs and carriage returns around it. Bytes, not characters: a combining mark after a space is
/// no reason to keep the space.
func trimmed(_ text: String) -> String {
    func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
    let start = text.utf8.drop(while: isSpace)
    guard let last = start.lastIndex(where: { !isSpace($0) }) else { return "" }
    return String(Substring(start[...last]))
}
