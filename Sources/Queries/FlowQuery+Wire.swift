// Flow queries and their answers as nodes send them to each other.

internal import Bytes
internal import ShardEngine
package import Wire

extension ActiveFlowsQuery.Mode: WireCodable {}

extension ActiveFlowsQuery: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(agents)
        writer.write(text: flow)
        writer.write(maxFlows)
        writer.write(number: minValue)
        writer.write(mode)
        writer.write(keyFilter)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        self.init(
            agents: try reader.value(), flow: try reader.text(), maxFlows: try reader.value(),
            minValue: try reader.finiteNumber(), mode: try reader.value(), keyFilter: try reader.value())
    }
}

extension FlowLocationQuery: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(agents)
        writer.write(text: flow)
        writer.write(text: keyText)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        self.init(agents: try reader.value(), flow: try reader.text(), keyText: try reader.text())
    }
}

extension FlowLocation: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(place)
        writer.write(reading)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        self.init(place: try reader.value(), reading: try reader.value())
    }
}
