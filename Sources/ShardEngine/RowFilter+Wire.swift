// Names of metrics and conditions on them as nodes send them to each other.

package import Wire

/// A name travels as text: the one under which the metric is kept. The sender has resolved aliases, which are a setting of
/// the node that people ask, so the reader resolves none; and where a metric is kept follows from the compiled-in
/// catalogue, which settings only add aliases to.
extension MetricName: WireCodable {
    package func encode(into writer: inout WireWriter) { writer.write(text: name) }

    package init(from reader: inout WireReader) throws(WireError) {
        self.init(kept: try reader.text())
    }
}

extension RowFilter: WireCodable {
    package func encode(into writer: inout WireWriter) { writer.write(conditions) }

    package init(from reader: inout WireReader) throws(WireError) { self.init(conditions: try reader.value()) }
}

extension RowFilter.Condition: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(metric)
        writer.write(patterns)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        self.init(metric: try reader.value(), patterns: try reader.value())
    }
}

extension Pattern: WireCodable {
    package func encode(into writer: inout WireWriter) { writer.write(text: text) }

    package init(from reader: inout WireReader) throws(WireError) { self.init(try reader.text()) }
}
