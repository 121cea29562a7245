// The way of one datagram into a shard's state: the decoder calls, in wire order, and each call updates the agent.

internal import Bytes
internal import FlowLanguage
internal import SFlow

/// What the shards of one executor need to take datagrams in, of which there is one at a time.
package final class IngestMemory {
    /// Not checked for two uses at a time, at each sample: only the executor's thread touches it, and no function of it calls
    /// anything that could lead back to it.
    @exclusivity(unchecked) private var ownAhead = SampleLookahead()
    /// What the next datagrams need.
    var ahead: SampleLookahead {
        @inline(__always) _read { yield unsafe ownAhead }
        @inline(__always) _modify { yield unsafe &ownAhead }
    }
    /// With the datagram at hand while there is one; kept for the next.
    var workspace: IngestWorkspace? = IngestWorkspace()

    package init() {}
}

/// What taking a datagram in needs of memory, reserved once.
struct IngestWorkspace: ~Copyable {
    /// The agent's, while a datagram of it is at hand.
    var instances = InstanceTable()
    /// The sample at hand and what it is for a definition.
    var facts = SampleFacts()
    var match = FlowMatch()
    /// Where the fields of a record start.
    var offsets: [Int] = []
    /// Rows of the counter sample at hand whose thresholds are to be tested when it is complete.
    var updated: [(structure: StructureID, source: Int)] = []
}

/// One datagram's visit. It holds the workspace itself, so that nothing has to be asked whether somebody else is using it.
struct DatagramIngest: DatagramVisitor, ~Copyable {
    private let shard: Shard
    private let agent: Agent
    /// The shard's, which keeps it.
    private let memory: Uncounted<IngestMemory>
    /// The definitions in force, and what the agent has seen of each.
    private let flows: [FlowAtHand]
    private var states: [Uncounted<FlowState>?]
    /// The shard's, while the datagram is at hand.
    private var flowSamples: UInt64
    private let watchesFlows: Bool
    private let arrival: Int64
    private let subAgent: UInt32
    /// How often the sub-agent has restarted, and whether this datagram comes after newer ones.
    private let run: UInt32
    private let isLate: Bool
    private var workspace: IngestWorkspace
    private var time: RecordArrival
    /// The data source of the sample at hand, as its place in the agent's list.
    private var source = 0
    private var sourceClass: UInt32 = 0, sourceIndex: UInt32 = 0
    /// Its counters start over.
    private var countersRestart = false
    /// Whether definitions look at the flow sample at hand, and whether it was taken on the way in.
    private var isWanted = false
    private var isIngress = false
    /// Whether it came in where hosts are.
    private var showsHost = false
    /// Whether it is looked through for keys.
    private var isKeySample = false

    init(
        shard: Shard, agent: Agent, _ header: DatagramHeader, run: UInt32, isLate: Bool, arrival: Int64, weight: UInt8,
        _ workspace: consuming IngestWorkspace
    ) {
        self.shard = shard
        self.agent = agent
        flows = shard.flowsAtHand
        states = agent.flowReferences
        flowSamples = shard.counters.flowSamples
        watchesFlows = shard.watch.watchesFlows
        self.arrival = arrival
        self.run = run
        self.isLate = isLate
        self.workspace = workspace
        subAgent = header.subAgent
        time = RecordArrival(arrival: arrival, uptimeMilliseconds: header.uptimeMilliseconds, elementOffset: 0)
        memory = Uncounted(shard.memory)
        self.workspace.facts.weight = UInt32(weight)
        swap(&agent.instanceTable, &self.workspace.instances)
    }

    /// Gives everything back.
    consuming func finish() -> IngestWorkspace {
        shard.counters.flowSamples = flowSamples
        let agent = agent
        var workspace = workspace
        swap(&agent.instanceTable, &workspace.instances)
        return workspace
    }

    /// The place of a sample's series in the agent's table; nil for a new one beyond the limit.
    private mutating func instance(_ kind: SampleKind, _ dataSource: DataSource) -> Int? {
        let key = SampleInstance.Key(subAgent: subAgent, kind: kind, dataSource: dataSource)
        if kind == .flow, let place = memory.with({ $0.ahead.takeNext(key, in: workspace.instances) }) { return place }
        if let place = workspace.instances.place(of: key) { return place }
        guard workspace.instances.count < Limits.instancesPerAgent else {
            agent.statistics.sourcesRefused &+= 1
            return nil
        }
        return agent.openSource(.numbered(dataSource)).map { workspace.instances.add(key, source: $0) }
    }

    // MARK: Flow samples and notifications

    mutating func beginFlowSample(_ sample: FlowSample) -> Bool {
        flowSamples &+= 1
        isWanted = false
        guard let place = instance(.flow, sample.dataSource) else { return true }
        workspace.instances.observe(sample, at: place, subAgentRun: run, datagramIsLate: isLate)
        source = workspace.instances.source(of: place)
        isKeySample = isKeySampleDue
        isIngress = sample.direction == .ingress
        // Samples of interfaces only: of others it is not known which way the packet went.
        showsHost = shard.hasTopology && isIngress && shard.names.isEdgePort(sample.dataSource.index)
        isWanted = !flows.isEmpty || isKeySample || showsHost
        if isWanted { workspace.facts.beginPacketSample(agent: agent.address, sample) }
        return true
    }

