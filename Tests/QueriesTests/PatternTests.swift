import DatagramBuilding
import Queries
import SeededRandom
import ShardEngine
import Testing

@Suite struct Patterns {
    @Test(arguments: [
        ("1e9", 1e9, true), ("1000000000", 1e9, true), ("2", 2, true), ("2", 2.5, false), ("2*", 2.5, true), ("*", 0, true),
        ("2.*", 2, false), ("", 0, false), ("1*0", 1e9, true), ("-0", 0, true), ("nan", 1, false), ("x", 1, false),
    ])
    func ofNumbers(pattern: String, value: Double, matches: Bool) {
        #expect(Pattern(pattern).matches(.number(value)) == matches)
    }

    @Test(arguments: [
        ("*web.*", "my-web.example", true), ("*web.*", "my-webXexample", false), ("", "", true), ("*", "", true),
        ("swp1", "swp10", false), ("swp1*", "swp10", true), ("a**b", "ab", true), ("1.0", "1", false),
        ("e\u{301}", "\u{E9}", false), ("e\u{301}*", "\u{E9}", false),
    ])
    func ofTexts(pattern: String, value: String, matches: Bool) {
        #expect(Pattern(pattern).matches(.text(value)) == matches)
    }

    /// What `*` means, said once more: any characters, or one character at a time.
    private func naive(_ pattern: ArraySlice<Character>, _ text: ArraySlice<Character>) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        if first == "*" { return naive(pattern.dropFirst(), text) || !text.isEmpty && naive(pattern, text.dropFirst()) }
        return text.first == first && naive(pattern.dropFirst(), text.dropFirst())
    }

    @Test(arguments: 0..<10 as Range<UInt64>) func matchTheNaiveMatcher(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        func letters(_ alphabet: String, _ count: Int) -> String {
            String((0..<Int.random(in: 0...count, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? "a" })
        }
        for _ in 0..<2_000 {
            let (pattern, text) = (letters("ab*", 8), letters("ab", 10))
            #expect(
                Pattern(pattern).matches(.text(text)) == naive(Array(pattern)[...], Array(text)[...]),
                "seed \(seed): \(pattern) on \(text)")
        }
    }

    @Test func hostilePatternsTakeNoTime() {
        let pattern = Pattern(String(repeating: "a*", count: 500) + "b")
        #expect(!pattern.matches(.text(String(repeating: "a", count: 255))))
    }

    @Test func decimalTexts() {
        let texts: [(Double, String)] = [
            (0, "0"), (-0.0, "0"), (1e9, "1000000000"), (0.1, "0.1"), (-2.5, "-2.5"), (1e15, "1000000000000000"),
            (0x1p53, "9007199254740992"), (0x1p54 - 2, "18014398509481982"), (0x1p54, "1.8014398509481984e+16"), (-1e21, "-1e+21"),
        ]
        for (number, text) in texts { #expect(number.decimalText == text) }
    }
}
