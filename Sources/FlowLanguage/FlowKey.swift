// What a flow key is, and how a name finds one. The keys themselves are in the `FlowKeys+…` tables.

internal import SFlow

/// A named attribute of samples.
package struct FlowKey: Sendable {
    /// The form of its values.
    package enum Form: String, Sendable {
        /// Decimal.
        case number
        case text
        /// 12 upper-case hexadecimal digits.
        case mac
        /// IPv4 dotted, IPv6 in upper case and compressed.
        case address
        /// `true` or `false`.
        case boolean
        /// Digits 0 and 1.
        case bits
    }

    package let name: String
    /// Other spellings of the name.
    package let aliases: [String]
    package let form: Form
    /// Whether `.1`, `.2` … behind the name mean further headers or records of the kind.
    package let isNumbered: Bool
    /// Where the value stands on the wire: record or header, and field. Several sources are separated by "; ". In the
    /// parentheses behind each are the formats of flow records that have it, or the specification, and the section.
    package let reference: String
    /// Places to read in this order; the first value counts.
    let origins: [KeyOrigin]

    init(
        _ name: String, aliases: [String] = [], _ form: Form, _ origins: KeyOrigin..., numbered: Bool = false,
        from reference: String
    ) {
        self.init(name, aliases: aliases, form, origins: origins, numbered: numbered, from: reference)
    }

    init(
        _ name: String, aliases: [String] = [], _ form: Form, origins: [KeyOrigin], numbered: Bool = false,
        from reference: String
    ) {
        self.name = name
        self.aliases = aliases
        self.form = form
        self.origins = origins
        isNumbered = numbered
        self.reference = reference
    }

    /// Of a further header or record there is only the first place: the others describe the outermost packet.
    func origins(occurrence: Int) -> [KeyOrigin] { occurrence == 0 ? origins : Array(origins.prefix(1)) }
}

/// All keys, in one table.
package enum FlowKeys {
    package static let all: [FlowKey] =
        sample + link + network + transport + overlay + forwarding + tunnels + routing + applications

    private static let places: [String: Int] = {
        var places: [String: Int] = [:]
        for (place, key) in all.enumerated() {
            for name in [key.name] + key.aliases where places[name] == nil { places[name] = place }
        }
        return places
    }()

    /// The key of a name without suffix.
    package static func key(named name: String) -> FlowKey? { places[name].map { all[$0] } }

    /// The key and the number behind its name; nil for a name that no table has, and for a suffix on a key that is not
    /// numbered.
    static func find(_ name: String) -> (key: FlowKey, occurrence: Int)? {
        if let key = key(named: name) { return (key, 0) }
        guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) else { return nil }
        let digits = name.utf8[name.utf8.index(after: dot)...]
        guard (1...2).contains(digits.count), digits.allSatisfy(\.isDigit), digits.first != UInt8(ascii: "0"),
            let occurrence = Int(String(digits) ?? ""), let key = key(named: String(name[..<dot])), key.isNumbered
        else { return nil }
        return (key, occurrence)
    }
}

extension RecordField {
    /// A field of flow record 0:`format`.
    static func at(
        _ format: UInt32, texts: UInt8 = 0, lead: UInt8 = 0, tail: UInt8 = 0, _ shape: FieldShape, limit: UInt8 = 255,
        form: DeprecatedForm = .any
    ) -> RecordField {
        at(Tag(0, format), texts: texts, lead: lead, tail: tail, shape, limit: limit, form: form)
    }

    /// - Parameters:
    ///   - lead: bytes before the first text.
    ///   - texts: texts to step over behind them.
    ///   - tail: bytes behind those.
    static func at(
        _ tag: Tag, texts: UInt8 = 0, lead: UInt8 = 0, tail: UInt8 = 0, _ shape: FieldShape, limit: UInt8 = 255,
        form: DeprecatedForm = .any
    ) -> RecordField {
        // A format without a layout gets a number that no record has: the key is then never present. A test looks for
        // it.
        RecordField(
            layout: FlowLayoutID(tag)?.index ?? RecordField.noLayout, lead: lead, textCount: texts, tail: tail,
            shape: shape, limit: limit, form: form)
    }

    static let noLayout: UInt8 = 127
}

extension KeyOrigin {
    static func field(
        _ format: UInt32, texts: UInt8 = 0, lead: UInt8 = 0, tail: UInt8 = 0, _ shape: FieldShape, limit: UInt8 = 255,
        form: DeprecatedForm = .any
    ) -> KeyOrigin {
        .record(.at(format, texts: texts, lead: lead, tail: tail, shape, limit: limit, form: form))
    }
}
