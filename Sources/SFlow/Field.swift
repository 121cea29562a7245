// One field of a record layout: name, type and what its numbers mean, so that a value can be told from the marker for
// "not available" and a running total from a gauge.

/// A field of a record as it stands on the wire.
public struct Field: Hashable, Sendable {
    /// What a number is, and with that which value stands for "not available".
    public enum Meaning: UInt8, Sendable {
        /// An identifier, setting, enumeration or gauge; every value is one.
        case value
        /// The same; 0 is the unknown marker.
        case valueOrZero
        /// The same; all ones is the unknown marker.
        case valueOrAllOnes
        /// A running total that wraps at its width. All ones is the unknown marker; a live total may pass through it
        /// once, just before it wraps.
        case counter
        /// A signed value; -2147483647 is the unknown marker.
        case valueOrLowest
    }

    /// As the published structure spells it; "" for the elements of a list of plain numbers.
    public let name: String
    public let type: FieldType
    public let meaning: Meaning
    /// Values that the field can have; others make it unknown, or, if `isStrict`, reject the record.
    public let range: ClosedRange<UInt32>?
    public let isStrict: Bool
    /// Texts of an enumerated value.
    public let enumeration: Enumeration?
    /// Bytes from the start of the body, or of the list element; nil behind a field of variable size.
    public internal(set) var offset: Int?

    init(
        _ name: String, _ type: FieldType, _ meaning: Meaning = .value, range: ClosedRange<UInt32>? = nil,
        isStrict: Bool = false, enumeration: Enumeration? = nil
    ) {
        self.name = name
        self.type = type
        self.meaning = meaning
        self.range = range
        self.isStrict = isStrict
        self.enumeration = enumeration
        offset = nil
    }

    /// The fields with the offsets that follow from their order.
    static func placed(_ fields: [Field]) -> [Field] {
        var offset: Int? = 0
        return fields.map { field in
            var field = field
            field.offset = offset
            offset = offset.flatMap { start in field.type.fixedBytes.map { start + $0 } }
            return field
        }
    }
}

/// The spelling of the tables: one or several fields of a type, in wire order.
extension [Field] {
    static func u32(
        _ names: String..., meaning: Field.Meaning = .value, range: ClosedRange<UInt32>? = nil,
        enumeration: Enumeration? = nil
    ) -> [Field] {
        names.map { Field($0, .u32, meaning, range: range, enumeration: enumeration) }
    }

    static func u64(_ names: String..., meaning: Field.Meaning = .value) -> [Field] {
        names.map { Field($0, .u64, meaning) }
    }

    static func counter32(_ names: String...) -> [Field] { names.map { Field($0, .u32, .counter) } }
    static func counter64(_ names: String...) -> [Field] { names.map { Field($0, .u64, .counter) } }
    static func i32(_ names: String...) -> [Field] { names.map { Field($0, .i32) } }
    static func f32(_ names: String...) -> [Field] { names.map { Field($0, .f32) } }
    static func percent(_ names: String...) -> [Field] { names.map { Field($0, .percent) } }
    static func mac(_ names: String...) -> [Field] { names.map { Field($0, .mac) } }
    static func ip4(_ names: String...) -> [Field] { names.map { Field($0, .ip4) } }
    static func ip6(_ names: String...) -> [Field] { names.map { Field($0, .ip6) } }
    static func address(_ names: String...) -> [Field] { names.map { Field($0, .address) } }
    static func prefixLength(_ names: String...) -> [Field] { names.map { Field($0, .prefixLength) } }
    static func dataSource(_ names: String...) -> [Field] { names.map { Field($0, .dataSource) } }
    static func opaque(_ names: String...) -> [Field] { names.map { Field($0, .opaque) } }
    static func fixedOpaque(_ name: String, _ count: Int) -> [Field] { [Field(name, .fixedOpaque(count))] }

    /// - Parameter limit: bytes shown; the document's where it states one.
    static func string(_ names: String..., limit: Int = Limits.textBytes) -> [Field] {
        names.map { Field($0, .string(limit: limit)) }
    }

    static func list(_ name: String, limit: Int, of fields: [Field]...) -> [Field] {
        [Field(name, .list(of: Field.placed(Array(fields.joined())), limit: limit))]
    }

    /// Single fields that need more than a name.
    static func fields(_ fields: Field...) -> [Field] { fields }

    // Fields that many records share.
    static func port(_ names: String...) -> [Field] { names.map { Field($0, .u32, range: 0...65535) } }
    static func ipProtocol(_ name: String) -> [Field] { [Field(name, .u32, range: 0...255)] }
}
