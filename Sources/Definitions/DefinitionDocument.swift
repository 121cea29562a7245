// All definitions in one JSON document: what `--define` reads and what lies in the data directory.
//
//     {"flows":{NAME:{…}},"thresholds":{NAME:{…}},"groups":{NAME:{…}},"maps":{NAME:{…}},"topology":{…}}
//
// Every body is what the REST API takes and shows. Any member may be missing; `version` may be there.

package struct DefinitionDocument: Sendable {
    struct Entry: Sendable {
        let kind: DefinitionKind
        /// Empty for the topology.
        let name: String
        let body: JSONValue
    }

    let entries: [Entry]
    /// 0 when the document does not say.
    let version: UInt64
    let topologyVersion: UInt64

    /// Those that the document mentions, whether it has any of them or not.
    package let kinds: [DefinitionKind]

    package init(text: [UInt8], sizeMax: Int) throws(DefinitionError) {
        let json: JSONValue
        do throws(JSONSyntaxError) {
            json = try RelaxedJSON.parse(text, sizeMax: sizeMax)
        } catch {
            throw DefinitionError(.syntax, at: "", error.description)
        }
        try self.init(json: json)
    }

    /// Checks the frame of the document, not yet the definitions in it.
    package init(json: JSONValue) throws(DefinitionError) {
        let members = DefinitionKind.allCases.map(\.member)
        guard let object = json.object else {
            throw .wrongType(at: "", expected: "an object with \(members.joined(separator: ", "))", found: json)
        }
        if let stranger = object.members.first(where: { !members.contains($0.name) && $0.name != "version" }) {
            throw DefinitionError(
                .unknownMember, at: memberPlace("", stranger.name),
                "unknown; a definition document has \(members.joined(separator: ", "))")
        }
        kinds = DefinitionKind.allCases.filter { object[$0.member] != nil }
        version = try DefinitionDocument.version(of: object)
        // A topology may come from anywhere: there, `version` is a remark.
        let topology = object[DefinitionKind.topology.member]?.object
        topologyVersion = (try? topology.map(DefinitionDocument.version)) ?? 0
        var entries: [Entry] = []
        for kind in kinds {
            guard let value = object[kind.member], value != .null else { continue }
            if kind == .topology {
                entries.append(Entry(kind: kind, name: "", body: value))
            } else if let named = value.object {
                entries += named.members.map { Entry(kind: kind, name: $0.name, body: $0.value) }
            } else {
                throw .wrongType(at: kind.member, expected: "an object with a member for each name", found: value)
            }
        }
        self.entries = entries
    }

    private static func version(of object: JSONObject) throws(DefinitionError) -> UInt64 {
        guard let value = object["version"] else { return 0 }
        guard case .number(let number) = value, let version = UInt64(exactly: number), version <= 1 << 53 else {
            throw DefinitionError(.badValue, at: "version", "expected a whole number from 0 to 2^53; leave it out")
        }
        return version
    }
}

extension DefinitionSet {
    /// The set after everything in a document has been put. All or nothing; at most one version later.
    package func applying(
        _ document: DefinitionDocument, reservedMetricNames: Set<String>
    ) throws(DefinitionError) -> DefinitionSet {
        var set = self
        for entry in document.entries { try set.apply(entry, reservedMetricNames: reservedMetricNames) }
        if set != self { set.continueVersions(after: version + 1, topology: 0) }
        return set
    }

    /// Puts what a document holds that this program wrote earlier. What is not possible any more comes back as errors
    /// and is left out; versions continue where the document's end.
    package mutating func restore(
        _ document: DefinitionDocument, reservedMetricNames: Set<String>
    ) -> [DefinitionError] {
        var refused: [DefinitionError] = []
        for entry in document.entries {
            do throws(DefinitionError) {
                try apply(entry, reservedMetricNames: reservedMetricNames)
            } catch {
                refused.append(error)
            }
        }
        continueVersions(after: document.version, topology: document.topologyVersion)
        return refused
    }

    private mutating func apply(
        _ entry: DefinitionDocument.Entry, reservedMetricNames: Set<String>
    ) throws(DefinitionError) {
        do throws(DefinitionError) {
            let change = DefinitionChange.put(name: entry.name, try Definition(entry.kind, json: entry.body))
            try apply(change, reservedMetricNames: reservedMetricNames)
        } catch {
            let isNamed = entry.kind != .topology
            throw error.inside(isNamed ? "\(entry.kind.rawValue) \(shown(entry.name))" : entry.kind.rawValue)
        }
    }
}
