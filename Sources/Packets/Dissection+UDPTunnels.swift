// Tunnels by UDP port. A port proves nothing: each step checks what its protocol promises before it records a header,
// and otherwise leaves the datagram plain UDP.
import Bytes

extension LayerStack {
    /// RFC 7348 section 5: flag 0x08 says that the network identifier is valid.
    mutating func vxlan(_ area: RawSpan, _ cursor: inout Cursor) throws(OutOfBounds) -> LayerKind? {
        let start = cursor.offset
        guard try area.uint8(at: start) & 0x08 != 0 else { return nil }
        try push(.vxlan, 8, at: start, in: area)
        cursor.offset = start + 8
        return .ethernet
    }

    /// draft-ietf-nvo3-vxlan-gpe section 3: flag 0x04 says that byte 3 names the protocol.
    mutating func vxlanGPE(_ area: RawSpan, _ cursor: inout Cursor) throws(OutOfBounds) -> LayerKind? {
        let start = cursor.offset
        let flags = try area.uint8(at: start)
        guard flags & 0x0C != 0 else { return nil }
        try push(.vxlanGPE, 8, at: start, in: area)
        let next = try area.uint8(at: start + 3)
        cursor.offset = start + 8
        return flags & 0x04 != 0 ? ServiceProtocol.layer(next) : .ethernet
    }

    /// RFC 8926 section 3.4: version 0, option length in words.
    mutating func geneve(_ area: RawSpan, _ cursor: inout Cursor) throws(OutOfBounds) -> LayerKind? {
        let start = cursor.offset
        let first = try area.uint8(at: start)
        guard first >> 6 == 0 else { return nil }
        let length = 8 + Int(first & 0x3F) * 4
        try push(.geneve, length, at: start, in: area)
        let type = try area.uint16(at: start + 2)
        cursor.offset = start + length
        return EtherType.layer(type)
    }

    /// 3GPP TS 29.281 section 5.1: version 1, protocol type 1; only message 255 carries a packet.
    mutating func gtp(_ area: RawSpan, _ cursor: inout Cursor) throws(OutOfBounds) -> LayerKind? {
        let start = cursor.offset
        let flags = try area.uint8(at: start)
        guard flags >> 5 == 1, flags & 0x10 != 0 else { return nil }
        try push(.gtp, 8, at: start, in: area)
        let message = try area.uint8(at: start + 1)
        let length = Int(try area.uint16(at: start + 2))
        cursor.shrink(to: start + 8 + length)
        cursor.offset = start + 8
        guard message == 255 else { return nil }
        if flags & 0x07 != 0 {
            // In range: the cursor's end only shrinks.
            guard try gtpExtensions(area.extracting(0..<cursor.end), start, &cursor) else {
                return end(.malformed, at: .gtp)
            }
        }
        return try ipByVersion(area, at: cursor.offset)
    }

    /// The optional 4 bytes and the extension headers behind them, which each say their length in words and what
    /// follows. False when one claims to be empty. Bounded by the area: each is at least 4 bytes long.
    private mutating func gtpExtensions(
        _ area: RawSpan, _ start: Int, _ cursor: inout Cursor
    ) throws(OutOfBounds) -> Bool {
        var offset = start + 12
        resizeLast(12, in: area)
        var next = try area.uint8(at: offset - 1)
        while next != 0 {
            let length = Int(try area.uint8(at: offset)) * 4
            guard length > 0 else { return false }
            offset += length
            resizeLast(offset - start, in: area)
            next = try area.uint8(at: offset - 1)
        }
        cursor.offset = offset
        return true
    }

