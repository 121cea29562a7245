// What a shard reports by itself: thresholds that were exceeded, and flows that were logged.

package import Bytes
package import FlowLanguage
internal import SFlow

/// A threshold was exceeded.
package struct ThresholdEvent: Hashable, Sendable {
    /// Arrival of the sample that exceeded it. Unit: nanoseconds since the Unix epoch.
    package var time: Int64
    /// Name of the threshold.
    package var threshold: String
    package var metric: String
    package var level: Double
    package var value: Double
    package var agent: IPAddress
    package var source: SourceName
    /// Of flow metrics: the flow whose value it is.
    package var flowKey: String?
    /// Of flow metrics: the definition's further values.
    package var values: [Double]

    package init(
        time: Int64, threshold: String, metric: String, level: Double, value: Double, agent: IPAddress,
        source: SourceName, flowKey: String?, values: [Double]
    ) {
        self.time = time
        self.threshold = threshold
        self.metric = metric
        self.level = level
        self.value = value
        self.agent = agent
        self.source = source
        self.flowKey = flowKey
        self.values = values
    }
}

/// A flow that has ended or was cut, or with `flowStart` one that has begun.
package struct FlowRecord: Hashable, Sendable {
    /// Name of the definition.
    package var name: String
    package var agent: IPAddress
    package var source: SourceName
    package var flowKey: String
    /// Of the whole record: a total where the definition's value is a rate.
    package var value: Double
    package var values: [Double]
    /// Arrival of the first and of the last sample. Unit: nanoseconds since the Unix epoch.
    package var start: Int64
    package var end: Int64
    /// Whether clients can ask for it. Flows of a definition may also be followed for collectors only.
    package var isLogged: Bool
    /// nil where nobody collects.
    package var exported: ExportedFlow?

    package init(
        name: String, agent: IPAddress, source: SourceName, flowKey: String, value: Double, values: [Double],
        start: Int64, end: Int64, isLogged: Bool = true, exported: ExportedFlow? = nil
    ) {
        self.name = name
        self.agent = agent
        self.source = source
        self.flowKey = flowKey
        self.value = value
        self.values = values
        self.start = start
        self.end = end
        self.isLogged = isLogged
        self.exported = exported
    }
}

/// What collectors get of a record that its text does not say.
package struct ExportedFlow: Hashable, Sendable {
    /// The definition's keys and values by name. It tells records of a definition from those of one with the same name that
    /// was in force before and may have had the same keys in another order.
    package var layout: String
    /// The flow's key, packed.
    package var key: [UInt8]

    package init(layout: String, key: [UInt8]) {
        self.layout = layout
        self.key = key
    }

    /// The layout of a definition's records; nil when nobody collects them.
    package static func layout(_ definition: FlowDefinition) -> String? {
        guard !definition.ipfixCollectors.isEmpty else { return nil }
        let names = definition.exportedNames
        return names.keys.joined(separator: ",") + " " + names.values.joined(separator: ",")
    }
}

/// What a shard has reported and nobody has taken yet. Bounded: what finds no room is counted.
package struct Outbox: Sendable {
    package private(set) var events: [ThresholdEvent] = []
    package private(set) var flows: [FlowRecord] = []
    package private(set) var eventsLost: UInt64 = 0
    package private(set) var flowsLost: UInt64 = 0

    /// Of each kind. Far above what a batch of datagrams causes; reached when nobody takes them.
    static let countMax = 65_536

    package init(events: [ThresholdEvent] = [], flows: [FlowRecord] = [], eventsLost: UInt64 = 0, flowsLost: UInt64 = 0) {
        self.events = events
        self.flows = flows
        self.eventsLost = eventsLost
        self.flowsLost = flowsLost
    }

    package var isEmpty: Bool { events.isEmpty && flows.isEmpty && eventsLost == 0 && flowsLost == 0 }

    mutating func add(_ event: ThresholdEvent) {
        if events.count < Outbox.countMax { events.append(event) } else { eventsLost &+= 1 }
    }

    mutating func add(_ flow: FlowRecord) {
        if flows.count < Outbox.countMax { flows.append(flow) } else { flowsLost &+= 1 }
    }

    mutating func noteLostEvent() { eventsLost &+= 1 }
}

/// Takes what shards report. Called from the shards' own threads, so it must be quick.
package protocol EventSink: Sendable {
    func accept(_ outbox: Outbox, of shard: Int)
}
