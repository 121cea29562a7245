// Books of shards and agents as nodes send them to each other.

internal import Bytes
internal import SFlow
package import Wire

extension ShardCounters: WireCodable {
    package func encode(into writer: inout WireWriter) {
        for count in [
            datagrams, bytes, accepted, duplicates, agentsRefused, flowSamples, counterSamples, notifications, namedSamples,
            unknownFormatsNotListed,
        ] {
            writer.write(unsigned: count)
        }
        writer.write(faults: refused)
        writer.write(faults: faults)
        writer.write(unknownFormats)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        self.init()
        datagrams = try reader.unsigned()
        bytes = try reader.unsigned()
        accepted = try reader.unsigned()
        duplicates = try reader.unsigned()
        agentsRefused = try reader.unsigned()
        flowSamples = try reader.unsigned()
        counterSamples = try reader.unsigned()
        notifications = try reader.unsigned()
        namedSamples = try reader.unsigned()
        unknownFormatsNotListed = try reader.unsigned()
        refused = try reader.faults()
        faults = try reader.faults()
        unknownFormats = try reader.value()
    }
}

extension ShardCounters.UnknownFormat.Kind: WireCodable {}

extension ShardCounters.UnknownFormat: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(kind)
        writer.write(tag.rawValue)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        self.init(kind: try reader.value(), tag: Tag(rawValue: try reader.integer()))
    }
}

extension AgentStatistics: WireCodable {
    package func encode(into writer: inout WireWriter) {
        for count in [
            datagrams, bytes, lost, outOfOrder, duplicates, restarts, sourcesRefused, tablesRefused, customRefused,
            hostsRefused, adaptersRefused,
        ] {
            writer.write(unsigned: count)
        }
        writer.write(lastSource)
        writer.write(udpSources)
        writer.write(faults: faults)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        self.init()
        datagrams = try reader.unsigned()
        bytes = try reader.unsigned()
        lost = try reader.unsigned()
        outOfOrder = try reader.unsigned()
        duplicates = try reader.unsigned()
        restarts = try reader.unsigned()
        sourcesRefused = try reader.unsigned()
        tablesRefused = try reader.unsigned()
        customRefused = try reader.unsigned()
        hostsRefused = try reader.unsigned()
        adaptersRefused = try reader.unsigned()
        lastSource = try reader.value()
        udpSources = try reader.value()
        guard udpSources.count <= Limits.udpSourcesPerAgent else { throw reader.fault(.badValue) }
        faults = try reader.faults()
    }
}

extension WireWriter {
    fileprivate mutating func write(faults: [DecodeError.Reason: UInt64]) {
        write(Dictionary(uniqueKeysWithValues: faults.map { ($0.key.rawValue, $0.value) }))
    }
}

extension WireReader {
    fileprivate mutating func faults() throws(WireError) -> [DecodeError.Reason: UInt64] {
        var faults: [DecodeError.Reason: UInt64] = [:]
        for (name, count) in try value([String: UInt64].self) {
            guard let reason = DecodeError.Reason(rawValue: name) else { throw fault(.badValue) }
            faults[reason] = count
        }
        return faults
    }
}
