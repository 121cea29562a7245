// Header protocols other than Ethernet that an agent may sample: serial lines, rings, IEEE 802.11.
import Bytes

extension LayerStack {
    /// The first header by sFlow version 5's enum header_protocol; nil where nothing can be dissected.
    mutating func outermost(
        _ headerProtocol: UInt32, _ area: RawSpan, _ cursor: inout Cursor
    ) throws(OutOfBounds) -> LayerKind? {
        switch headerProtocol {
        case 3: return .tokenRing
        case 4: return .fddi
        case 5: return .frameRelay
        case 7: return .ppp
        case 9: return try overATM(area, &cursor)
        // Agents write 11 for IPv6 and 12 for IPv4 at times: the version says which it is.
        case 10, 11, 12: return try ipByVersion(area, at: 0)
        case 13: return .mpls
        case 14: return try packetOverSonet(area)
        case 15: return .wlan
        case 16:
            // The delimiter of an aggregated frame (IEEE 802.11 section 9.7.2) stands in front of it.
            cursor.offset = 4
            return .wlan
        // The header of an A-MSDU subframe is an Ethernet header with a length.
        case 17: return .ethernet
        default: return nil
        }
    }

    /// RFC 2684: LLC, or whatever the virtual circuit carries alone.
    private mutating func overATM(_ area: RawSpan, _ cursor: inout Cursor) throws(OutOfBounds) -> LayerKind? {
        switch try area.uint16(at: 0) {
        case 0xAAAA, 0xFEFE: return .llc
        case 0x0000:
            cursor.offset = 2
            return .ethernet
        default: return try ipByVersion(area, at: 0)
        }
    }

    /// RFC 2615 (PPP) or Cisco HDLC: told apart by the address byte.
    func packetOverSonet(_ area: RawSpan) throws(OutOfBounds) -> LayerKind? {
        let address = try area.uint16(at: 0)
        return address == 0x0F00 || address == 0x8F00 ? .hdlc : .ppp
    }

    /// Cisco HDLC: address, control, EtherType.
    mutating func hdlc(_ area: RawSpan, _ cursor: inout Cursor) throws(OutOfBounds) -> LayerKind? {
        let start = cursor.offset
        try push(.hdlc, 4, at: start, in: area)
        let type = try area.uint16(at: start + 2)
        cursor.offset = start + 4
        return EtherType.layer(type)
    }

    /// RFC 1661 section 2 and RFC 1662 section 3.1: FF 03 may be left out, the protocol's first byte too when it is 0.
    mutating func ppp(_ area: RawSpan, _ cursor: inout Cursor) throws(OutOfBounds) -> LayerKind? {
        let start = cursor.offset
        let first = try area.uint8(at: start)
        let hasAddress = first == 0xFF
        if hasAddress {
            let control = try area.uint8(at: start + 1)
            guard control == 0x03 else { return end(.malformed, at: .ppp) }
        }
        let field = start + (hasAddress ? 2 : 0)
        let firstByte = try area.uint8(at: field)
        let isCompressed = firstByte & 1 == 1
        let number = isCompressed ? UInt16(firstByte) : try area.uint16(at: field)
        cursor.offset = field + (isCompressed ? 1 : 2)
        try push(.ppp, cursor.offset - start, at: start, in: area)
        switch number {
        case 0x0021: return .ipv4
        case 0x0057: return .ipv6
        case 0x0281, 0x0283: return .mpls
        default: return nil
        }
    }

    /// RFC 2516 section 4: version and type 0x11, code 0 for session data, session, length; then PPP.
    mutating func pppoe(_ area: RawSpan, _ cursor: inout Cursor) throws(OutOfBounds) -> LayerKind? {
        let start = cursor.offset
        try push(.pppoe, 6, at: start, in: area)
        let version = try area.uint8(at: start)
        guard version == 0x11 else { return end(.malformed, at: .pppoe) }
        let code = try area.uint8(at: start + 1)
        let length = Int(try area.uint16(at: start + 4))
        cursor.offset = start + 6
        cursor.shrink(to: cursor.offset + length)
        return code == 0 ? .ppp : nil
    }

