// Attributes of IPv4 headers. RFC 791 section 3.1, RFC 2474 section 3 (DSCP), RFC 3168 section 5 (ECN).
import Bytes

extension LayerStack {
    package func ipv4Source(in header: RawSpan, occurrence: Int = 0) -> UInt32? {
        uint32(.ipv4, occurrence, at: 12, in: header)
    }

    package func ipv4Destination(in header: RawSpan, occurrence: Int = 0) -> UInt32? {
        uint32(.ipv4, occurrence, at: 16, in: header)
    }

    package func ipv4Protocol(in header: RawSpan, occurrence: Int = 0) -> UInt8? {
        uint8(.ipv4, occurrence, at: 9, in: header)
    }

    /// The length field as it stands: bytes of header and payload, 0 under segmentation offload.
    package func ipv4TotalLength(in header: RawSpan, occurrence: Int = 0) -> UInt16? {
        uint16(.ipv4, occurrence, at: 2, in: header)
    }

    /// DSCP and ECN together.
    package func ipv4TOS(in header: RawSpan, occurrence: Int = 0) -> UInt8? {
        uint8(.ipv4, occurrence, at: 1, in: header)
    }

    /// 6 bits.
    package func ipv4DSCP(in header: RawSpan, occurrence: Int = 0) -> UInt8? {
        ipv4TOS(in: header, occurrence: occurrence).map { $0 >> 2 }
    }

    /// 2 bits.
    package func ipv4ECN(in header: RawSpan, occurrence: Int = 0) -> UInt8? {
        ipv4TOS(in: header, occurrence: occurrence).map { $0 & 3 }
    }

    package func ipv4TTL(in header: RawSpan, occurrence: Int = 0) -> UInt8? {
        uint8(.ipv4, occurrence, at: 8, in: header)
    }

    package func ipv4Identification(in header: RawSpan, occurrence: Int = 0) -> UInt16? {
        uint16(.ipv4, occurrence, at: 4, in: header)
    }

    /// 3 bits: reserved, don't fragment, more fragments.
    package func ipv4Flags(in header: RawSpan, occurrence: Int = 0) -> UInt8? {
        uint8(.ipv4, occurrence, at: 6, in: header).map { $0 >> 5 }
    }

    /// Unit: 8 bytes.
    package func ipv4FragmentOffset(in header: RawSpan, occurrence: Int = 0) -> UInt16? {
        uint16(.ipv4, occurrence, at: 6, in: header).map { $0 & 0x1FFF }
    }

    /// The outermost IP packet of either family: where it starts in the sampled bytes, and its length with its own
    /// header. nil without one, or when its length field is 0.
    package func outermostIP(in header: RawSpan) -> (offset: Int, lengthBytes: Int)? {
        guard let layer = nth(.anyIP) else { return nil }
        let isIPv6 = layer.kind == .ipv6
        guard let length = layer.uint16(at: isIPv6 ? 4 : 2, in: header), length != 0 else { return nil }
        return (Int(layer.offset), Int(length) + (isIPv6 ? 40 : 0))
    }
}
