// Flows of a data source as nodes send them to each other.

package import Wire

extension FlowReading: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(bytes: key)
        writer.write(number: value)
        writer.write(number: ingressShare)
        writer.write(signed: arrival)
        writer.write(values)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        self.init(
            key: try reader.byteArray(), value: try reader.finiteNumber(), ingressShare: try reader.share(),
            arrival: try reader.time(), values: try reader.finiteNumbers())
    }
}

extension TopKey: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(text: key)
        writer.write(number: value)
        writer.write(signed: arrival)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        self.init(key: try reader.text(), value: try reader.finiteNumber(), arrival: try reader.time())
    }
}

extension WireReader {
    /// A part of a whole, from 0 to 1.
    package mutating func share() throws(WireError) -> Double {
        let share = try number()
        guard (0...1).contains(share) else { throw fault(.badValue) }
        return share
    }
}
