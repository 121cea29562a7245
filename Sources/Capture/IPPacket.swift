// The network layer: RFC 791 and RFC 8200, as much as it takes to reach UDP.

import Bytes

/// An IP header with its options or extension headers behind it.
struct IPPacket {
    static let udp: UInt8 = 17

    let source: IPAddress
    let destination: IPAddress
    /// Protocol of the payload. Of an IPv6 fragment, what follows in the reassembled packet.
    let transport: UInt8
    /// The payload as the header claims it: it may end behind the captured bytes.
    let payload: Range<Int>
    /// Nil when the packet is whole.
    let fragment: Fragment?

    struct Fragment {
        let identification: UInt32
        /// Of the payload within the whole. Unit: bytes.
        let offset: Int
        let isLast: Bool
    }

    init(_ bytes: RawSpan, _ network: NetworkHeader) throws(FrameRefusal) {
        guard try bytes.field8(network.offset) >> 4 == network.version else { throw .malformed }
        if network.version == 4 {
            try self.init(ipv4: bytes, at: network.offset)
        } else {
            try self.init(ipv6: bytes, at: network.offset)
        }
    }

    /// False when the fragments can only be those of another protocol.
    var mayCarryUDP: Bool {
        transport == IPPacket.udp || source.isIPv6 && ExtensionHeaders.isExtension(transport)
    }

    private init(ipv4 bytes: RawSpan, at start: Int) throws(FrameRefusal) {
        let headerBytes = Int(try bytes.field8(start) & 15) * 4
        var total = Int(try bytes.field16(start + 2))
        // 0 where the sending card was to cut a large segment up: then the frame's end is all there is to go by.
        if total == 0 { total = bytes.byteCount - start }
        guard headerBytes >= 20, total >= headerBytes else { throw .malformed }
        let flags = try bytes.field16(start + 6)
        let offset = Int(flags & 0x1FFF) * 8
        let isLast = flags & 0x2000 == 0
        let identification = UInt32(try bytes.field16(start + 4))
        transport = try bytes.field8(start + 9)
        source = IPAddress(v4: try bytes.field32(start + 12))
        destination = IPAddress(v4: try bytes.field32(start + 16))
        payload = (start + headerBytes)..<(start + total)
        fragment =
            offset == 0 && isLast ? nil : Fragment(identification: identification, offset: offset, isLast: isLast)
    }

    private init(ipv6 bytes: RawSpan, at start: Int) throws(FrameRefusal) {
        let end = start + 40 + Int(try bytes.field16(start + 4))
        source = try IPPacket.ipv6Address(bytes, start + 8)
        destination = try IPPacket.ipv6Address(bytes, start + 24)
        var headers = ExtensionHeaders(next: try bytes.field8(start + 6), offset: start + 40)
        try headers.walk(bytes, end: end)
        transport = headers.next
        payload = headers.offset..<end
        fragment = headers.fragment
    }

    private static func ipv6Address(_ bytes: RawSpan, _ offset: Int) throws(FrameRefusal) -> IPAddress {
        do throws(OutOfBounds) { return try bytes.ipv6(at: offset) } catch { throw .malformed }
    }
}

/// A walk over IPv6 extension headers (RFC 8200, section 4), up to the transport header or the first fragment header of
/// a packet that is not whole.
struct ExtensionHeaders {
    /// Type of the header at `offset`.
    private(set) var next: UInt8
    private(set) var offset: Int
    private(set) var fragment: IPPacket.Fragment?

    private static let hopByHop: UInt8 = 0
    private static let routing: UInt8 = 43
    private static let fragmentation: UInt8 = 44
    private static let authentication: UInt8 = 51
    private static let destinationOptions: UInt8 = 60

    init(next: UInt8, offset: Int) {
        self.next = next
        self.offset = offset
    }

    static func isExtension(_ type: UInt8) -> Bool {
        type == hopByHop || type == routing || type == fragmentation || type == authentication
            || type == destinationOptions
    }

    /// Each header takes at least 8 bytes of those before `end`, so the walk ends.
    mutating func walk(_ bytes: RawSpan, end: Int) throws(FrameRefusal) {
        while ExtensionHeaders.isExtension(next) {
            let lengthField = Int(try bytes.field8(offset + 1))
            let headerBytes =
                switch next {
                case ExtensionHeaders.fragmentation: 8
                case ExtensionHeaders.authentication: (lengthField + 2) * 4
                default: (lengthField + 1) * 8
                }
            guard headerBytes <= end - offset else { throw .malformed }
            let isFragmentation = next == ExtensionHeaders.fragmentation
            let field = isFragmentation ? try bytes.field16(offset + 2) : 0
            let identification = isFragmentation ? try bytes.field32(offset + 4) : 0
            next = try bytes.field8(offset)
            offset += headerBytes
            // An "atomic" fragment is a whole packet (RFC 6946): the walk goes on behind it.
            if field & 0xFFF9 != 0 {
                fragment = IPPacket.Fragment(
                    identification: identification, offset: Int(field & 0xFFF8), isLast: field & 1 == 0)
                return
            }
        }
        guard offset <= end else { throw .malformed }
    }
}
