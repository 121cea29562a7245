// Regular expressions as they are written: a subset of Java's, over bytes of UTF-8.
//
// ```
// a  \.  .          a character; any byte
// [a-z_] [^0-9]     sets of ASCII characters, with \d \w \s inside
// \d \w \s \D \W \S digits, letters digits and _, white space; everything else
// x* x+ x? x{2} x{2,} x{2,5}   a lazy form (x*?) matches the same whole texts and is accepted
// (x) (?:x) x|y     groups capture nothing
// ^ $               allowed where they are implied: a pattern always matches the whole text
// ```
// No back references, no look-around, no flags: they have no automaton, or nobody needs them here. `.` is one byte, so
// a character beyond ASCII needs as many dots as it has bytes.

/// A set of bytes.
struct ByteSet: Hashable, Sendable {
    private var words: InlineArray<4, UInt64> = [0, 0, 0, 0]

    init() {}

    init(_ range: ClosedRange<UInt8>) { for byte in range { insert(byte) } }

    init(_ bytes: UInt8...) { for byte in bytes { insert(byte) } }

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool { words[Int(byte >> 6)] >> UInt64(byte & 63) & 1 == 1 }

    mutating func insert(_ byte: UInt8) { words[Int(byte >> 6)] |= 1 << UInt64(byte & 63) }

    mutating func formUnion(_ other: ByteSet) { for index in 0..<4 { words[index] |= other.words[index] } }

    var inverted: ByteSet {
        var set = self
        for index in 0..<4 { set.words[index] = ~words[index] }
        return set
    }

    static func == (a: ByteSet, b: ByteSet) -> Bool { (0..<4).allSatisfy { a.words[$0] == b.words[$0] } }

    func hash(into hasher: inout Hasher) { for index in 0..<4 { hasher.combine(words[index]) } }

    static let any = ByteSet(0...255)
    static let digits = ByteSet(0x30...0x39)
    static let spaces = ByteSet(0x20, 0x09, 0x0A, 0x0B, 0x0C, 0x0D)
    static let word: ByteSet = {
        var set = digits
        set.formUnion(ByteSet(0x41...0x5A))
        set.formUnion(ByteSet(0x61...0x7A))
        set.insert(0x5F)
        return set
    }()
}

indirect enum PatternNode {
    case bytes(ByteSet)
    case sequence([PatternNode])
    case alternatives([PatternNode])
    /// `most` nil: any number.
    case repetition(PatternNode, least: Int, most: Int?)
}

/// Reads a pattern. Errors give the position in bytes, which are characters up to the first one beyond ASCII.
struct PatternReader {
    private static let groupNesting = 64
    private static let repetitionMax = 1000

    private let bytes: [UInt8]
    private var place = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    mutating func read() throws(Pattern.SyntaxError) -> PatternNode {
        let node = try readAlternatives(depth: 0)
        guard place == bytes.count else { throw error("no ) without (") }
        return node
    }

    private var current: UInt8? { place < bytes.count ? bytes[place] : nil }

    private func error(_ expected: String) -> Pattern.SyntaxError {
        Pattern.SyntaxError(position: String(decoding: bytes[..<place], as: UTF8.self).count, expected: expected)
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard current == byte else { return false }
        place += 1
        return true
    }

    private mutating func readAlternatives(depth: Int) throws(Pattern.SyntaxError) -> PatternNode {
        var alternatives = [try readSequence(depth: depth)]
        while take(UInt8(ascii: "|")) { alternatives.append(try readSequence(depth: depth)) }
        return alternatives.count == 1 ? alternatives[0] : .alternatives(alternatives)
    }

    private mutating func readSequence(depth: Int) throws(Pattern.SyntaxError) -> PatternNode {
        var nodes: [PatternNode] = []
        if depth == 0 { _ = take(UInt8(ascii: "^")) }
        while let byte = current, byte != UInt8(ascii: "|"), byte != UInt8(ascii: ")") {
            if byte == UInt8(ascii: "$") {
                place += 1
                guard depth == 0, current == nil || current == UInt8(ascii: "|") else {
                    throw error("the end of the pattern behind $")
                }
                continue
            }
            nodes.append(try readQuantified(depth: depth))
        }
        return .sequence(nodes)
    }

    private mutating func readQuantified(depth: Int) throws(Pattern.SyntaxError) -> PatternNode {
        let node = try readAtom(depth: depth)
        var repetition: PatternNode
        if take(UInt8(ascii: "*")) {
            repetition = .repetition(node, least: 0, most: nil)
        } else if take(UInt8(ascii: "+")) {
            repetition = .repetition(node, least: 1, most: nil)
        } else if take(UInt8(ascii: "?")) {
            repetition = .repetition(node, least: 0, most: 1)
        } else if take(UInt8(ascii: "{")) {
            repetition = try readBounds(of: node)
        } else {
            return node
        }
        _ = take(UInt8(ascii: "?"))
        if let byte = current, "*+?{".utf8.contains(byte) { throw error("a single quantifier") }
        return repetition
    }

