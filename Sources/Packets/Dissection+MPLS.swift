// MPLS label stacks. They are apart because nothing in them says what they carry: it has to be guessed from the bytes
// that follow.
import Bytes

extension LayerStack {
    /// RFC 3032 section 2.1: label 20 bits, traffic class 3, bottom of stack 1, time to live 8. One step an entry.
    mutating func mpls(_ area: RawSpan, _ cursor: inout Cursor) throws(OutOfBounds) -> LayerKind? {
        guard cursor.labelCount < DissectionLimits.labelCountMax else { return end(.limitExceeded, at: .mpls) }
        cursor.labelCount += 1
        let start = cursor.offset
        try push(.mpls, 4, at: start, in: area)
        let entry = try area.uint32(at: start)
        cursor.offset = start + 4
        return entry & 0x100 == 0 ? .mpls : try labelledPayload(area, cursor)
    }

    /// What lies under the bottom label, by its first nibble (RFC 4928 section 2, RFC 4385 section 3).
    private mutating func labelledPayload(_ area: RawSpan, _ cursor: Cursor) throws(OutOfBounds) -> LayerKind? {
        let start = cursor.offset
        let first = try area.uint8(at: start)
        switch first >> 4 {
        case 4:
            let hasHeaderLength = first & 0x0F >= 5
            let packetEnd = start + Int(try area.uint16(at: start + 2))
            if hasHeaderLength, fits(packetEnd, cursor) { return .ipv4 }
            if try startsEthernet(area, at: start) { return .ethernet }
            return hasHeaderLength ? .ipv4 : end(.malformed, at: .ipv4)
        case 6:
            let packetEnd = start + 40 + Int(try area.uint16(at: start + 4))
            if fits(packetEnd, cursor) { return .ipv6 }
            return try startsEthernet(area, at: start) ? .ethernet : .ipv6
        case 0:
            // A control word, or an address whose first byte is below 16: a known type in one place only decides.
            if try startsEthernet(area, at: start + 4) { return .controlWord }
            return try startsEthernet(area, at: start) ? .ethernet : nil
        case 1: return nil  // associated channel
        default: return try startsEthernet(area, at: start) ? .ethernet : nil
        }
    }

    private func startsEthernet(_ area: RawSpan, at offset: Int) throws(OutOfBounds) -> Bool {
        EtherType.isPlausible(try area.uint16(at: offset + 12))
    }

    /// Whether a packet that claims to end there would fit into the frame. An agent's frame length may be wrong: so
    /// this decides only when there is another reading of the bytes.
    private func fits(_ packetEnd: Int, _ cursor: Cursor) -> Bool {
        guard let frameEnd = cursor.frameEnd else { return true }
        return packetEnd <= frameEnd
    }

    /// RFC 4448 section 4.6: 4 bytes in front of a frame in an Ethernet pseudowire.
    mutating func controlWord(_ area: RawSpan, _ cursor: inout Cursor) throws(OutOfBounds) -> LayerKind? {
        try push(.controlWord, 4, at: cursor.offset, in: area)
        cursor.offset += 4
        return .ethernet
    }
}
