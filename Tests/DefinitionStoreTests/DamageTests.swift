// Crashes at every step, and files as bad disks and hasty editors leave them.

import DataFiles
import DefinitionStore
import Definitions
import Foundation
import SeededRandom
import Testing

@Suite struct DamageTests {
    /// A directory with everything in it.
    private func full() throws -> Scratch {
        let scratch = try Scratch()
        try DefinitionStore(directory: scratch.path).save(definitions(everything), kinds: DefinitionKind.allCases)
        return scratch
    }

    /// A crash leaves a temporary file that is empty, cut anywhere, or whole but not yet renamed.
    @Test func crashesWhileWritingChangeNothing() throws {
        let scratch = try full()
        let set = try definitions(everything)
        let next = set.document(kinds: [.flow]).bytes(indent: 1)
        for length in 0...next.count {
            try scratch.write("flows.json.new", String(decoding: next.prefix(length), as: UTF8.self))
            let store = try DefinitionStore(directory: scratch.path)
            let loaded = try store.load(reservedMetricNames: [])
            #expect(loaded.set == set && loaded.messages.isEmpty)
            if length % 50 == 0 {
                try store.save(set, kinds: [.flow])
                #expect(!scratch.names.contains("flows.json.new"))
            }
        }
    }

    static let damages: [(String, String)] = [
        ("", "is damaged: line 1, column 1: expected a value"),
        (
            "{\"flows\":{\"tcp\":{\"val",
            "is damaged: line 1, column 18: expected the closing quote of the text that starts here"
        ),
        ("\u{0}\u{0}\u{0}\u{0}", "is damaged: line 1, column 1: expected a value"),
        ("{flows:[]}", "is damaged: flows: expected an object with a member for each name, found a list"),
        ("[]", "is damaged: expected an object with flows, thresholds, groups, maps, topology, found a list"),
        ("{version:'x',flows:{}}", "is damaged: version: expected a whole number from 0 to 2^53; leave it out"),
        (
            "{other:1}",
            "is damaged: other: unknown; a definition document has flows, thresholds, groups, maps, topology"
        ),
        ("{flows:{},maps:{}}", "holds maps, which do not belong there"),
    ]

