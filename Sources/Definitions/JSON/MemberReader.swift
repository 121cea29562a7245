// Reads members of a definition with the leniency that published clients need: numbers and booleans may come as texts,
// lists as one text with commas, and `null` stands for "not given".

struct MemberReader {
    private let object: JSONObject
    /// Where the object is, for messages; empty at the top.
    let place: String

    init(_ value: JSONValue, at place: String, what: String) throws(DefinitionError) {
        guard case .object(let object) = value else {
            throw .wrongType(at: place, expected: what, found: value)
        }
        self.object = object
        self.place = place
    }

    func place(of name: String) -> String { memberPlace(place, name) }

    /// nil when absent or `null`.
    func value(_ name: String) -> JSONValue? {
        guard let value = object[name], value != .null else { return nil }
        return value
    }

    /// Numbers and booleans are taken as they would be written.
    func text(_ name: String) throws(DefinitionError) -> String? {
        guard let value = value(name) else { return nil }
        return try readText(value, at: place(of: name))
    }

    func requiredText(_ name: String, meaning: String) throws(DefinitionError) -> String {
        guard let text = try text(name)?.trimmed, !text.isEmpty else {
            throw DefinitionError(.missing, at: place(of: name), "missing; expected \(meaning)")
        }
        return text
    }

    func number(_ name: String) throws(DefinitionError) -> Double? {
        guard let value = value(name) else { return nil }
        switch value {
        case .number(let number): return number
        case .string(let text):
            if let number = JSONParser.number(in: text) { return number }
            throw DefinitionError(.badValue, at: place(of: name), "expected a number, found \(shown(text))")
        default: throw .wrongType(at: place(of: name), expected: "a number", found: value)
        }
    }

    func flag(_ name: String) throws(DefinitionError) -> Bool? {
        guard let value = value(name) else { return nil }
        switch value {
        case .bool(let flag): return flag
        case .string("true"): return true
        case .string("false"): return false
        case .string(let text):
            throw DefinitionError(.badValue, at: place(of: name), "expected true or false, found \(shown(text))")
        default: throw .wrongType(at: place(of: name), expected: "true or false", found: value)
        }
    }

    /// A list of texts, or one text whose items are split at commas; so are the items of a list. See `splitList`.
    func list(_ name: String, countMax: Int) throws(DefinitionError) -> [String] {
        let place = place(of: name)
        var items: [String] = []
        switch value(name) {
        case nil: return []
        case .string(let text)?: items = splitList(text)
        case .array(let elements)?:
            for (index, element) in elements.prefix(countMax + 1).enumerated() {
                guard case .string(let text) = element else {
                    throw .wrongType(at: "\(place)[\(index)]", expected: "a text", found: element)
                }
                guard !text.trimmed.isEmpty else {
                    throw DefinitionError(.badValue, at: "\(place)[\(index)]", "is empty; leave it out")
                }
                items += splitList(text)
            }
        case let other?: throw .wrongType(at: place, expected: "a text with commas or a list of texts", found: other)
        }
        guard items.count <= countMax else {
            throw DefinitionError(.limitExceeded, at: place, "at most \(countMax) items are possible")
        }
        for (index, item) in items.enumerated() {
            guard !item.isEmpty else {
                throw DefinitionError(.badValue, at: "\(place)[\(index)]", "is empty; remove the comma too much")
            }
            try checkLength(item, at: "\(place)[\(index)]")
        }
        return items
    }
}

/// A number, boolean or text as text.
func readText(
    _ value: JSONValue, at place: @autoclosure () -> String, bytesMax: Int = DefinitionLimits.textBytes
) throws(DefinitionError) -> String {
    switch value {
    case .string(let text):
        try checkLength(text, at: place(), bytesMax: bytesMax)
        return text
    case .number, .bool: return value.text(indent: 0)
    default: throw .wrongType(at: place(), expected: "a text", found: value)
    }
}

func checkLength(
    _ text: String, at place: @autoclosure () -> String, bytesMax: Int = DefinitionLimits.textBytes
) throws(DefinitionError) {
    guard text.utf8.count <= bytesMax else {
        throw DefinitionError(.limitExceeded, at: place(), "is longer than \(bytesMax) bytes")
    }
}

/// Items between commas, without the blanks around them. A comma after a backslash belongs to its item (it is an
/// argument of a key function) and stays escaped. A comma at the very end is forgiven.
func splitList(_ text: String) -> [String] {
    var items: [String] = []
    var item = String.UnicodeScalarView()
    var isEscaped = false
    for scalar in text.unicodeScalars {
        if scalar == ",", !isEscaped {
            items.append(String(item).trimmed)
            item = String.UnicodeScalarView()
            continue
        }
        isEscaped = scalar == "\\" && !isEscaped
        item.append(scalar)
    }
    let last = String(item).trimmed
    return last.isEmpty ? items : items + [last]
}
