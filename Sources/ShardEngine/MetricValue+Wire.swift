// Values as nodes send them to each other. Numbers are finite, as `MetricValue` promises.

package import Wire

extension MetricValue: WireCodable {
    package func encode(into writer: inout WireWriter) {
        switch self {
        case .number(let number):
            writer.write(byte: 0)
            writer.write(number: number)
        case .text(let text):
            writer.write(byte: 1)
            writer.write(text: text)
        }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        switch try reader.byte() {
        case 0: self = .number(try reader.finiteNumber())
        case 1: self = .text(try reader.text())
        default: throw reader.fault(.badValue)
        }
    }
}

extension Reading: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(value)
        writer.write(signed: arrival)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        self.init(value: try reader.value(), arrival: try reader.time())
    }
}
