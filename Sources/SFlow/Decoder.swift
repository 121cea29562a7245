// The walk over a datagram: its head, then sample after sample at the declared ends, whatever happened inside.
//
// Free functions with plain arguments: nothing is stored, nothing is reserved, and the compiler sees what is invariant. They
// can be inlined, so that every visitor, whatever module it is in, gets a decoder that is compiled for it.
// Three boundaries are nested (datagram, sample, record); each step checks its own against the one around it.

public import Bytes

/// Decodes one datagram and calls the visitor in wire order.
///
/// - Parameter udpSource: the sender of the datagram, which stands for the agent when the datagram names none.
/// Throws: the whole datagram is refused, and the visitor has seen nothing. Everything found wrong later goes to the
/// visitor's `fault`, and what was decoded before it stands.
/// Complexity: linear in the bytes; at most ``Limits/samplesPerDatagram`` samples.
@inlinable
public func decode<Visitor: DatagramVisitor & ~Copyable>(
    _ bytes: RawSpan, udpSource: IPAddress, into visitor: inout Visitor
) throws(DecodeError) {
    let header = try DatagramHeader(bytes, udpSource: udpSource)
    if visitor.beginDatagram(header) { decodeSamples(bytes, header, into: &visitor) }
}

/// Decodes what follows a datagram's head. For visitors that are made when the head is known.
@inlinable
public func decodeSamples<Visitor: DatagramVisitor & ~Copyable>(
    _ bytes: RawSpan, _ header: DatagramHeader, into visitor: inout Visitor
) {
    if header.isNullAddressPadded(in: bytes) { visitor.fault(DecodeError(.paddedNullAddress, at: 8)) }
    let countOffset = header.firstSampleOffset - 4
    var offset = header.firstSampleOffset
    let claimed = Int(header.sampleCount)
    let isPossible = claimed <= (bytes.byteCount - offset) / Frame.headBytes
    if !isPossible { visitor.fault(DecodeError(.sampleCountExceedsBytes, at: countOffset)) }
    var remaining = min(claimed, Limits.samplesPerDatagram)
    while remaining > 0, bytes.byteCount - offset >= Frame.headBytes {
        do throws(DecodeError) {
            let frame = try Frame(bytes, at: offset, end: bytes.byteCount, of: .sample)
            if frame.isUnaligned { visitor.fault(DecodeError(.sampleLengthUnaligned, at: offset + 4)) }
            decodeSample(bytes, frame, isNested: false, &visitor)
            offset = frame.end
        } catch {
            visitor.fault(error)
            return
        }
        remaining -= 1
    }
    if remaining > 0, isPossible { visitor.fault(DecodeError(.sampleCountExceedsBytes, at: countOffset)) }
    guard remaining == 0 else { return }
    if claimed > Limits.samplesPerDatagram {
        visitor.fault(DecodeError(.tooManySamples, at: offset))
    } else if bytes.byteCount - offset >= 4 {
        visitor.fault(DecodeError(.trailingBytes, at: offset))
    }
}

/// Reports a sample that is wrong as a whole; the caller goes on behind it.
@inlinable
func decodeSample<Visitor: DatagramVisitor & ~Copyable>(
    _ bytes: RawSpan, _ frame: Frame, isNested: Bool, _ visitor: inout Visitor
) {
    do throws(DecodeError) {
        switch frame.tag.rawValue {
        case Tag.flowSample: try decodeFlowSample(bytes, frame, isACLTriggered: isNested, &visitor)
        case Tag.expandedFlowSample: try decodeExpandedFlowSample(bytes, frame, isACLTriggered: isNested, &visitor)
        case Tag.counterSample: try decodeCounterSample(bytes, frame, isExpanded: false, &visitor)
        case Tag.expandedCounterSample: try decodeCounterSample(bytes, frame, isExpanded: true, &visitor)
        case Tag.discardedPacket: try decodeDiscardedPacket(bytes, frame, &visitor)
        case Tag.namedMetrics:
            try frame.require(8)
            visitor.namedMetrics(bytes.extracting(frame.start..<frame.end))
        case Tag.namedFlow:
            try frame.require(16)
            visitor.namedFlow(bytes.extracting(frame.start..<frame.end))
        case Tag.aclTriggeredSample:
            guard !isNested else { throw DecodeError(.nestedTooDeep, at: frame.start - Frame.headBytes) }
            try decodeNestedSample(bytes, frame, &visitor)
        default: visitor.unknownSample(frame.tag)
        }
    } catch {
        visitor.fault(error)
    }
}

/// The ACL-triggered sample: flags and group (8 bytes), then one complete sample with a tag and length of its own.
@inlinable
func decodeNestedSample<Visitor: DatagramVisitor & ~Copyable>(
    _ bytes: RawSpan, _ frame: Frame, _ visitor: inout Visitor
) throws(DecodeError) {
    try frame.require(8 + Frame.headBytes)
    let inner = try Frame(bytes, at: frame.start + 8, end: frame.end, of: .sample)
    if inner.isUnaligned { visitor.fault(DecodeError(.sampleLengthUnaligned, at: frame.start + 12)) }
    decodeSample(bytes, inner, isNested: true, &visitor)
}

extension Frame {
    /// Throws when the body is shorter than the fixed part of its sample type.
    @inlinable
    @inline(__always)
    func require(_ byteCount: Int) throws(DecodeError) {
        guard self.byteCount >= byteCount else { throw DecodeError(.sampleTooShort, at: start) }
    }
}
