// `weir bench decode`: every record of every sample, sampled headers down to the ports.

internal import Bytes
internal import Packets
internal import SFlow

struct DecodeBench {
    private let load: BenchLoad

    init(_ load: BenchLoad) { self.load = load }

    func run(seconds: Double) -> BenchResult {
        var visitor = DecodeVisitor()
        let result = BenchResult.measure(seconds: seconds, datagramsPerRound: load.datagrams.count) {
            visitor.samples = 0
            load.forEach { bytes, source, _ in try? decode(bytes, udpSource: source, into: &visitor) }
            return visitor.samples
        }
        // What was read has to matter, or the compiler leaves it out.
        if visitor.sum == 1 { complain("the sum of everything is 1") }
        return result
    }
}

/// Reads everything and keeps a sum.
private struct DecodeVisitor: DatagramVisitor, ~Copyable {
    var samples: UInt64 = 0
    var sum: UInt64 = 0
    private var stack = LayerStack()

    mutating func beginDatagram(_ header: DatagramHeader) -> Bool { true }

    mutating func beginFlowSample(_ sample: FlowSample) -> Bool {
        samples &+= 1
        sum &+= UInt64(sample.samplingRate)
        return true
    }

    mutating func flowRecord(_ layout: FlowLayoutID, _ body: RawSpan, in datagram: RawSpan) {
        guard layout == .sampledHeader else { return readWords(body) }
        guard let record = try? SampledHeader.read(body) else { return }
        let header = body.extracting(record.headerRange)
        stack.dissect(header, headerProtocol: record.protocolNumber)
        sum &+= UInt64(stack.tcpSourcePort(in: header) ?? stack.udpSourcePort(in: header) ?? 0)
        sum &+= UInt64(stack.tcpDestinationPort(in: header) ?? stack.udpDestinationPort(in: header) ?? 0)
        sum &+= UInt64(stack.ipv4Source(in: header) ?? 0) &+ UInt64(stack.ipv4Destination(in: header) ?? 0)
        sum &+= UInt64(record.frameLength)
    }

    mutating func endFlowSample(in datagram: RawSpan) {}

    mutating func beginCounterSample(_ sample: CounterSample) -> Bool { true }
    mutating func counterRecord(_ layout: CounterLayoutID, _ body: RawSpan) { readWords(body) }
    mutating func endCounterSample() {}

    mutating func beginDiscardedPacket(_ sample: DiscardedPacket) -> Bool { true }
    mutating func endDiscardedPacket(in datagram: RawSpan) {}

    mutating func namedMetrics(_ body: RawSpan) { readWords(body) }
    mutating func namedFlow(_ body: RawSpan) { readWords(body) }
    mutating func unknownSample(_ tag: Tag) {}
    mutating func unknownRecord(_ kind: RecordKind, _ tag: Tag) {}
    mutating func fault(_ error: DecodeError) {}

    private mutating func readWords(_ body: RawSpan) {
        var offset = 0
        while let word = try? body.uint32(at: offset) {
            sum &+= UInt64(word)
            offset += 4
        }
    }
}
