// The way of one datagram into a shard's state: the decoder calls, in wire order, and each call updates the agent.

internal import Bytes
internal import FlowLanguage
internal import SFlow

struct DatagramIngest: DatagramVisitor {
    private let shard: Shard
    private let udpSource: IPAddress
    private let arrival: Int64
    private let byteCount: UInt64

    private var agent: Agent?
    private var subAgent: UInt32 = 0
    /// How often the sub-agent has restarted, and whether this datagram comes after newer ones.
    private var run: UInt32 = 0
    private var isLate = false
    private var time: RecordArrival
    /// The data source of the counter sample at hand, as its place in the agent's list.
    private var source = 0
    private var sourceClass: UInt32 = 0
    /// Its counters start over.
    private var countersRestart = false
    private var offsets: [Int] = []
    /// Rows of the counter sample at hand whose thresholds are to be tested when it is complete.
    private var updated: [(structure: StructureID, source: Int)] = []
    /// Whether definitions look at the flow sample at hand, and whether it was taken on the way in.
    private var isWanted = false
    private var isIngress = false
    /// Whether it came in where hosts are.
    private var showsHost = false

    init(shard: Shard, udpSource: IPAddress, arrival: Int64, byteCount: UInt64) {
        self.shard = shard
        self.udpSource = udpSource
        self.arrival = arrival
        self.byteCount = byteCount
        time = RecordArrival(arrival: arrival, uptimeMilliseconds: 0, elementOffset: 0)
    }

    // MARK: Datagram

    mutating func beginDatagram(_ header: DatagramHeader) -> Bool {
        guard let agent = shard.openAgent(header.agent, arrival: arrival) else {
            shard.counters.agentsRefused &+= 1
            return false
        }
        let verdict = observe(header, of: agent)
        agent.statistics.observe(verdict)
        agent.statistics.datagrams &+= 1
        agent.statistics.bytes &+= byteCount
        agent.statistics.noteSource(udpSource)
        agent.lastArrival = max(agent.lastArrival, arrival)
        guard verdict != .duplicate else {
            shard.counters.duplicates &+= 1
            return false
        }
        shard.counters.accepted &+= 1
        self.agent = agent
        shard.names.begin(agent, arrival: arrival)
        subAgent = header.subAgent
        isLate = verdict == .late
        if !isLate { agent.uptimeMilliseconds = header.uptimeMilliseconds }
        time.uptimeMilliseconds = header.uptimeMilliseconds
        return true
    }

    mutating func lookAhead(_ header: DatagramHeader, in datagram: RawSpan) {
        if let agent { shard.ahead.look(at: datagram, header, of: agent) }
    }

    /// Books the datagram's number with its sub-agent. Beyond the limit of sub-agents numbers are not followed.
    private mutating func observe(_ header: DatagramHeader, of agent: Agent) -> SequenceVerdict {
        let known = agent.subAgents.firstIndex { $0.number == header.subAgent }
        guard let place = known ?? agent.openSubAgent(header.subAgent) else { return .inOrder }
        let verdict = agent.subAgents[place].sequence.observe(
            header.sequenceNumber, uptimeMilliseconds: header.uptimeMilliseconds)
        if verdict == .restart { agent.subAgents[place].run &+= 1 }
        run = agent.subAgents[place].run
        return verdict
    }

    // MARK: Flow samples and notifications

    mutating func beginFlowSample(_ sample: FlowSample) -> Bool {
        shard.counters.flowSamples &+= 1
        isWanted = false
        guard let agent,
            let place = shard.ahead.takeNext(sample.dataSource) ?? agent.instance(key(.flow, sample.dataSource))
        else { return true }
        agent.instanceTable.observe(sample, at: place, subAgentRun: run, datagramIsLate: isLate)
        source = agent.instanceTable.source(of: place)
        isIngress = sample.direction == .ingress
        // Samples of interfaces only: of others it is not known which way the packet went.
        showsHost = shard.hasTopology && isIngress && shard.names.isEdgePort(sample.dataSource.index)
        isWanted = !shard.flows.isEmpty || isKeySample || showsHost
        if isWanted { shard.facts.beginPacketSample(agent: agent.address, sample) }
        return true
    }

    mutating func flowRecord(_ layout: FlowLayoutID, _ body: RawSpan, in datagram: RawSpan) {
        if isWanted { shard.facts.record(layout, body, in: datagram) }
    }

    mutating func endFlowSample(in datagram: RawSpan) {
        if isWanted, showsHost { noteHost(datagram) }
        addFlows(datagram)
    }

    private func noteHost(_ datagram: RawSpan) {
        guard let agent, let sender = shard.facts.sender(in: datagram) else { return }
        if !agent.hosts.note(sender, source: source, at: arrival) { agent.statistics.hostsRefused &+= 1 }
    }

    /// Lets every definition look at the sample.
    private mutating func addFlows(_ datagram: RawSpan) {
        guard isWanted, let agent else { return }
        isWanted = false
        for place in shard.flows.indices {
            guard shard.flows[place].compiled.evaluate(&shard.facts, in: datagram, into: &shard.match) else { continue }
            guard let source = shard.flows[place].combinesSources ? agent.openSource(.wholeAgent) : source else { continue }
            let state = agent.openFlow(place, of: shard.flows)
            let entry = state.add(shard.match, source: source, isIngress: isIngress, at: arrival)
            if state.log != nil { shard.log(state, source: source, of: agent, arrival: arrival) }
            if shard.watch.watchesFlows, !shard.watch.ofFlow[place].isEmpty {
                shard.test(
                    flow: place, state, entry: entry, hash: shard.match.hash, at: source, of: agent, arrival: arrival)
            }
        }
        noteKeys(datagram)
    }

