// A visitor that writes down what it is told, and checks the decoder's promise that begins and ends come in pairs.

import Bytes
import SFlow

enum Event: Equatable {
    case datagram(DatagramHeader)
    case flow(FlowSample)
    case flowRecord(Tag, [UInt8])
    case endFlow
    case counters(CounterSample)
    case counterRecord(Tag, [UInt8])
    case endCounters
    case discard(DiscardedPacket)
    case endDiscard
    case namedMetrics([UInt8])
    case namedFlow([UInt8])
    case unknownSample(Tag)
    case unknownRecord(RecordKind, Tag)
    case fault(DecodeError.Reason, Int)
}

struct Recorder: DatagramVisitor {
    var events: [Event] = []
    var wantsSamples = true
    var wantsRecords = true
    /// Broken promises of the decoder.
    private(set) var violations: [String] = []
    private enum Open { case nothing, flow, counters, discard }
    private var open = Open.nothing
    private var isStarted = false

    private mutating func begin(_ what: Open) -> Bool {
        if open != .nothing || !isStarted { violations.append("begin \(what) inside \(open)") }
        open = what
        return wantsRecords
    }

    private mutating func end(_ what: Open) {
        if open != what { violations.append("end \(what) inside \(open)") }
        open = .nothing
    }

    mutating func beginDatagram(_ header: DatagramHeader) -> Bool {
        events.append(.datagram(header))
        isStarted = true
        return wantsSamples
    }

    mutating func beginFlowSample(_ sample: FlowSample) -> Bool {
        events.append(.flow(sample))
        return begin(.flow)
    }

    mutating func flowRecord(_ layout: FlowLayoutID, _ body: RawSpan, in datagram: RawSpan) {
        if open != .flow && open != .discard { violations.append("flow record inside \(open)") }
        if body.byteCount < layout.layout.minimumBytes { violations.append("short \(layout.layout.name)") }
        events.append(.flowRecord(layout.layout.tag, copy(body)))
    }

    mutating func endFlowSample(in datagram: RawSpan) {
        end(.flow)
        events.append(.endFlow)
    }

    mutating func beginCounterSample(_ sample: CounterSample) -> Bool {
        events.append(.counters(sample))
        return begin(.counters)
    }

    mutating func counterRecord(_ layout: CounterLayoutID, _ body: RawSpan) {
        if open != .counters { violations.append("counter record inside \(open)") }
        if body.byteCount < layout.layout.minimumBytes { violations.append("short \(layout.layout.name)") }
        events.append(.counterRecord(layout.layout.tag, copy(body)))
    }

    mutating func endCounterSample() {
        end(.counters)
        events.append(.endCounters)
    }

    mutating func beginDiscardedPacket(_ sample: DiscardedPacket) -> Bool {
        events.append(.discard(sample))
        return begin(.discard)
    }

    mutating func endDiscardedPacket(in datagram: RawSpan) {
        end(.discard)
        events.append(.endDiscard)
    }

    mutating func namedMetrics(_ body: RawSpan) { events.append(.namedMetrics(copy(body))) }
    mutating func namedFlow(_ body: RawSpan) { events.append(.namedFlow(copy(body))) }
    mutating func unknownSample(_ tag: Tag) { events.append(.unknownSample(tag)) }
    mutating func unknownRecord(_ kind: RecordKind, _ tag: Tag) { events.append(.unknownRecord(kind, tag)) }
    mutating func fault(_ error: DecodeError) { events.append(.fault(error.reason, error.offset)) }

    /// Everything that was begun has ended.
    var isBalanced: Bool { open == .nothing && violations.isEmpty }

    var faults: [DecodeError.Reason] {
        events.compactMap { if case .fault(let reason, _) = $0 { reason } else { nil } }
    }

    var records: [(tag: Tag, body: [UInt8])] {
        events.compactMap { event in
            switch event {
            case .flowRecord(let tag, let body), .counterRecord(let tag, let body): (tag, body)
            default: nil
            }
        }
    }
}

func copy(_ bytes: RawSpan) -> [UInt8] { bytes.withUnsafeBytes { Array($0) } }

let testSource = IPAddress(v4: 0xC633_6401)

/// What the decoder reports of `bytes`; a refusal of the whole is the error.
func record(_ bytes: [UInt8], wantsSamples: Bool = true, wantsRecords: Bool = true) throws(DecodeError) -> Recorder {
    var recorder = Recorder()
    recorder.wantsSamples = wantsSamples
    recorder.wantsRecords = wantsRecords
    try decode(bytes.span.bytes, udpSource: testSource, into: &recorder)
    return recorder
}

/// The reason for which the whole datagram is refused; nil when it is not.
func refusal(_ bytes: [UInt8]) -> DecodeError.Reason? {
    do {
        _ = try record(bytes)
        return nil
    } catch {
        return error.reason
    }
}

func readHeader(_ body: [UInt8]) throws(DecodeError) -> SampledHeader { try SampledHeader.read(body.span.bytes) }
