// What one sample says, gathered once and shared by all definitions.
//
// Only places are kept: where each record's body lies in the datagram, where the sampled header's layers start. Values
// are read when a program asks. One `SampleFacts` serves an executor for its whole life and is filled again for each
// sample; nothing is reserved then.

package import Bytes
internal import Packets
package import SFlow

/// The facts of the sample at hand. Not copyable: it owns the storage of a dissection.
///
///     facts.beginPacketSample(agent: agent, sample)
///     facts.record(layout, body, in: datagram)          // for each of its records
///     for flow in flows where flow.evaluate(&facts, in: datagram, into: &match) { … }
package struct SampleFacts: ~Copyable, Sendable {
    package enum Kind: UInt8, Sendable, BitwiseCopyable {
        case none
        /// A sampled packet or transaction.
        case flowSample
        /// A discarded packet.
        case notification
        /// Sample 4300:1003: names and values chosen by the sender.
        case named
    }

    struct RecordPlace: BitwiseCopyable {
        var layout: UInt8
        var offset: Int
        var byteCount: Int
    }

    package private(set) var kind = Kind.none
    private(set) var agent = IPAddress(v4: 0)
    private(set) var dataSource = DataSource(classNumber: 0, index: 0)
    private(set) var input = Interface.unknown
    private(set) var output = Interface.unknown
    private(set) var direction = Direction.unknown
    /// Of a notification.
    private(set) var reason: UInt32 = 0
    private(set) var named: NamedFlow?
    /// Packets or transactions that the sample stands for.
    package private(set) var scale: UInt32 = 1
    /// Datagrams that the one at hand stands for, from 1: each sample in it counts so often.
    package var weight: UInt32 = 1

    /// Always ``FlowLimits/recordsPerSample`` long; the first `recordCount` are meant.
    private var records: [RecordPlace]
    private(set) var recordCount = 0
    /// The layouts that occur, by their index, so that asking for an absent one is one test.
    private var layoutsLow: UInt64 = 0
    private var layoutsHigh: UInt64 = 0

    private(set) var isDissected = false
    private(set) var stack = LayerStack()
    /// The sampled bytes, in the datagram. Empty without a sampled header.
    private(set) var headerRange = 0..<0
    private(set) var hasHeader = false
    private(set) var stripped: UInt32 = 0
    /// Bytes of the frame before scaling; nil when the sample describes no packet.
    private(set) var frameLength: UInt64?

    package init() {
        records = Array(
            repeating: RecordPlace(layout: 0, offset: 0, byteCount: 0), count: FlowLimits.recordsPerSample)
    }
}

// Filling.
extension SampleFacts {
    /// - Parameter sample: its sampling rate scales values; an agent's 0 counts as 1. A caller that knows better puts
    ///   its own rate into the sample. Samples that an access list selected are never scaled.
    package mutating func beginPacketSample(agent: IPAddress, _ sample: FlowSample) {
        begin(.flowSample, agent: agent)
        dataSource = sample.dataSource
        input = sample.input
        output = sample.output
        direction = sample.direction
        scale = weighted(sample.isACLTriggered ? 1 : max(sample.samplingRate, 1))
    }

    /// Notifications are not sampled: each counts once.
    package mutating func beginNotification(agent: IPAddress, _ sample: DiscardedPacket) {
        begin(.notification, agent: agent)
        dataSource = sample.dataSource
        input = Interface(plain: sample.inputIndex)
        output = Interface(plain: sample.outputIndex)
        direction = .unknown
        reason = sample.reason
        scale = weight
    }

    /// Each field of the sample is a key of its name, also where that is the name of another key.
    package mutating func beginNamedFlow(agent: IPAddress, _ flow: NamedFlow) {
        begin(.named, agent: agent)
        named = flow
        scale = weighted(max(flow.samplingRate, 1))
    }

    /// A rate beyond what a number holds is a hostile one: it stays the largest there is.
    private func weighted(_ rate: UInt32) -> UInt32 {
        let (product, isTooLarge) = rate.multipliedReportingOverflow(by: weight)
        return isTooLarge ? .max : product
    }

