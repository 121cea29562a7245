// The one place where events and flow records of all shards get their numbers, and where clients wait for them.

package import ShardEngine

package struct EventLog: EventSink {
    package let events: RecordLog<ThresholdEvent>
    package let flows: RecordLog<FlowRecord>
    private let recent: RecentRecords
    /// Sends flow records to collectors; nil where that is another process's part.
    package let exports: FlowExports?

    /// - Parameters:
    ///   - eventsMax: events that are kept.
    ///   - flowsMax: flow records that are kept.
    package init(eventsMax: Int, flowsMax: Int, exports: FlowExports? = nil) {
        self.exports = exports
        events = RecordLog(capacity: eventsMax)
        flows = RecordLog(capacity: flowsMax)
        recent = RecentRecords()
    }

    package func accept(_ outbox: Outbox, of shard: Int) {
        take(outbox.events, outbox.flows, eventsLost: outbox.eventsLost, flowsLost: outbox.flowsLost)
    }

    /// The same, leaving out what was taken before: after the death of a worker its replica may report again what it had
    /// already told.
    package func acceptOnce(_ outbox: Outbox) {
        take(
            outbox.events.filter { recent.isNew($0) }, outbox.flows.filter { recent.isNew($0) },
            eventsLost: outbox.eventsLost, flowsLost: outbox.flowsLost)
    }

    private func take(_ events: [ThresholdEvent], _ flows: [FlowRecord], eventsLost: UInt64, flowsLost: UInt64) {
        if !events.isEmpty || eventsLost > 0 { self.events.append(events, lost: eventsLost) }
        exports?.offer(flows)
        let logged = flows.filter(\.isLogged)
        if !logged.isEmpty || flowsLost > 0 { self.flows.append(logged, lost: flowsLost) }
    }

    /// Events, newest first.
    /// - Parameters:
    ///   - id: only those with a larger number; nil for all that are kept.
    ///   - threshold: only those of this threshold.
    ///   - limit: at most so many, the newest.
    ///   - timeout: how long to wait when there are none.
    package func events(
        after id: Int64?, threshold: String?, limit: Int?, timeout: Duration
    ) async -> [Numbered<ThresholdEvent>] {
        let question = RecordLog<ThresholdEvent>.Question(after: id, limit: limit) { event in
            threshold.map { $0 == event.threshold } ?? true
        }
        return await events.records(question, timeout: timeout)
    }

    /// Records of logged flows, newest first; the parameters as for events.
    package func flows(after id: Int64?, name: String?, limit: Int?, timeout: Duration) async -> [Numbered<FlowRecord>] {
        let question = RecordLog<FlowRecord>.Question(after: id, limit: limit) { flow in
            name.map { $0 == flow.name } ?? true
        }
        return await flows.records(question, timeout: timeout)
    }

    /// Answers all who wait; from then on nobody waits.
    package func close() {
        events.close()
        flows.close()
    }
}
