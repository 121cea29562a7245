// Metrics of a query, and the conditions on its rows, as nodes send them to each other. The reader holds them to the bounds
// that the sender's own reading of the query's text has kept.

internal import ShardEngine
package import Wire

extension Statistic: WireCodable {}

extension MetricReference: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(metric)
        writer.write(source)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        metric = try reader.value()
        source = try reader.value()
    }
}

extension MetricTerm: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(text: text)
        writer.write(statistic)
        writer.write(reference)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        text = try reader.text()
        statistic = try reader.value()
        reference = try reader.value()
    }
}

extension MetricQuery: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(agents)
        writer.write(terms)
        writer.write(filter)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        self.init(agents: try reader.value(), terms: try reader.metrics(), filter: try reader.filter())
    }
}

extension WireReader {
    /// No more metrics than a query may name.
    mutating func metrics<Metric: WireCodable>() throws(WireError) -> [Metric] {
        let metrics = try value([Metric].self)
        guard metrics.count <= QueryLimits.metricsMax else { throw fault(.badValue) }
        return metrics
    }

    mutating func filter() throws(WireError) -> RowFilter {
        let filter = try value(RowFilter.self)
        let patterns = filter.conditions.flatMap(\.patterns)
        guard filter.conditions.count <= QueryLimits.patternsMax, patterns.count <= QueryLimits.patternsMax,
            patterns.allSatisfy({ $0.text.utf8.count <= QueryLimits.nameBytesMax })
        else { throw fault(.badValue) }
        return filter
    }
}
