// Everything known about one agent. Agents share nothing: no table, no quota, no eviction; so an agent's state depends on
// its own datagrams alone, in their order, and any split of the agents over shards gives the same answers.

package import Bytes
package import SFlow

package final class Agent {
    package let address: IPAddress
    // What every datagram touches stands together, in as few cache lines as it takes.
    /// Arrival of the first and of the last datagram. Unit: nanoseconds since the Unix epoch.
    package internal(set) var firstArrival: Int64
    package internal(set) var lastArrival: Int64
    /// From the last datagram. Unit: milliseconds.
    package internal(set) var uptimeMilliseconds: UInt32 = 0
    /// With the datagram at hand while there is one.
    var instanceTable = InstanceTable()
    var subAgents: [SubAgent] = []
    /// At the places of the shard's definitions; nil where the agent has had no such flow.
    private(set) var flows: [FlowState?] = [] {
        didSet { flowReferences = flows.map { $0.map(Uncounted.init) } }
    }
    /// The same.
    private(set) var flowReferences: [Uncounted<FlowState>?] = []
    package internal(set) var statistics = AgentStatistics()

    private var sourceTable = SourceTable()
    package var sources: [SourceName] { sourceTable.names }
    /// Places in `sources` sorted by data source; made anew when it is asked for after a source has come.
    private var sortedPlaces: [Int] = []
    /// Sorted by key.
    var tables: [StructureTable] = []
    var custom: [Int: CustomMetrics] = [:]
    var thresholdStates = ThresholdStates()
    /// Where samples place the agent in the topology; nil until one asks.
    var sampledPlace: SampledPlace?
    /// Hosts at its edge ports.
    var hosts = HostSightings()
    /// Adaptors of the machine and its guests.
    var adapters = HostAdapters()

    init(address: IPAddress, arrival: Int64) {
        self.address = address
        firstArrival = arrival
        lastArrival = arrival
    }

    /// The place of a data source in `sources`, nil for a new one beyond the limit.
    func openSource(_ name: SourceName) -> Int? {
        if let place = sourceTable.place(of: name) { return place }
        guard sources.count < Limits.sourcesPerAgent else {
            statistics.sourcesRefused &+= 1
            return nil
        }
        return sourceTable.add(name)
    }

    /// Places of the data sources, sorted by data source.
    package var sortedSources: [Int] {
        if sortedPlaces.count != sources.count {
            sortedPlaces = sources.indices.sorted { sources[$0] < sources[$1] }
        }
        return sortedPlaces
    }

    package func source(named name: SourceName) -> Int? { sourceTable.place(of: name) }

    /// The place of a named data source that has custom metrics, or may have them from now on; nil beyond the limit.
    /// Expired ones make room first, so that it does not matter when the last clean-up was.
    func openCustomSource(_ name: SourceName, asOf: Int64, expiry: Expiry) -> Int? {
        if let place = sourceTable.place(of: name), custom[place] != nil { return place }
        if custom.count >= Limits.customSourcesPerAgent { removeExpiredCustom(asOf: asOf, expiry: expiry) }
        return custom.count < Limits.customSourcesPerAgent ? openSource(name) : nil
    }

    func table(_ key: StructureTable.Key) -> Int? {
        let place = placeOfTable(key)
        return place < tables.count && tables[place].key == key ? place : nil
    }

    /// The place of a table, nil for a new one beyond the limit.
    func openTable(_ key: StructureTable.Key, structure: CompiledStructure) -> Int? {
        let place = placeOfTable(key)
        if place < tables.count, tables[place].key == key { return place }
        guard tables.count < Limits.tablesPerAgent else {
            statistics.tablesRefused &+= 1
            return nil
        }
        tables.insert(StructureTable(key: key, structure: structure), at: place)
        return place
    }

    /// Changes a table in place.
    func withTable(_ place: Int, _ body: (inout StructureTable) -> Void) { body(&tables[place]) }

    /// The counters of a data source start over.
    func dropBaselines(source: Int) {
        for place in tables.indices { tables[place].dropBaseline(source: source) }
    }

    /// The place of a new sub-agent, nil beyond the limit.
    func openSubAgent(_ number: UInt32) -> Int? {
        guard subAgents.count < Limits.subAgentsPerAgent else { return nil }
        subAgents.append(SubAgent(number: number))
        return subAgents.count - 1
    }

    /// The series of samples of all data sources, in order of appearance.
    package var instances: [SampleInstance] { instanceTable.all }

    /// The agent's flows of the shard's definition at this place.
    func openFlow(_ place: Int, of definitions: [ActiveFlow]) -> FlowState {
        if place < flows.count, let state = flows[place] { return state }
        let state = FlowState(definitions[place])
        var flows = flows
        if place >= flows.count { flows += repeatElement(nil, count: place + 1 - flows.count) }
        flows[place] = state
        self.flows = flows
        return state
    }

    /// Begins to fetch what a datagram books.
    func prefetchBooks() { subAgents.prefetchFirst() }

    /// Begins to fetch the tables of flows; not what is in them.
    func prefetchFlows() { for flow in flowReferences { flow?.prefetch(byteCount: 192) } }

    func flow(_ place: Int) -> FlowState? { place < flows.count ? flows[place] : nil }

    /// Moves what is kept to the places of new definitions. `kept` says where each was before.
    func arrangeFlows(_ definitions: [ActiveFlow], kept: [Int?]) {
        flows = zip(definitions, kept).map { definition, place in
            let state = place.flatMap { flow($0) }
            state?.rebind(to: definition)
            return state
        }
    }

    /// Whether any metric is left, or the agent was heard lately.
    package func isVisible(asOf: Int64, expiry: Expiry) -> Bool {
        if asOf - lastArrival <= expiry.minimum { return true }
        return tables.contains { table in
            table.rows.indices.contains { table.isVisible($0, asOf: asOf, expiry: expiry) }
        } || custom.values.contains { $0.isVisible(asOf: asOf, expiry: expiry) }
            || flows.contains { $0?.isVisible(asOf: asOf) == true }
    }

    func removeExpired(asOf: Int64, expiry: Expiry) {
        for place in tables.indices { tables[place].removeExpired(asOf: asOf, expiry: expiry) }
        tables.removeAll { $0.rows.isEmpty }
        for flow in flows { flow?.removeExpired(asOf: asOf) }
        hosts.removeExpired(asOf: asOf)
        adapters.owners.removeExpired(asOf: asOf, lifetime: expiry.maximum)
        removeExpiredCustom(asOf: asOf, expiry: expiry)
    }

    private func removeExpiredCustom(asOf: Int64, expiry: Expiry) {
        for source in custom.keys.sorted() {
            custom[source]?.removeExpired(asOf: asOf, expiry: expiry)
            if custom[source]?.isEmpty == true { custom[source] = nil }
        }
    }

    /// Binary search: the place of a table, or where it belongs.
    private func placeOfTable(_ key: StructureTable.Key) -> Int {
        var low = 0, high = tables.count
        while low < high {
            let middle = (low + high) / 2
            if tables[middle].key < key { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// Bounds of one agent's state, against agents that invent data sources without end. What they refuse is counted.
enum Limits {
    /// Ports of the largest chassis, with room for containers.
    static let sourcesPerAgent = 16_384
    /// Three kinds of samples each.
    static let instancesPerAgent = 3 * sourcesPerAgent
    /// Structures and their instances (queues, lanes).
    static let tablesPerAgent = 1_024
    static let subAgentsPerAgent = 256
    static let udpSourcesPerAgent = 16
    /// Named data sources of custom metrics, and metrics of each.
    static let customSourcesPerAgent = 256
    static let customMetricsPerSource = 256
    /// Thresholds that are exceeded at the same time, of ports and with `byFlow` of flows.
    static let thresholdStatesPerAgent = 16_384
    /// Addresses seen at edge ports within five minutes, each with its port.
    static let hostSightingsPerAgent = 16_384
    /// MAC addresses of the machine and its guests within the longest life of a value.
    static let adaptersPerAgent = 16_384
    /// Numbers of unknown formats that a shard counts apart; the rest is counted together.
    static let unknownFormats = 256
}

/// The name of a row: a numbered data source, or the text that custom metrics name theirs with. Numbered ones sort first.
package enum SourceName: Hashable, Comparable, Sendable, CustomStringConvertible {
    case numbered(DataSource)
    case named(String)

    /// What stands for an agent as a whole: data source `0`.
    static let wholeAgent = SourceName.numbered(DataSource(classNumber: 0, index: 0))
    /// The machine that the agent runs on.
    static let machine = SourceName.numbered(DataSource(classNumber: 2, index: 1))

    package var description: String {
        switch self {
        case .numbered(let source): source.description
        case .named(let name): name
        }
    }

    package static func < (a: SourceName, b: SourceName) -> Bool {
        switch (a, b) {
        case (.numbered(let a), .numbered(let b)): a < b
        case (.named(let a), .named(let b)): a.unicodeScalars.lexicographicallyPrecedes(b.unicodeScalars)
        case (.numbered, .named): true
        case (.named, .numbered): false
        }
    }
}
