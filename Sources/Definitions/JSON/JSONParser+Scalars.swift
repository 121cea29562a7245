// Texts, numbers and words.

extension JSONParser {
    // MARK: Texts

    /// A text in double or single quotes.
    mutating func quotedText() throws(Failure) -> String {
        let quote = current
        let start = offset
        offset += 1
        var unescaped: [UInt8] = []
        var runStart = offset
        while offset < bytes.count {
            switch bytes[offset] {
            case quote:
                let run = bytes[runStart..<offset]
                offset += 1
                return try unescaped.isEmpty ? text(run, at: start) : text(unescaped[...] + run, at: start)
            case UInt8(ascii: "\\"):
                unescaped.append(contentsOf: bytes[runStart..<offset])
                try unescape(into: &unescaped)
                runStart = offset
            case 0..<0x20:
                throw failure("no bare control character inside a text; write it as \\n, \\t or \\u00XX")
            default:
                offset += 1
            }
        }
        throw failure("the closing quote of the text that starts here", at: start)
    }

    func text(_ utf8: ArraySlice<UInt8>, at start: Int) throws(Failure) -> String {
        guard let text = String(validating: utf8, as: UTF8.self) else { throw failure("text in UTF-8", at: start) }
        return text
    }

    private mutating func unescape(into text: inout [UInt8]) throws(Failure) {
        let start = offset
        offset += 1
        let letter = current
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(letter)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            text.append(contentsOf: String(Character(try escapedScalar(from: start))).utf8)
            return
        default:
            throw failure("one of n, t, r, b, f, u, /, a quote or a second \\ after \\", at: start)
        }
        offset += 1
    }

    /// `\uXXXX`, or two of them for what lies beyond U+FFFF (RFC 8259 section 7). At the `u`.
    private mutating func escapedScalar(from start: Int) throws(Failure) -> Unicode.Scalar {
        let first = try fourHexDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        // Only halves of a pair are not scalars. The first half is D800–DBFF.
        guard first < 0xDC00, current == UInt8(ascii: "\\") else { throw lonelyHalf(start) }
        offset += 1
        guard current == UInt8(ascii: "u") else { throw lonelyHalf(start) }
        let second = try fourHexDigits()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x1_0000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw lonelyHalf(start) }
        return scalar
    }

    private func lonelyHalf(_ start: Int) -> Failure { failure("both halves of a surrogate pair", at: start) }

    private mutating func fourHexDigits() throws(Failure) -> UInt32 {
        offset += 1
        var value: UInt32 = 0
        for _ in 0..<4 {
            switch current {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt32(current - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt32(current - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): value = value << 4 | UInt32(current - UInt8(ascii: "A") + 10)
            default: throw failure("four hexadecimal digits after \\u")
            }
            offset += 1
        }
        return value
    }

    // MARK: Numbers

    /// The number of RFC 8259 section 6.
    mutating func number() throws(Failure) -> Double {
        let start = offset
        if current == UInt8(ascii: "-") { offset += 1 }
        let leadingZero = current == UInt8(ascii: "0")
        let wholeDigits = skipDigits()
        guard wholeDigits > 0 else { throw failure("a digit") }
        guard !leadingZero || wholeDigits == 1 else { throw failure("a number without leading zeros", at: start) }
        if current == UInt8(ascii: ".") {
            offset += 1
            guard skipDigits() > 0 else { throw failure("a digit after the decimal point") }
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            offset += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { offset += 1 }
            guard skipDigits() > 0 else { throw failure("a digit of the exponent") }
        }
        guard offset - start <= RelaxedJSON.numberBytesMax else {
            throw failure("a number of at most \(RelaxedJSON.numberBytesMax) characters", at: start)
        }
        guard let value = Double(String(decoding: bytes[start..<offset], as: UTF8.self)), value.isFinite else {
            throw failure("a number that fits 64 bits of floating point", at: start)
        }
        return value
    }

    private mutating func skipDigits() -> Int {
        let start = offset
        while (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(current) { offset += 1 }
        return offset - start
    }

    // MARK: Words

    mutating func word() throws(Failure) -> JSONValue {
        let start = offset
        while isNameByte(current) { offset += 1 }
        switch String(decoding: bytes[start..<min(offset, start + 8)], as: UTF8.self) {
        case "true": return .bool(true)
        case "false": return .bool(false)
        case "null": return .null
        case "": throw failure("a value")
        default: throw failure("a number, true, false, null, or a text in quotes", at: start)
        }
    }

    /// Reads a text that is nothing but a number, blanks around it aside: forms and old scripts send numbers as texts.
    static func number(in text: String) -> Double? {
        var parser = JSONParser(Array(text.trimmed.utf8))
        guard let value = try? parser.number(), parser.offset == parser.bytes.count else { return nil }
        return value
    }
}
