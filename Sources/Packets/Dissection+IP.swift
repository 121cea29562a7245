// IPv4, IPv6 and its extension headers.
import Bytes

extension LayerStack {
    /// RFC 791 section 3.1.
    mutating func ipv4(_ area: RawSpan, _ cursor: inout Cursor) throws(OutOfBounds) -> LayerKind? {
        let start = cursor.offset
        let first = try area.uint8(at: start)
        guard first >> 4 == 4 else { return end(.malformed, at: .ipv4) }
        try push(.ipv4, 20, at: start, in: area)
        let headerLength = Int(first & 0x0F) * 4
        guard headerLength >= 20 else { return end(.malformed, at: .ipv4) }
        if headerLength > 20 { resizeLast(headerLength, in: area) }
        // A total length of 0 is segmentation offload on a host.
        let totalLength = Int(try area.uint16(at: start + 2))
        let fragment = try area.uint16(at: start + 6)
        let number = try area.uint8(at: start + 9)
        guard start + 20 <= area.byteCount else { throw OutOfBounds(offset: area.byteCount) }
        if totalLength != 0 {
            guard totalLength >= headerLength else { return end(.malformed, at: .ipv4) }
            cursor.shrink(to: start + totalLength)
        }
        cursor.offset = start + headerLength
        cursor.isInsideIPv6 = false
        guard fragment & 0x1FFF == 0 else { return end(.fragment, at: .ipv4) }
        return IPProtocolNumber.layer(number, afterIPv6: false)
    }

    /// RFC 8200 section 3.
    mutating func ipv6(_ area: RawSpan, _ cursor: inout Cursor) throws(OutOfBounds) -> LayerKind? {
        let start = cursor.offset
        let first = try area.uint8(at: start)
        guard first >> 4 == 6 else { return end(.malformed, at: .ipv6) }
        try push(.ipv6, 40, at: start, in: area)
        let payloadLength = Int(try area.uint16(at: start + 4))
        let number = try area.uint8(at: start + 6)
        guard start + 40 <= area.byteCount else { throw OutOfBounds(offset: area.byteCount) }
        cursor.offset = start + 40
        // A payload length of 0 is a jumbogram or segmentation offload.
        if payloadLength != 0 { cursor.shrink(to: cursor.offset + payloadLength) }
        cursor.isInsideIPv6 = true
        return IPProtocolNumber.layer(number, afterIPv6: true)
    }

    /// RFC 8200 section 4 and, for the authentication header (after IPv4 too), RFC 4302 section 2.2, which counts its
    /// length in words of 4 bytes instead of 8.
    mutating func extensionHeader(
        _ kind: LayerKind, _ area: RawSpan, _ cursor: inout Cursor
    ) throws(OutOfBounds) -> LayerKind? {
        guard countExtensionHeader(&cursor) else { return end(.limitExceeded, at: kind) }
        let start = cursor.offset
        try push(kind, kind == .ah ? 12 : 8, at: start, in: area)
        let number = try area.uint8(at: start)
        let claimed = Int(try area.uint8(at: start + 1))
        let length = kind == .ah ? (claimed + 2) * 4 : (claimed + 1) * 8
        resizeLast(length, in: area)
        cursor.offset = start + length
        return IPProtocolNumber.layer(number, afterIPv6: cursor.isInsideIPv6)
    }

    /// RFC 8200 section 4.5.
    mutating func ipv6Fragment(_ area: RawSpan, _ cursor: inout Cursor) throws(OutOfBounds) -> LayerKind? {
        guard countExtensionHeader(&cursor) else { return end(.limitExceeded, at: .ipv6Fragment) }
        let start = cursor.offset
        try push(.ipv6Fragment, 8, at: start, in: area)
        let number = try area.uint8(at: start)
        let offset = try area.uint16(at: start + 2) >> 3
        cursor.offset = start + 8
        guard offset == 0 else { return end(.fragment, at: .ipv6Fragment) }
        return IPProtocolNumber.layer(number, afterIPv6: true)
    }

    private func countExtensionHeader(_ cursor: inout Cursor) -> Bool {
        cursor.extensionHeaderCount += 1
        return cursor.extensionHeaderCount <= DissectionLimits.extensionHeaderCountMax
    }
}
