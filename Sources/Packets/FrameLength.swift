// How many bytes a sampled frame counts for. Agents disagree about what they put into `frame_length`, and some are
// wrong: this decides once, so that every table counts the same.

/// Bytes that one sampled frame stands for before scaling.
package struct FrameLength: Hashable, Sendable, BitwiseCopyable {
    /// Bytes on the wire, with the link layer unless `includesLinkLayer` says otherwise.
    package let bytes: UInt64
    /// Whether the agent's length was absent or impossible and another was taken.
    package let isCorrected: Bool
    /// False for packets sampled from IP on whose agent counts the IP packet alone; true when it adds back the link
    /// layer that it took off.
    package let includesLinkLayer: Bool

    /// The largest packet without host offload: 65,535 bytes of IP and a generous link layer.
    private static let packetBytesMax: UInt64 = 65_535 + 40

    /// `bytes` for statistics of packet sizes: nothing longer than any packet can be. Host offload and faulty agents
    /// report more.
    package var packetBytes: UInt64 { min(bytes, FrameLength.packetBytesMax) }
}

/// Chooses the length of a frame.
/// - Parameters:
///   - headerProtocol: What the sampled bytes start with (sFlow version 5, enum header_protocol); 1 is Ethernet.
///   - frameLength: sampled_header.frame_length, 0 when the agent does not know it.
///   - stripped: sampled_header.stripped. It never enters the length: some agents put the cut payload into it, so that
///     subtracting it gives nonsense.
///   - capturedLength: Bytes of the header that are there.
///   - ethernetLength: sampled_ethernet.length of the same sample, when there is one.
///   - outermostIP: Offset of the outermost IP header in the captured bytes and the length of that packet.
package func frameBytes(
    headerProtocol: UInt32, frameLength: UInt32, stripped: UInt32, capturedLength: Int, ethernetLength: UInt32? = nil,
    outermostIP: (offset: Int, lengthBytes: Int)?
) -> FrameLength {
    let reported = UInt64(frameLength)
    // Clamped to 32 bits: no packet is longer, and sums in 64 bits then cannot overflow.
    let captured = UInt64(UInt32(clamping: capturedLength))
    let ipLength = outermostIP.map { UInt64(UInt32(clamping: $0.lengthBytes)) }
    let ipOffset = outermostIP.map { UInt64(UInt32(clamping: $0.offset)) } ?? 0
    // What the packet itself says: all up to the end of IP, and Ethernet's check sequence.
    let implied = ipLength.map { ipOffset + $0 + (headerProtocol == 1 ? 4 : 0) }
    let bytes: UInt64
    var isCorrected = true
    if reported == 0 {
        bytes = implied ?? ethernetLength.map(UInt64.init) ?? captured
    } else if reported + 4 < captured || implied.map({ reported + 22 < $0 }) ?? false {
        // A check sequence (4) and a few tags more (22) may be missing from an honest length; more than that may not.
        bytes = max(reported, implied ?? captured)
    } else {
        bytes = reported
        isCorrected = false
    }
    let startsAtIP = headerProtocol == 11 || headerProtocol == 12
    let addsStripped = ipLength.map { stripped > 0 && bytes == $0 + UInt64(stripped) } ?? false
    return FrameLength(bytes: bytes, isCorrected: isCorrected, includesLinkLayer: !startsAtIP || addsStripped)
}
