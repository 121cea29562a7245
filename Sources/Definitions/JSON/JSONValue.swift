// A JSON document in memory: what a request body or a definition file says, before anybody asks what it means.
//
// Definitions are small and rare, so they go through a tree; answers to queries do not (they are written straight out).

package enum JSONValue: Equatable, Sendable {
    case null
    case bool(Bool)
    /// Always finite when parsed. JSON has one sort of number; whole ones are exact up to 2^53.
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    /// For messages: "expected a number, found a list".
    var kind: String {
        switch self {
        case .null: "null"
        case .bool: "true or false"
        case .number: "a number"
        case .string: "a text"
        case .array: "a list"
        case .object: "an object"
        }
    }

    package var object: JSONObject? {
        if case .object(let object) = self { object } else { nil }
    }
}

/// Members in the order in which they were written, found by name in constant time.
package struct JSONObject: Sendable {
    package struct Member: Sendable {
        package let name: String
        package fileprivate(set) var value: JSONValue
    }

    package private(set) var members: [Member] = []

    /// Name to position in `members`; left empty while there are so few members that looking at each is faster, and a
    /// table for each of a hundred thousand ports would be a waste.
    private var positions: [String: Int] = [:]
    private static let unindexedCountMax = 8

    package init() {}

    package var isEmpty: Bool { members.isEmpty }
    package var count: Int { members.count }

    package subscript(name: String) -> JSONValue? { position(of: name).map { members[$0].value } }

    /// A name that is there already keeps its place and gets the new value.
    package mutating func set(_ name: String, _ value: JSONValue) {
        if let position = position(of: name) {
            members[position].value = value
            return
        }
        members.append(Member(name: name, value: value))
        if members.count > JSONObject.unindexedCountMax {
            if positions.isEmpty {
                for (position, member) in members.enumerated() { positions[member.name] = position }
            } else {
                positions[name] = members.count - 1
            }
        }
    }

    package func without(_ name: String) -> JSONObject {
        guard position(of: name) != nil else { return self }
        var rest = JSONObject()
        for member in members where member.name != name { rest.set(member.name, member.value) }
        return rest
    }

    private func position(of name: String) -> Int? {
        if positions.isEmpty { return members.firstIndex { $0.name == name } }
        return positions[name]
    }
}

extension JSONObject: Equatable {
    /// The order of members means nothing in JSON (RFC 8259 section 4).
    package static func == (a: JSONObject, b: JSONObject) -> Bool {
        a.count == b.count && a.members.allSatisfy { b[$0.name] == $0.value }
    }
}
