// JSON, written straight into the buffer that is sent. Answers run to megabytes, and their shapes are few and known, so
// no model of the document is built in between.

package import NIOCore

package struct JSONWriter: Sendable {
    /// What has been written and not been taken.
    package private(set) var buffer = ByteBuffer()
    /// Spaces a level; 0 puts everything on one line.
    private let indent: Int
    private var depth = 0
    /// Whether the innermost object or array has a member already.
    private var hasMembers = false

    package init(indent: Int) { self.indent = indent }

    /// Hands over what has been written so far.
    package mutating func take() -> ByteBuffer {
        defer { buffer = ByteBuffer() }
        return buffer
    }

    // MARK: Structure

    package mutating func object(_ members: (inout JSONWriter) throws -> Void) rethrows {
        open("{")
        try members(&self)
        close("}")
    }

    package mutating func array(_ elements: (inout JSONWriter) throws -> Void) rethrows {
        open("[")
        try elements(&self)
        close("]")
    }

    /// Opens an object or array that is closed later: for documents sent in pieces.
    package mutating func open(_ bracket: StaticString) {
        buffer.writeStaticString(bracket)
        depth += 1
        hasMembers = false
    }

    package mutating func close(_ bracket: StaticString) {
        depth -= 1
        if hasMembers { newLine() }
        buffer.writeStaticString(bracket)
        hasMembers = true
    }

    /// The end of a document.
    package mutating func finish() { buffer.writeStaticString("\n") }

    /// Before each element of an array.
    package mutating func element(_ value: (inout JSONWriter) throws -> Void) rethrows {
        separate()
        try value(&self)
        hasMembers = true
    }

    /// A member of an object.
    package mutating func member(_ name: String, _ value: (inout JSONWriter) throws -> Void) rethrows {
        separate()
        string(name)
        buffer.writeStaticString(indent > 0 ? ": " : ":")
        try value(&self)
        hasMembers = true
    }

    // MARK: Members

    package mutating func member(_ name: String, _ value: String) { member(name) { $0.string(value) } }
    package mutating func member(_ name: String, _ value: Bool) { member(name) { $0.bool(value) } }
    package mutating func member(_ name: String, _ value: some FixedWidthInteger) { member(name) { $0.integer(value) } }
    package mutating func member(_ name: String, _ value: Double) { member(name) { $0.number(value) } }

    // MARK: Values

    package mutating func null() { buffer.writeStaticString("null") }
    package mutating func bool(_ value: Bool) { buffer.writeStaticString(value ? "true" : "false") }
    package mutating func integer(_ value: some FixedWidthInteger) { buffer.writeString(String(value)) }

    /// Whole values without a fraction, others in the shortest form that reads back the same. JSON has no word for what
    /// is not finite: null.
    package mutating func number(_ value: Double) {
        guard value.isFinite else { return null() }
        if value == value.rounded(), abs(value) < 1e15 { return integer(Int64(value)) }
        buffer.writeString(value.description)
    }

    package mutating func string(_ value: String) {
        buffer.writeStaticString("\"")
        if value.utf8.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
            buffer.writeString(value)
        } else {
            for byte in value.utf8 { escape(byte) }
        }
        buffer.writeStaticString("\"")
    }

    /// JSON text as it is.
    package mutating func raw(_ json: String) { buffer.writeString(json) }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): buffer.writeStaticString("\\\"")
        case UInt8(ascii: "\\"): buffer.writeStaticString("\\\\")
        case 0x0A: buffer.writeStaticString("\\n")
        case 0x09: buffer.writeStaticString("\\t")
        case 0x0D: buffer.writeStaticString("\\r")
        case 0..<0x20:
            let digits = String(byte, radix: 16)
            buffer.writeString("\\u00" + (digits.count < 2 ? "0" : "") + digits)
        default: buffer.writeInteger(byte)
        }
    }

    private mutating func separate() {
        if hasMembers { buffer.writeStaticString(",") }
        newLine()
    }

    private mutating func newLine() {
        guard indent > 0 else { return }
        buffer.writeStaticString("\n")
        buffer.writeRepeatingByte(UInt8(ascii: " "), count: indent * depth)
    }
}