    private mutating func readBounds(of node: PatternNode) throws(Pattern.SyntaxError) -> PatternNode {
        let least = try readCount()
        var most: Int? = least
        if take(UInt8(ascii: ",")) { most = current == UInt8(ascii: "}") ? nil : try readCount() }
        guard take(UInt8(ascii: "}")) else { throw error("}") }
        if let most, most < least { throw error("an upper bound that is not below the lower") }
        return .repetition(node, least: least, most: most)
    }

    private mutating func readCount() throws(Pattern.SyntaxError) -> Int {
        var count = 0
        let start = place
        while let byte = current, byte.isDigit, count <= PatternReader.repetitionMax {
            count = count * 10 + Int(byte - UInt8(ascii: "0"))
            place += 1
        }
        guard place > start, count <= PatternReader.repetitionMax else {
            throw error("a number up to \(PatternReader.repetitionMax)")
        }
        return count
    }

    private mutating func readAtom(depth: Int) throws(Pattern.SyntaxError) -> PatternNode {
        guard let byte = current else { throw error("a character") }
        switch byte {
        case UInt8(ascii: "("):
            place += 1
            guard depth < PatternReader.groupNesting else {
                throw error("at most \(PatternReader.groupNesting) groups inside each other")
            }
            if take(UInt8(ascii: "?")), !take(UInt8(ascii: ":")) { throw error(": behind (?") }
            let node = try readAlternatives(depth: depth + 1)
            guard take(UInt8(ascii: ")")) else { throw error(")") }
            return node
        case UInt8(ascii: "["):
            place += 1
            return .bytes(try readSet())
        case UInt8(ascii: "\\"):
            place += 1
            return .bytes(try readEscape())
        case UInt8(ascii: "."):
            place += 1
            return .bytes(.any)
        case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"), UInt8(ascii: "{"), UInt8(ascii: "^"):
            throw error("a character, \\ before \(Character(Unicode.Scalar(byte)))")
        default:
            return readCharacter()
        }
    }

    /// One character: all its bytes, so that a quantifier behind it means the whole.
    private mutating func readCharacter() -> PatternNode {
        var nodes = [PatternNode.bytes(ByteSet(bytes[place]))]
        place += 1
        while let byte = current, byte & 0xC0 == 0x80 {
            nodes.append(.bytes(ByteSet(byte)))
            place += 1
        }
        return nodes.count == 1 ? nodes[0] : .sequence(nodes)
    }

    private mutating func readEscape() throws(Pattern.SyntaxError) -> ByteSet {
        guard let byte = current else { throw error("a character behind \\") }
        let set: ByteSet
        switch byte {
        case UInt8(ascii: "d"): set = .digits
        case UInt8(ascii: "D"): set = ByteSet.digits.inverted
        case UInt8(ascii: "w"): set = .word
        case UInt8(ascii: "W"): set = ByteSet.word.inverted
        case UInt8(ascii: "s"): set = .spaces
        case UInt8(ascii: "S"): set = ByteSet.spaces.inverted
        case UInt8(ascii: "t"): set = ByteSet(0x09)
        case UInt8(ascii: "n"): set = ByteSet(0x0A)
        case UInt8(ascii: "r"): set = ByteSet(0x0D)
        case _ where byte.isLetterOrDigit || byte >= 0x80:
            throw error("d, w, s, D, W, S, t, n, r or a punctuation mark behind \\")
        default: set = ByteSet(byte)
        }
        place += 1
        return set
    }

    private mutating func readSet() throws(Pattern.SyntaxError) -> ByteSet {
        var set = ByteSet()
        let isInverted = take(UInt8(ascii: "^"))
        var isEmpty = true
        while let byte = current, byte != UInt8(ascii: "]") || isEmpty {
            isEmpty = false
            guard byte < 0x80 else { throw error("ASCII characters in [ ]") }
            guard byte != UInt8(ascii: "["), byte != UInt8(ascii: "&") || bytes[place...].prefix(2) != [0x26, 0x26]
            else {
                throw error("no sets inside [ ], \\ before the character")
            }
            if byte == UInt8(ascii: "\\") {
                place += 1
                set.formUnion(try readEscape())
                continue
            }
            place += 1
            let isRange =
                current == UInt8(ascii: "-") && place + 1 < bytes.count && bytes[place + 1] != UInt8(ascii: "]")
            guard isRange else {
                set.insert(byte)
                continue
            }
            let last = bytes[place + 1]
            guard last >= byte, last < 0x80, last != UInt8(ascii: "\\") else { throw error("a range in order") }
            set.formUnion(ByteSet(byte...last))
            place += 2
        }
        guard take(UInt8(ascii: "]")) else { throw error("]") }
        return isInverted ? set.inverted : set
    }
}
