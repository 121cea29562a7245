import DataFiles
import DefinitionStore
import Definitions
import Foundation
import Testing

/// A directory of its own for each test, removed with the last reference.
final class Scratch {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/weir-definitions-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/" + name))
    }

    func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path + "/" + name)), as: UTF8.self)
    }

    var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }
}

/// The set that a definition document describes.
func definitions(_ text: String) throws -> DefinitionSet {
    try DefinitionSet.empty.applying(
        DefinitionDocument(text: Array(text.utf8), sizeMax: 1 << 20), reservedMetricNames: [])
}

let everything = """
    {flows:{tcp:{keys:'ipsource',value:'bytes'}},thresholds:{big:{metric:'tcp',value:1000}},
     groups:{site:{private:['10.0.0.0/8']}},maps:{ports:{web:['80']}},
     topology:{links:{l:{node1:'a',port1:'1',node2:'b',port2:'2'}}}}
    """

/// What a new store finds in a directory.
func load(_ directory: String) throws -> DefinitionStore.Loaded {
    try DefinitionStore(directory: directory).load(reservedMetricNames: ["load_one"])
}

/// Why something in the store fails, as the operator reads it.
func failure(_ action: () throws -> Void, sourceLocation: SourceLocation = #_sourceLocation) -> StoreError? {
    do {
        try action()
    } catch let error as StoreError {
        return error
    } catch {
        Issue.record(error, sourceLocation: sourceLocation)
    }
    return nil
}
