// The walk over the records of one sample. A record that is unknown or too short is passed over by its length and never
// spoils its neighbours; one that claims more than the sample has ends the sample.

public import Bytes

/// - Parameter end: of the sample's body. Bytes left behind the last record are extensions and ignored.
@inlinable
@inline(__always)
func decodeRecords<Visitor: DatagramVisitor & ~Copyable>(
    _ kind: RecordKind, _ bytes: RawSpan, count: UInt32, at start: Int, end: Int, _ visitor: inout Visitor
) {
    var offset = start
    let claimed = Int(count)
    let isPossible = claimed <= (end - offset) / Frame.headBytes
    if !isPossible { visitor.fault(DecodeError(.recordCountExceedsBytes, at: start - 4)) }
    var remaining = min(claimed, Limits.recordsPerSample)
    while remaining > 0, end - offset >= Frame.headBytes {
        do throws(DecodeError) {
            let frame = try Frame(bytes, at: offset, end: end, of: .record)
            if frame.isUnaligned { visitor.fault(DecodeError(.recordLengthUnaligned, at: offset + 4)) }
            switch kind {
            case .flow: deliverFlowRecord(bytes, frame, &visitor)
            case .counter: deliverCounterRecord(bytes, frame, &visitor)
            }
            offset = frame.end
        } catch {
            visitor.fault(error)
            return
        }
        remaining -= 1
    }
    if remaining > 0, isPossible { visitor.fault(DecodeError(.recordCountExceedsBytes, at: start - 4)) }
    if remaining == 0, claimed > Limits.recordsPerSample { visitor.fault(DecodeError(.tooManyRecords, at: offset)) }
}

@inlinable
@inline(__always)
func deliverFlowRecord<Visitor: DatagramVisitor & ~Copyable>(
    _ bytes: RawSpan, _ frame: Frame, _ visitor: inout Visitor
) {
    guard let layout = FlowLayoutID(frame.tag) else {
        visitor.unknownRecord(.flow, frame.tag)
        return
    }
    guard frame.byteCount >= layout.minimumBytes else {
        visitor.fault(DecodeError(.recordTooShort, at: frame.start))
        return
    }
    // The minimum is 16 bytes: the header's length, its last word, is there.
    if layout == .sampledHeader, let claimed = try? bytes.uint32(at: frame.start + 12),
        Int(claimed) > frame.byteCount - 16
    {
        visitor.fault(DecodeError(.headerClamped, at: frame.start + 12))
    }
    visitor.flowRecord(layout, bytes.extracting(frame.start..<frame.end), in: bytes)
}

@inlinable
@inline(__always)
func deliverCounterRecord<Visitor: DatagramVisitor & ~Copyable>(
    _ bytes: RawSpan, _ frame: Frame, _ visitor: inout Visitor
) {
    guard let layout = CounterLayoutID(frame.tag) else {
        visitor.unknownRecord(.counter, frame.tag)
        return
    }
    guard frame.byteCount >= layout.minimumBytes else {
        visitor.fault(DecodeError(.recordTooShort, at: frame.start))
        return
    }
    visitor.counterRecord(layout, bytes.extracting(frame.start..<frame.end))
}
