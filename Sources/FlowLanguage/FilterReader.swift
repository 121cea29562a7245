// The filter language: from text to a tree of conditions.
//
// ```
// expression = term *( "|" term )
// term       = factor *( "&" factor )
// factor     = "(" expression ")" / "!(" expression ")" / comparison
// comparison = subject operator value *( "," value )
// operator   = "=" / "!=" / "~" / "!~"
// subject    = key or function, may be quoted
// value      = text without , & | ( ) = ~ ! and quotes, or quoted with ' or "; "\" protects one character
// ```
// `&` binds tighter than `|`. Blanks around names, values and operators are ignored.

/// What a filter asks.
indirect enum Condition {
    /// `isNegated`: `!=` and `!~`.
    case compare(Comparison)
    case all([Condition])
    case any([Condition])
    case not(Condition)
}

struct Comparison {
    struct Item {
        /// Bytes from the start of the filter.
        var position: Int
        var text: String
    }

    var subject: Term
    var isPattern: Bool
    var isNegated: Bool
    var items: [Item]
}

struct FilterReader {
    var reader: TermReader

    init(_ text: String) throws(FlowSyntaxError) { reader = try TermReader(text, of: .filter) }

    /// Nil for a filter of blanks: it asks nothing.
    mutating func read() throws(FlowSyntaxError) -> Condition? {
        reader.skipBlanks()
        guard !reader.isAtEnd else { return nil }
        let condition = try readAlternatives(depth: 0)
        guard reader.isAtEnd else { throw reader.error("&, | or the end of the filter") }
        return condition
    }

    private mutating func readAlternatives(depth: Int) throws(FlowSyntaxError) -> Condition {
        var conditions = [try readConjunction(depth: depth)]
        while take(UInt8(ascii: "|")) { conditions.append(try readConjunction(depth: depth)) }
        return conditions.count == 1 ? conditions[0] : .any(conditions)
    }

    private mutating func readConjunction(depth: Int) throws(FlowSyntaxError) -> Condition {
        var conditions = [try readFactor(depth: depth)]
        while take(UInt8(ascii: "&")) { conditions.append(try readFactor(depth: depth)) }
        return conditions.count == 1 ? conditions[0] : .all(conditions)
    }

    private mutating func readFactor(depth: Int) throws(FlowSyntaxError) -> Condition {
        reader.skipBlanks()
        let start = reader.place
        let isNegated = take(UInt8(ascii: "!"))
        guard take(UInt8(ascii: "(")) else {
            guard !isNegated else { throw reader.error("( behind !") }
            return .compare(try readComparison())
        }
        guard depth < FlowLimits.filterNesting else {
            throw reader.error("at most \(FlowLimits.filterNesting) parentheses inside each other", at: start)
        }
        let condition = try readAlternatives(depth: depth + 1)
        guard take(UInt8(ascii: ")")) else {
            throw reader.isAtEnd ? reader.error(") for the (", at: start) : reader.error("&, | or )")
        }
        return isNegated ? .not(condition) : condition
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        reader.skipBlanks()
        guard reader.current == byte else { return false }
        reader.place += 1
        return true
    }

    private mutating func readComparison() throws(FlowSyntaxError) -> Comparison {
        let subject = try readSubject()
        reader.skipBlanks()
        let isNegated = take(UInt8(ascii: "!"))
        let isPattern = reader.current == UInt8(ascii: "~")
        guard isPattern || reader.current == UInt8(ascii: "=") else {
            throw reader.error(isNegated ? "= or ~ behind !" : "=, !=, ~ or !~")
        }
        reader.place += 1
        var items: [Comparison.Item] = []
        repeat {
            guard items.count < FlowLimits.listItems else {
                throw reader.error("at most \(FlowLimits.listItems) values")
            }
            items.append(try readItem(isPattern: isPattern))
        } while take(UInt8(ascii: ","))
        return Comparison(subject: subject, isPattern: isPattern, isNegated: isNegated, items: items)
    }

    // MARK: Subject

    private static let special = Array("=!~&|()".utf8)

    private mutating func readSubject() throws(FlowSyntaxError) -> Term {
        reader.skipBlanks()
        let start = reader.place
        guard let quote = reader.current, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
            guard let byte = reader.current, !FilterReader.special.contains(byte), byte != UInt8(ascii: ",") else {
                throw reader.error("a key or function")
            }
            return try reader.readTerm(until: FilterReader.special)
        }
        // Inside the quotes a term as anywhere else, up to the quote.
        reader.place += 1
        let term = try reader.readTerm(until: [quote])
        guard reader.current == quote else { throw reader.error("the end of the quotation", at: start) }
        reader.place += 1
        return term
    }

    // MARK: Values

    private mutating func readItem(isPattern: Bool) throws(FlowSyntaxError) -> Comparison.Item {
        reader.skipBlanks()
        let start = reader.place
        if let quote = reader.current, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") {
            reader.place += 1
            let text = try readText(isPattern: isPattern) { $0 == quote }
            guard reader.current == quote else { throw reader.error("the end of the quotation", at: start) }
            reader.place += 1
            return Comparison.Item(position: start + 1, text: text.all)
        }
        let text = try readText(isPattern: isPattern) { $0 == UInt8(ascii: ",") || FilterReader.special.contains($0) }
        if let byte = reader.current, byte != UInt8(ascii: ","), byte != UInt8(ascii: "&"), byte != UInt8(ascii: "|"),
            byte != UInt8(ascii: ")")
        {
            throw reader.error("quotation marks around a value with \(Character(Unicode.Scalar(byte)))")
        }
        guard !text.withoutBlanks.isEmpty else { throw reader.error("a value, '' for the empty one", at: start) }
        return Comparison.Item(position: start, text: text.withoutBlanks)
    }

    /// Up to a byte that `ends` the text. A backslash protects the byte behind it; of a pattern it stays, since there
    /// it has a meaning of its own.
    private mutating func readText(
        isPattern: Bool, _ ends: (UInt8) -> Bool
    ) throws(FlowSyntaxError) -> (all: String, withoutBlanks: String) {
        var text: [UInt8] = []
        var keptCount = 0
        while let byte = reader.current, !ends(byte) {
            reader.place += 1
            text.append(byte)
            if byte == UInt8(ascii: "\\") {
                guard let next = reader.current else { throw reader.error("a character behind \\") }
                if !isPattern { text.removeLast() }
                text.append(next)
                reader.place += 1
                keptCount = text.count
            } else if byte != UInt8(ascii: " ") {
                keptCount = text.count
            }
        }
        return (String(decoding: text, as: UTF8.self), String(decoding: text[..<keptCount], as: UTF8.self))
    }
}
