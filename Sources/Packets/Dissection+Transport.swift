// Layer 4, and what UDP carries that is no tunnel.
import Bytes

extension LayerStack {
    /// RFC 9293 section 3.1. Ports need 4 bytes, flags 14: a cut header keeps what is there.
    mutating func tcp(_ area: RawSpan, _ cursor: inout Cursor) throws(OutOfBounds) -> LayerKind? {
        let start = cursor.offset
        // Without the length's byte there are less than 20 anyway.
        let words = (try? area.uint8(at: start + 12)).map { Int($0 >> 4) } ?? 5
        try push(.tcp, max(20, words * 4), at: start, in: area)
        return words >= 5 ? nil : end(.malformed, at: .tcp)
    }

    /// RFC 768; RFC 3828 for UDP-Lite, which has the checksum's coverage in place of the length and carries no tunnels.
    mutating func udp(_ kind: LayerKind, _ area: RawSpan, _ cursor: inout Cursor) throws(OutOfBounds) -> LayerKind? {
        let start = cursor.offset
        try push(kind, 8, at: start, in: area)
        let ports = try area.uint32(at: start)
        let length = Int(try area.uint16(at: start + 4))
        cursor.offset = start + 8
        guard kind == .udp else { return nil }
        // A length of 0 is a jumbogram (RFC 2675 section 4) or segmentation offload.
        if length != 0 {
            guard length >= 8 else { return end(.malformed, at: .udp) }
            cursor.shrink(to: start + length)
        }
        return UDPPort.layer(
            source: UInt16(truncatingIfNeeded: ports >> 16), destination: UInt16(truncatingIfNeeded: ports))
    }

    /// RFC 792, RFC 4443. The layer is the whole message: errors quote a packet in it, which is not dissected here,
    /// since it is no traffic of its own (see `quotedPacket`).
    mutating func icmp(_ kind: LayerKind, _ area: RawSpan, _ cursor: inout Cursor) throws(OutOfBounds) -> LayerKind? {
        let start = cursor.offset
        try push(kind, max(4, area.byteCount - start), at: start, in: area)
        return nil
    }

    /// RFC 1035 section 4.1. The layer is the whole message.
    mutating func dns(_ area: RawSpan, _ cursor: inout Cursor) throws(OutOfBounds) -> LayerKind? {
        let start = cursor.offset
        try push(.dns, max(LayerStack.dnsHeaderLength, area.byteCount - start), at: start, in: area)
        return nil
    }

    /// The global routing header of RoCE version 1 (InfiniBand architecture specification volume 1, section 8.3).
    mutating func infinibandGRH(_ area: RawSpan, _ cursor: inout Cursor) throws(OutOfBounds) -> LayerKind? {
        let start = cursor.offset
        try push(.infinibandGRH, 40, at: start, in: area)
        let next = try area.uint8(at: start + 6)
        cursor.offset = start + 40
        return next == 0x1B ? .infinibandBTH : nil
    }

    /// The base transport header (section 9.2 there) with the extended header that its opcode announces.
    mutating func infinibandBTH(_ area: RawSpan, _ cursor: inout Cursor) throws(OutOfBounds) -> LayerKind? {
        let start = cursor.offset
        try push(.infinibandBTH, 12, at: start, in: area)
        let opcode = InfiniBandOpcode(rawValue: try area.uint8(at: start))
        resizeLast(opcode.headerLength, in: area)
        return nil
    }
}
