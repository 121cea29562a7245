// From a captured frame to the payload of a UDP datagram: link layer, IP (with reassembly), UDP. Checksums are not
// looked at: captures of a sender's own traffic hold them unfilled, because the network card computes them.

import Bytes

/// Finds UDP datagrams in frames. Feed it the frames of one capture in their order.
package struct FrameDecoder: Sendable {
    package private(set) var counters = FrameCounters()
    private var reassembler = FragmentReassembler()

    package init() {}

    /// The last reassembled datagram, UDP header included; valid until the next call of `decode`.
    package var reassembled: [UInt8] { reassembler.completed }

    /// The datagram that `frame`, whose bytes are `bytes`, holds or completes; nil when there is none, for a reason
    /// that `counters` tells.
    package mutating func decode(_ frame: CapturedFrame, _ bytes: RawSpan) -> UDPDatagram? {
        counters.frames += 1
        do throws(FrameRefusal) {
            let network = try NetworkHeader(frame.linkType, bytes)
            let packet = try IPPacket(bytes, network)
            let datagram =
                packet.fragment == nil
                ? try FrameDecoder.datagram(packet, bytes, arrival: frame.arrivalNanoseconds)
                : try reassemble(packet, bytes, arrival: frame.arrivalNanoseconds)
            if datagram != nil { counters.datagrams += 1 }
            return datagram
        } catch {
            // Bytes that are missing were cut off by the snap length, or never were there.
            let isCut = error == .malformed && bytes.byteCount < frame.originalLengthBytes
            counters.count(isCut ? .truncated : error)
            return nil
        }
    }

    /// Forgets the fragments held so far; the counters go on. For reading a capture again from its start.
    package mutating func forgetFragments() { reassembler.forget() }

    private static func datagram(
        _ packet: IPPacket, _ bytes: RawSpan, arrival: Int64
    ) throws(FrameRefusal) -> UDPDatagram {
        guard packet.transport == IPPacket.udp else { throw .notUDP }
        let udp = try UDPHeader(bytes, packet.payload)
        return UDPDatagram(
            arrivalNanoseconds: arrival, source: packet.source, sourcePort: udp.sourcePort,
            destination: packet.destination, destinationPort: udp.destinationPort, payload: .frame(udp.payload))
    }

    /// Takes in a fragment; a datagram when it was the last one missing.
    private mutating func reassemble(
        _ packet: IPPacket, _ bytes: RawSpan, arrival: Int64
    ) throws(FrameRefusal) -> UDPDatagram? {
        guard let fragment = packet.fragment, packet.mayCarryUDP else { throw .notUDP }
        guard packet.payload.upperBound <= bytes.byteCount else { throw .malformed }
        let outcome = reassembler.add(
            bytes.extracting(packet.payload), fragment, of: packet, at: arrival, counting: &counters)
        switch outcome {
        case .held:
            counters.fragmentsHeld += 1
            return nil
        case .refused:
            throw .fragment
        case .complete(let nextHeader):
            let datagram = try completed(packet, nextHeader: nextHeader, arrival: arrival)
            counters.reassembled += 1
            return datagram
        }
    }

    private func completed(
        _ packet: IPPacket, nextHeader: UInt8, arrival: Int64
    ) throws(FrameRefusal) -> UDPDatagram {
        // Bytes have no invalid values.
        let whole = unsafe reassembler.completed.span.bytes
        var header = ExtensionHeaders(next: nextHeader, offset: 0)
        if packet.source.isIPv6 { try header.walk(whole, end: whole.byteCount) }
        guard header.fragment == nil else { throw .fragment }
        guard header.next == IPPacket.udp else { throw .notUDP }
        let udp = try UDPHeader(whole, header.offset..<whole.byteCount)
        return UDPDatagram(
            arrivalNanoseconds: arrival, source: packet.source, sourcePort: udp.sourcePort,
            destination: packet.destination, destinationPort: udp.destinationPort, payload: .reassembled(udp.payload))
    }
}

/// RFC 768: source port, destination port, length, checksum; 16 bits each.
struct UDPHeader {
    let sourcePort: UInt16
    let destinationPort: UInt16
    let payload: Range<Int>

    /// `range` is what the IP header says the datagram takes; throws when it is not there or too short.
    init(_ bytes: RawSpan, _ range: Range<Int>) throws(FrameRefusal) {
        guard range.count >= 8 else { throw .malformed }
        sourcePort = try bytes.field16(range.lowerBound)
        destinationPort = try bytes.field16(range.lowerBound + 2)
        let length = Int(try bytes.field16(range.lowerBound + 4))
        guard length >= 8, length <= range.count, range.lowerBound + length <= bytes.byteCount else { throw .malformed }
        payload = (range.lowerBound + 8)..<(range.lowerBound + length)
    }
}

extension RawSpan {
    // Reads that fail with the decoder's own error, for headers that end early.

    func field8(_ offset: Int) throws(FrameRefusal) -> UInt8 {
        do throws(OutOfBounds) { return try uint8(at: offset) } catch { throw .malformed }
    }

    func field16(_ offset: Int) throws(FrameRefusal) -> UInt16 {
        do throws(OutOfBounds) { return try uint16(at: offset) } catch { throw .malformed }
    }

    func field32(_ offset: Int) throws(FrameRefusal) -> UInt32 {
        do throws(OutOfBounds) { return try uint32(at: offset) } catch { throw .malformed }
    }
}
