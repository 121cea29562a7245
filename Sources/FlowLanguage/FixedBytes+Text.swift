// Writing texts into the text buffer. Each function returns the value that refers to what it wrote.

internal import Bytes
internal import SFlow

extension FixedBytes {
    mutating func appendText(_ string: String) -> Value {
        let start = count
        for byte in string.utf8.prefix(FlowLimits.valueTextBytes) { append(byte) }
        return .text(from: start, in: self)
    }

    mutating func appendLabel(_ label: [UInt8]) -> Value {
        let start = count
        append(label)
        return .text(from: start, in: self)
    }

    /// Text that came off the wire. Control characters, able to confuse a terminal or a log, become U+FFFD, as in all
    /// other texts that are shown.
    mutating func appendForeign(_ bytes: RawSpan, at offset: Int, count byteCount: Int) -> Value {
        let start = count
        var index = offset
        while index < offset + byteCount, let byte = try? bytes.uint8(at: index) {
            index += 1
            if byte < 0x20 || byte == 0x7F {
                appendReplacement()
            } else if byte == 0xC2, let next = try? bytes.uint8(at: index), (0x80...0x9F).contains(next) {
                appendReplacement()
                index += 1
            } else {
                append(byte)
            }
        }
        return .text(from: start, in: self)
    }

    private mutating func appendReplacement() {
        append(0xEF)
        append(0xBF)
        append(0xBD)
    }

    mutating func appendDecimal(_ number: UInt64) {
        guard number >= 10 else { return append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number)) }
        var divisor: UInt64 = 1
        while number / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / divisor % 10))
            divisor /= 10
        }
    }

    /// A number where the class is that of interfaces, else class and index: `2.1`.
    mutating func append(_ source: DataSource) -> Value {
        guard source.classNumber != 0 else { return .number(source.index) }
        let start = count
        appendDecimal(UInt64(source.classNumber))
        append(UInt8(ascii: "."))
        appendDecimal(UInt64(source.index))
        return .text(from: start, in: self)
    }

    /// The name of an enumerated value; the number where it has none.
    mutating func appendName(of value: UInt32, in enumeration: Enumeration) -> Value {
        guard let name = enumeration.name(value) else { return .number(value) }
        return appendText(name)
    }

    /// A counted list of words, each as `element` says, joined with dots; null when it is empty.
    mutating func appendList(
        of body: RawSpan, at offset: Int, _ element: (UInt32) -> UInt64
    ) throws(OutOfBounds) -> Value {
        let start = count
        let claimed = Int(try body.uint32(at: offset))
        guard claimed <= Limits.stackEntries, claimed <= (body.byteCount - offset - 4) / 4 else { return .null }
        for index in 0..<claimed {
            if index > 0 { append(UInt8(ascii: ".")) }
            appendDecimal(element(try body.uint32(at: offset + 4 + index * 4)))
        }
        return claimed == 0 ? .null : .text(from: start, in: self)
    }

    /// Writes any value as the text that an answer shows.
    mutating func appendText(of value: Value) -> Value {
        switch value.kind {
        case .null, .text: return value
        case .number:
            let start = count
            appendDecimal(value.low)
            return .text(from: start, in: self)
        case .bits:
            let start = count
            for shift in stride(from: Int(value.width) - 1, through: 0, by: -1) {
                append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value.low >> UInt64(shift) & 1))
            }
            return .text(from: start, in: self)
        case .ipv4:
            let start = count
            appendDotted(value.low)
            return .text(from: start, in: self)
        case .boolean: return appendText(value.low == 0 ? "false" : "true")
        case .mac: return appendText(MACAddress(value.low).description)
        case .ipv6: return appendText(IPAddress(v6High: value.high, low: value.low).description)
        case .ipv4Prefix: return appendText("\(IPAddress(v4: UInt32(truncatingIfNeeded: value.low)))/\(value.width)")
        case .ipv6Prefix: return appendText("\(IPAddress(v6High: value.high, low: value.low))/\(value.width)")
        case .float: return appendText(PackedKey.floatText(Double(bitPattern: value.low)))
        }
    }

    private mutating func appendDotted(_ address: UInt64) {
        for shift in stride(from: UInt64(24), through: 0, by: -8) {
            appendDecimal(address >> shift & 0xFF)
            if shift > 0 { append(UInt8(ascii: ".")) }
        }
    }
}
