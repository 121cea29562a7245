// One shard: a set of agents and everything known about them. Bytes and times go in, state comes out; no clock, no
// input or output, no lock. A shard belongs to one executor, which alone touches it.

package import Bytes
package import Definitions
internal import FlowLanguage
package import SFlow

package final class Shard {
    package let expiry: Expiry
    package let catalogue: Catalogue
    package internal(set) var agents: [IPAddress: Agent] = [:] {
        didSet {
            recentAgents.forget()
            memory.ahead.forgetAgents()
            agentsInOrder = nil
        }
    }
    /// By address; nil until somebody asks.
    private var agentsInOrder: [Agent]?
    /// A memory of `agents`.
    var recentAgents = RecentAgents()
    /// What taking datagrams in needs; that of other shards of the executor, too.
    let memory: IngestMemory
    package internal(set) var counters = ShardCounters()
    /// Definitions in force. Agents keep what they have seen of each at the same place.
    package private(set) var flows: [ActiveFlow] = []
    /// Of each definition in force what every sample needs.
    private(set) var flowsAtHand: [FlowAtHand] = []
    private var placeOfFlow: [String: Int] = [:]
    package private(set) var topology = Topology.empty
    /// A flag by itself: it is asked for each flow sample.
    private(set) var hasTopology = false
    /// Whether names may be asked for while a datagram is taken in.
    private(set) var asksNames = false
    /// What definitions ask names of.
    private(set) lazy var names = SampleNames(self)
    /// Places of those that make records.
    private(set) var loggedFlows: [Int] = []
    package internal(set) var thresholds: [ActiveThreshold] = []
    var watch = ThresholdWatch()
    /// What is reported until somebody takes it.
    var outbox = Outbox()
    /// Reused: logged flows on their way to the outbox.
    var endedFlows: [FlowLog.Ended] = []
    /// When each key last occurred, by its place in the table of keys. Unit: nanoseconds since the Unix epoch.
    var keyArrivals: [Int64] = Array(repeating: 0, count: FlowKeys.all.count)
    /// Arrival of the last sample that was looked through for keys.
    var keysLooked: Int64 = 0

    /// Agents of one shard: against forged agent addresses, which cost a sender nothing. Far above any real fabric's.
    static let agentsMax = 262_144

    /// - Parameter memory: shared by shards that one thread takes datagrams in for.
    package init(expiry: Expiry = .standard, catalogue: Catalogue = .standard, memory: IngestMemory = IngestMemory()) {
        self.expiry = expiry
        self.catalogue = catalogue
        self.memory = memory
    }

    /// Puts definitions in force. What was counted for a definition that stays is kept; a changed one starts anew.
    package func setFlows(_ flows: [ActiveFlow]) {
        let flows = flows.map { $0.asking(names) }
        let kept = flows.map { flow in self.flows.firstIndex { flow.continues($0) } }
        let before = self.flows
        self.flows = flows
        flowsAtHand = flows.map(FlowAtHand.init)
        asksNames = hasTopology || flows.contains { $0.compiled.asksNames }
        placeOfFlow = Dictionary(flows.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: { first, _ in first })
        for agent in agents.values { agent.arrangeFlows(flows, kept: kept) }
        loggedFlows = flows.indices.filter { flows[$0].compiled.definition.makesRecords }
        followFlows(before: before, unchanged: Set(zip(flows, kept).compactMap { $1 == nil ? nil : $0.name }))
    }

    /// The agents by address. Sorted once and not for each question: most shards have few agents, and there are many shards.
    package var sortedAgents: [Agent] {
        if let agentsInOrder { return agentsInOrder }
        let sorted = agents.values.sorted { $0.address < $1.address }
        agentsInOrder = sorted
        return sorted
    }

    package var hasReports: Bool { !outbox.isEmpty }

    /// Hands over what the shard has reported since the last time.
    package func takeOutbox() -> Outbox {
        defer { outbox = Outbox() }
        return outbox
    }

    /// When each flow key occurred last, by name; keys that never did are left out. Unit: nanoseconds since the epoch.
    package var arrivalsOfKeys: [String: Int64] {
        Dictionary(uniqueKeysWithValues: zip(FlowKeys.all.map(\.name), keyArrivals).filter { $0.1 > 0 })
    }

    /// Rows and names are looked up in it from now on.
    package func setTopology(_ topology: Topology) {
        self.topology = topology
        hasTopology = !topology.isEmpty
        asksNames = hasTopology || flows.contains { $0.compiled.asksNames }
        names.forgetPlaces()
    }

    /// The place of a definition in `flows`.
    package func flow(named name: String) -> Int? { placeOfFlow[name] }

    /// Gives memory of expired values and agents back. No answer changes by it.
    package func removeExpired(asOf: Int64) {
        let asOf = max(0, asOf)
        for agent in agents.values { agent.removeExpired(asOf: asOf, expiry: expiry) }
        for agent in agents.values {
            agent.thresholdStates.removeArmed(asOf: asOf, thresholds)
            if !agent.isVisible(asOf: asOf, expiry: expiry) { closeLogs(of: agent) }
        }
        agents = agents.filter { $0.value.isVisible(asOf: asOf, expiry: expiry) }
    }
}

