// JSON as people and old scripts write it.
//
// Everything that RFC 8259 allows, and besides: names without quotes, single quotes, a comma after the last member,
// comments. Published clients send the first two; the others cost nothing and help whoever edits a file by hand.

package enum RelaxedJSON {
    /// Levels of lists and objects. Deeper ones have no use here, and the parser calls itself once a level.
    package static let depthMax = 64

    /// Bytes of one number. Longer ones say nothing that a double could hold.
    static let numberBytesMax = 1024

    /// Reads a whole document in one pass over at most `sizeMax` bytes. Time and memory are linear in their number.
    package static func parse(_ bytes: [UInt8], sizeMax: Int) throws(JSONSyntaxError) -> JSONValue {
        guard bytes.count <= sizeMax else {
            throw JSONSyntaxError(line: 1, column: 1, expected: "at most \(sizeMax) bytes, found \(bytes.count)")
        }
        var parser = JSONParser(bytes)
        do {
            return try parser.document()
        } catch {
            throw JSONSyntaxError(at: error.offset, in: bytes, expected: error.expected)
        }
    }
}

/// Where a document stops being JSON, and what should have been there.
package struct JSONSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
    /// From 1.
    package let line: Int
    /// From 1, in characters (Unicode scalars).
    package let column: Int
    package let expected: String

    init(line: Int, column: Int, expected: String) {
        self.line = line
        self.column = column
        self.expected = expected
    }

    init(at offset: Int, in bytes: [UInt8], expected: String) {
        let before = bytes.prefix(offset)
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        line = before.count { $0 == UInt8(ascii: "\n") } + 1
        // Bytes 10xxxxxx continue a character (RFC 3629 section 3).
        column = before[lineStart...].count { $0 & 0xC0 != 0x80 } + 1
        self.expected = expected
    }

    package var description: String { "line \(line), column \(column): expected \(expected)" }
}
