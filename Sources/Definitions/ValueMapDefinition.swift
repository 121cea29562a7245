/// A map as configured: labels and the exact texts of key values that belong to them.
package struct ValueMapDefinition: Hashable, Sendable {
    /// Values as flow keys print: decimal numbers, MAC addresses as twelve upper-case digits. One under two labels
    /// belongs to the later label.
    package let labels: [LabelledList<String>]

    package var valueCount: Int { labels.reduce(0) { $0 + $1.items.count } }

    /// Reads `{"web":["80","443"],…}`; numbers may come as numbers.
    package init(json: JSONValue) throws(DefinitionError) {
        labels = try readLabelledLists(json, what: "an object such as {\"web\":[\"80\",\"443\"]}") {
            text, _ throws(DefinitionError) in text
        }
    }

    /// As `GET /map/NAME/json` shows it.
    package var json: JSONValue { labels.json }
}
