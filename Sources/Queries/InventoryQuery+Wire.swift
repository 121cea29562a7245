// What there is, and the books, as hosts send them to the coordinator.

internal import Bytes
internal import SFlow
internal import ShardEngine
package import Wire

extension AgentSummary.Samples: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(unsigned: UInt64(dataSources))
        for count in [samples, lost, duplicates, outOfOrder, drops] { writer.write(unsigned: count) }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        self.init(
            dataSources: try reader.quantity(), samples: try reader.unsigned(), lost: try reader.unsigned(),
            duplicates: try reader.unsigned(), outOfOrder: try reader.unsigned(), drops: try reader.unsigned())
    }
}

extension AgentSummary: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(address)
        writer.write(hostName)
        writer.write(statistics)
        writer.write(flow)
        writer.write(counter)
        writer.write(notification)
        writer.write(signed: firstArrival)
        writer.write(signed: lastArrival)
        writer.write(uptimeMilliseconds)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        address = try reader.value()
        hostName = try reader.value()
        statistics = try reader.value()
        flow = try reader.value()
        counter = try reader.value()
        notification = try reader.value()
        firstArrival = try reader.time()
        lastArrival = try reader.time()
        uptimeMilliseconds = try reader.integer()
    }
}

extension DataSourceSummary: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(agent)
        writer.write(source)
        writer.write(interfaceName)
        for count in [samples, lost, drops] { writer.write(unsigned: count) }
        writer.write(samplingRate)
        writer.write(number: effectiveSamplingRate)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        self.init(
            agent: try reader.value(), source: try reader.value(), interfaceName: try reader.value(),
            samples: try reader.unsigned(), lost: try reader.unsigned(), drops: try reader.unsigned(),
            samplingRate: try reader.integer(), effectiveSamplingRate: try reader.finiteNumber())
    }
}

extension ShardBooks: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(counters)
        writer.write(unsigned: UInt64(agentCount))
    }

    package init(from reader: inout WireReader) throws(WireError) {
        self.init()
        counters = try reader.value()
        agentCount = try reader.quantity()
    }
}

/// When each of something was last seen, by name: metrics and flow keys.
package struct Arrivals: WireCodable, Hashable, Sendable {
    /// Unit: nanoseconds since the Unix epoch.
    package let byName: [String: Int64]

    package init(byName: [String: Int64]) { self.byName = byName }

    package func encode(into writer: inout WireWriter) { writer.write(byName) }

    package init(from reader: inout WireReader) throws(WireError) {
        byName = try reader.value()
        guard byName.values.allSatisfy({ $0 >= 0 }) else { throw reader.fault(.badValue) }
    }
}
