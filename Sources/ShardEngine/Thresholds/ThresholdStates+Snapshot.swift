// States of thresholds in a snapshot: by threshold, data source and flow. A state of a flow goes with the flow's key.

internal import FlowLanguage
internal import Wire

extension ThresholdStates {
    func write(into writer: inout WireWriter, _ definitions: SnapshotDefinitions) {
        writer.write(unsigned: UInt64(count))
        let order = definitions.orderOfThreshold
        let sorted = states.sorted { a, b in
            let (one, other) = (order[Int(a.key.threshold)], order[Int(b.key.threshold)])
            if one != other { return one < other }
            if a.key.source != b.key.source { return a.key.source < b.key.source }
            return (a.value.flowKey ?? []).lexicographicallyPrecedes(b.value.flowKey ?? [])
        }
        for (key, state) in sorted {
            writer.write(unsigned: UInt64(order[Int(key.threshold)]))
            writer.write(unsigned: UInt64(key.source.magnitude))
            writer.write(signed: state.belowFrom)
            if let flowKey = state.flowKey { writer.write(bytes: flowKey) }
        }
    }

    init(
        from reader: inout WireReader, of shard: Shard, _ definitions: SnapshotDefinitions, _ bounds: AgentBounds,
        _ scratch: inout FlowMatch
    ) throws(WireError) {
        self.init()
        let count = try reader.count(minimumBytes: 3, limit: Limits.thresholdStatesPerAgent)
        for _ in 0..<count {
            let place = definitions.thresholds[try reader.place(below: definitions.thresholds.count)]
            let source = try reader.place(below: bounds.sourceCount)
            let belowFrom = try reader.time()
            let threshold = shard.thresholds[place]
            var flowKey: [UInt8]?
            if threshold.byFlow, let flow = shard.flow(named: threshold.metric) {
                let key = try reader.flowKey()
                shard.flows[flow].compiled.fill(&scratch, key: key)
                flowKey = key
            }
            let key = Key(threshold: place, source: source, flow: flowKey == nil ? 0 : scratch.hash)
            guard states[key] == nil else { throw reader.fault(.badValue) }
            restore(key, State(belowFrom: belowFrom, flowKey: flowKey), timeout: threshold.timeout)
        }
    }
}
