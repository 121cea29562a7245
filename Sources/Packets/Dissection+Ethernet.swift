// Ethernet, IEEE 802.2 and the tags and shims between the addresses and the payload.
//
// A tag's header is what follows the type that announces it: for 802.1Q the tag control information and the next type.
// So the type of the payload is always the last two bytes of the last tag.
import Bytes

extension LayerStack {
    /// IEEE 802.3 section 3.1.1: destination, source, type or length.
    mutating func ethernet(_ area: RawSpan, _ cursor: inout Cursor) throws(OutOfBounds) -> LayerKind? {
        let start = cursor.offset
        if start == 0, LayerStack.looksLikePOS(try area.uint32(at: 0)) {
            let type = try area.uint16(at: 12)
            if !EtherType.isPlausible(type) { return try packetOverSonet(area) }
        }
        try push(.ethernet, 14, at: start, in: area)
        let type = try area.uint16(at: start + 12)
        cursor.offset = start + 14
        return typeOrLength(type, at: .ethernet, &cursor)
    }

    /// Some routers sample their packet-over-SONET ports under the number of Ethernet: PPP or Cisco HDLC with IP.
    @inline(__always)
    private static func looksLikePOS(_ firstBytes: UInt32) -> Bool {
        switch firstBytes {
        case 0xFF03_0021, 0xFF03_0057, 0x0F00_0800, 0x8F00_0800, 0x0F00_86DD, 0x8F00_86DD: true
        default: false
        }
    }

    @inline(__always)
    private mutating func typeOrLength(_ type: UInt16, at kind: LayerKind, _ cursor: inout Cursor) -> LayerKind? {
        if type >= EtherType.minimum { return EtherType.layer(type) }
        guard type <= EtherType.lengthMax else { return end(.malformed, at: kind) }
        // A length of 0 is no length: host offload and some pseudowires leave it out.
        if type > 0 { cursor.shrink(to: cursor.offset + Int(type)) }
        return .llc
    }

    /// IEEE 802.1Q section 9.6: priority 3 bits, drop eligible 1, VLAN id 12; then the next type.
    mutating func vlan(_ area: RawSpan, _ cursor: inout Cursor) throws(OutOfBounds) -> LayerKind? {
        guard cursor.vlanTagCount < DissectionLimits.vlanTagCountMax else { return end(.limitExceeded, at: .vlan) }
        cursor.vlanTagCount += 1
        return try bridgeTag(.vlan, 4, area, &cursor)
    }

    /// Any tag of fixed size whose last two bytes are the next type: 802.1Q, 802.1BR E-tag, VN-tag.
    mutating func bridgeTag(
        _ kind: LayerKind, _ length: Int, _ area: RawSpan, _ cursor: inout Cursor
    ) throws(OutOfBounds) -> LayerKind? {
        let start = cursor.offset
        try push(kind, length, at: start, in: area)
        let type = try area.uint16(at: start + length - 2)
        cursor.offset = start + length
        return typeOrLength(type, at: kind, &cursor)
    }

    /// IEEE 802.1ah I-tag: 4 bytes, then a complete customer frame.
    mutating func backboneTag(_ area: RawSpan, _ cursor: inout Cursor) throws(OutOfBounds) -> LayerKind? {
        try push(.backboneTag, 4, at: cursor.offset, in: area)
        cursor.offset += 4
        return .ethernet
    }

    /// IEEE 802.1AE section 9: the payload is readable only when it is neither encrypted nor changed.
    mutating func macsec(_ area: RawSpan, _ cursor: inout Cursor) throws(OutOfBounds) -> LayerKind? {
        let start = cursor.offset
        let control = try area.uint8(at: start)
        let tagLength = control & 0x20 != 0 ? 14 : 6
        guard control & 0x0C == 0 else {
            try push(.macsec, tagLength, at: start, in: area)
            return nil
        }
        return try bridgeTag(.macsec, tagLength + 2, area, &cursor)
    }

    /// RFC 8300 section 2.2: length in 4-byte words in the low 6 bits of the first 16, next protocol at 3.
    mutating func serviceHeader(_ area: RawSpan, _ cursor: inout Cursor) throws(OutOfBounds) -> LayerKind? {
        let start = cursor.offset
        try push(.serviceHeader, 8, at: start, in: area)
        let length = Int(try area.uint8(at: start + 1) & 0x3F) * 4
        guard length >= 8 else { return end(.malformed, at: .serviceHeader) }
        resizeLast(length, in: area)
        let next = try area.uint8(at: start + 3)
        cursor.offset = start + length
        return ServiceProtocol.layer(next)
    }

    /// RFC 6325 section 3: 6 bytes and options, then a complete inner frame.
    mutating func trill(_ area: RawSpan, _ cursor: inout Cursor) throws(OutOfBounds) -> LayerKind? {
        let start = cursor.offset
        try push(.trill, 6, at: start, in: area)
        let optionLength = Int(try area.uint16(at: start) >> 6 & 0x1F) * 4
        resizeLast(6 + optionLength, in: area)
        cursor.offset = start + 6 + optionLength
        return .ethernet
    }

    /// IEEE 802.2 section 3.2: two service access points and a control field of 1 or 2 bytes.
    mutating func llc(_ area: RawSpan, _ cursor: inout Cursor) throws(OutOfBounds) -> LayerKind? {
        let start = cursor.offset
        let accessPoints = try area.uint16(at: start)
        // IPX right behind 802.3: the two bytes are its checksum.
        if accessPoints == 0xFFFF { return nil }
        try push(.llc, 3, at: start, in: area)
        let control = try area.uint8(at: start + 2)
        let isUnnumbered = control & 3 == 3
        if !isUnnumbered { resizeLast(4, in: area) }
        cursor.offset = start + (isUnnumbered ? 3 : 4)
        switch (accessPoints, control) {
        case (0xAAAA, 0x03): return .snap
        case (0x0606, _): return try ipByVersion(area, at: cursor.offset)
        default: return nil
        }
    }

    /// IEEE 802, section 9.5: organisation 3 bytes, protocol 2.
    mutating func snap(_ area: RawSpan, _ cursor: inout Cursor) throws(OutOfBounds) -> LayerKind? {
        let isOnFrameRelay = count > 0 && layers[count - 1].kind == .frameRelay
        let start = cursor.offset
        try push(.snap, 5, at: start, in: area)
        let organisation = try area.uint32(at: start) >> 8
        let type = try area.uint16(at: start + 3)
        cursor.offset = start + 5
        switch (organisation, type) {
        case (0x00_0000, _), (0x00_00F8, _): return EtherType.layer(type)
        case (0x00_80C2, 0x0001), (0x00_80C2, 0x0007):
            // A bridged frame. RFC 2684 section 5.2 pads it to a multiple of 4, RFC 2427 section 4.2 does not.
            if !isOnFrameRelay { cursor.offset += 2 }
            return .ethernet
        default: return nil
        }
    }
}
