// Address groups and value maps have one JSON form: label → list of texts. What a text may be differs.

package struct LabelledList<Item: Hashable & Sendable>: Hashable, Sendable {
    package let label: String
    package let items: [Item]
}

/// Labels in the order given. A single text stands for a list, split at commas. `place` is made for errors only: there
/// may be a million texts.
func readLabelledLists<Item>(
    _ json: JSONValue, what: String,
    read: (_ text: String, _ place: () -> String) throws(DefinitionError) -> Item
) throws(DefinitionError) -> [LabelledList<Item>] {
    guard case .object(let object) = json else { throw .wrongType(at: "", expected: what, found: json) }
    var lists: [LabelledList<Item>] = []
    for member in object.members {
        let place = memberPlace("", member.name)
        let bytesMax = DefinitionLimits.valueBytes
        try checkLength(member.name, at: place, bytesMax: bytesMax)
        var items: [Item] = []
        switch member.value {
        case .array(let elements):
            items.reserveCapacity(elements.count)
            for (index, element) in elements.enumerated() {
                let text = try readText(element, at: "\(place)[\(index)]", bytesMax: bytesMax)
                items.append(try read(text) { "\(place)[\(index)]" })
            }
        case .string(let list):
            for (index, text) in splitList(list).enumerated() {
                try checkLength(text, at: "\(place)[\(index)]", bytesMax: bytesMax)
                items.append(try read(text) { "\(place)[\(index)]" })
            }
        case .number: items.append(try read(try readText(member.value, at: place)) { place })
        default: throw .wrongType(at: place, expected: "a list of texts", found: member.value)
        }
        lists.append(LabelledList(label: member.name, items: items))
    }
    return lists
}

extension [LabelledList<String>] {
    var json: JSONValue {
        var object = JSONObject()
        for list in self { object.set(list.label, .array(list.items.map(JSONValue.string))) }
        return .object(object)
    }
}
