// Data sources as nodes send them to each other.

package import SFlow
package import Wire

extension DataSource: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(classNumber)
        writer.write(index)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        self.init(classNumber: try reader.integer(), index: try reader.integer())
    }
}

extension SourceName: WireCodable {
    package func encode(into writer: inout WireWriter) {
        switch self {
        case .numbered(let source):
            writer.write(byte: 0)
            writer.write(source)
        case .named(let name):
            writer.write(byte: 1)
            writer.write(text: name)
        }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        switch try reader.byte() {
        case 0: self = .numbered(try reader.value())
        case 1: self = .named(try reader.text())
        default: throw reader.fault(.badValue)
        }
    }
}
