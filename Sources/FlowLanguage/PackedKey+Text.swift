// From packed keys back to text, for answers. Packing is in PackedKey.swift, where the format is described.

package import Bytes

/// Reads packed keys. The bytes may come from another node: nothing in them is trusted.
package enum PackedKey {
    package enum Component: Hashable, Sendable, CustomStringConvertible {
        case number(UInt64)
        case address(IPAddress)
        case mac(MACAddress)
        /// Everything else by its text.
        case text(String)

        package var description: String {
            switch self {
            case .number(let number): String(number)
            case .address(let address): address.description
            case .mac(let mac): mac.description
            case .text(let text): text
            }
        }
    }

    /// The texts of the components with `separator` between them. Bytes that are no packed key end the text.
    package static func text(_ packed: RawSpan, separator: String) -> String {
        texts(packed).joined(separator: separator)
    }

    package static func texts(_ packed: RawSpan) -> [String] { components(packed).map(\.description) }

    package static func components(_ packed: RawSpan) -> [Component] {
        var components: [Component] = []
        var offset = 0
        while offset < packed.byteCount, let component = try? component(packed, at: &offset) { components.append(component) }
        return components
    }

    private static func component(_ packed: RawSpan, at offset: inout Int) throws(OutOfBounds) -> Component {
        let start = offset
        let tag = try packed.uint8(at: start)
        let body = start + 1
        switch tag {
        case KeyTag.number...KeyTag.number + 8:
            let byteCount = Int(tag - KeyTag.number)
            var number: UInt64 = 0
            for index in 0..<byteCount { number = number << 8 | UInt64(try packed.uint8(at: body + index)) }
            offset = body + byteCount
            return .number(number)
        case KeyTag.float:
            let image = try packed.uint64(at: body)
            offset = body + 8
            return .text(floatText(Double(bitPattern: image >> 63 == 1 ? image & ~(1 << 63) : ~image)))
        case KeyTag.isFalse, KeyTag.isFalse + 1:
            offset = body
            return .text(tag == KeyTag.isFalse ? "false" : "true")
        case KeyTag.bits + 1...KeyTag.bits + 16:
            let digits = String(try packed.uint16(at: body), radix: 2)
            offset = body + 2
            return .text(String(repeating: "0", count: max(0, Int(tag - KeyTag.bits) - digits.utf8.count)) + digits)
        case KeyTag.mac:
            offset = body + 6
            return .mac(try packed.mac(at: body))
        case KeyTag.ipv4:
            offset = body + 4
            return .address(try packed.ipv4(at: body))
        case KeyTag.ipv4Prefix:
            offset = body + 5
            return .text("\(try packed.ipv4(at: body))/\(try packed.uint8(at: body + 4))")
        case KeyTag.ipv6:
            offset = body + 16
            return .address(try packed.ipv6(at: body))
        case KeyTag.ipv6Prefix:
            offset = body + 17
            return .text("\(try packed.ipv6(at: body))/\(try packed.uint8(at: body + 16))")
        case KeyTag.text:
            let byteCount = Int(try packed.uint16(at: body))
            offset = body + 2 + byteCount
            return .text(try packed.text(at: body + 2, count: byteCount, limit: byteCount))
        default:
            throw OutOfBounds(offset: start)
        }
    }

    /// As the REST API prints numbers: whole ones without a fraction.
    static func floatText(_ value: Double) -> String {
        if let whole = Int64(exactly: value) { return String(whole) }
        return value.description
    }
}