    private mutating func begin(_ kind: Kind, agent: IPAddress) {
        self.kind = kind
        self.agent = agent
        recordCount = 0
        layoutsLow = 0
        layoutsHigh = 0
        isDissected = false
        hasHeader = false
        headerRange = 0..<0
        stripped = 0
        frameLength = nil
        if named != nil { named = nil }
    }

    /// Notes where the body of a record lies in the datagram. Of several records of one format keys read the first;
    /// the suffixes `.1`, `.2` … reach the others where a format may repeat.
    package mutating func record(_ layout: FlowLayoutID, offset: Int, byteCount: Int) {
        guard recordCount < FlowLimits.recordsPerSample, offset >= 0, byteCount >= 0 else { return }
        records[recordCount] = RecordPlace(layout: layout.index, offset: offset, byteCount: byteCount)
        recordCount += 1
        if layout.index < 64 {
            layoutsLow |= 1 &<< UInt64(layout.index)
        } else {
            layoutsHigh |= 1 &<< UInt64(layout.index - 64)
        }
    }

    /// The same for a body that is a part of the datagram's span; others are ignored.
    package mutating func record(_ layout: FlowLayoutID, _ body: RawSpan, in datagram: RawSpan) {
        guard let range = datagram.byteOffsets(of: body) else { return }
        record(layout, offset: range.lowerBound, byteCount: range.count)
    }
}

// Reading.
extension SampleFacts {
    @inline(__always)
    func has(_ layout: UInt8) -> Bool {
        layout < 64 ? layoutsLow &>> UInt64(layout) & 1 == 1 : layoutsHigh &>> UInt64(layout &- 64) & 1 == 1
    }

    /// The body of the `occurrence`-th record of a format, as a place in the datagram.
    func body(of layout: UInt8, occurrence: Int = 0, in datagram: RawSpan) -> Range<Int>? {
        guard has(layout) else { return nil }
        var left = occurrence
        for index in 0..<recordCount where records[index].layout == layout {
            if left == 0 {
                let place = records[index]
                guard place.byteCount <= datagram.byteCount, place.offset <= datagram.byteCount - place.byteCount else {
                    return nil
                }
                return place.offset..<place.offset + place.byteCount
            }
            left -= 1
        }
        return nil
    }

    /// Looks into the sampled header, once a sample: finds its layers and the frame's length.
    mutating func dissect(in datagram: RawSpan) {
        isDissected = true
        if let body = body(of: FlowLayoutID.sampledHeader.index, in: datagram),
            let header = try? SampledHeader.read(datagram.extracting(body))
        {
            headerRange =
                body.lowerBound + header.headerRange.lowerBound..<body.lowerBound + header.headerRange.upperBound
            hasHeader = true
            stripped = header.stripped
            // In range: the body is, and the header range is a part of it.
            let bytes = datagram.extracting(headerRange)
            stack.dissect(bytes, headerProtocol: header.protocolNumber, frameLength: header.frameLength)
            frameLength =
                Packets.frameBytes(
                    headerProtocol: header.protocolNumber, frameLength: header.frameLength, stripped: header.stripped,
                    capturedLength: bytes.byteCount, ethernetLength: ethernetLength(in: datagram),
                    outermostIP: stack.outermostIP(in: bytes)
                ).bytes
        } else {
            stack.dissect(datagram.extracting(0..<0), headerProtocol: 0)
            frameLength = ethernetLength(in: datagram).map(UInt64.init) ?? packetLength(in: datagram)
        }
    }

    /// sampled_ethernet.length.
    private func ethernetLength(in datagram: RawSpan) -> UInt32? {
        body(of: FlowLayoutID.sampledEthernet.index, in: datagram).flatMap { try? datagram.uint32(at: $0.lowerBound) }
    }

    /// The length of the packet of sampled_ipv4 or sampled_ipv6, all there is when an agent sends nothing else.
    private func packetLength(in datagram: RawSpan) -> UInt64? {
        let place =
            body(of: FlowLayoutID.sampledIPv4.index, in: datagram)
            ?? body(of: FlowLayoutID.sampledIPv6.index, in: datagram)
        return place.flatMap { try? datagram.uint32(at: $0.lowerBound) }.map(UInt64.init)
    }
}
