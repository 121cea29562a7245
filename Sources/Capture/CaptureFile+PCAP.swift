// The classic format of libpcap. Layout (draft-ietf-opsawg-pcap, sections 4 and 5), in the writer's byte order:
//
//     file:    magic u32, major u16, minor u16, 2 × reserved u32, snap length u32, link type u32 (low 16 bits)
//     record:  seconds u32, fraction u32, captured length u32, original length u32, bytes

/// What a file's first four bytes say.
struct PCAPVariant {
    let order: ByteOrder
    let resolution: TimestampResolution

    /// `magic` as read with the high byte first.
    init?(magic: UInt32) {
        switch magic {
        case 0xA1B2_C3D4: (order, resolution) = (.big, .microseconds)
        case 0xA1B2_3C4D: (order, resolution) = (.big, .nanoseconds)
        case 0xD4C3_B2A1: (order, resolution) = (.little, .microseconds)
        case 0x4D3C_B2A1: (order, resolution) = (.little, .nanoseconds)
        default: return nil
        }
    }
}

extension CaptureFile {
    private static let fileHeaderBytes = 24
    private static let recordHeaderBytes = 16

    mutating func readPCAPHeader(_ variant: PCAPVariant) throws(CaptureError) {
        guard try window.fill(CaptureFile.fileHeaderBytes) else { throw fault(.truncatedHeader, at: 0) }
        order = variant.order
        guard window.uint16(at: 4, order) == 2 else { throw fault(.unsupportedVersion, at: 4) }
        let linkType = LinkType(rawValue: UInt16(truncatingIfNeeded: window.uint32(at: 20, order)))
        interfaces = [
            Interface(linkType: linkType, snapLengthBytes: 0, resolution: variant.resolution, offsetSeconds: 0)
        ]
        window.advance(CaptureFile.fileHeaderBytes)
    }

    mutating func nextPCAP() throws(CaptureError) -> CapturedFrame? {
        let start = window.offset
        let header = CaptureFile.recordHeaderBytes
        guard try window.fill(header) else {
            if window.available == 0 { return nil }
            throw fault(.truncatedRecord, at: start)
        }
        let seconds = window.uint32(at: 0, order)
        let fraction = window.uint32(at: 4, order)
        let captured = Int(window.uint32(at: 8, order))
        let original = Int(window.uint32(at: 12, order))
        guard captured <= CaptureFile.frameLengthMaxBytes else { throw fault(.lengthTooLarge, at: start) }
        guard try window.fill(header + captured) else { throw fault(.truncatedRecord, at: start) }

        let interface = interfaces[0]
        // Neither overflows: 2³² s are 4.3e18 ns, and the largest fraction adds 4.3e12 ns.
        let nanoseconds = interface.resolution.nanoseconds(ticks: UInt64(fraction)) ?? 0
        let frame = CapturedFrame(
            arrivalNanoseconds: Int64(seconds) * 1_000_000_000 + nanoseconds,
            linkType: interface.linkType,
            originalLengthBytes: original,
            range: (window.position + header)..<(window.position + header + captured)
        )
        window.advance(header + captured)
        return frame
    }
}
