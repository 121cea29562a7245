// JSON values as text.

extension JSONValue {
    /// The document as strict JSON (RFC 8259). `indent` is in spaces a level; 0 puts everything on one line.
    package func text(indent: Int) -> String { String(decoding: bytes(indent: indent), as: UTF8.self) }

    package func bytes(indent: Int) -> [UInt8] {
        var printer = JSONPrinter(indent: max(0, indent))
        printer.write(self, level: 0)
        return printer.bytes
    }
}

private struct JSONPrinter {
    let indent: Int
    var bytes: [UInt8] = []

    init(indent: Int) { self.indent = indent }

    mutating func write(_ value: JSONValue, level: Int) {
        switch value {
        case .null: write("null")
        case .bool(let flag): write(flag ? "true" : "false")
        case .number(let number): write(number)
        case .string(let string): write(quoted: string)
        case .array(let elements):
            write("[")
            for (index, element) in elements.enumerated() {
                separate(index, level: level + 1)
                write(element, level: level + 1)
            }
            close("]", isEmpty: elements.isEmpty, level: level)
        case .object(let object):
            write("{")
            for (index, member) in object.members.enumerated() {
                separate(index, level: level + 1)
                write(quoted: member.name)
                write(indent > 0 ? ": " : ":")
                write(member.value, level: level + 1)
            }
            close("}", isEmpty: object.isEmpty, level: level)
        }
    }

    private mutating func write(_ text: String) { bytes.append(contentsOf: text.utf8) }

    /// Whole values without a fraction, others in the shortest form that reads back the same. JSON has no word for what
    /// is not finite.
    private mutating func write(_ number: Double) {
        guard number.isFinite else { return write("null") }
        if let whole = Int64(exactly: number), abs(number) <= 0x1p53 { return write(String(whole)) }
        write(number.description)
    }

    private mutating func write(quoted string: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\""): write("\\\"")
            case UInt8(ascii: "\\"): write("\\\\")
            case 0x08: write("\\b")
            case 0x09: write("\\t")
            case 0x0A: write("\\n")
            case 0x0C: write("\\f")
            case 0x0D: write("\\r")
            case 0..<0x10: write("\\u000" + String(byte, radix: 16))
            case 0x10..<0x20: write("\\u00" + String(byte, radix: 16))
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func separate(_ index: Int, level: Int) {
        if index > 0 { write(",") }
        newLine(level)
    }

    private mutating func close(_ bracket: String, isEmpty: Bool, level: Int) {
        if !isEmpty { newLine(level) }
        write(bracket)
    }

    private mutating func newLine(_ level: Int) {
        guard indent > 0 else { return }
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: level * indent))
    }
}
