// What an expression yields for one sample: a plain word or two, never on the heap.

internal import Bytes

/// A value of a key or function. Texts lie in the evaluation's text buffer; the value says where.
struct Value: BitwiseCopyable {
    enum Kind: UInt8, BitwiseCopyable {
        /// Absent.
        case null
        /// `low` is 0 or 1.
        case boolean
        /// `low`.
        case number
        /// `low` is the image of a Double that is no whole number or is negative, `Double(bitPattern:)`.
        case float
        /// `width` bits of `low`, shown as digits 0 and 1.
        case bits
        /// 48 bits of `low`.
        case mac
        /// 32 bits of `low`.
        case ipv4
        /// `high` and `low`.
        case ipv6
        /// An address and a prefix length, `width`.
        case ipv4Prefix
        case ipv6Prefix
        /// `low` bytes of the text buffer from `high` on.
        case text
    }

    var kind: Kind
    var width: UInt8
    var low: UInt64
    var high: UInt64

    @inline(__always)
    init(_ kind: Kind, width: UInt8 = 0, low: UInt64, high: UInt64 = 0) {
        self.kind = kind
        self.width = width
        self.low = low
        self.high = high
    }

    @inline(__always)
    static var null: Value { Value(.null, low: 0) }

    @inline(__always)
    var isNull: Bool { kind == .null }

    @inline(__always)
    static func number(_ value: (some FixedWidthInteger & UnsignedInteger)?) -> Value {
        guard let value else { return .null }
        return Value(.number, low: UInt64(truncatingIfNeeded: value))
    }

    @inline(__always)
    static func boolean(_ value: Bool?) -> Value {
        guard let value else { return .null }
        return Value(.boolean, low: value ? 1 : 0)
    }

    @inline(__always)
    static func bits(_ value: (some FixedWidthInteger & UnsignedInteger)?, _ width: UInt8) -> Value {
        guard let value else { return .null }
        return Value(.bits, width: width, low: UInt64(truncatingIfNeeded: value))
    }

    @inline(__always)
    static func mac(_ value: MACAddress?) -> Value {
        guard let value else { return .null }
        return Value(.mac, low: value.bits)
    }

    @inline(__always)
    static func ipv4(_ value: UInt32?) -> Value {
        guard let value else { return .null }
        return Value(.ipv4, low: UInt64(value))
    }

    @inline(__always)
    static func address(_ value: IPAddress?) -> Value {
        guard let value else { return .null }
        return value.isIPv6 ? Value(.ipv6, low: value.low, high: value.high) : Value(.ipv4, low: value.low)
    }

    /// A whole number is the same value in either form.
    static func float(_ value: Double) -> Value {
        if let whole = UInt64(exactly: value) { return Value(.number, low: whole) }
        return value.isFinite ? Value(.float, low: value.bitPattern) : .null
    }

    /// The text buffer's bytes from `start` to its end.
    static func text(from start: Int, in text: borrowing FixedBytes) -> Value {
        Value(
            .text, low: UInt64(truncatingIfNeeded: text.count - start), high: UInt64(truncatingIfNeeded: start))
    }

    static func text(_ range: Range<Int>) -> Value {
        Value(.text, low: UInt64(truncatingIfNeeded: range.count), high: UInt64(truncatingIfNeeded: range.lowerBound))
    }

    /// Of a text value: its bytes in the text buffer.
    var textRange: Range<Int> {
        let start = Int(truncatingIfNeeded: high)
        return start..<start &+ Int(truncatingIfNeeded: low)
    }

    var address: IPAddress? {
        switch kind {
        case .ipv4: IPAddress(v4: UInt32(truncatingIfNeeded: low))
        case .ipv6: IPAddress(v6High: high, low: low)
        default: nil
        }
    }
}
