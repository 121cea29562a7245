// Regular expressions against a slow, obvious matcher, and against patterns made to be slow.
import FlowLanguage
import SeededRandom
import Testing

struct PatternTests {
    @Test(
        "accepted texts",
        arguments: [
            ("abc", "abc", true), ("abc", "abcd", false), ("a.c", "abc", true), ("a*", "", true), ("a+", "", false),
            ("(ab)+c?", "abab", true), ("[a-c]{2,3}", "abc", true), ("[a-c]{2,3}", "abca", false), ("[^a]", "b", true),
            ("[^a]", "a", false), ("a{3}", "aaa", true), ("a{2,}", "aaaaa", true), ("a{0}", "", true),
            ("\\d+\\.\\d+", "10.5", true),
            ("\\w*", "a_1", true), ("\\S+\\s\\S+", "a b", true), ("[\\d.]+", "1.2", true), ("[]a]+", "a]", true),
            ("[a-]+", "a-a", true), ("^ab$", "ab", true), ("^a|b$", "b", true), ("(?:a|b)*", "abba", true),
            ("a|", "", true),
            ("()", "", true), ("a??", "a", true), ("é+", "éé", true), ("..", "é", true), ("\\\\", "\\", true),
            ("", "", true), ("", "a", false),
            ("(a|ab)(c|bcd)(d*)", "abcd", true), ("[^\\d]", "x", true), ("[+--]", ",", true),
        ])
    func texts(_ pattern: String, _ text: String, _ isMatch: Bool) throws {
        let compiled = try Pattern(pattern)
        #expect(compiled.matches(text) == isMatch)
    }

    @Test(
        "faults",
        arguments: [
            ("(", 1), (")", 0), ("[", 1), ("[a", 2), ("a{", 2), ("a{x}", 2), ("a{2,1}", 6), ("*a", 0), ("a**", 2),
            ("a++", 2),
            ("\\", 1), ("\\q", 1), ("\\1", 1), ("(?=a)", 2), ("(?i)a", 2), ("a^b", 1), ("a$b", 2), ("[z-a]", 2),
            ("[é]", 1),
            ("a{1001}", 6), ("[a&&b]", 2), ("[[:alpha:]]", 1), ("a{2", 3),
        ])
    func faults(_ pattern: String, _ position: Int) {
        do throws(Pattern.SyntaxError) {
            _ = try Pattern(pattern)
            Issue.record("\(pattern) was accepted")
        } catch { #expect(error.position == position, "\(pattern): \(error)") }
    }

    @Test("patterns that ruin backtracking, and bombs")
    func hostile() throws {
        let text = String(repeating: "a", count: 1000)
        for pattern in ["(a*)*b", "(a|a)*b", "(a|aa)+b", "(.*)(.*)(.*)(.*)b", "((a+)+)+b"] {
            let compiled = try Pattern(pattern)
            #expect(!compiled.matches(text))
        }
        let optional = try Pattern("(a?){500}a{500}")
        #expect(optional.matches(text))
        #expect(throws: Pattern.SyntaxError.self) { _ = try Pattern("((a{100}){100}){100}") }
        #expect(throws: Pattern.SyntaxError.self) { _ = try Pattern("((((a{0}){1000}){1000}){1000}){1000}") }
        #expect(throws: Pattern.SyntaxError.self) { _ = try Pattern(String(repeating: "a", count: 1025)) }
        #expect(throws: Pattern.SyntaxError.self) { _ = try Pattern(String(repeating: "(", count: 1000)) }
    }

    @Test("the same answer as a backtracking matcher", arguments: [1, 2, 3, 4] as [UInt64])
    func property(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<400 {
            let node = Regex.random(depth: 3, using: &generator)
            let compiled = try Pattern(node.pattern)
            for _ in 0..<12 {
                let text = (0..<Int.random(in: 0...7, using: &generator)).map { _ in
                    "abc".randomElement(using: &generator) ?? "a"
                }
                let expected = node.matches(text[...]) { $0.isEmpty }
                #expect(compiled.matches(String(text)) == expected, "seed \(seed): \(node.pattern) on \(String(text))")
            }
        }
    }

    @Test("random patterns are refused or accepted, never trapped on")
    func noise() {
        var generator = SeededGenerator(seed: 99)
        let alphabet = Array("ab(|)[]{}*+?.\\^$-,0129dws:")
        for _ in 0..<20_000 {
            let text = String(
                (0..<Int.random(in: 0...14, using: &generator)).map { _ in
                    alphabet.randomElement(using: &generator) ?? "a"
                })
            if let pattern = try? Pattern(text) { _ = pattern.matches("ab-0") }
        }
    }
}

/// The slow reference: tries one way after another.
private indirect enum Regex {
    case character(Character)
    case any
    case set([Character], isInverted: Bool)
    case sequence([Regex])
    case alternatives([Regex])
    case repetition(Regex, Int, Int?)

    static func random(depth: Int, using generator: inout SeededGenerator) -> Regex {
        let letter = "abc".randomElement(using: &generator) ?? "a"
        switch Int.random(in: 0..<(depth == 0 ? 3 : 7), using: &generator) {
        case 0, 3: return .character(letter)
        case 1: return .any
        case 2: return .set([letter, "b"], isInverted: Bool.random(using: &generator))
        case 4:
            return .sequence(
                (0..<Int.random(in: 1...3, using: &generator)).map { _ in random(depth: depth - 1, using: &generator) })
        case 5:
            return .alternatives(
                (0..<Int.random(in: 2...3, using: &generator)).map { _ in random(depth: depth - 1, using: &generator) })
        default:
            let least = Int.random(in: 0...2, using: &generator)
            let most = Bool.random(using: &generator) ? nil : Optional(least + Int.random(in: 0...2, using: &generator))
            return .repetition(random(depth: depth - 1, using: &generator), least, most)
        }
    }

    var pattern: String {
        switch self {
        case .character(let character): String(character)
        case .any: "."
        case .set(let members, let isInverted): "[\(isInverted ? "^" : "")\(String(members))]"
        case .sequence(let nodes): "(" + nodes.map(\.pattern).joined() + ")"
        case .alternatives(let nodes): "(" + nodes.map(\.pattern).joined(separator: "|") + ")"
        case .repetition(let node, let least, let most): "(\(node.pattern)){\(least),\(most.map(String.init) ?? "")}"
        }
    }

    func matches(_ text: ArraySlice<Character>, _ rest: (ArraySlice<Character>) -> Bool) -> Bool {
        switch self {
        case .character(let character): return text.first == character && rest(text.dropFirst())
        case .any: return !text.isEmpty && rest(text.dropFirst())
        case .set(let members, let isInverted):
            guard let first = text.first else { return false }
            return members.contains(first) != isInverted && rest(text.dropFirst())
        case .sequence(let nodes):
            guard let first = nodes.first else { return rest(text) }
            return first.matches(text) { Regex.sequence(Array(nodes.dropFirst())).matches($0, rest) }
        case .alternatives(let nodes): return nodes.contains { $0.matches(text, rest) }
        case .repetition(let node, let least, let most):
            if most == 0 { return rest(text) }
            if least == 0, rest(text) { return true }
            return node.matches(text) { left in
                // A round that consumed nothing brings nothing new, unless rounds are still owed.
                guard left.count < text.count || least > 0 else { return false }
                return Regex.repetition(node, max(0, least - 1), most.map { $0 - 1 }).matches(left, rest)
            }
        }
    }
}
