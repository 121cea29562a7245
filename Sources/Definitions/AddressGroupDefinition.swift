// An address group as configured: labels and their prefixes, in order. The tree that looks addresses up is built from
// it by the flow language.

package struct AddressGroupDefinition: Hashable, Sendable {
    /// Where two labels have the same prefix, the later label counts.
    package let labels: [LabelledList<AddressPrefix>]

    package var prefixCount: Int { labels.reduce(0) { $0 + $1.items.count } }

    /// Reads `{"private":["10.0.0.0/8","FC00::/7"],…}`. One bad prefix refuses the whole group.
    package init(json: JSONValue) throws(DefinitionError) {
        labels = try readLabelledLists(json, what: "an object such as {\"private\":[\"10.0.0.0/8\"]}") {
            text, place throws(DefinitionError) in
            guard let prefix = AddressPrefix(text) else {
                throw DefinitionError(
                    .badValue, at: place(),
                    "expected an address or a prefix such as 10.0.0.0/8 or FC00::/7, found \(shown(text))")
            }
            return prefix
        }
    }

    /// As `GET /group/NAME/json` shows it: host bits cleared, whole addresses without a length.
    package var json: JSONValue {
        labels.map { LabelledList(label: $0.label, items: $0.items.map(\.description)) }.json
    }
}
