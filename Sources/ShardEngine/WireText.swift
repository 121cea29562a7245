// Texts of counter records, taken into a row only when they have changed: names come with every counter sample, and
// making a String of each would be the only allocation on the way.

internal import Bytes

enum WireText {
    /// Longest text that is kept. Unit: bytes on the wire.
    static let bytesMax = 255

    /// A counted string at an offset; an absent or unreadable one clears the text.
    static func update(_ text: inout String, _ body: RawSpan, at offset: Int) {
        guard let length = try? body.uint32(at: offset), length <= UInt32(Int32.max) else {
            text = ""
            return
        }
        guard !matches(text, body, at: offset + 4, count: Int(length)) else { return }
        text = (try? body.text(at: offset + 4, count: Int(length), limit: bytesMax)) ?? ""
    }

    /// Sixteen bytes as lower-case hexadecimal digits with hyphens (8-4-4-4-12); all zeros are "unknown".
    static func updateUUID(_ text: inout String, _ body: RawSpan, at offset: Int) {
        guard let high = try? body.uint64(at: offset), let low = try? body.uint64(at: offset + 8), high | low != 0 else {
            text = ""
            return
        }
        let digits = Array(hexadecimal(high) + hexadecimal(low))
        let groups = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }
        let uuid = groups.joined(separator: "-")
        if uuid != text { text = uuid }
    }

    /// Eight bytes as sixteen hexadecimal digits.
    static func updateHexadecimal(_ text: inout String, _ body: RawSpan, at offset: Int) {
        guard let value = try? body.uint64(at: offset) else {
            text = ""
            return
        }
        let digits = hexadecimal(value)
        if digits != text { text = digits }
    }

    private static func matches(_ text: String, _ body: RawSpan, at offset: Int, count: Int) -> Bool {
        var text = text
        return text.withUTF8 { utf8 in
            guard utf8.count == count else { return false }
            for index in 0..<count {
                // In bounds: index is below utf8.count.
                guard let byte = try? body.uint8(at: offset + index), unsafe byte == utf8[index] else { return false }
            }
            return true
        }
    }

    private static func hexadecimal(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