    /// RFC 2427 section 3: address of 2 to 4 bytes, then control and network layer id, or Cisco's EtherType.
    mutating func frameRelay(_ area: RawSpan, _ cursor: inout Cursor) throws(OutOfBounds) -> LayerKind? {
        let start = cursor.offset
        // The longest there can be, until its parts say how long it is.
        try push(.frameRelay, 7, at: start, in: area)
        var offset = start
        var addressByte: UInt8
        repeat {
            addressByte = try area.uint8(at: offset)
            offset += 1
        } while addressByte & 1 == 0 && offset - start < 4
        guard addressByte & 1 == 1, offset - start >= 2 else { return end(.malformed, at: .frameRelay) }
        let control = try area.uint8(at: offset)
        guard control == 0x03 else {
            let type = try area.uint16(at: offset)
            cursor.offset = offset + 2
            resizeLast(cursor.offset - start, in: area)
            return EtherType.layer(type)
        }
        var networkLayer = try area.uint8(at: offset + 1)
        cursor.offset = offset + 2
        if networkLayer == 0 {
            networkLayer = try area.uint8(at: offset + 2)
            cursor.offset += 1
        }
        resizeLast(cursor.offset - start, in: area)
        switch networkLayer {
        case 0xCC: return .ipv4
        case 0x8E: return .ipv6
        case 0x80: return .snap
        default: return nil
        }
    }

    /// IEEE 802.5: access and frame control, addresses, and a routing field when the source's top bit is set; then LLC.
    mutating func tokenRing(_ area: RawSpan, _ cursor: inout Cursor) throws(OutOfBounds) -> LayerKind? {
        let start = cursor.offset
        try push(.tokenRing, 14, at: start, in: area)
        let sourceByte = try area.uint8(at: start + 8)
        var length = 14
        if sourceByte & 0x80 != 0 {
            length += Int(try area.uint8(at: start + 14) & 0x1F)
            resizeLast(length, in: area)
        }
        cursor.offset = start + length
        return .llc
    }

    /// ISO 9314-2: frame control and addresses; then LLC.
    mutating func fddi(_ area: RawSpan, _ cursor: inout Cursor) throws(OutOfBounds) -> LayerKind? {
        try push(.fddi, 13, at: cursor.offset, in: area)
        cursor.offset += 13
        return .llc
    }

    /// IEEE 802.11 section 9.3. Only unprotected data frames have anything behind their header that can be read.
    mutating func wlan(_ area: RawSpan, _ cursor: inout Cursor) throws(OutOfBounds) -> LayerKind? {
        let start = cursor.offset
        try push(.wlan, 24, at: start, in: area)
        let control = try area.uint16(at: start)
        let type = control >> 10 & 3
        let subtype = control >> 12
        guard control >> 8 & 3 == 0 else { return end(.malformed, at: .wlan) }
        guard type == 2 else {
            // Control frames have one address, or two where somebody has to answer or to be answered.
            guard type == 1 else { return nil }
            switch subtype {
            case 8...11, 14: resizeLast(16, in: area)
            default: resizeLast(10, in: area)
            }
            return nil
        }
        var length = control & 0x03 == 0x03 ? 30 : 24
        var hasSubframes = false
        if subtype & 8 != 0 {
            resizeLast(length + 2, in: area)
            hasSubframes = try area.uint8(at: start + length) & 0x80 != 0
            length += control & 0x80 != 0 ? 6 : 2
        }
        resizeLast(length, in: area)
        cursor.offset = start + length
        guard subtype & 4 == 0, control & 0x40 == 0 else { return nil }
        return hasSubframes ? .ethernet : .llc
    }
}
