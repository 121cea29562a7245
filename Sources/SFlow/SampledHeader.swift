// The hot reader: the record that nearly every flow sample carries, read without a layout's interpretation.

import Bytes

/// The first bytes of a sampled packet. Source: sFlow version 5, section 5.3, `sampled_header` (flow record 0:1).
///
/// ```
/// 0          4             8          12              16
/// | protocol | frame_length | stripped | header length | header bytes, padded |
/// ```
public struct SampledHeader: Hashable, Sendable {
    /// 1 Ethernet, 11 IPv4, 12 IPv6, 13 MPLS, …; see ``Enumeration/headerProtocol``.
    public var protocolNumber: UInt32
    /// Bytes of the packet on the wire.
    public var frameLength: UInt32
    /// Octets removed in front of the header bytes and behind the packet. Says nothing about what was cut off.
    public var stripped: UInt32
    /// Bytes of the body; clamped to what is there. May be empty, and may be longer than the packet.
    public var headerRange: Range<Int>
    /// The record claimed more header bytes than it has.
    public var isClamped: Bool

    public init(
        protocolNumber: UInt32, frameLength: UInt32, stripped: UInt32, headerRange: Range<Int>, isClamped: Bool
    ) {
        self.protocolNumber = protocolNumber
        self.frameLength = frameLength
        self.stripped = stripped
        self.headerRange = headerRange
        self.isClamped = isClamped
    }

    /// - Parameter body: of flow record 0:1.
    /// Throws `recordTooShort` below 16 bytes.
    @inline(__always)
    public static func read(_ body: RawSpan) throws(DecodeError) -> SampledHeader {
        do {
            let claimed = Int(try body.uint32(at: 12))
            let available = body.byteCount - 16
            return SampledHeader(
                protocolNumber: try body.uint32(at: 0),
                frameLength: try body.uint32(at: 4),
                stripped: try body.uint32(at: 8),
                headerRange: 16..<(16 + min(claimed, available)),
                isClamped: claimed > available)
        } catch {
            throw DecodeError(.recordTooShort, at: 0)
        }
    }
}
