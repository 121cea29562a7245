import Definitions
import Testing

@Suite struct RelaxedJSONTests {
    /// What was written, and the same as strict JSON on one line.
    static let accepted: [(String, String)] = [
        // RFC 8259.
        ("null", "null"), (" true ", "true"), ("false", "false"), ("\"\"", "\"\""), ("[]", "[]"), ("{}", "{}"),
        ("0", "0"), ("-0", "0"), ("-12.5e-1", "-1.25"), ("1E3", "1000"), ("2.71E8", "271000000"), ("1e300", "1e+300"),
        ("9007199254740993", "9007199254740992"), ("5e-324", "5e-324"), ("1e-400", "0"),
        (#""\"\\\/\b\f\n\r\t\u0041\u00e4""#, #""\"\\/\b\f\n\r\tAä""#), (#""\ud83d\ude00""#, "\"😀\""),
        (#""\u0000\u001f\u007f""#, "\"\\u0000\\u001f\u{7F}\""), ("\"ä€😀\"", "\"ä€😀\""),
        ("[1,[2,[]],{\"a\":{}}]", "[1,[2,[]],{\"a\":{}}]"), ("\t[\r\n1 , 2 ]\n", "[1,2]"),
        // Names without quotes.
        ("{keys:\"ipsource\",value:\"bytes\"}", #"{"keys":"ipsource","value":"bytes"}"#),
        ("{a-b.c_$1:1,é:2,true:3,12:4}", #"{"a-b.c_$1":1,"é":2,"true":3,"12":4}"#),
        // Single quotes.
        ("{'a':'b'}", #"{"a":"b"}"#), (#"'it\'s "so"'"#, #""it's \"so\"""#), (#""it's""#, #""it's""#),
        // Commas too many.
        ("[1,2,]", "[1,2]"), ("{a:1 , }", #"{"a":1}"#),
        // Comments.
        ("// first\n{a:/* one */1}// last", #"{"a":1}"#), ("/**/1/***/", "1"), ("[1,//\n2]", "[1,2]"),
        ("\"/* no */ // comment\"", "\"/* no */ // comment\""),
        // The last of equal names, at the place of the first.
        ("{a:1,b:2,a:3}", #"{"a":3,"b":2}"#), ("{a:{x:1},a:{}}", #"{"a":{}}"#),
        // A byte order mark.
        ("\u{FEFF}[1]", "[1]"),
    ]

    @Test(arguments: accepted.indices)
    func readsAsStrictJSON(index: Int) throws {
        let (text, strict) = RelaxedJSONTests.accepted[index]
        let value = try RelaxedJSON.parse(Array(text.utf8), sizeMax: 1000)
        #expect(value.text(indent: 0) == strict)
        #expect(try RelaxedJSON.parse(value.bytes(indent: 3), sizeMax: 1000) == value)
    }

    static let refused: [(String, String)] = [
        ("", "line 1, column 1: expected a value"),
        ("  \n ", "line 2, column 2: expected a value"),
        ("{", "line 1, column 2: expected a name or '}'"),
        ("{,}", "line 1, column 2: expected a name or '}'"),
        ("{\"a\" 1}", "line 1, column 6: expected ':' after the name \"a\""),
        ("{a=1}", "line 1, column 3: expected ':' after the name \"a\""),
        ("{a:}", "line 1, column 4: expected a value"),
        ("{\n  a: 1\n  b: 2\n}", "line 3, column 3: expected ',' or '}' after the value of \"a\""),
        ("{a:1,,}", "line 1, column 6: expected a name or '}'"),
        ("[1 2]", "line 1, column 4: expected ',' or ']'"),
        ("[,]", "line 1, column 2: expected a value"),
        ("[1", "line 1, column 3: expected ',' or ']'"),
        ("1 1", "line 1, column 3: expected the end of the document"),
        ("{keys:ipsource}", "line 1, column 7: expected a number, true, false, null, or a text in quotes"),
        ("truest", "line 1, column 1: expected a number, true, false, null, or a text in quotes"),
        ("True", "line 1, column 1: expected a number, true, false, null, or a text in quotes"),
        ("NaN", "line 1, column 1: expected a number, true, false, null, or a text in quotes"),
        ("[\"ä\", \"abc]", "line 1, column 7: expected the closing quote of the text that starts here"),
        ("'a\"", "line 1, column 1: expected the closing quote of the text that starts here"),
        (
            "\"a\nb\"",
            "line 1, column 3: expected no bare control character inside a text; write it as \\n, \\t or \\u00XX"
        ),
        (#""a\.b""#, "line 1, column 3: expected one of n, t, r, b, f, u, /, a quote or a second \\ after \\"),
        (#""\u12g4""#, "line 1, column 6: expected four hexadecimal digits after \\u"),
        (#""\ud83d""#, "line 1, column 2: expected both halves of a surrogate pair"),
        (#""\ud83d\u0041""#, "line 1, column 2: expected both halves of a surrogate pair"),
        (#""\ude00""#, "line 1, column 2: expected both halves of a surrogate pair"),
        ("-", "line 1, column 2: expected a digit"), ("-a", "line 1, column 2: expected a digit"),
        ("012", "line 1, column 1: expected a number without leading zeros"),
        ("1.", "line 1, column 3: expected a digit after the decimal point"),
        (".5", "line 1, column 1: expected a number, true, false, null, or a text in quotes"),
        ("+1", "line 1, column 1: expected a value"),
        ("1e+", "line 1, column 4: expected a digit of the exponent"),
        ("[1,1e999]", "line 1, column 4: expected a number that fits 64 bits of floating point"),
        ("[-1e999]", "line 1, column 2: expected a number that fits 64 bits of floating point"),
        ("1 /* a", "line 1, column 3: expected the end */ of the comment that starts here"),
        ("1 /*/", "line 1, column 3: expected the end */ of the comment that starts here"),
        ("/1", "line 1, column 1: expected a comment, // or /* */"),
        ("1/", "line 1, column 2: expected a comment, // or /* */"),
        ("{a:1}}", "line 1, column 6: expected the end of the document"),
        ("[1}", "line 1, column 3: expected ',' or ']'"),
    ]

    @Test(arguments: refused.indices)
    func saysWhatIsExpectedWhere(index: Int) {
        let (text, message) = RelaxedJSONTests.refused[index]
        #expect(problem(Array(text.utf8)) == message)
    }

    private func problem(_ bytes: [UInt8], sizeMax: Int = 10 << 20) -> String? {
        do {
            _ = try RelaxedJSON.parse(bytes, sizeMax: sizeMax)
            return nil
        } catch {
            return error.description
        }
    }

    @Test func badUTF8IsNamed() {
        #expect(problem([0x5B, 0x22, 0xFF, 0x22]) == "line 1, column 2: expected text in UTF-8")
        #expect(problem([0x7B, 0xC3, 0x3A]) == "line 1, column 2: expected text in UTF-8")
        // A surrogate and an overlong form in UTF-8.
        #expect(problem([0x22, 0xED, 0xA0, 0x80, 0x22]) == "line 1, column 1: expected text in UTF-8")
        #expect(problem([0x22, 0xC0, 0x80, 0x22]) == "line 1, column 1: expected text in UTF-8")
        #expect(problem([0]) == "line 1, column 1: expected a value")
        #expect(problem([0x31, 0]) == "line 1, column 2: expected the end of the document")
    }

    @Test func limitsHold() {
        #expect(problem(Array("[1,2]".utf8), sizeMax: 5) == nil)
        #expect(problem(Array("[1,2]".utf8), sizeMax: 4) == "line 1, column 1: expected at most 4 bytes, found 5")
        let digits = String(repeating: "1", count: 1025)
        #expect(problem(Array(digits.utf8)) == "line 1, column 1: expected a number of at most 1024 characters")
        #expect(problem(Array("0.\(digits.dropLast(3))".utf8)) == nil)
        #expect(problem(nested("[", 64, "1", "]")) == nil)
        #expect(problem(nested("{a:", 64, "1", "}")) == nil)
        let tooDeep = "expected at most 64 levels of lists and objects"
        #expect(problem(nested("[", 65, "1", "]")) == "line 1, column 65: \(tooDeep)")
        #expect(problem(nested("{a:", 65, "1", "}")) == "line 1, column 193: \(tooDeep)")
    }

    @Test(arguments: ["[", "{a:", "[{a:", "{\"a\":[", "/*", "//", "'", "\\", "-", "[[],", "\"\\u"])
    func bombsEndEarly(piece: String) {
        #expect(problem(Array(String(repeating: piece, count: 1_000_000).utf8)) != nil)
    }

    private func nested(_ open: String, _ count: Int, _ inside: String, _ close: String) -> [UInt8] {
        Array((String(repeating: open, count: count) + inside + String(repeating: close, count: count)).utf8)
    }

    @Test func manyMembersAreFoundByName() throws {
        let names = (0..<50_000).map { "n\($0 % 30_000)" }
        let text = "{" + names.enumerated().map { "\($1):\($0)" }.joined(separator: ",") + "}"
        let object = try #require(try RelaxedJSON.parse(Array(text.utf8), sizeMax: 10 << 20).object)
        #expect(object.count == 30_000)
        #expect(object["n5"] == .number(30_005))
        #expect(object["n25000"] == .number(25_000))
        #expect(object["n30000"] == nil)
        #expect(object.members[5].name == "n5")
    }

    @Test func smallAndLargeObjectsBehaveAlike() {
        for count in 0...20 {
            var object = JSONObject()
            for round in 0..<2 {
                for index in 0..<count { object.set("k\(index)", .number(Double(round * 100 + index))) }
            }
            #expect(object.count == count)
            #expect(object.members.map(\.name) == (0..<count).map { "k\($0)" })
            for index in 0..<count { #expect(object["k\(index)"] == .number(Double(100 + index))) }
            #expect(object.without("k3").count == (count > 3 ? count - 1 : count))
            #expect(object.without("k3")["k3"] == nil)
        }
    }

    @Test func orderOfMembersMeansNothing() {
        #expect(json("{a:1,b:[2]}") == json("{b:[2],a:1}"))
        #expect(json("{a:1}") != json("{a:2}"))
        #expect(json("{a:1}") != json("{b:1}"))
        #expect(json("{a:1}") != json("{a:1,b:1}"))
        #expect(json("[1,2]") != json("[2,1]"))
    }

    @Test func indentsAsTold() {
        #expect(json("{a:[1,{}],b:[]}").text(indent: 1) == "{\n \"a\": [\n  1,\n  {}\n ],\n \"b\": []\n}")
        #expect(json("{a:[1]}").text(indent: -3) == #"{"a":[1]}"#)
        #expect(JSONValue.array([.number(.nan), .number(.infinity)]).text(indent: 0) == "[null,null]")
    }
}
