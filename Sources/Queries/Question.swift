// Everything that a shard host can be asked, as one value: what a message to a worker begins with. The functions of
// `ShardHost` are the same questions, each with the type of its answer.

package import Wire

package enum Question: Hashable, Sendable {
    case measure(MetricQuery)
    case rows(RowQuery)
    case agents(AgentSelector)
    case dataSources(AgentSelector)
    case newestArrivals
    case flows(ActiveFlowsQuery)
    case flowLocations(FlowLocationQuery)
    case keyArrivals
    case books
    case ports(AgentSelector)
    case hosts(HostQuery)
}

extension Question: WireCodable {
    private enum Kind: UInt8, WireCodable {
        case measure, rows, agents, dataSources, newestArrivals, flows, flowLocations, keyArrivals, books, ports, hosts
    }

    package func encode(into writer: inout WireWriter) {
        switch self {
        case .measure(let query): writer.write(Kind.measure, query)
        case .rows(let query): writer.write(Kind.rows, query)
        case .agents(let selector): writer.write(Kind.agents, selector)
        case .dataSources(let selector): writer.write(Kind.dataSources, selector)
        case .newestArrivals: writer.write(Kind.newestArrivals)
        case .flows(let query): writer.write(Kind.flows, query)
        case .flowLocations(let query): writer.write(Kind.flowLocations, query)
        case .keyArrivals: writer.write(Kind.keyArrivals)
        case .books: writer.write(Kind.books)
        case .ports(let selector): writer.write(Kind.ports, selector)
        case .hosts(let query): writer.write(Kind.hosts, query)
        }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        switch try reader.value(Kind.self) {
        case .measure: self = .measure(try reader.value())
        case .rows: self = .rows(try reader.value())
        case .agents: self = .agents(try reader.value())
        case .dataSources: self = .dataSources(try reader.value())
        case .newestArrivals: self = .newestArrivals
        case .flows: self = .flows(try reader.value())
        case .flowLocations: self = .flowLocations(try reader.value())
        case .keyArrivals: self = .keyArrivals
        case .books: self = .books
        case .ports: self = .ports(try reader.value())
        case .hosts: self = .hosts(try reader.value())
        }
    }
}

extension WireWriter {
    fileprivate mutating func write(_ kind: some WireCodable, _ value: some WireCodable) {
        write(kind)
        write(value)
    }
}
