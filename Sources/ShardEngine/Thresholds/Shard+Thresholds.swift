// Testing thresholds: counters when a sample has been taken in, flows at each of their samples.

internal import FlowLanguage
internal import SFlow

extension Shard {
    /// Puts thresholds in force. States of thresholds that stay as they are stay; a changed one starts anew.
    package func setThresholds(_ new: [ActiveThreshold]) {
        let placesBefore = Dictionary(thresholds.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { first, _ in first })
        var newPlaces: [Int: Int] = [:]
        for (place, threshold) in new.enumerated() {
            if let before = placesBefore[threshold] { newPlaces[before] = place }
        }
        thresholds = new
        for agent in agents.values { agent.thresholdStates.rearrange(newPlaces) }
        watch = makeWatch()
    }

    /// After a change of flow definitions: a metric that begins anew has no states from before.
    /// - Parameter unchanged: names of flow definitions that have stayed.
    func followFlows(before: [ActiveFlow], unchanged: Set<String>) {
        let changed = Set((before + flows).map(\.name)).subtracting(unchanged)
        let kept = thresholds.indices.filter { !changed.contains(thresholds[$0].metric) }
        if kept.count < thresholds.count {
            let places = Dictionary(uniqueKeysWithValues: kept.map { ($0, $0) })
            for agent in agents.values { agent.thresholdStates.rearrange(places) }
        }
        watch = makeWatch()
    }

    private func makeWatch() -> ThresholdWatch {
        guard !thresholds.isEmpty else { return ThresholdWatch() }
        let placeOfFlow = Dictionary(
            flows.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: { first, _ in first })
        return ThresholdWatch(
            thresholds, placeOfFlow: placeOfFlow, flowCount: flows.count, structureCount: catalogue.structures.count)
    }

    // MARK: Counters

    /// Tests the thresholds on metrics of a structure whose row at a data source was just taken in.
    func test(structure: StructureID, at source: Int, of agent: Agent, arrival: Int64) {
        for place in watch.ofStructure[Int(structure.index)] { test(counter: place, at: source, of: agent, arrival) }
    }

    /// Tests the thresholds on a custom metric that was just taken in.
    func test(customMetric name: String, at source: Int, of agent: Agent, arrival: Int64) {
        for place in watch.ofCustomMetric[name] ?? [] { test(counter: place, at: source, of: agent, arrival) }
    }

    private func test(counter place: Int, at source: Int, of agent: Agent, _ arrival: Int64) {
        let threshold = thresholds[place]
        let key = ThresholdStates.Key(threshold: place, source: source)
        let view = AgentView(agent, at: Instant(nanoseconds: arrival), of: self)
        guard let (reading, last) = view.lasting(threshold.counter, source: source),
            case .number(let value) = reading.value, value > threshold.level
        else { return agent.thresholdStates.fall(key, at: arrival, timeout: threshold.timeout) }
        trigger(key, threshold, of: agent, arrival, until: last.addingSaturated(1), at: source) {
            event(threshold, value, at: source, of: agent, arrival)
        }
    }

    // MARK: Flows

    /// Tests the thresholds on a flow definition's metric after a sample.
    /// - Parameters:
    ///   - flow: place of the definition.
    ///   - entry: place of the sample's flow in the table.
    ///   - hash: of the flow's key.
    func test(flow: Int, _ state: FlowState, entry: Int, hash: UInt64, at source: Int, of agent: Agent, arrival: Int64) {
        for place in watch.ofFlow[flow] {
            let threshold = thresholds[place]
            let key = ThresholdStates.Key(threshold: place, source: source, flow: threshold.byFlow ? hash : 0)
            let reading = threshold.byFlow
                ? state.reading(entry, at: arrival) : state.top(source: source, at: arrival)
            guard let reading, reading.value > threshold.level else {
                agent.thresholdStates.fall(key, at: arrival, timeout: threshold.timeout)
                continue
            }
            let until = threshold.byFlow
                ? state.belowFrom(reading, level: threshold.level, at: arrival)
                : state.allBelowFrom(top: reading, source: source, level: threshold.level, at: arrival)
            let flowKey = { threshold.byFlow ? state.key(reading) : nil }
            trigger(key, threshold, of: agent, arrival, until: until, at: source, flowKey: flowKey) {
                event(
                    threshold, reading.value, at: source, of: agent, arrival,
                    flowKey: state.keyText(reading), values: state.furtherValues(reading, at: arrival))
            }
        }
    }

    /// A value is above its level: the state is brought up to date, and an event is made if one is due.
    private func trigger(
        _ key: ThresholdStates.Key, _ threshold: ActiveThreshold, of agent: Agent, _ arrival: Int64, until: Int64,
        at source: Int, flowKey: () -> [UInt8]? = { nil }, _ makeEvent: () -> ThresholdEvent
    ) {
        guard agent.thresholdStates.rise(key, at: arrival, until: until, timeout: threshold.timeout) == .mayTrigger else {
            return
        }
        if !threshold.filter.conditions.isEmpty {
            let view = AgentView(agent, at: Instant(nanoseconds: arrival), of: self)
            guard threshold.filter.selects(view, source: source) else {
                return agent.thresholdStates.fall(key, at: arrival, timeout: 0)
            }
        }
        if agent.thresholdStates.trigger(key, at: arrival, until: until, of: thresholds, flowKey: flowKey()) {
            outbox.add(makeEvent())
        } else {
            outbox.noteLostEvent()
        }
    }

    private func event(
        _ threshold: ActiveThreshold, _ value: Double, at source: Int, of agent: Agent, _ arrival: Int64,
        flowKey: String? = nil, values: [Double] = []
    ) -> ThresholdEvent {
        ThresholdEvent(
            time: arrival, threshold: threshold.name, metric: threshold.metric, level: threshold.level, value: value,
            agent: agent.address, source: agent.sources[source], flowKey: flowKey, values: values)
    }
}

extension AgentView {
    /// A metric's value, and the last instant at which it is there if nothing refreshes it.
    fileprivate func lasting(_ metric: MetricName, source: Int) -> (Reading, last: Int64)? {
        for column in metric.columns {
            let key = StructureTable.Key(structure: column.structure, instance: column.instance)
            guard let reading = reading(column, source: source), let place = agent.table(key),
                let row = agent.tables[place].row(ofSource: source)
            else { continue }
            let interval = agent.tables[place].rows[row].interval
            return (reading, reading.arrival.addingSaturated(expiry.lifetime(interval: interval)))
        }
        guard let entry = agent.custom[source]?.entries[metric.name], let value = entry.value,
            entry.isVisible(asOf: instant.nanoseconds, expiry: expiry)
        else { return nil }
        let last = entry.arrival.addingSaturated(expiry.lifetime(interval: entry.interval))
        return (Reading(value: value, arrival: entry.arrival), last)
    }
}
