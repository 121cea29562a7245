// What hosts contribute to a metric query, as they send it to the coordinator.

internal import Bytes
internal import ExactStatistics
internal import ShardEngine
package import Wire

extension Place: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(agent)
        writer.write(source)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        self.init(agent: try reader.value(), source: try reader.value())
    }
}

extension PlacedReading: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(place)
        writer.write(reading)
        writer.write(topKeys)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        self.init(place: try reader.value(), reading: try reader.value(), topKeys: try reader.value())
    }
}

extension Tally: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(unsigned: UInt64(count))
        guard count > 0 else { return }
        writer.write(signed: newest)
        writer.write(signed: oldest)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        let count = try reader.quantity()
        guard count > 0 else {
            self.init()
            return
        }
        self.init(count: count, newest: try reader.time(), oldest: try reader.time())
        guard oldest <= newest else { throw reader.fault(.badValue) }
    }
}

extension MeasuredMetric.Needs: WireCodable {
    package init(from reader: inout WireReader) throws(WireError) {
        self.init(rawValue: try reader.byte())
        guard isSubset(of: [.extremes, .moments, .values]) else { throw reader.fault(.badValue) }
    }
}

extension MetricPartial: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(needs)
        writer.write(all)
        writer.write(numbers)
        if needs.contains(.extremes) {
            writer.write(maximum)
            writer.write(minimum)
            writer.write(any)
        }
        if needs.contains(.moments) { writer.write(moments) }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        self.init(needs: try reader.value())
        all = try reader.value()
        numbers = try reader.value()
        guard numbers.count <= all.count else { throw reader.fault(.badValue) }
        if needs.contains(.extremes) {
            maximum = try reader.value()
            minimum = try reader.value()
            any = try reader.value()
            let isThere = all.count > 0
            guard (maximum != nil) == isThere, (minimum != nil) == isThere, (any != nil) == isThere else {
                throw reader.fault(.badValue)
            }
        }
        if needs.contains(.moments) {
            moments = try reader.value()
            guard moments.count == UInt64(numbers.count) else { throw reader.fault(.badValue) }
        }
    }
}

extension MetricQuery {
    /// Whether a host's partials, which may come from another node, are an answer to this query.
    package func isAnswered(by partials: [MetricPartial]) -> Bool {
        partials.map(\.needs) == measured.map(\.needs)
    }
}