    /// Whether the flow sample at hand is one of the few that are looked through for keys.
    private var isKeySample: Bool { shard.counters.flowSamples & 63 == 1 }

    /// Looks which keys there are, in one sample of many: enough for the list that people choose from.
    private func noteKeys(_ datagram: RawSpan) {
        guard isKeySample || shard.facts.kind != .flowSample else { return }
        var present = FlowKeySet()
        FlowKeys.insertPresent(in: &shard.facts, datagram, into: &present, &shard.match)
        for place in shard.keyArrivals.indices where present.contains(place) { shard.keyArrivals[place] = arrival }
    }

    mutating func beginDiscardedPacket(_ sample: DiscardedPacket) -> Bool {
        shard.counters.notifications &+= 1
        isWanted = false
        guard let agent, let place = agent.instance(key(.notification, sample.dataSource)) else { return true }
        agent.instanceTable.observe(sample, at: place, subAgentRun: run, datagramIsLate: isLate)
        source = agent.instanceTable.source(of: place)
        isWanted = !shard.flows.isEmpty
        isIngress = false
        if isWanted { shard.facts.beginNotification(agent: agent.address, sample) }
        return true
    }

    mutating func endDiscardedPacket(in datagram: RawSpan) { addFlows(datagram) }

    // MARK: Counter samples

    mutating func beginCounterSample(_ sample: CounterSample) -> Bool {
        shard.counters.counterSamples &+= 1
        guard let agent, let place = agent.instance(key(.counter, sample.dataSource)) else { return false }
        source = agent.instanceTable.source(of: place)
        sourceClass = sample.dataSource.classNumber
        let verdict = agent.instanceTable.observe(
            sample.sequenceNumber, at: place, subAgentRun: run, datagramIsLate: isLate)
        updated.removeAll(keepingCapacity: true)
        countersRestart = verdict == .restart
        if countersRestart { agent.dropBaselines(source: source) }
        // Older totals, or the same ones: newer ones are there already.
        return verdict != .late && verdict != .duplicate
    }

    mutating func counterRecord(_ layout: CounterLayoutID, _ body: RawSpan) {
        guard let agent else { return }
        if layout == .interfaceCounters { followInterfaceIndex(agent, body) }
        if layout == .hostDescription { SampleNames.noteHostName(of: agent) }
        for index in shard.catalogue.structures(of: layout) {
            let structure = shard.catalogue.structures[Int(index)]
            if let wanted = structure.rule.classNumber, wanted != sourceClass { continue }
            if structure.rule.classNumber == nil, isOverridden(layout) { continue }
            update(agent, StructureID(index: index), structure, body)
        }
    }

    mutating func endCounterSample() {
        guard let agent else { return }
        for (structure, source) in updated { shard.test(structure: structure, at: source, of: agent, arrival: arrival) }
        updated.removeAll(keepingCapacity: true)
    }

    /// if_counters names its interface itself. Where that is not the sample's data source it is believed, for this record
    /// and the ones behind it (wire-format 7.2); the sample's numbers stay with the data source.
    private mutating func followInterfaceIndex(_ agent: Agent, _ body: RawSpan) {
        guard sourceClass == 0, let index = try? body.uint32(at: 0), index != 0 else { return }
        let named = SourceName.numbered(DataSource(classNumber: 0, index: index))
        guard agent.sources[source] != named, let place = agent.openSource(named) else { return }
        source = place
        if countersRestart { agent.dropBaselines(source: source) }
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
            guard structure.locateFields(in: body, into: &offsets) else { return }
        }
        time.elementOffset = elementOffset
        let (expiry, source, time, offsets) = (shard.expiry, source, time, offsets)
        agent.withTable(place) { table in
            let row = table.openRow(source: source, arrival: time.arrival, expiry: expiry)
            table.update(row: row, structure: structure, body: body, offsets: offsets, at: time)
        }
        guard shard.watch.watchesCounters, !shard.watch.ofStructure[Int(id.index)].isEmpty,
            updated.last.map({ $0.structure != id || $0.source != source }) ?? true
        else { return }
        updated.append((id, source))
    }

    // MARK: Custom metrics

    mutating func namedMetrics(_ body: RawSpan) {
        shard.counters.namedSamples &+= 1
        guard let agent else { return }
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
        guard let agent, !shard.flows.isEmpty else { return }
        do {
            let flow = try NamedFlowReader.read(body)
            if let error = flow.fault { fault(error) }
            guard let place = agent.openSource(.named(flow.dataSource)) else { return }
            source = place
            isWanted = true
            isIngress = false
            shard.facts.beginNamedFlow(agent: agent.address, flow)
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
        agent?.statistics.faults[error.reason, default: 0] &+= 1
    }

    private func key(_ kind: SampleKind, _ dataSource: DataSource) -> SampleInstance.Key {
        SampleInstance.Key(subAgent: subAgent, kind: kind, dataSource: dataSource)
    }
}
