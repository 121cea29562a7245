// JSON as it is written: against an independent reader, and byte for byte where the form is promised.

import DatagramBuilding
import Foundation
import NIOCore
import Routing
import SeededRandom
import Testing

@Suite struct JSONWriterTests {
    private func written(indent: Int = 0, _ write: (inout JSONWriter) -> Void) -> String {
        var json = JSONWriter(indent: indent)
        write(&json)
        return String(buffer: json.take())
    }

    private func read(_ text: String) throws -> Any {
        try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
    }

    @Test func indentation() {
        func document(_ json: inout JSONWriter) {
            json.object { json in
                json.member("a", 1)
                json.member("b") { json in
                    json.array { json in
                        json.element { $0.null() }
                        json.element { $0.object { _ in } }
                        json.element { $0.array { _ in } }
                    }
                }
                json.member("c", true)
            }
        }
        #expect(written(indent: 0) { document(&$0) } == #"{"a":1,"b":[null,{},[]],"c":true}"#)
        #expect(written(indent: 1) { document(&$0) } == "{\n \"a\": 1,\n \"b\": [\n  null,\n  {},\n  []\n ],\n \"c\": true\n}")
        #expect(
            written(indent: 4) { document(&$0) }
                == "{\n    \"a\": 1,\n    \"b\": [\n        null,\n        {},\n        []\n    ],\n    \"c\": true\n}")
    }

    @Test func strings() throws {
        let everyControl = String(decoding: Array(0x00...0x1F), as: UTF8.self)
        for text in [
            "", "plain", "\"", "\\", "a\"b\\c", everyControl, "\u{7F}\u{2028}\u{FEFF}", "é漢🙂", "\r\n", "</script>", "\u{FFFD}",
        ] {
            let json = written { $0.string(text) }
            let back = try read(json) as? String
            #expect(back.map { Array($0.utf8) } == Array(text.utf8), "\(json)")
            #expect(!json.utf8.contains { $0 < 0x20 })
        }
        #expect(written { $0.string("\u{1}\u{1f}\t\n\r\"\\") } == #""\u0001\u001f\t\n\r\"\\""#)
        #expect(written { $0.object { $0.member("a\"\n", "x") } } == #"{"a\"\n":"x"}"#)
    }

    @Test func numbers() throws {
        let cases: [(Double, String)] = [
            (0, "0"), (-0.0, "0"), (1, "1"), (-48, "-48"), (0.5, "0.5"), (0.1, "0.1"), (1e14, "100000000000000"),
            (1e300, "1e+300"),
            (.leastNonzeroMagnitude, "5e-324"), (.nan, "null"), (.infinity, "null"), (-.infinity, "null"),
        ]
        for (value, text) in cases { #expect(written { $0.number(value) } == text) }
        #expect(written { $0.integer(Int64.min) } == "-9223372036854775808")
        #expect(written { $0.integer(UInt64.max) } == "18446744073709551615")
    }

    /// Whatever the number, independent readers find the same.
    @Test func numbersReadBack() throws {
        let seed = UInt64.random(in: 0...(.max))
        var random = SeededGenerator(seed: seed)
        for _ in 0..<20_000 {
            let value = Double(bitPattern: random.next())
            guard value.isFinite else { continue }
            let text = written { $0.number(value) }
            #expect(Double(text) == value, "seed \(seed)")
            // Foundation takes it for a number too; its reader rounds less well than strtod.
            #expect(strtod(text, nil) == value, "seed \(seed)")
            #expect(try read(text) is NSNumber, "\(text), seed \(seed)")
        }
    }

    /// Documents of any shape, with and without indentation, taken in pieces or whole.
    @Test func randomDocuments() throws {
        let seed = UInt64.random(in: 0...(.max))
        var random = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            let document = RandomDocument(depth: 4, &random)
            for indent in [0, 1, 3] {
                var json = JSONWriter(indent: indent)
                var pieces = ""
                document.write(&json) { json in
                    if Bool.random(using: &random) { pieces += String(buffer: json.take()) }
                }
                pieces += String(buffer: json.take())
                let back = try read(pieces)
                #expect(document.equals(back), "seed \(seed): \(pieces)")
            }
        }
    }
}

private indirect enum RandomDocument {
    case number(Double), text(String), bool(Bool), null
    case array([RandomDocument]), object([(String, RandomDocument)])

    init(depth: Int, _ random: inout SeededGenerator) {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 4), using: &random) {
        case 0: self = .number(Double(Int.random(in: -1_000...1_000, using: &random)) / 8)
        case 1: self = .text(String((0..<5).map { _ in "a\"\\\n\u{0}é".randomElement(using: &random) ?? "a" }))
        case 2: self = .bool(Bool.random(using: &random))
        case 3: self = .null
        case 4, 5:
            self = .array((0..<Int.random(in: 0...4, using: &random)).map { _ in RandomDocument(depth: depth - 1, &random) })
        default:
            self = .object(
                (0..<Int.random(in: 0...4, using: &random)).map { ("key \($0)", RandomDocument(depth: depth - 1, &random)) })
        }
    }

    /// `pause` is called between members.
    func write(_ json: inout JSONWriter, _ pause: (inout JSONWriter) -> Void) {
        switch self {
        case .number(let value): json.number(value)
        case .text(let text): json.string(text)
        case .bool(let value): json.bool(value)
        case .null: json.null()
        case .array(let elements):
            json.array { json in
                for element in elements {
                    json.element { element.write(&$0, pause) }
                    pause(&json)
                }
            }
        case .object(let members):
            json.object { json in
                for (name, value) in members {
                    json.member(name) { value.write(&$0, pause) }
                    pause(&json)
                }
            }
        }
    }

    func equals(_ other: Any) -> Bool {
        switch self {
        case .number(let value): (other as? NSNumber)?.doubleValue == value
        case .text(let text): other as? String == text
        case .bool(let value): (other as? NSNumber)?.boolValue == value
        case .null: other is NSNull
        case .array(let elements):
            (other as? [Any]).map { $0.count == elements.count && zip(elements, $0).allSatisfy { $0.equals($1) } } ?? false
        case .object(let members):
            (other as? [String: Any]).map { found in
                found.count == members.count && members.allSatisfy { name, value in found[name].map(value.equals) ?? false }
            } ?? false
        }
    }
}
