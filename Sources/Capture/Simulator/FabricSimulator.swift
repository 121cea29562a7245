// A leaf–spine fabric that sends sFlow, for demonstrations, load tests and captures: nothing of it is real, but all of
// it agrees. Every packet of a flow is counted at each port that it crosses, so that interface counters, samples and
// discard events tell one and the same story.
//
// The model
//   * Time runs in ticks of 100 ms. A flow sends a whole number of equal packets in each.
//   * A flow between racks takes the spine that its 5-tuple hashes to; within a rack the leaf bridges.
//   * Octets are those of the Ethernet frame with its FCS, in counters and samples alike.
//   * A port carries what its speed allows in a tick; what exceeds it is dropped for want of buffers.
//   * Switches sample on ingress with random skips and send the first 128 bytes of the frame. Even-numbered leaves use
//     the expanded sample formats, all others the compact ones.
//   * Each port's counters go out once in a polling interval, each at a phase of its own. Hosts are agents too.
//   * A datagram holds at most 1400 bytes and waits at most a second.
// Everything is integer arithmetic on a generator of our own: the same configuration gives the same bytes everywhere.
// Memory is bounded by the configuration; time is given by the caller, who decides when the next tick is.

package import Bytes

/// A datagram that the simulated fabric sends.
package struct SimulatedDatagram: Hashable, Sendable {
    /// Since the fabric was switched on. Unit: nanoseconds.
    package fileprivate(set) var timeNanoseconds: Int64
    package let agent: IPAddress
    fileprivate let payload: Range<Int>
}

