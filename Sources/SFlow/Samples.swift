// What a datagram and its samples say before any of their records: plain values, filled in place, never on the heap.

public import Bytes

/// The head of a datagram. Source: sFlow version 5, section 5, `sample_datagram_v5`.
public struct DatagramHeader: Hashable, Sendable, BitwiseCopyable {
    /// The device. IPv4-mapped addresses are normalised to IPv4; the UDP source when the datagram names no agent.
    public var agent: IPAddress
    /// Separates the streams of one device: line cards, processes.
    public var subAgent: UInt32
    /// Counts the datagrams of one (agent, sub-agent); wraps at 2^32.
    public var sequenceNumber: UInt32
    /// Milliseconds since the sub-agent started, by its own account; wraps after 49.7 days.
    public var uptimeMilliseconds: UInt32
    /// Samples in this datagram as claimed, not as found.
    public var sampleCount: UInt32
    /// Bytes from the start of the datagram.
    public var firstSampleOffset: Int

    public init(
        agent: IPAddress, subAgent: UInt32, sequenceNumber: UInt32, uptimeMilliseconds: UInt32, sampleCount: UInt32,
        firstSampleOffset: Int
    ) {
        self.agent = agent
        self.subAgent = subAgent
        self.sequenceNumber = sequenceNumber
        self.uptimeMilliseconds = uptimeMilliseconds
        self.sampleCount = sampleCount
        self.firstSampleOffset = firstSampleOffset
    }
}

/// Which way the packet of a flow sample was going through the data source.
public enum Direction: UInt8, Sendable, BitwiseCopyable {
    case unknown
    case ingress
    case egress
}

/// One sampled packet or transaction. Source: sFlow version 5, section 5, `flow_sample` and `flow_sample_expanded`.
public struct FlowSample: Hashable, Sendable, BitwiseCopyable {
    /// Counts the flow samples of one instance; wraps at 2^32.
    public var sequenceNumber: UInt32
    public var dataSource: DataSource
    /// One packet in this many was sampled, as in force for this sample; 0 is an agent's error.
    public var samplingRate: UInt32
    /// Packets that could have been sampled so far; wraps at 2^32.
    public var samplePool: UInt32
    /// Packets selected but lost before export so far; wraps at 2^32.
    public var drops: UInt32
    public var input: Interface
    public var output: Interface
    /// Selected by an access list, not at random: never to be scaled.
    public var isACLTriggered: Bool

    public init(
        sequenceNumber: UInt32, dataSource: DataSource, samplingRate: UInt32, samplePool: UInt32, drops: UInt32,
        input: Interface, output: Interface, isACLTriggered: Bool
    ) {
        self.sequenceNumber = sequenceNumber
        self.dataSource = dataSource
        self.samplingRate = samplingRate
        self.samplePool = samplePool
        self.drops = drops
        self.input = input
        self.output = output
        self.isACLTriggered = isACLTriggered
    }

    /// Ingress when the data source is the input interface (also when it is both: a hairpin), egress when it is the
    /// output interface, unknown when it is neither, as with agents that sample for the whole chip.
    public var direction: Direction {
        guard dataSource.classNumber == 0 else { return .unknown }
        if input.kind == .single, input.value == dataSource.index { return .ingress }
        if output.kind == .single, output.value == dataSource.index { return .egress }
        return .unknown
    }
}

/// Running totals of one data source. Source: sFlow version 5, section 5, `counters_sample` and its expanded form.
public struct CounterSample: Hashable, Sendable, BitwiseCopyable {
    /// Counts the counter samples of one instance; a step back says that its counters were reset.
    public var sequenceNumber: UInt32
    public var dataSource: DataSource

    public init(sequenceNumber: UInt32, dataSource: DataSource) {
        self.sequenceNumber = sequenceNumber
        self.dataSource = dataSource
    }
}

/// One packet that a device dropped and chose to report; no statistical sample, never to be scaled.
/// Source: sFlow Dropped Packet Notification Structures, `discarded_packet`.
public struct DiscardedPacket: Hashable, Sendable, BitwiseCopyable {
    public var sequenceNumber: UInt32
    public var dataSource: DataSource
    /// Notifications lost to the agent's rate limit so far; wraps at 2^32.
    public var drops: UInt32
    /// Plain ifIndex; 0 unknown.
    public var inputIndex: UInt32
    /// Plain ifIndex; 0 unknown, set only for packets dropped on their way out.
    public var outputIndex: UInt32
    /// See ``DiscardReason``.
    public var reason: UInt32

    public init(
        sequenceNumber: UInt32, dataSource: DataSource, drops: UInt32, inputIndex: UInt32, outputIndex: UInt32,
        reason: UInt32
    ) {
        self.sequenceNumber = sequenceNumber
        self.dataSource = dataSource
        self.drops = drops
        self.inputIndex = inputIndex
        self.outputIndex = outputIndex
        self.reason = reason
    }
}
