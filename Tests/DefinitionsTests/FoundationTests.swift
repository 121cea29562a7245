// The relaxed reader and the writer against Foundation's, on documents that both must understand.

import Definitions
import Foundation
import SeededRandom
import Testing

@Suite struct FoundationTests {
    @Test func agreesOnRandomDocuments() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<1500 {
            let value = randomValue(&random, depth: 0)
            let written = value.bytes(indent: Int.random(in: 0...3, using: &random))
            let theirs = try JSONSerialization.jsonObject(with: Data(written), options: .fragmentsAllowed)
            #expect(agree(same(theirs), value), "seed \(seed)")
            #expect(try RelaxedJSON.parse(written, sizeMax: .max) == value, "seed \(seed)")
            let rewritten = try JSONSerialization.data(
                withJSONObject: theirs, options: [.fragmentsAllowed, .prettyPrinted])
            #expect(agree(try RelaxedJSON.parse(Array(rewritten), sizeMax: .max), value), "seed \(seed)")
        }
    }

    /// Whatever Foundation takes, we take, and understand the same.
    @Test func takesWhatFoundationTakes() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let alphabet = Array(#"[]{}:,"\0123456789.eE+-truefalsn /u "#.utf8)
        var taken = 0
        for _ in 0..<6000 {
            var bytes = randomValue(&random, depth: 2).bytes(indent: 0)
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                let letter = alphabet.randomElement(using: &random) ?? 0
                let place = Int.random(in: 0..<bytes.count, using: &random)
                if Bool.random(using: &random) { bytes[place] = letter } else { bytes.insert(letter, at: place) }
            }
            guard let theirs = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed),
                let expected = same(theirs)
            else { continue }
            taken += 1
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(agree(try RelaxedJSON.parse(bytes, sizeMax: .max), expected), "\(text), seed \(seed)")
        }
        #expect(taken > 1000)
    }

    private func randomValue(_ random: inout SeededGenerator, depth: Int) -> JSONValue {
        switch Int.random(in: 0..<(depth < 4 ? 8 : 6), using: &random) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &random))
        case 2: return .number(Double(Int.random(in: -10_000...10_000, using: &random)))
        case 3:
            let bits = Double(bitPattern: UInt64.random(in: 0...UInt64.max, using: &random))
            return .number(bits.isFinite ? bits : 0.1)
        case 4, 5: return .string(randomText(&random))
        case 6:
            let count = Int.random(in: 0...4, using: &random)
            return .array((0..<count).map { _ in randomValue(&random, depth: depth + 1) })
        default:
            var object = JSONObject()
            for _ in 0..<Int.random(in: 0...12, using: &random) {
                object.set(randomText(&random), randomValue(&random, depth: depth + 1))
            }
            return .object(object)
        }
    }

    private func randomText(_ random: inout SeededGenerator) -> String {
        let scalars: [Unicode.Scalar] = [
            "a", "b", "\"", "\\", "/", "'", "\n", "\t", "\u{1}", "\u{7F}", "ä", "€", "😀", ",",
        ]
        let count = Int.random(in: 0...6, using: &random)
        return String(String.UnicodeScalarView((0..<count).map { _ in scalars.randomElement(using: &random) ?? "a" }))
    }

    /// nil for a number that is not finite.
    private func same(_ value: Any) -> JSONValue? {
        switch value {
        case is NSNull: return .null
        case let text as String: return .string(text)
        case let number as NSNumber:
            // "c" is how Foundation marks a boolean.
            if String(cString: number.objCType) == "c" { return .bool(number.boolValue) }
            return number.doubleValue.isFinite ? .number(number.doubleValue) : nil
        case let list as [Any]:
            let elements = list.compactMap(same)
            return elements.count == list.count ? .array(elements) : nil
        case let members as [String: Any]:
            var object = JSONObject()
            for (name, member) in members {
                guard let member = same(member) else { return nil }
                object.set(name, member)
            }
            return .object(object)
        default: return nil
        }
    }

    /// Foundation's decimal fractions are off in the last digits.
    private func agree(_ a: JSONValue?, _ b: JSONValue) -> Bool {
        switch (a, b) {
        case (.number(let a), .number(let b)): return abs(a - b) <= 1e-13 * abs(b) || abs(b) < 1e-290
        case (.array(let a), .array(let b)): return a.count == b.count && zip(a, b).allSatisfy(agree)
        case (.object(let a), .object(let b)):
            return a.count == b.count
                && a.members.allSatisfy { member in b[member.name].map { agree(member.value, $0) } ?? false }
        default: return a == b
        }
    }
}