/// Simulates a leaf–spine fabric, tick by tick, for ever.
package struct FabricSimulator: Sendable {
    package static let ticksPerSecond = 10
    package static let tickNanoseconds: Int64 = 100_000_000
    /// The specification's default for sFlowRcvrMaximumDatagramSize.
    package static let datagramBytesMax = 1400
    /// Flow samples that a switch's processor sends in a tick; further ones are counted as dropped, as real agents do.
    static let samplesPerTickMax = 1000

    let configuration: FabricConfiguration
    let layout: FabricLayout
    var nodes: [FabricNode] = []
    var ports: [FabricPort] = []
    var flows: [SimulatedFlow] = []
    /// Ticks that are over.
    private(set) var tick: UInt64 = 0
    var samplingRandom: SplitMix64
    var machineRandom: SplitMix64
    /// The sample being composed.
    var sample: [UInt8] = []

    private var traffic: Traffic
    private var polls: [[PollTarget]]
    private var payloads: [UInt8] = []
    /// What the last tick gave, in the order of time. The storage is reused.
    package private(set) var datagrams: [SimulatedDatagram] = []

    private enum PollTarget {
        case port(Int)
        case machine(Int)
    }

    /// Throws when a setting is out of bounds.
    package init(_ configuration: FabricConfiguration) throws(FabricConfigurationError) {
        try configuration.validate()
        self.configuration = configuration
        layout = FabricLayout(configuration)
        // One generator for each purpose, so that another sampling rate does not change the traffic.
        var seeds = SplitMix64(seed: configuration.seed)
        samplingRandom = SplitMix64(seed: seeds.next())
        machineRandom = SplitMix64(seed: seeds.next())
        traffic = Traffic(configuration, layout, SplitMix64(seed: seeds.next()))
        polls = Array(repeating: [], count: configuration.pollingIntervalSeconds * FabricSimulator.ticksPerSecond)
        build()
    }

    /// The switches and their links.
    package func topology() -> FabricTopology { FabricTopology(layout, ports) }

    /// Hands over the payload of one of `datagrams`.
    package func withPayload<Result, Failure: Error>(
        of datagram: SimulatedDatagram, _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // Bytes have no invalid values; the range is checked.
        try body(unsafe payloads.span.bytes.extracting(datagram.payload))
    }

    /// Lets 100 ms pass; what was sent meanwhile is in `datagrams`.
    package mutating func nextTick() {
        datagrams.removeAll(keepingCapacity: true)
        payloads.removeAll(keepingCapacity: true)
        traffic.begin(tick: tick, into: &flows)
        for index in flows.indices {
            let count = flows[index].packetsDue()
            if count > 0 { send(count, ofFlow: index) }
        }
        flows.removeAll { $0.endTick <= tick + 1 }
        for target in polls[Int(tick % UInt64(polls.count))] {
            switch target {
            case .port(let port): pollPort(port)
            case .machine(let node): pollMachine(node)
            }
        }
        // Each node's turn comes once a second: nothing waits longer.
        let turn = Int(tick % UInt64(FabricSimulator.ticksPerSecond))
        for node in stride(from: turn, to: nodes.count, by: FabricSimulator.ticksPerSecond) { flush(node) }
        spreadTimes()
        tick += 1
    }

    /// Milliseconds since the start, at the end of the current tick.
    var uptimeMilliseconds: Int64 { Int64(tick + 1) * 100 }

    // MARK: Building

    private mutating func build() {
        var setup = SplitMix64(seed: SplitMix64.mix(configuration.seed))
        for number in 0..<layout.nodeCount {
            let (role, index) = layout.role(ofNode: number)
            nodes.append(
                FabricNode(
                    name: layout.name(ofNode: number), role: role, agent: layout.ipv4(ofNode: number),
                    mac: layout.mac(ofNode: number), subAgent: role == .host ? 100_000 : 0,
                    usesExpandedFormats: role == .leaf && index % 2 == 1,
                    machine: SimulatedMachine(&setup, isSwitch: role != .host)))
            polls[setup.next(below: polls.count)].append(.machine(number))
            for (position, port) in layout.ports(ofNode: number).enumerated() {
                addPort(node: number, role, position)
                polls[setup.next(below: polls.count)].append(.port(port))
            }
        }
    }

    private mutating func addPort(node: Int, _ role: FabricLayout.Role, _ position: Int) {
        let ifIndex = layout.ifIndex(role: role, position: position)
        let facesHost = role == .host || role == .leaf && position < configuration.hostsPerLeaf
        var port = FabricPort(
            node: node, ifIndex: ifIndex, name: layout.portName(role: role, ifIndex: ifIndex),
            speedBitsPerSecond: facesHost ? configuration.hostSpeedBitsPerSecond : configuration.linkSpeedBitsPerSecond)
        port.packetsToSample = nextSkip()
        ports.append(port)
    }

    // MARK: Datagrams

    /// Puts the composed sample into its node's datagram, after sending that off if it would become too long.
    mutating func enqueueSample(_ node: Int) {
        if 28 + nodes[node].pending.count + sample.count > FabricSimulator.datagramBytesMax { flush(node) }
        nodes[node].pending.append(contentsOf: sample)
        nodes[node].pendingCount += 1
        sample.removeAll(keepingCapacity: true)
    }

    private mutating func flush(_ number: Int) {
        guard nodes[number].pendingCount > 0 else { return }
        nodes[number].datagramSequence &+= 1
        let start = payloads.count
        payloads.append32(5)
        payloads.append32(1)
        payloads.append(nodes[number].agent)
        payloads.append32(nodes[number].subAgent)
        payloads.append32(nodes[number].datagramSequence)
        payloads.append32(UInt32(truncatingIfNeeded: uptimeMilliseconds))
        payloads.append32(nodes[number].pendingCount)
        payloads.append(contentsOf: nodes[number].pending)
        nodes[number].pending.removeAll(keepingCapacity: true)
        nodes[number].pendingCount = 0
        datagrams.append(
            SimulatedDatagram(timeNanoseconds: 0, agent: nodes[number].agent, payload: start..<payloads.count))
    }

    /// The tick's datagrams leave evenly over its second half.
    private mutating func spreadTimes() {
        let half = FabricSimulator.tickNanoseconds / 2
        let start = Int64(tick) * FabricSimulator.tickNanoseconds + half
        for index in datagrams.indices {
            datagrams[index].timeNanoseconds = start + half * Int64(index) / Int64(datagrams.count)
        }
    }
}
