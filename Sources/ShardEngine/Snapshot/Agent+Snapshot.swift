// One agent's piece of a snapshot. Data sources stand in the order in which they came, and everything names them by their
// places, as in memory; all else is sorted. No time of an agent is later than its last datagram.

internal import Bytes
internal import FlowLanguage
internal import SFlow
internal import Wire

/// What the fields of an agent are checked against.
struct AgentBounds {
    /// Data sources.
    let sourceCount: Int
    /// Arrival of the last datagram. Unit: nanoseconds since the Unix epoch.
    let newest: Int64
}

extension Agent {
    func write(into writer: inout WireWriter, of shard: Shard, _ definitions: SnapshotDefinitions) {
        writer.write(address)
        writer.write(signed: lastArrival)
        writer.write(signed: firstArrival)
        writer.write(uptimeMilliseconds)
        writer.write(statistics)
        writer.write(sources)
        writer.write(subAgents)
        instanceTable.write(into: &writer)
        writer.write(unsigned: UInt64(tables.count))
        for table in tables { table.write(into: &writer) }
        writer.write(unsigned: UInt64(custom.count))
        for (source, metrics) in custom.sorted(by: { $0.key < $1.key }) {
            writer.write(unsigned: UInt64(source))
            writer.write(metrics.entries)
        }
        for place in definitions.flows {
            writer.write(flow(place) != nil)
            flow(place)?.write(into: &writer)
        }
        thresholdStates.write(into: &writer, definitions)
        hosts.write(into: &writer, until: lastArrival)
        adapters.write(into: &writer, until: lastArrival, lifetime: shard.expiry.maximum)
        writer.write(sampledPlace.flatMap { shard.names.isCurrent($0) ? SampledPlaceFields($0) : nil })
    }

    convenience init(
        address: IPAddress, from reader: inout WireReader, of shard: Shard, _ definitions: SnapshotDefinitions,
        _ scratch: inout FlowMatch
    ) throws(WireError) {
        let newest = try reader.time()
        self.init(address: address, arrival: try reader.time(until: newest))
        lastArrival = newest
        uptimeMilliseconds = try reader.integer()
        let books = try reader.value(AgentStatistics.self)
        try readSources(&reader)
        statistics = books
        subAgents = try reader.value()
        guard subAgents.count <= Limits.subAgentsPerAgent, Set(subAgents.map(\.number)).count == subAgents.count else {
            throw reader.fault(.badValue)
        }
        let bounds = AgentBounds(sourceCount: sources.count, newest: newest)
        instanceTable = try InstanceTable(from: &reader, bounds)
        try readTables(&reader, of: shard, bounds)
        try readCustom(&reader, bounds)
        for place in definitions.flows where try reader.value(Bool.self) {
            try openFlow(place, of: shard.flows).read(&reader, bounds, &scratch)
        }
        thresholdStates = try ThresholdStates(from: &reader, of: shard, definitions, bounds, &scratch)
        hosts = try HostSightings(from: &reader, bounds)
        adapters = try HostAdapters(from: &reader, bounds)
        if let place = try reader.value(SampledPlaceFields?.self) {
            guard place.found <= newest else { throw reader.fault(.badValue) }
            sampledPlace = shard.names.place(of: self, found: place.found, node: place.node, isEdge: place.isEdge)
        }
    }

    private func readSources(_ reader: inout WireReader) throws(WireError) {
        let count = try reader.count(minimumBytes: 2, limit: Limits.sourcesPerAgent)
        for place in 0..<count {
            guard openSource(try reader.value()) == place else { throw reader.fault(.badValue) }
        }
    }

    private func readTables(_ reader: inout WireReader, of shard: Shard, _ bounds: AgentBounds) throws(WireError) {
        let count = try reader.count(minimumBytes: 4, limit: Limits.tablesPerAgent)
        for _ in 0..<count {
            let structure = try reader.place(below: shard.catalogue.structures.count)
            // Exact: a catalogue numbers its structures by bytes.
            let key = StructureTable.Key(
                structure: StructureID(index: UInt8(truncatingIfNeeded: structure)), instance: try reader.integer())
            if let last = tables.last?.key, last >= key { throw reader.fault(.badValue) }
            tables.append(
                try StructureTable(
                    key: key, structure: shard.catalogue.structures[structure], expiry: shard.expiry, from: &reader, bounds))
        }
    }

    private func readCustom(_ reader: inout WireReader, _ bounds: AgentBounds) throws(WireError) {
        let count = try reader.count(minimumBytes: 2, limit: Limits.customSourcesPerAgent)
        for _ in 0..<count {
            let source = try reader.place(below: bounds.sourceCount)
            guard custom[source] == nil else { throw reader.fault(.badValue) }
            custom[source] = try CustomMetrics(from: &reader, bounds)
        }
    }
}

/// Where samples place the agent in the topology: found again by the node's name.
private struct SampledPlaceFields: WireCodable {
    let found: Int64
    let node: String?
    let isEdge: [UInt32: Bool]

    init(_ place: SampledPlace) {
        (found, node, isEdge) = (place.found, place.node, place.isEdge)
    }

    func encode(into writer: inout WireWriter) {
        writer.write(signed: found)
        writer.write(node)
        writer.write(isEdge)
    }

    init(from reader: inout WireReader) throws(WireError) {
        found = try reader.time()
        node = try reader.value()
        isEdge = try reader.value()
    }
}
