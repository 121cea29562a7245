// Tunnels by IP protocol number: GRE and what travels in it, Ethernet in IP.
import Bytes

extension LayerStack {
    /// RFC 3378 section 2: version 3 in the high nibble, then a frame.
    mutating func etherIP(_ area: RawSpan, _ cursor: inout Cursor) throws(OutOfBounds) -> LayerKind? {
        let start = cursor.offset
        let version = try area.uint8(at: start) >> 4
        guard version == 3 else { return end(.malformed, at: .etherIP) }
        try push(.etherIP, 2, at: start, in: area)
        cursor.offset = start + 2
        return .ethernet
    }

    /// RFC 2784 and RFC 2890: flags, protocol, then 4 bytes each for checksum, key and sequence number where flagged.
    /// RFC 7637 section 3.2: bridging with a key and nothing else is NVGRE.
    mutating func gre(_ area: RawSpan, _ cursor: inout Cursor) throws(OutOfBounds) -> LayerKind? {
        let start = cursor.offset
        let flags = try area.uint16(at: start)
        let type = try area.uint16(at: start + 2)
        let isRouted = flags & 0x4000 != 0
        var length = 4
        if flags & 0xC000 != 0 { length += 4 }
        if flags & 0x2000 != 0 { length += 4 }
        if flags & 0x1000 != 0 { length += 4 }
        if flags & 0x0007 == 1 {
            if flags & 0x0080 != 0 { length += 4 }
            try push(.gre, length, at: start, in: area)
            cursor.offset = start + length
            return enhancedGRE(flags, type, isRouted, &cursor)
        }
        try push(flags == 0x2000 && type == 0x6558 ? .nvgre : .gre, length, at: start, in: area)
        // The length of the routing field is not known without walking it: nobody sends it.
        guard flags & 0x0007 == 0, !isRouted else { return nil }
        cursor.offset = start + length
        switch type {
        case 0x0800, 0x86DD, 0x8847, 0x8848, 0x894F, 0x6558: return EtherType.layer(type)
        case 0x88BE:
            // Without a sequence number this is ERSPAN type I: the frame follows at once.
            return flags & 0x1000 != 0 ? .erspan : .ethernet
        case 0x22EB: return .erspan
        case 0x883E: return try webCache(area, &cursor)
        default: return nil
        }
    }

    /// Version 1: RFC 2637 section 4.1 (PPTP) and MikroTik's Ethernet over IP, which borrows its flags.
    private func enhancedGRE(_ flags: UInt16, _ type: UInt16, _ isRouted: Bool, _ cursor: inout Cursor) -> LayerKind? {
        guard !isRouted else { return nil }
        switch (flags, type) {
        case (_, 0x880B): return .ppp
        case (0x2001, 0x6400): return .ethernet
        default: return nil
        }
    }

    /// Web cache redirection: version 2 of the protocol puts 4 bytes in front of the packet.
    private mutating func webCache(_ area: RawSpan, _ cursor: inout Cursor) throws(OutOfBounds) -> LayerKind? {
        let first = try area.uint8(at: cursor.offset)
        if first >> 4 != 4 { cursor.offset += 4 }
        return .ipv4
    }

    /// Mirrored frames: type II (version 1, 8 bytes) and type III (version 2, 12 bytes and 8 more when the lowest bit
    /// of byte 11 is set; frame type 0 Ethernet, 2 IP).
    mutating func erspan(_ area: RawSpan, _ cursor: inout Cursor) throws(OutOfBounds) -> LayerKind? {
        let start = cursor.offset
        let version = try area.uint8(at: start) >> 4
        switch version {
        case 1:
            try push(.erspan, 8, at: start, in: area)
            cursor.offset = start + 8
            return .ethernet
        case 2:
            try push(.erspan, 12, at: start, in: area)
            let frameType = try area.uint8(at: start + 10) & 0x7C
            let hasPlatformPart = try area.uint8(at: start + 11) & 1 == 1
            if hasPlatformPart { resizeLast(20, in: area) }
            cursor.offset = start + (hasPlatformPart ? 20 : 12)
            if frameType == 0 { return .ethernet }
            return frameType == 2 << 2 ? try ipByVersion(area, at: cursor.offset) : nil
        default: return end(.malformed, at: .erspan)
        }
    }
}
