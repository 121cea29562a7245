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

    /// Numbers records and hands those for collectors on.
    private func take(_ events: [ThresholdEvent], _ flows: [FlowRecord], eventsLost: UInt64, flowsLost: UInt64) {
        exports?.offer(flows)
        number(events, flows, eventsLost: eventsLost, flowsLost: flowsLost)
    }

    private func number(_ events: [ThresholdEvent], _ flows: [FlowRecord], eventsLost: UInt64, flowsLost: UInt64) {
        if !events.isEmpty || eventsLost > 0 { self.events.append(events, lost: eventsLost) }
        let logged = flows.filter(\.isLogged)
        if !logged.isEmpty || flowsLost > 0 { self.flows.append(logged, lost: flowsLost) }
    }

    // MARK: Of a cluster

    /// What of a report was not taken before: after the death of a worker its replica may report again what it had already told,
    /// and after the death of a leader all workers.
    package func fresh(_ outbox: Outbox) -> Outbox {
        Outbox(
            events: recent.new(outbox.events), flows: recent.new(outbox.flows), eventsLost: outbox.eventsLost,
            flowsLost: outbox.flowsLost)
    }

    /// Takes what is fresh.
    package func append(_ fresh: Outbox) {
        recent.note(fresh.events)
        recent.note(fresh.flows)
        take(fresh.events, fresh.flows, eventsLost: fresh.eventsLost, flowsLost: fresh.flowsLost)
    }

    /// Takes what the leader has numbered: it alone hands records on to collectors.
    package func follow(_ outbox: Outbox) {
        recent.note(outbox.events)
        recent.note(outbox.flows)
        number(outbox.events, outbox.flows, eventsLost: outbox.eventsLost, flowsLost: outbox.flowsLost)
    }

    /// The next records get these numbers.
    package func goOn(event: Int64, flow: Int64) {
        events.goOn(at: event)
        flows.goOn(at: flow)
    }

    /// Forgets what is kept, for a leader's records to take its place.
    package func clear() {
        events.clear()
        flows.clear()
    }

    // MARK: Asking

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
