// Expressions of the flow language as they are written: names with arguments. What they mean is the compiler's matter.
//
// ```
// term     = part *( ":" part )
// part     = "[" term "]" / text          text: "\" protects the character behind it
// ```

/// A key or a function with its arguments.
struct Term {
    struct Part {
        /// Bytes from the start of the attribute.
        var position: Int
        /// Without the backslashes; empty for a bracket.
        var text: String
        var nested: Term?
    }

    var position: Int
    var parts: [Part]

    var name: String { parts[0].text }
    var arguments: ArraySlice<Part> { parts.dropFirst() }
}

/// Reads one attribute of a definition.
struct TermReader {
    let part: FlowSyntaxError.Part
    let bytes: [UInt8]
    var place = 0

    init(_ text: String, of part: FlowSyntaxError.Part) throws(FlowSyntaxError) {
        self.part = part
        // Counted without walking the text: native strings know their length.
        guard text.utf8.count <= FlowLimits.textBytes else {
            throw FlowSyntaxError(part: part, position: 0, expected: "at most \(FlowLimits.textBytes) bytes")
        }
        bytes = Array(text.utf8)
    }

    var isAtEnd: Bool { place >= bytes.count }

    var current: UInt8? { place < bytes.count ? bytes[place] : nil }

    mutating func skipBlanks() {
        while let byte = current, byte == UInt8(ascii: " ") || (0x09...0x0D).contains(byte) { place += 1 }
    }

    /// - Parameter position: in bytes; the error says it in characters.
    func error(_ expected: String, at position: Int? = nil) -> FlowSyntaxError {
        let end = min(position ?? place, bytes.count)
        return FlowSyntaxError(
            part: part, position: String(decoding: bytes[..<end], as: UTF8.self).count, expected: expected)
    }

    /// Reads a term up to one of `terminators` outside brackets, or to the end.
    mutating func readTerm(until terminators: [UInt8], depth: Int = 0) throws(FlowSyntaxError) -> Term {
        guard depth <= FlowLimits.functionNesting else {
            throw error("at most \(FlowLimits.functionNesting) functions inside each other")
        }
        skipBlanks()
        var term = Term(position: place, parts: [])
        while true {
            guard term.parts.count <= FlowLimits.arguments else {
                throw error("at most \(FlowLimits.arguments) arguments", at: term.position)
            }
            term.parts.append(try readPart(until: terminators, depth: depth))
            guard current == UInt8(ascii: ":") else { break }
            place += 1
        }
        guard term.parts[0].nested == nil else {
            throw error("a key or function name, without brackets", at: term.position)
        }
        guard !term.name.isEmpty else { throw error("a key or function", at: term.position) }
        return term
    }

    private mutating func readPart(
        until terminators: [UInt8], depth: Int
    ) throws(FlowSyntaxError) -> Term.Part {
        let start = place
        if current == UInt8(ascii: "[") {
            place += 1
            let nested = try readTerm(until: [], depth: depth + 1)
            guard current == UInt8(ascii: "]") else { throw error("] for the [", at: start) }
            place += 1
            skipBlanks()
            if let byte = current, byte != UInt8(ascii: ":"), byte != UInt8(ascii: "]"), !terminators.contains(byte) {
                throw error(": or the end of the key behind ]")
            }
            return Term.Part(position: start, text: "", nested: nested)
        }
        var text: [UInt8] = []
        // Blanks at the end belong to what follows, unless they are escaped.
        var keptCount = 0
        while let byte = current, byte != UInt8(ascii: ":"), byte != UInt8(ascii: "]"), byte != UInt8(ascii: "[") {
            if depth == 0, terminators.contains(byte) { break }
            place += 1
            if byte == UInt8(ascii: "\\") {
                guard let next = current else { throw error("a character behind \\") }
                text.append(next)
                place += 1
                keptCount = text.count
            } else {
                text.append(byte)
                if byte != UInt8(ascii: " ") { keptCount = text.count }
            }
        }
        if current == UInt8(ascii: "[") { throw error("\\[, or : before the bracket") }
        if depth == 0, current == UInt8(ascii: "]") { throw error("no ] without [") }
        // A delimiter may be a blank: only the last part of a term loses them.
        if current != UInt8(ascii: ":") { text.removeLast(text.count - keptCount) }
        return Term.Part(position: start, text: String(decoding: text, as: UTF8.self), nested: nil)
    }
}
