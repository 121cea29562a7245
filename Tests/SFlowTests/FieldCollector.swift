// A field visitor that writes the fields down under their paths: "dst_as_path[0].members[1]".

import Bytes
import SFlow

struct CollectedField: Equatable {
    var path: String
    var value: FieldValue
    var isUnknown: Bool
}

struct FieldCollector: FieldVisitor {
    var fields: [CollectedField] = []
    var nested: [(element: Int, tag: Tag, body: [UInt8])] = []
    private(set) var violations: [String] = []
    private var path: [(name: String, count: Int, index: Int)] = []

    /// Every list that was begun has ended with all of its elements.
    var isBalanced: Bool { path.isEmpty && violations.isEmpty }

    private func full(_ name: String) -> String {
        var text = ""
        for part in path {
            if !text.isEmpty { text += "." }
            text += "\(part.name)[\(part.index)]"
        }
        if text.isEmpty || name.isEmpty { return text + name }
        return text + "." + name
    }

    mutating func field(_ field: Field, _ value: FieldValue, isUnknown: Bool) {
        fields.append(CollectedField(path: full(field.name), value: value, isUnknown: isUnknown))
    }

    mutating func beginList(_ field: Field, count: Int) { path.append((field.name, count, -1)) }

    mutating func beginElement(_ index: Int) {
        guard let last = path.indices.last else { return violations.append("element outside a list") }
        if index != path[last].index + 1 { violations.append("element \(index) after \(path[last].index)") }
        path[last].index = index
    }

    mutating func endList(_ field: Field) {
        guard let last = path.popLast() else { return violations.append("end outside a list") }
        if last.name != field.name || last.index != last.count - 1 { violations.append("list \(field.name) is incomplete") }
    }

    mutating func nestedRecord(_ tag: Tag, _ layout: FlowLayoutID?, _ body: RawSpan) {
        nested.append((path.last?.index ?? -1, tag, copy(body)))
    }

    subscript(_ path: String) -> FieldValue? { fields.first { $0.path == path }?.value }
    func isUnknown(_ path: String) -> Bool? { fields.first { $0.path == path }?.isUnknown }
}

func walk(_ layout: RecordLayout, _ body: [UInt8]) throws(DecodeError) -> FieldCollector {
    var collector = FieldCollector()
    try RecordWalker.walk(layout, body.span.bytes, into: &collector)
    return collector
}

func flowLayout(_ enterprise: UInt32, _ format: UInt32) throws(MissingLayout) -> RecordLayout {
    guard let id = FlowLayoutID(Tag(enterprise, format)) else { throw MissingLayout() }
    return id.layout
}

func counterLayout(_ enterprise: UInt32, _ format: UInt32) throws(MissingLayout) -> RecordLayout {
    guard let id = CounterLayoutID(Tag(enterprise, format)) else { throw MissingLayout() }
    return id.layout
}

struct MissingLayout: Error {}

/// Why the walk rejects the record; nil when it does not.
func rejection(_ layout: RecordLayout, _ body: [UInt8]) -> DecodeError.Reason? {
    do {
        _ = try walk(layout, body)
        return nil
    } catch {
        return error.reason
    }
}
