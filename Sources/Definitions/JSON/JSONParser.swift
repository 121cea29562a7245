/// Recursive descent over bytes. Line and column are worked out only for an error, from its offset.
struct JSONParser {
    struct Failure: Error {
        /// In bytes from the start of the document.
        let offset: Int
        let expected: String
    }

    let bytes: [UInt8]
    var offset = 0
    private var depth = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// 0 stands for the end as well: no rule accepts it.
    var current: UInt8 { offset < bytes.count ? bytes[offset] : 0 }

    func failure(_ expected: String, at place: Int? = nil) -> Failure {
        Failure(offset: place ?? offset, expected: expected)
    }

    mutating func document() throws(Failure) -> JSONValue {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { offset = 3 }
        try skipBlanks()
        let value = try value()
        try skipBlanks()
        guard offset == bytes.count else { throw failure("the end of the document") }
        return value
    }

    private mutating func value() throws(Failure) -> JSONValue {
        switch current {
        case UInt8(ascii: "{"): return .object(try nested { parser throws(Failure) in try parser.object() })
        case UInt8(ascii: "["): return .array(try nested { parser throws(Failure) in try parser.array() })
        case UInt8(ascii: "\""), UInt8(ascii: "'"): return .string(try quotedText())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        default: return try word()
        }
    }

    private mutating func nested<Value>(
        _ parse: (inout JSONParser) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        guard depth < RelaxedJSON.depthMax else {
            throw failure("at most \(RelaxedJSON.depthMax) levels of lists and objects")
        }
        depth += 1
        offset += 1
        let value = try parse(&self)
        depth -= 1
        return value
    }

    private mutating func object() throws(Failure) -> JSONObject {
        var object = JSONObject()
        while true {
            try skipBlanks()
            if take("}") { return object }
            let name = try memberName()
            try skipBlanks()
            guard take(":") else { throw failure("':' after the name \(shown(name))") }
            try skipBlanks()
            object.set(name, try value())
            try skipBlanks()
            if take("}") { return object }
            guard take(",") else { throw failure("',' or '}' after the value of \(shown(name))") }
        }
    }

    private mutating func array() throws(Failure) -> [JSONValue] {
        var elements: [JSONValue] = []
        while true {
            try skipBlanks()
            if take("]") { return elements }
            elements.append(try value())
            try skipBlanks()
            if take("]") { return elements }
            guard take(",") else { throw failure("',' or ']'") }
        }
    }

    private mutating func memberName() throws(Failure) -> String {
        if current == UInt8(ascii: "\"") || current == UInt8(ascii: "'") { return try quotedText() }
        let start = offset
        while isNameByte(current) { offset += 1 }
        guard offset > start else { throw failure("a name or '}'") }
        return try text(bytes[start..<offset], at: start)
    }

    /// Blanks and both sorts of comment.
    private mutating func skipBlanks() throws(Failure) {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x09, 0x0A, 0x0D: offset += 1
            case UInt8(ascii: "/"): try skipComment()
            default: return
            }
        }
    }

    private mutating func skipComment() throws(Failure) {
        let start = offset
        offset += 1
        if take("/") {
            while offset < bytes.count, bytes[offset] != 0x0A { offset += 1 }
            return
        }
        guard take("*") else { throw failure("a comment, // or /* */", at: start) }
        while offset < bytes.count {
            if take("*") {
                if take("/") { return }
            } else {
                offset += 1
            }
        }
        throw failure("the end */ of the comment that starts here", at: start)
    }

    private mutating func take(_ byte: Unicode.Scalar) -> Bool {
        guard offset < bytes.count, bytes[offset] == UInt8(ascii: byte) else { return false }
        offset += 1
        return true
    }
}

/// Letters, digits, `_`, `$`, `-`, `.` and whatever is not ASCII.
func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"), UInt8(ascii: "-"),
        UInt8(ascii: "."), 0x80...:
        true
    default: false
    }
}
