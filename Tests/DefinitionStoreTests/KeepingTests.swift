import DataFiles
import DefinitionStore
import Definitions
import Foundation
import Testing

@Suite struct KeepingTests {
    @Test func everythingComesBack() throws {
        let scratch = try Scratch()
        var set = try definitions(everything)
        set = try set.applying(.delete(.map, name: "ports"), reservedMetricNames: [])
        do {
            let store = try DefinitionStore(directory: scratch.path)
            try store.save(set, kinds: DefinitionKind.allCases)
        }
        #expect(scratch.names == ["flows.json", "groups.json", "maps.json", "thresholds.json", "topology.json"])
        let loaded = try load(scratch.path)
        #expect(loaded.messages.isEmpty)
        #expect(loaded.set == set)
        #expect(loaded.set.version == 2)
        #expect(loaded.set.topology.version == 1)
    }

    @Test func filesAreDocumentsThatAnybodyMayRead() throws {
        let scratch = try Scratch()
        let store = try DefinitionStore(directory: scratch.path)
        let mask = umask(0o077)
        try store.save(try definitions(everything), kinds: [.map, .threshold])
        umask(mask)
        #expect(scratch.names == ["maps.json", "thresholds.json"])
        #expect(try scratch.text("maps.json")
            == "{\n \"version\": 1,\n \"maps\": {\n  \"ports\": {\n   \"web\": [\n    \"80\"\n   ]\n  }\n }\n}\n")
        let attributes = try FileManager.default.attributesOfItem(atPath: scratch.path + "/maps.json")
        #expect(attributes[.posixPermissions] as? Int == 0o644)
        let again = try loadDefineFile(scratch.path + "/maps.json", reservedMetricNames: [])
        #expect(again.json(of: .map) == (try definitions(everything)).json(of: .map))
    }

    @Test func anEmptyDirectoryIsAnEmptySet() throws {
        let scratch = try Scratch()
        let loaded = try load(scratch.path + "/new//deeper/")
        #expect(loaded.set == .empty && loaded.set.version == 0 && loaded.messages.isEmpty)
        #expect(scratch.names == ["new"])
    }

    @Test func versionsContinue() throws {
        let scratch = try Scratch()
        var set = try definitions("{topology:{nodes:{a:{}}}}")
        let store = try DefinitionStore(directory: scratch.path)
        for index in 0..<5 {
            set = try set.applying(
                .put(name: "f\(index)", Definition(.flow, json: try json("{value:'bytes'}"))), reservedMetricNames: [])
            try store.save(set, kinds: [.flow])
        }
        set = try set.applying(.delete(.topology, name: ""), reservedMetricNames: [])
        try store.save(set, kinds: [.topology])
        let loaded = try store.load(reservedMetricNames: [])
        #expect(loaded.set == set && loaded.set.version == 7 && loaded.set.topology.version == 2)
    }

    private func json(_ text: String) throws -> JSONValue { try RelaxedJSON.parse(Array(text.utf8), sizeMax: 1000) }

    @Test func otherFilesAreLeftAlone() throws {
        let scratch = try Scratch()
        let others = ["flows.json.old", "notes.txt", ".hidden", "flows.json.damaged-x", "flow.json", "shards.json"]
        for name in others { try scratch.write(name, "{ not ours") }
        let loaded = try load(scratch.path)
        #expect(loaded.messages.isEmpty && loaded.set == .empty)
        #expect(scratch.names == others.sorted())
        for name in others { #expect(try scratch.text(name) == "{ not ours") }
    }

    @Test func savingReplacesASymbolicLinkAndNotItsTarget() throws {
        let scratch = try Scratch()
        try scratch.write("precious", "{flows:{a:{value:'bytes'}}}")
        for name in ["flows.json", "flows.json.new"] {
            try FileManager.default.createSymbolicLink(
                atPath: scratch.path + "/" + name, withDestinationPath: scratch.path + "/precious")
        }
        let store = try DefinitionStore(directory: scratch.path)
        // Reading follows it: that is how mounted configurations look.
        #expect(try store.load(reservedMetricNames: []).set.names(of: .flow) == ["a"])
        try store.save(.empty, kinds: [.flow])
        #expect(try scratch.text("precious") == "{flows:{a:{value:'bytes'}}}")
        #expect(try scratch.text("flows.json") == "{\n \"version\": 0,\n \"flows\": {}\n}\n")
    }

    @Test func defineFiles() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/fabric.json"
        try scratch.write("fabric.json", "// ours\n" + everything)
        let set = try loadDefineFile(path, reservedMetricNames: [])
        #expect(set == (try definitions(everything)) && set.version == 1)
        #expect(try loadDefineFile(path, into: set, reservedMetricNames: []).version == 1)

        try scratch.write("fabric.json", "{flows:{\n tcp:{value:'bytes'}\n udp:{}}}")
        #expect(failure { _ = try loadDefineFile(path, reservedMetricNames: []) }?.message
            == "\(path): line 3, column 2: expected ',' or '}' after the value of \"tcp\"")
        try scratch.write("fabric.json", "{flows:{tcp:{value:'bytes',t:'soon'}}}")
        #expect(failure { _ = try loadDefineFile(path, reservedMetricNames: []) }?.message
            == "\(path): flow \"tcp\": t: expected a number, found \"soon\"")
        try scratch.write("fabric.json", "{flows:{load_one:{value:'bytes'}}}")
        #expect(failure { _ = try loadDefineFile(path, reservedMetricNames: ["load_one"]) }?.message
            == "\(path): flow \"load_one\": there is a counter metric \"load_one\"; give the flow another name")
        #expect(failure { _ = try loadDefineFile(path + "x", reservedMetricNames: []) }
            == StoreError(.notFound, "cannot read \(path)x: No such file or directory"))
        #expect(failure { _ = try loadDefineFile(scratch.path, reservedMetricNames: []) }?.message
            == "cannot read \(scratch.path): Is a directory")
    }
}