/// A shard's books: datagrams = accepted + duplicates + agentsRefused + Σ refused.
package struct ShardCounters: Sendable {
    package var datagrams: UInt64 = 0
    package var bytes: UInt64 = 0
    /// Decoded, in whole or in part.
    package var accepted: UInt64 = 0
    package var duplicates: UInt64 = 0
    /// Datagrams of new agents when the shard was full.
    package var agentsRefused: UInt64 = 0
    package var refused: [DecodeError.Reason: UInt64] = [:]

    package var flowSamples: UInt64 = 0
    package var counterSamples: UInt64 = 0
    package var samples: UInt64 { flowSamples &+ counterSamples }
    package var notifications: UInt64 = 0
    package var namedSamples: UInt64 = 0
    /// Parts that were refused or repaired inside accepted datagrams.
    package var faults: [DecodeError.Reason: UInt64] = [:]
    /// Samples and records of formats without a decoder, by number; bounded.
    package var unknownFormats: [UnknownFormat: UInt64] = [:]
    package var unknownFormatsNotListed: UInt64 = 0

    package init() {}

    package struct UnknownFormat: Hashable, Comparable, Sendable {
        package enum Kind: String, Sendable { case sample, flow, counter }
        package let kind: Kind
        package let tag: Tag

        package static func < (a: UnknownFormat, b: UnknownFormat) -> Bool {
            a.kind != b.kind ? a.kind.rawValue < b.kind.rawValue : a.tag < b.tag
        }
    }

    mutating func note(datagramOf byteCount: Int) {
        datagrams &+= 1
        bytes &+= UInt64(byteCount)
    }

    mutating func noteUnknown(_ kind: UnknownFormat.Kind, _ tag: Tag) {
        let format = UnknownFormat(kind: kind, tag: tag)
        if unknownFormats.count < Limits.unknownFormats || unknownFormats[format] != nil {
            unknownFormats[format, default: 0] &+= 1
        } else {
            unknownFormatsNotListed &+= 1
        }
    }

    package var refusedTotal: UInt64 { refused.values.reduce(agentsRefused, &+) }

    /// The books of several shards as one.
    package mutating func add(_ other: ShardCounters) {
        datagrams &+= other.datagrams
        bytes &+= other.bytes
        accepted &+= other.accepted
        duplicates &+= other.duplicates
        agentsRefused &+= other.agentsRefused
        refused.merge(other.refused, uniquingKeysWith: &+)
        flowSamples &+= other.flowSamples
        counterSamples &+= other.counterSamples
        notifications &+= other.notifications
        namedSamples &+= other.namedSamples
        faults.merge(other.faults, uniquingKeysWith: &+)
        unknownFormats.merge(other.unknownFormats, uniquingKeysWith: &+)
        unknownFormatsNotListed &+= other.unknownFormatsNotListed
    }
}
