// Selectors of agents as nodes send them to each other.

internal import Bytes
package import Wire

extension AgentSelector: WireCodable {
    private enum Kind: UInt8, WireCodable {
        case all, listed, topology, edge, core
    }

    package func encode(into writer: inout WireWriter) {
        switch self {
        case .all: writer.write(Kind.all)
        case .listed(let addresses, let names):
            writer.write(Kind.listed)
            writer.write(addresses.sorted())
            writer.write(names.sorted())
        case .topology: writer.write(Kind.topology)
        case .edge: writer.write(Kind.edge)
        case .core: writer.write(Kind.core)
        }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        switch try reader.value(Kind.self) {
        case .all: self = .all
        case .listed:
            let addresses = try reader.value([IPAddress].self)
            let names = try reader.value([String].self)
            guard addresses.count <= QueryLimits.agentsMax, names.count <= QueryLimits.agentsMax else {
                throw reader.fault(.badValue)
            }
            self = .listed(addresses: Set(addresses), names: Set(names))
        case .topology: self = .topology
        case .edge: self = .edge
        case .core: self = .core
        }
    }
}
