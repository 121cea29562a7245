// Custom metrics in a snapshot, by name.

internal import Wire

extension CustomMetrics {
    init(from reader: inout WireReader, _ bounds: AgentBounds) throws(WireError) {
        entries = try reader.value()
        guard entries.count <= Limits.customMetricsPerSource,
            entries.values.allSatisfy({ $0.arrival <= bounds.newest && $0.interval <= bounds.newest })
        else { throw reader.fault(.badValue) }
    }
}

extension CustomMetrics.Entry: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(value)
        writer.write(counter)
        writer.write(uptimeMilliseconds)
        writer.write(signed: arrival)
        writer.write(signed: interval)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        value = try reader.value()
        counter = try reader.unsigned()
        uptimeMilliseconds = try reader.integer()
        arrival = try reader.time()
        interval = try reader.time()
    }
}
