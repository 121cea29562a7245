// Flows as queries see them: as metrics (a data source's largest flow), and one by one.

/// One flow at one data source.
package struct FlowReading: Hashable, Sendable {
    /// The packed key; its text is made by the definition.
    package let key: [UInt8]
    package let value: Double
    /// The part of the value that was sampled on the way in, 0 to 1.
    package let ingressShare: Double
    /// Of the last sample. Unit: nanoseconds since the Unix epoch.
    package let arrival: Int64
    /// The definition's further values, in its order.
    package let values: [Double]
}

extension AgentView {
    /// The data sources that have flows of the shard's definition at this place.
    package func flowSources(_ flow: Int) -> [Int] { agent.flow(flow)?.sources ?? [] }

    /// The flows of a data source that answers see, largest first.
    package func flows(_ flow: Int, source: Int) -> [FlowReading] {
        guard let state = agent.flow(flow) else { return [] }
        return state.shown(source: source, at: instant.nanoseconds).map { reading($0, of: state) }
    }

    func reading(_ reading: FlowState.Reading, of state: FlowState) -> FlowReading {
        FlowReading(
            key: state.key(reading), value: reading.value, ingressShare: reading.ingressShare,
            arrival: reading.arrival, values: state.furtherValues(reading, at: instant.nanoseconds))
    }

    /// The largest flows of a data source with the texts of their keys; nil for a metric that is no flow.
    package func topKeys(ofFlow name: String, source: Int) -> [TopKey]? {
        guard let flow = shard.flow(named: name) else { return nil }
        return flows(flow, source: source).map { reading in
            TopKey(key: shard.flows[flow].keyText(reading.key), value: reading.value, arrival: reading.arrival)
        }
    }

    func flowReading(of metric: MetricName, source: Int) -> Reading? {
        guard let flow = shard.flow(named: metric.name) else { return nil }
        return agent.flow(flow)?.top(source: source, at: instant.nanoseconds).map {
            Reading(value: .number($0.value), arrival: $0.arrival)
        }
    }

    func forEachFlowReading(of metric: MetricName, _ body: (_ source: Int, Reading) -> Void) {
        guard let flow = shard.flow(named: metric.name), let state = agent.flow(flow) else { return }
        for source in state.sources {
            if let top = state.top(source: source, at: instant.nanoseconds) {
                body(source, Reading(value: .number(top.value), arrival: top.arrival))
            }
        }
    }

    func forEachFlowMetric(source: Int, _ body: (_ name: String, Reading) -> Void) {
        for (place, flow) in shard.flows.enumerated() {
            guard let top = agent.flow(place)?.top(source: source, at: instant.nanoseconds) else { continue }
            body(flow.name, Reading(value: .number(top.value), arrival: top.arrival))
        }
    }
}

/// One of the largest flows of a data source, as `topKeys` of a metric show it.
package struct TopKey: Hashable, Sendable {
    package let key: String
    package let value: Double
    /// Unit: nanoseconds since the Unix epoch.
    package let arrival: Int64
}
