// The fixed parts of the sample types. Compact and expanded forms give the same values.
//
// ```
// byte               0     4         8     12    16     20    24     28     32     36     40      44
// flow, compact    | seq | source  | rate| pool| drops| in  | out  |count | records
// flow, expanded   | seq | class   |index| rate| pool |drops| input        | output      | count | records
// counter, compact | seq | source  |count| records
// counter, expanded| seq | class   |index|count| records
// discarded packet | seq | class   |index|drops| in   | out | reason|count| records
// ```
// Sources: sFlow version 5, section 5; sFlow Dropped Packet Notification Structures.

import Bytes

@inlinable
@inline(__always)
func decodeFlowSample<Visitor: DatagramVisitor & ~Copyable>(
    _ bytes: RawSpan, _ frame: Frame, isACLTriggered: Bool, _ visitor: inout Visitor
) throws(DecodeError) {
    try frame.require(32)
    let start = frame.start
    let sample = FlowSample(
        sequenceNumber: try bytes.word(at: start),
        dataSource: DataSource(compact: try bytes.word(at: start + 4)),
        samplingRate: try bytes.word(at: start + 8),
        samplePool: try bytes.word(at: start + 12),
        drops: try bytes.word(at: start + 16),
        input: Interface(compact: try bytes.word(at: start + 20)),
        output: Interface(compact: try bytes.word(at: start + 24)),
        isACLTriggered: isACLTriggered)
    if sample.output.kind == .unknown, sample.output.value != 0 {
        visitor.fault(DecodeError(.badInterfaceFormat, at: start + 24))
    }
    let count = try bytes.word(at: start + 28)
    visit(sample, inputOffset: start + 20, bytes, count: count, recordsAt: start + 32, end: frame.end, &visitor)
}

@inlinable
@inline(__always)
func decodeExpandedFlowSample<Visitor: DatagramVisitor & ~Copyable>(
    _ bytes: RawSpan, _ frame: Frame, isACLTriggered: Bool, _ visitor: inout Visitor
) throws(DecodeError) {
    try frame.require(44)
    let start = frame.start
    let outputFormat = try bytes.word(at: start + 32)
    let sample = FlowSample(
        sequenceNumber: try bytes.word(at: start),
        dataSource: DataSource(classNumber: try bytes.word(at: start + 4), index: try bytes.word(at: start + 8)),
        samplingRate: try bytes.word(at: start + 12),
        samplePool: try bytes.word(at: start + 16),
        drops: try bytes.word(at: start + 20),
        input: Interface(format: try bytes.word(at: start + 24), expanded: try bytes.word(at: start + 28)),
        output: Interface(format: outputFormat, expanded: try bytes.word(at: start + 36)),
        isACLTriggered: isACLTriggered)
    if outputFormat > 2 { visitor.fault(DecodeError(.badInterfaceFormat, at: start + 32)) }
    let count = try bytes.word(at: start + 40)
    visit(sample, inputOffset: start + 24, bytes, count: count, recordsAt: start + 44, end: frame.end, &visitor)
}

/// A packet cannot come in by several interfaces or by none: such an input is unknown, whatever it says.
@inlinable
@inline(__always)
func visit<Visitor: DatagramVisitor & ~Copyable>(
    _ sample: FlowSample, inputOffset: Int, _ bytes: RawSpan, count: UInt32, recordsAt offset: Int, end: Int,
    _ visitor: inout Visitor
) {
    var sample = sample
    switch sample.input.kind {
    case .single, .internal: break
    case .unknown where sample.input.value == 0: break
    case .unknown, .discarded, .multiple:
        sample.input = Interface(kind: .unknown, value: sample.input.value)
        visitor.fault(DecodeError(.badInterfaceFormat, at: inputOffset))
    }
    if visitor.beginFlowSample(sample) {
        decodeRecords(.flow, bytes, count: count, at: offset, end: end, &visitor)
    }
    visitor.endFlowSample(in: bytes)
}

@inlinable
func decodeCounterSample<Visitor: DatagramVisitor & ~Copyable>(
    _ bytes: RawSpan, _ frame: Frame, isExpanded: Bool, _ visitor: inout Visitor
) throws(DecodeError) {
    let fixedBytes = isExpanded ? 16 : 12
    try frame.require(fixedBytes)
    let start = frame.start
    let source = try bytes.word(at: start + 4)
    let sample = CounterSample(
        sequenceNumber: try bytes.word(at: start),
        dataSource: isExpanded
            ? DataSource(classNumber: source, index: try bytes.word(at: start + 8)) : DataSource(compact: source))
    let count = try bytes.word(at: start + fixedBytes - 4)
    if visitor.beginCounterSample(sample) {
        decodeRecords(.counter, bytes, count: count, at: start + fixedBytes, end: frame.end, &visitor)
    }
    visitor.endCounterSample()
}

@inlinable
func decodeDiscardedPacket<Visitor: DatagramVisitor & ~Copyable>(
    _ bytes: RawSpan, _ frame: Frame, _ visitor: inout Visitor
) throws(DecodeError) {
    try frame.require(32)
    let start = frame.start
    let sample = DiscardedPacket(
        sequenceNumber: try bytes.word(at: start),
        dataSource: DataSource(classNumber: try bytes.word(at: start + 4), index: try bytes.word(at: start + 8)),
        drops: try bytes.word(at: start + 12),
        inputIndex: try bytes.word(at: start + 16),
        outputIndex: try bytes.word(at: start + 20),
        reason: try bytes.word(at: start + 24))
    let count = try bytes.word(at: start + 28)
    if visitor.beginDiscardedPacket(sample) {
        decodeRecords(.flow, bytes, count: count, at: start + 32, end: frame.end, &visitor)
    }
    visitor.endDiscardedPacket(in: bytes)
}
