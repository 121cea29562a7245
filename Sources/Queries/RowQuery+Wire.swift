// Row queries and rows as nodes send them to each other.

internal import Bytes
internal import ShardEngine
package import Wire

extension TableColumn: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(reference)
        writer.write(text: name)
        writer.write(isOptional)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        self.init(reference: try reader.value(), name: try reader.text(), isOptional: try reader.value())
    }
}

extension RowQuery.Columns: WireCodable {
    package func encode(into writer: inout WireWriter) {
        switch self {
        case .all: writer.write(byte: 0)
        case .anyOf(let metrics):
            writer.write(byte: 1)
            writer.write(metrics)
        case .table(let columns):
            writer.write(byte: 2)
            writer.write(columns)
        }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        switch try reader.byte() {
        case 0: self = .all
        case 1: self = .anyOf(try reader.metrics())
        case 2: self = .table(try reader.metrics())
        default: throw reader.fault(.badValue)
        }
    }
}

extension RowOrder: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(column)
        writer.write(isDescending)
        writer.write(limit)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        self.init(column: try reader.value(), isDescending: try reader.value(), limit: try reader.value())
        // The text of a query has room for 32 bits. Far from where twice the limit would overflow.
        if let limit, !(1...1 << 32).contains(limit) { throw reader.fault(.badValue) }
    }
}

extension RowQuery: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(agents)
        writer.write(columns)
        writer.write(filter)
        writer.write(order)
        writer.write(wantsLabels)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        self.init(
            agents: try reader.value(), columns: try reader.value(), filter: try reader.filter(),
            order: try reader.value(), wantsLabels: try reader.value())
        guard let order else { return }
        guard case .table(let columns) = columns, columns.indices.contains(order.column) else {
            throw reader.fault(.badValue)
        }
    }
}

extension Row: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(place)
        writer.write(cells)
        writer.write(key)
        writer.write(labels)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        self.init(
            place: try reader.value(), cells: try reader.value(), key: try reader.value(), labels: try reader.value())
    }
}

extension Row.Cell: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(text: name)
        writer.write(source)
        writer.write(reading)
        writer.write(topKeys)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        self.init(
            name: try reader.text(), source: try reader.value(), reading: try reader.value(), topKeys: try reader.value())
    }
}

extension RowLabels: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(hostName)
        writer.write(interfaceName)
        writer.write(guestName)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        self.init(hostName: try reader.value(), interfaceName: try reader.value(), guestName: try reader.value())
    }
}