    @Test(arguments: damages.indices)
    func aDamagedFileIsMovedAsideAndTheRestLoads(index: Int) throws {
        let (text, why) = DamageTests.damages[index]
        let scratch = try full()
        try scratch.write("flows.json", text)
        var loaded = try load(scratch.path)
        #expect(loaded.messages == [
            "\(scratch.path)/flows.json: \(why); moved to flows.json.damaged-1, going on without its definitions"
        ])
        #expect(loaded.set.flows.isEmpty)
        for kind in DefinitionKind.allCases where kind != .flow { #expect(loaded.set.count(of: kind) == 1) }
        #expect(try scratch.text("flows.json.damaged-1") == text)
        #expect(!scratch.names.contains("flows.json"))
        // Told once; the next damage takes the next number.
        loaded = try load(scratch.path)
        #expect(loaded.messages.isEmpty)
        try scratch.write("flows.json", "again")
        #expect(try load(scratch.path).messages.first?.contains("moved to flows.json.damaged-2,") == true)
        #expect(try scratch.text("flows.json.damaged-1") == text)
        #expect(try scratch.text("flows.json.damaged-2") == "again")
    }

    @Test func everyFileMayBeDamaged() throws {
        let scratch = try full()
        for kind in DefinitionKind.allCases { try scratch.write(kind.member + ".json", "{") }
        let loaded = try load(scratch.path)
        #expect(loaded.set == .empty && loaded.messages.count == 5)
        #expect(scratch.names == DefinitionKind.allCases.map { "\($0.member).json.damaged-1" }.sorted())
    }

    @Test func freeNumbersAreFound() throws {
        let scratch = try Scratch()
        for number in [1, 2, 4] { try scratch.write("maps.json.damaged-\(number)", "old \(number)") }
        try scratch.write("maps.json", "!")
        #expect(try load(scratch.path).messages.count == 1)
        #expect(try scratch.text("maps.json.damaged-3") == "!")
        for number in [1, 2, 4] { #expect(try scratch.text("maps.json.damaged-\(number)") == "old \(number)") }
    }

    @Test func directoriesAndPipesAreNoFiles() throws {
        let scratch = try full()
        try FileManager.default.removeItem(atPath: scratch.path + "/flows.json")
        try FileManager.default.createDirectory(
            atPath: scratch.path + "/flows.json", withIntermediateDirectories: false)
        try FileManager.default.removeItem(atPath: scratch.path + "/maps.json")
        #expect(mkfifo(scratch.path + "/maps.json", 0o644) == 0)
        let loaded = try load(scratch.path)
        #expect(loaded.messages.count == 2 && loaded.messages.allSatisfy { $0.contains("not a file; moved to ") })
        #expect(loaded.set.thresholds.count == 1)
        #expect(scratch.names.contains("flows.json.damaged-1") && scratch.names.contains("maps.json.damaged-1"))
    }

    @Test func aLinkToNowhereIsDamage() throws {
        let scratch = try Scratch()
        try FileManager.default.createSymbolicLink(atPath: scratch.path + "/flows.json", withDestinationPath: "nowhere")
        #expect(try load(scratch.path).messages == [
            "\(scratch.path)/flows.json: cannot be read: No such file or directory; moved to flows.json.damaged-1, "
                + "going on without its definitions"
        ])
    }

    @Test func whatIsNoLongerPossibleIsLeftOutAndKeptAside() throws {
        let scratch = try full()
        let text = "{version:9,flows:{load_one:{value:'bytes'},good:{value:'bytes'},bad:{}}}"
        try scratch.write("flows.json", text)
        var loaded = try load(scratch.path)
        let path = scratch.path + "/flows.json"
        #expect(loaded.messages == [
            "\(path): flow \"load_one\": there is a counter metric \"load_one\"; give the flow another name; left out",
            "\(path): flow \"bad\": value: missing; expected what to add up, such as \"bytes\" or \"frames\"; left out",
            "\(path): the file as it was is kept as flows.json.damaged-1",
        ])
        #expect(loaded.set.names(of: .flow) == ["good"] && loaded.set.version == 9)
        #expect(loaded.set.count(of: .map) == 1)
        #expect(try scratch.text("flows.json.damaged-1") == text)
        loaded = try load(scratch.path)
        #expect(loaded.messages.isEmpty && loaded.set.names(of: .flow) == ["good"] && loaded.set.version == 9)
    }

    @Test func manyRefusalsAreCounted() throws {
        let scratch = try Scratch()
        try scratch.write("flows.json", "{flows:{\((0..<50).map { "f\($0):{}" }.joined(separator: ","))}}")
        let messages = try load(scratch.path).messages
        #expect(messages.count == 12)
        #expect(messages[10] == "\(scratch.path)/flows.json: 40 more left out")
    }

    @Test func randomDamageNeverTrapsNorLoses() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let good = try definitions(everything).document(kinds: [.topology]).bytes(indent: 1)
        for _ in 0..<300 {
            let scratch = try Scratch()
            var bytes = Array(good.prefix(Int.random(in: 0...good.count, using: &random)))
            for _ in 0..<Int.random(in: 0...3, using: &random) where !bytes.isEmpty {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            try Data(bytes).write(to: URL(fileURLWithPath: scratch.path + "/topology.json"))
            let loaded = try load(scratch.path)
            if !loaded.messages.isEmpty {
                let aside = try Data(contentsOf: URL(fileURLWithPath: scratch.path + "/topology.json.damaged-1"))
                #expect(Array(aside) == bytes, "seed \(seed)")
            }
        }
    }
}
