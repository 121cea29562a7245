// The kinds of definitions and the changes to them.

package import FlowLanguage

/// The sorts of things that users define at run time, in the order in which a document lists them.
package enum DefinitionKind: String, CaseIterable, Sendable {
    case flow, threshold, group, map, topology

    /// The member of a definition document that holds all of this kind, and the stem of its file.
    package var member: String {
        switch self {
        case .flow: "flows"
        case .threshold: "thresholds"
        case .group: "groups"
        case .map: "maps"
        case .topology: "topology"
        }
    }
}

/// One definition of any kind, read and checked by itself.
package enum Definition: Equatable, Sendable {
    case flow(FlowDefinition)
    case threshold(ThresholdDefinition)
    case group(AddressGroupDefinition)
    case map(ValueMapDefinition)
    case topology(Topology)

    /// Reads the body of a PUT.
    package init(_ kind: DefinitionKind, json: JSONValue) throws(DefinitionError) {
        switch kind {
        case .flow: self = .flow(try FlowDefinition(json: json))
        case .threshold: self = .threshold(try ThresholdDefinition(json: json))
        case .group: self = .group(try AddressGroupDefinition(json: json))
        case .map: self = .map(try ValueMapDefinition(json: json))
        case .topology: self = .topology(try Topology(json: json))
        }
    }

    package var kind: DefinitionKind {
        switch self {
        case .flow: .flow
        case .threshold: .threshold
        case .group: .group
        case .map: .map
        case .topology: .topology
        }
    }
}

/// What a PUT or a DELETE asks for, or the server itself.
package enum DefinitionChange: Equatable, Sendable {
    /// The one topology needs no name; whatever is given is ignored.
    case put(name: String, Definition)
    /// What is not there need not be removed. Removing the topology puts the empty one.
    case delete(DefinitionKind, name: String)
    /// A flow that the server defines for itself, for as long as somebody asks for it: shown like any other, and never kept
    /// over a restart. A name that a user's definition has is refused.
    case putTemporary(name: String, FlowDefinition)
    /// Removes such a flow. What a user has put under its name since stays.
    case deleteTemporary(name: String)

    package var kind: DefinitionKind {
        switch self {
        case .put(_, let definition): definition.kind
        case .delete(let kind, _): kind
        case .putTemporary, .deleteTemporary: .flow
        }
    }
}
