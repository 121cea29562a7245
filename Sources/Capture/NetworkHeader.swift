// The link layer: where in a frame the IP header starts. Each link type of a capture has a different way to say so.

import Bytes

/// Finds the network header behind any link layer that the decoder knows.
struct NetworkHeader {
    /// Where the IP header starts. Unit: bytes from the start of the frame.
    let offset: Int
    /// 4 or 6.
    let version: UInt8

    private static let etherTypeIPv4: UInt16 = 0x0800
    private static let etherTypeIPv6: UInt16 = 0x86DD
    /// A frame with more tags than any network stacks is nothing to go on with.
    private static let tagCountMax = 4

    init(_ linkType: LinkType, _ bytes: RawSpan) throws(FrameRefusal) {
        switch linkType {
        case .ethernet:
            try self.init(bytes, etherTypeAt: 12, headerBytes: 14)
        case .linuxCooked:
            // Packet type, device type, address length, address of 8 bytes, then the protocol.
            try self.init(bytes, etherTypeAt: 14, headerBytes: 16)
        case .linuxCooked2:
            // The protocol comes first; interface, device type, packet type, address length and address follow.
            try self.init(bytes, etherTypeAt: 0, headerBytes: 20)
        case .null, .loop:
            // An address family, which has a small number: the byte order shows itself.
            let word = try bytes.field32(0)
            self.init(
                offset: 4, version: try NetworkHeader.version(addressFamily: word > 0xFFFF ? word.byteSwapped : word))
        case .raw, .rawBSD, .rawOpenBSD, .ipv4, .ipv6:
            let first = try bytes.field8(0) >> 4
            guard first == 4 || first == 6 else { throw .notIP }
            self.init(offset: 0, version: first)
        default:
            throw .linkType
        }
    }

    private init(offset: Int, version: UInt8) {
        self.offset = offset
        self.version = version
    }

    private init(_ bytes: RawSpan, etherTypeAt typeOffset: Int, headerBytes: Int) throws(FrameRefusal) {
        var etherType = try bytes.field16(typeOffset)
        var offset = headerBytes
        var tagCount = 0
        while NetworkHeader.isTag(etherType) {
            tagCount += 1
            guard tagCount <= NetworkHeader.tagCountMax else { throw .notIP }
            etherType = try bytes.field16(offset + 2)
            offset += 4
        }
        switch etherType {
        case NetworkHeader.etherTypeIPv4: self.init(offset: offset, version: 4)
        case NetworkHeader.etherTypeIPv6: self.init(offset: offset, version: 6)
        default: throw .notIP
        }
    }

    /// 802.1Q, 802.1ad, and the number that QinQ had before it was a standard.
    private static func isTag(_ etherType: UInt16) -> Bool {
        etherType == 0x8100 || etherType == 0x88A8 || etherType == 0x9100
    }

    /// AF_INET is 2 everywhere; AF_INET6 is 10 on Linux, 24 on NetBSD and OpenBSD, 28 on FreeBSD, 30 on macOS.
    private static func version(addressFamily: UInt32) throws(FrameRefusal) -> UInt8 {
        switch addressFamily {
        case 2: return 4
        case 10, 24, 28, 30: return 6
        default: throw .notIP
        }
    }
}