    mutating func flowRecord(_ layout: FlowLayoutID, _ body: RawSpan, in datagram: RawSpan) {
        if isWanted { workspace.facts.record(layout, body, in: datagram) }
    }

    mutating func endFlowSample(in datagram: RawSpan) {
        if isWanted, showsHost { noteHost(datagram) }
        addFlows(datagram)
    }

    private mutating func noteHost(_ datagram: RawSpan) {
        guard let sender = workspace.facts.sender(in: datagram) else { return }
        if !agent.hosts.note(sender, source: source, at: arrival) { agent.statistics.hostsRefused &+= 1 }
    }

    /// Lets every definition look at the sample.
    private mutating func addFlows(_ datagram: RawSpan) {
        guard isWanted else { return }
        isWanted = false
        for place in flows.indices {
            let flow = flows[place]
            let counts = flow.compiled.with { $0.evaluate(&workspace.facts, in: datagram, into: &workspace.match) }
            guard counts, let source = flow.combinesSources ? agent.openSource(.wholeAgent) : source else { continue }
            let state = openFlow(place)
            let entry = state.with { $0.add(&workspace.match, source: source, isIngress: isIngress, at: arrival) }
            if flow.makesRecords {
                shard.log(workspace.match, state.object, source: source, of: agent, arrival: arrival)
            }
            if watchesFlows, !shard.watch.ofFlow[place].isEmpty {
                shard.test(
                    flow: place, state.object, entry: entry, hash: workspace.match.hash, at: source, of: agent,
                    arrival: arrival)
            }
        }
        if isKeySample { noteKeys(datagram) }
    }

    private mutating func openFlow(_ place: Int) -> Uncounted<FlowState> {
        if place < states.count, let state = states[place] { return state }
        let state = agent.openFlow(place, of: shard.flows)
        states = agent.flowReferences
        return Uncounted(state)
    }

    /// Between two samples of a shard that are looked through for keys: there may be a thousand shards, and one look costs as
    /// much as ten samples. Unit: nanoseconds.
    private static let keyInterval: Int64 = 100_000_000

    /// Whether a flow sample that has been counted is one of the few that are looked through for keys.
    private var isKeySampleDue: Bool {
        flowSamples & 63 == 1 && abs(arrival - shard.keysLooked) >= DatagramIngest.keyInterval
    }

    /// Looks which keys there are, in one sample of many: enough for the list that people choose from.
    private mutating func noteKeys(_ datagram: RawSpan) {
        shard.keysLooked = arrival
        var present = FlowKeySet()
        FlowKeys.insertPresent(in: &workspace.facts, datagram, into: &present, &workspace.match)
        present.forEach { shard.keyArrivals[$0] = arrival }
    }

    mutating func beginDiscardedPacket(_ sample: DiscardedPacket) -> Bool {
        shard.counters.notifications &+= 1
        isWanted = false
        guard let place = instance(.notification, sample.dataSource) else { return true }
        workspace.instances.observe(sample, at: place, subAgentRun: run, datagramIsLate: isLate)
        source = workspace.instances.source(of: place)
        isWanted = !flows.isEmpty
        isKeySample = true
        isIngress = false
        if isWanted { workspace.facts.beginNotification(agent: agent.address, sample) }
        return true
    }

    mutating func endDiscardedPacket(in datagram: RawSpan) { addFlows(datagram) }

    // MARK: Counter samples

    mutating func beginCounterSample(_ sample: CounterSample) -> Bool {
        shard.counters.counterSamples &+= 1
        guard let place = instance(.counter, sample.dataSource) else { return false }
        source = workspace.instances.source(of: place)
        (sourceClass, sourceIndex) = (sample.dataSource.classNumber, sample.dataSource.index)
        let verdict = workspace.instances.observe(
            sample.sequenceNumber, at: place, subAgentRun: run, datagramIsLate: isLate)
        workspace.updated.removeAll(keepingCapacity: true)
        countersRestart = verdict == .restart
        if countersRestart { agent.dropBaselines(source: source) }
        // Older totals, or the same ones: newer ones are there already.
        return verdict != .late && verdict != .duplicate
    }

    mutating func counterRecord(_ layout: CounterLayoutID, _ body: RawSpan) {
        if layout == .interfaceCounters { followInterfaceIndex(agent, body) }
        if layout == .hostDescription { SampleNames.noteHostName(of: agent) }
        if layout == .hostAdapters { noteAdapters(body) }
        for index in shard.catalogue.structures(of: layout) {
            let structure = shard.catalogue.structures[Int(index)]
            if let wanted = structure.rule.classNumber, wanted != sourceClass { continue }
            if structure.rule.classNumber == nil, isOverridden(layout) { continue }
            update(agent, StructureID(index: index), structure, body)
        }
    }

    mutating func endCounterSample() {
        for (structure, source) in workspace.updated { shard.test(structure: structure, at: source, of: agent, arrival: arrival) }
        workspace.updated.removeAll(keepingCapacity: true)
    }

