// Bodies that nobody meant well: nothing may trap, take long or echo itself at length.

import Definitions
import SeededRandom
import Testing

@Suite struct HostileTests {
    private static let samples = [
        "{keys:'ipsource,group:ipdestination:g',value:'bytes',values:['frames'],filter:'a=1',n:'7',t:0.5,log:true}",
        "{metric:'load_one',value:'1e3',filter:{os_name:['linux',2],ifspeed:1},byFlow:'true',timeout:0.2}",
        "{private:['10.0.0.0/8','FC00::/7'],external:'0.0.0.0/0,::/0'}", "{web:[80,'443']}",
        "{nodes:{leaf1:{agent:'10.0.0.1',ports:{swp1:{ifindex:'3',tags:{a:1}}}}},links:{l:{node1:'leaf1',port1:'swp1',"
            + "node2:'spine1',port2:'swp2'}}}",
        "{version:3,flows:{f:{value:'bytes'}},thresholds:{},groups:{g:{}},maps:{},topology:{}}",
    ]

    @Test func mutatedBodiesNeverTrap() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let alphabet = Array("{}[]:,'\"\\/*-+.eE0123456789nulltruefalse \n".utf8) + [0, 0xC3, 0xFF]
        for round in 0..<6000 {
            var bytes = Array(HostileTests.samples[round % HostileTests.samples.count].utf8)
            for _ in 0..<Int.random(in: 0...8, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = alphabet.randomElement(using: &random) ?? 0
                case 1: bytes.insert(alphabet.randomElement(using: &random) ?? 0, at: place)
                default: if bytes.count > 1 { bytes.remove(at: place) }
                }
            }
            offer(bytes, seed: seed)
        }
    }

    @Test func randomBytesNeverTrap() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<3000 {
            let count = Int.random(in: 0...60, using: &random)
            offer((0..<count).map { _ in .random(in: 0...255, using: &random) }, seed: seed)
        }
    }

    private func offer(_ bytes: [UInt8], seed: UInt64) {
        guard let value = try? RelaxedJSON.parse(bytes, sizeMax: 10_000) else { return }
        #expect((try? RelaxedJSON.parse(value.bytes(indent: 0), sizeMax: .max)) == value, "seed \(seed)")
        for kind in DefinitionKind.allCases {
            do {
                _ = try Definition(kind, json: value)
            } catch {
                #expect(error.description.utf8.count < 1000, "seed \(seed)")
                #expect(!error.description.utf8.contains { $0 < 0x20 }, "seed \(seed)")
            }
        }
        if let document = try? DefinitionDocument(json: value) {
            _ = try? DefinitionSet.empty.applying(document, reservedMetricNames: [])
        }
    }

    @Test func longTextsAreNotEchoed() {
        let long = String(repeating: "x\u{1}\u{9B}", count: 30_000)
        for body in [
            JSONValue.object(object(long, .object(JSONObject()))), .object(object("metric", .string(long))),
            .object(object("g", .array([.string(long)]))), .object(object("links", .object(object(long, .null)))),
        ] {
            for kind in DefinitionKind.allCases {
                do {
                    _ = try Definition(kind, json: body)
                } catch {
                    #expect(error.description.utf8.count < 1000)
                    #expect(!error.description.unicodeScalars.contains { $0.properties.generalCategory == .control })
                }
            }
        }
    }

    private func object(_ name: String, _ value: JSONValue) -> JSONObject {
        var object = JSONObject()
        object.set(name, value)
        return object
    }

    @Test func hugeNumbersDoNotTrap() throws {
        for number in ["1e300", "-1e300", "9223372036854775808", "'1e308'", "-1e-308", "18446744073709551616"] {
            _ = try? Definition(.flow, json: json("{value:'bytes',n:\(number)}"))
            _ = try? Definition(.flow, json: json("{value:'bytes',t:\(number)}"))
            _ = try? Definition(.flow, json: json("{value:'bytes',activeTimeout:\(number)}"))
            _ = try? Definition(.threshold, json: json("{metric:'a',value:\(number),timeout:\(number)}"))
            _ = try? Definition(.topology, json: json("{nodes:{a:{ports:{p:{ifindex:\(number)}}}}}"))
            _ = try? DefinitionDocument(json: json("{version:\(number),topology:{version:\(number)}}"))
        }
    }
}
