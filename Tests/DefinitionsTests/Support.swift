import Definitions
import FlowLanguage
import Foundation
import Testing

/// Reads relaxed JSON that the test itself wrote.
func json(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) -> JSONValue {
    do {
        return try RelaxedJSON.parse(Array(text.utf8), sizeMax: 1 << 20)
    } catch {
        Issue.record("\(text): \(error)", sourceLocation: sourceLocation)
        return .null
    }
}

/// What the definition looks like when it is shown again, on one line.
func shownAgain(_ kind: DefinitionKind, _ text: String) throws -> String {
    switch try Definition(kind, json: json(text)) {
    case .flow(let flow): flow.json.text(indent: 0)
    case .threshold(let threshold): threshold.json.text(indent: 0)
    case .group(let group): group.json.text(indent: 0)
    case .map(let map): map.json.text(indent: 0)
    case .topology(let topology): topology.json.text(indent: 0)
    }
}

/// Why a body is refused, as the user reads it.
func refusal(_ kind: DefinitionKind, _ text: String, sourceLocation: SourceLocation = #_sourceLocation) -> String {
    do {
        _ = try Definition(kind, json: json(text))
        Issue.record("accepted: \(text)", sourceLocation: sourceLocation)
        return ""
    } catch {
        return error.description
    }
}

/// Files that the project's developers share; they are not part of the repository.
enum SharedCaptures {
    static let folder: String = {
        if let shared = ProcessInfo.processInfo.environment["WEIR_SHARED"] { return shared + "/data/captures" }
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
        return root + "/../shared/data/captures"
    }()

    static var areThere: Bool { FileManager.default.fileExists(atPath: folder + "/ecmp.topology.json") }

    static func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name)))
    }
}