    /// if_counters names its interface itself. Where that is not the sample's data source it is believed, for this record
    /// and the ones behind it (wire-format 7.2); the sample's numbers stay with the data source.
    private mutating func followInterfaceIndex(_ agent: Agent, _ body: RawSpan) {
        guard sourceClass == 0, let index = try? body.uint32(at: 0), index != 0, index != sourceIndex,
            let place = agent.openSource(.numbered(DataSource(classNumber: 0, index: index)))
        else { return }
        (source, sourceIndex) = (place, index)
        if countersRestart { agent.dropBaselines(source: source) }
    }

    private mutating func noteAdapters(_ body: RawSpan) {
        do {
            try agent.adapters.note(
                body, source: source, at: arrival, lifetime: shard.expiry.maximum,
                refused: &agent.statistics.adaptersRefused)
        } catch {
            fault(error)
        }
    }

    /// Whether another structure of the layout is made for this class of data source.
    private func isOverridden(_ layout: CounterLayoutID) -> Bool {
        shard.catalogue.structures(of: layout).contains {
            shard.catalogue.structures[Int($0)].rule.classNumber == sourceClass
        }
    }

    private mutating func update(
        _ agent: Agent, _ id: StructureID, _ structure: CompiledStructure, _ body: RawSpan
    ) {
        switch structure.rule.instances {
        case nil:
            updateRow(agent, id, structure, body, instance: 0, elementOffset: 0)
        case .records(let numberField):
            guard let number = structure.number(ofField: numberField, in: body, elementOffset: 0) else { return }
            updateRow(agent, id, structure, body, instance: number, elementOffset: 0)
        case .elements(let list, let numberField):
            for (place, offset) in structure.elementOffsets(ofList: list, in: body).enumerated() {
                let number = numberField.flatMap { structure.number(ofField: $0, in: body, elementOffset: offset) }
                updateRow(
                    agent, id, structure, body, instance: number ?? UInt32(truncatingIfNeeded: place),
                    elementOffset: offset)
            }
        }
    }

    private mutating func updateRow(
        _ agent: Agent, _ id: StructureID, _ structure: CompiledStructure, _ body: RawSpan, instance: UInt32,
        elementOffset: Int
    ) {
        let key = StructureTable.Key(structure: id, instance: instance)
        guard let place = agent.openTable(key, structure: structure) else { return }
        if structure.needsLocating {
            guard structure.locateFields(in: body, into: &workspace.offsets) else { return }
        }
        time.elementOffset = elementOffset
        let (expiry, source, time, offsets) = (shard.expiry, source, time, workspace.offsets)
        agent.withTable(place) { table in
            let row = table.openRow(source: source, arrival: time.arrival, expiry: expiry)
            table.update(row: row, structure: structure, body: body, offsets: offsets, at: time)
        }
        guard shard.watch.watchesCounters, !shard.watch.ofStructure[Int(id.index)].isEmpty,
            workspace.updated.last.map({ $0.structure != id || $0.source != source }) ?? true
        else { return }
        workspace.updated.append((id, source))
    }

    // MARK: Custom metrics

    mutating func namedMetrics(_ body: RawSpan) {
        shard.counters.namedSamples &+= 1
        let sample: NamedMetrics
        do {
            sample = try NamedMetricReader.read(body)
        } catch {
            fault(error)
            return
        }
        if let error = sample.fault { fault(error) }
        let name = SourceName.named(sample.dataSource)
        guard let place = agent.openCustomSource(name, asOf: arrival, expiry: shard.expiry) else {
            agent.statistics.customRefused &+= 1
            return
        }
        for metric in sample.metrics {
            let isTaken = agent.custom[place, default: CustomMetrics()].update(
                metric.name, metric.value, at: time, isLate: isLate, expiry: shard.expiry)
            if !isTaken { agent.statistics.customRefused &+= 1 }
        }
        guard shard.watch.watchesCounters else { return }
        for metric in sample.metrics { shard.test(customMetric: metric.name, at: place, of: agent, arrival: arrival) }
    }

    mutating func namedFlow(_ body: RawSpan) {
        shard.counters.namedSamples &+= 1
        guard !flows.isEmpty else { return }
        do {
            let flow = try NamedFlowReader.read(body)
            if let error = flow.fault { fault(error) }
            guard let place = agent.openSource(.named(flow.dataSource)) else { return }
            source = place
            isWanted = true
            isKeySample = true
            isIngress = false
            workspace.facts.beginNamedFlow(agent: agent.address, flow)
            addFlows(body)
        } catch {
            fault(error)
        }
    }

    // MARK: What was not understood

    mutating func unknownSample(_ tag: Tag) { shard.counters.noteUnknown(.sample, tag) }

    mutating func unknownRecord(_ kind: RecordKind, _ tag: Tag) {
        shard.counters.noteUnknown(kind == .flow ? .flow : .counter, tag)
    }

    mutating func fault(_ error: DecodeError) {
        shard.counters.faults[error.reason, default: 0] &+= 1
        agent.statistics.faults[error.reason, default: 0] &+= 1
    }
}