    /// RFC 4380 section 5.1.1: optional authentication (00 01) and origin (00 00), then IPv6. The layer is those two,
    /// and may be empty.
    mutating func teredo(_ area: RawSpan, _ cursor: inout Cursor) throws(OutOfBounds) -> LayerKind? {
        let start = cursor.offset
        var offset = start
        if try area.uint16(at: offset) == 0x0001 {
            let identifierLength = Int(try area.uint8(at: offset + 2))
            let valueLength = Int(try area.uint8(at: offset + 3))
            offset += 4 + identifierLength + valueLength + 9
        }
        if try area.uint16(at: offset) == 0x0000 { offset += 8 }
        guard try area.uint8(at: offset) >> 4 == 6 else { return nil }
        try push(.teredo, offset - start, at: start, in: area)
        cursor.offset = offset
        return .ipv6
    }

    /// RFC 2661 section 3.1: version 2; length, sequence numbers and offset are there where flagged.
    mutating func l2tp(_ area: RawSpan, _ cursor: inout Cursor) throws(OutOfBounds) -> LayerKind? {
        let start = cursor.offset
        let flags = try area.uint16(at: start)
        guard flags & 0x000F == 2 else { return nil }
        var length = 6
        if flags & 0x4000 != 0 {
            length += 2
            let claimed = Int(try area.uint16(at: start + 2))
            cursor.shrink(to: max(start + claimed, start + length))
        }
        if flags & 0x0800 != 0 { length += 4 }
        if flags & 0x0200 != 0 {
            let padding = Int(try area.uint16(at: start + length))
            length += 2 + padding
        }
        try push(.l2tp, length, at: start, in: area)
        cursor.offset = start + length
        return flags & 0x8000 == 0 ? .ppp : nil
    }

    /// RFC 9300 section 5.1: 8 bytes, then IP.
    mutating func lisp(_ area: RawSpan, _ cursor: inout Cursor) throws(OutOfBounds) -> LayerKind? {
        let start = cursor.offset
        let version = try area.uint8(at: start + 8) >> 4
        guard version == 4 || version == 6 else { return nil }
        try push(.lisp, 8, at: start, in: area)
        cursor.offset = start + 8
        return version == 4 ? .ipv4 : .ipv6
    }

    /// draft-ietf-intarea-gue section 3: variant 0 has a header, variant 1 is a bare IP packet.
    mutating func gue(_ area: RawSpan, _ cursor: inout Cursor) throws(OutOfBounds) -> LayerKind? {
        let start = cursor.offset
        let first = try area.uint8(at: start)
        switch first >> 6 {
        case 0:
            let length = 4 + Int(first & 0x1F) * 4
            try push(.gue, length, at: start, in: area)
            let number = try area.uint8(at: start + 1)
            cursor.offset = start + length
            return first & 0x20 == 0 ? IPProtocolNumber.layer(number, afterIPv6: false) : nil
        case 1: return first >> 4 == 4 ? .ipv4 : first >> 4 == 6 ? .ipv6 : nil
        default: return nil
        }
    }

    /// RFC 5415 section 4.3: preamble 0, header length in words, binding, native-frame flag; 802.11 or 802.3 frames.
    mutating func capwap(_ area: RawSpan, _ cursor: inout Cursor) throws(OutOfBounds) -> LayerKind? {
        let start = cursor.offset
        guard try area.uint8(at: start) == 0 else { return nil }
        let length = Int(try area.uint8(at: start + 1) >> 3) * 4
        guard length >= 8 else { return nil }
        try push(.capwap, length, at: start, in: area)
        let binding = try area.uint16(at: start + 2) >> 9 & 0x1F
        let flags = try area.uint16(at: start + 2) & 0x1FF
        let fragmentOffset = try area.uint16(at: start + 6) >> 3
        cursor.offset = start + length
        let isFragment = flags & 0x80 != 0
        if isFragment, fragmentOffset != 0 { return end(.fragment, at: .capwap) }
        let isKeepAlive = flags & 0x08 != 0
        if isKeepAlive { return nil }
        let isNative = flags & 0x100 != 0
        guard isNative else { return .ethernet }
        return binding == 1 ? .wlan : nil
    }
}
