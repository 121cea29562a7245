// Definitions as the REST API and definition documents show them.

extension DefinitionSet {
    /// All definitions of a kind by name, in the order of names; the topology by itself.
    package func json(of kind: DefinitionKind) -> JSONValue {
        if kind == .topology { return topology.json }
        var object = JSONObject()
        for name in names(of: kind) { if let definition = json(of: kind, name: name) { object.set(name, definition) } }
        return .object(object)
    }

    /// One definition; nil when there is none of that name.
    package func json(of kind: DefinitionKind, name: String) -> JSONValue? {
        switch kind {
        case .flow: flows[name]?.json
        case .threshold: thresholds[name]?.json
        case .group: groups[name]?.json
        case .map: maps[name]?.json
        case .topology: topology.json
        }
    }

    /// `version` and the given kinds, whether there are any or not.
    package func document(kinds: [DefinitionKind] = DefinitionKind.allCases) -> JSONValue {
        var object = JSONObject()
        object.set("version", .number(Double(version)))
        for kind in kinds { object.set(kind.member, json(of: kind)) }
        return .object(object)
    }
}
