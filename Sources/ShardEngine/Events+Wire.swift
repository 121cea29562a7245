// What shards report by themselves, as a worker sends it to its coordinator.

internal import Bytes
package import Wire

extension ThresholdEvent: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(signed: time)
        writer.write(text: threshold)
        writer.write(text: metric)
        writer.write(number: level)
        writer.write(number: value)
        writer.write(agent)
        writer.write(source)
        writer.write(flowKey)
        writer.write(values)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        self.init(
            time: try reader.time(), threshold: try reader.text(), metric: try reader.text(),
            level: try reader.finiteNumber(), value: try reader.finiteNumber(), agent: try reader.value(),
            source: try reader.value(), flowKey: try reader.value(), values: try reader.finiteNumbers())
    }
}

extension FlowRecord: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(text: name)
        writer.write(agent)
        writer.write(source)
        writer.write(text: flowKey)
        writer.write(number: value)
        writer.write(values)
        writer.write(signed: start)
        writer.write(signed: end)
        writer.write(isLogged)
        writer.write(exported)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        self.init(
            name: try reader.text(), agent: try reader.value(), source: try reader.value(), flowKey: try reader.text(),
            value: try reader.finiteNumber(), values: try reader.finiteNumbers(), start: try reader.time(),
            end: try reader.time(), isLogged: try reader.value(), exported: try reader.value())
    }
}

extension ExportedFlow: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(text: layout)
        writer.write(bytes: key)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        self.init(layout: try reader.text(), key: try reader.byteArray())
    }
}

extension Outbox: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(events)
        writer.write(flows)
        writer.write(eventsLost)
        writer.write(flowsLost)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        let events = try reader.value([ThresholdEvent].self)
        let flows = try reader.value([FlowRecord].self)
        guard events.count <= Outbox.countMax, flows.count <= Outbox.countMax else { throw reader.fault(.badValue) }
        self.init(events: events, flows: flows, eventsLost: try reader.value(), flowsLost: try reader.value())
    }
}
