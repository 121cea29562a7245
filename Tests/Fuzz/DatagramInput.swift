// Datagrams: everything that the decoder finds is read by every reader that there is for it.

import Bytes
import Packets
import SFlow

private let sender = IPAddress(v4: 0x0A00_0001)

func fuzzDatagram(_ input: [UInt8]) {
    let bytes = input.span.bytes
    let agent = try? readAgent(bytes, udpSource: sender)
    var reader = EverythingReader(byteCount: input.count)
    do {
        try decode(bytes, udpSource: sender, into: &reader)
        check(reader.agent == agent, "ingest and worker read the same agent")
        check(!reader.isInsideSample, "every sample that begins ends")
    } catch {
        check(agent == nil && reader.agent == nil, "ingest refuses what the decoder refuses, unseen by the visitor")
    }
}

private struct EverythingReader: DatagramVisitor {
    let byteCount: Int
    var agent: IPAddress?
    var isInsideSample = false

    init(byteCount: Int) { self.byteCount = byteCount }

    mutating func beginDatagram(_ header: DatagramHeader) -> Bool {
        agent = header.agent
        return true
    }

    mutating func beginFlowSample(_ sample: FlowSample) -> Bool {
        check(DataSource(sample.dataSource.description) != nil, "a data source can be written and read again")
        return begin()
    }

    mutating func beginCounterSample(_ sample: CounterSample) -> Bool { begin() }
    mutating func beginDiscardedPacket(_ sample: DiscardedPacket) -> Bool { begin() }
    mutating func endFlowSample(in datagram: RawSpan) { end() }
    mutating func endCounterSample() { end() }
    mutating func endDiscardedPacket(in datagram: RawSpan) { end() }

    mutating func flowRecord(_ layout: FlowLayoutID, _ body: RawSpan, in datagram: RawSpan) {
        read(layout.layout, body)
        if layout == .sampledHeader { readHeader(body) }
    }

    mutating func counterRecord(_ layout: CounterLayoutID, _ body: RawSpan) { read(layout.layout, body) }
    mutating func namedMetrics(_ body: RawSpan) { _ = try? NamedMetricReader.read(body) }
    mutating func namedFlow(_ body: RawSpan) { _ = try? NamedFlowReader.read(body) }
    mutating func unknownSample(_ tag: Tag) {}
    mutating func unknownRecord(_ kind: RecordKind, _ tag: Tag) {}

    mutating func fault(_ error: DecodeError) {
        check((0...byteCount).contains(error.offset), "a fault is inside the datagram")
    }

    private mutating func begin() -> Bool {
        check(!isInsideSample, "samples do not overlap")
        isInsideSample = true
        return true
    }

    private mutating func end() {
        check(isInsideSample, "only a sample that began ends")
        isInsideSample = false
    }
}

/// The two ways to read a record's fields accept the same bodies.
private func read(_ layout: RecordLayout, _ body: RawSpan) {
    var fields = FieldReader(layout: layout, byteCount: body.byteCount)
    let isWalked = (try? RecordWalker.walk(layout, body, into: &fields)) != nil
    var offsets: [Int] = []
    let isLocated = RecordWalker.locateFields(layout, body, into: &offsets)
    check(isWalked == isLocated, "walking and locating the fields of \(layout.name) agree")
}

private func readHeader(_ body: RawSpan) {
    guard let header = try? SampledHeader.read(body) else { return }
    check(header.headerRange.upperBound <= body.byteCount, "the header bytes are inside the record")
    dissect(
        body.extracting(header.headerRange), headerProtocol: header.protocolNumber, frameLength: header.frameLength)
}

private struct FieldReader: FieldVisitor {
    let layout: RecordLayout
    let byteCount: Int

    mutating func field(_ field: Field, _ value: FieldValue, isUnknown: Bool) {
        if case .bytes(let range) = value { check(range.upperBound <= byteCount, "a field is inside its record") }
    }

    mutating func beginList(_ field: Field, count: Int) {
        check(count <= byteCount, "a list has no more elements than the record has bytes")
    }

    mutating func beginElement(_ index: Int) {}
    mutating func endList(_ field: Field) {}

    mutating func nestedRecord(_ tag: Tag, _ nested: FlowLayoutID?, _ body: RawSpan) {
        check(tag != layout.tag, "records do not nest in themselves")
        if let nested { read(nested.layout, body) }
    }
}
