// The next-generation format: a sequence of blocks, each `type u32, total length u32, body, total length u32`. A
// section header sets the byte order of what follows and forgets the interfaces known so far. Blocks that are neither
// packets nor descriptions of interfaces are passed over by their length.

/// Block types and options. Source: draft-ietf-opsawg-pcapng, sections 4 and 11.1.
enum PCAPNGBlock {
    /// Reads the same in both byte orders.
    static let sectionHeader: UInt32 = 0x0A0D_0D0A
    static let interfaceDescription: UInt32 = 1
    /// Obsolete, but written by old tools.
    static let packet: UInt32 = 2
    static let simplePacket: UInt32 = 3
    static let enhancedPacket: UInt32 = 6

    static let byteOrderMagic: UInt32 = 0x1A2B_3C4D
    static let optionEnd: UInt16 = 0
    static let optionTimestampResolution: UInt16 = 9
    static let optionTimestampOffset: UInt16 = 14

    /// Type, two lengths.
    static let overheadBytes = 12
}

extension CaptureFile {
    /// A block whose type and length have been read; its bytes are still unread in the window.
    private struct Block {
        let type: UInt32
        let lengthBytes: Int
        let start: Int64
    }

    mutating func readFirstSection() throws(CaptureError) {
        do throws(CaptureError) {
            try readSectionHeader(start: 0)
        } catch {
            throw error.reason == .truncatedRecord ? fault(.truncatedHeader, at: 0) : error
        }
    }

    mutating func nextPCAPNG() throws(CaptureError) -> CapturedFrame? {
        while true {
            let start = window.offset
            guard try window.fill(8) else {
                if window.available == 0 { return nil }
                throw fault(.truncatedRecord, at: start)
            }
            let type = window.uint32(at: 0, order)
            if type == PCAPNGBlock.sectionHeader {
                try readSectionHeader(start: start)
                continue
            }
            let block = Block(type: type, lengthBytes: try blockLength(start: start), start: start)
            switch type {
            case PCAPNGBlock.interfaceDescription: try readInterface(block)
            case PCAPNGBlock.enhancedPacket: return try readEnhancedPacket(block)
            case PCAPNGBlock.simplePacket: return try readSimplePacket(block)
            case PCAPNGBlock.packet: return try readObsoletePacket(block)
            default: try skipBody(block)
            }
        }
    }

    // MARK: Blocks that describe

    private mutating func readSectionHeader(start: Int64) throws(CaptureError) {
        guard try window.fill(16) else { throw fault(.truncatedRecord, at: start) }
        if window.uint32(at: 8, .big) == PCAPNGBlock.byteOrderMagic {
            order = .big
        } else if window.uint32(at: 8, .little) == PCAPNGBlock.byteOrderMagic {
            order = .little
        } else {
            throw fault(.badByteOrder, at: start)
        }
        guard window.uint16(at: 12, order) == 1 else { throw fault(.unsupportedVersion, at: start) }
        interfaces = []
        let length = try blockLength(start: start)
        guard length >= 28 else { throw fault(.badBlockLength, at: start) }
        try skipBody(Block(type: PCAPNGBlock.sectionHeader, lengthBytes: length, start: start))
    }

    private mutating func readInterface(_ block: Block) throws(CaptureError) {
        try fillWhole(block, minimumBytes: 20)
        guard interfaces.count < CaptureFile.interfaceCountMax else { throw fault(.tooManyInterfaces, at: block.start) }
        var resolution = TimestampResolution.microseconds
        var offsetSeconds: Int64 = 0
        var option = 16
        let end = block.lengthBytes - 4
        while option + 4 <= end {
            let code = window.uint16(at: option, order)
            let length = Int(window.uint16(at: option + 2, order))
            let value = option + 4
            guard code != PCAPNGBlock.optionEnd else { break }
            guard length <= end - value else { throw fault(.badBlockLength, at: block.start) }
            if code == PCAPNGBlock.optionTimestampResolution, length >= 1 {
                resolution = TimestampResolution(option: window.bytes[window.position + value])
            } else if code == PCAPNGBlock.optionTimestampOffset, length >= 8 {
                offsetSeconds = Int64(bitPattern: uint64(at: value))
            }
            option = value + (length + 3) & ~3
        }
        interfaces.append(
            Interface(
                linkType: LinkType(rawValue: window.uint16(at: 8, order)),
                snapLengthBytes: Int(window.uint32(at: 12, order)),
                resolution: resolution,
                offsetSeconds: offsetSeconds
            ))
        window.advance(block.lengthBytes)
    }

    // MARK: Blocks that hold a frame

    private mutating func readEnhancedPacket(_ block: Block) throws(CaptureError) -> CapturedFrame {
        try fillWhole(block, minimumBytes: 32)
        let interface = try interface(Int(window.uint32(at: 8, order)), block)
        return try timedFrame(block, interface)
    }

    private mutating func readObsoletePacket(_ block: Block) throws(CaptureError) -> CapturedFrame {
        try fillWhole(block, minimumBytes: 32)
        let interface = try interface(Int(window.uint16(at: 8, order)), block)
        return try timedFrame(block, interface)
    }

    /// Time, lengths and bytes stand at the same offsets in both kinds of timed packet blocks.
    private mutating func timedFrame(_ block: Block, _ interface: Interface) throws(CaptureError) -> CapturedFrame {
        let ticks = UInt64(window.uint32(at: 12, order)) << 32 | UInt64(window.uint32(at: 16, order))
        let captured = Int(window.uint32(at: 20, order))
        let original = Int(window.uint32(at: 24, order))
        let arrival = try arrival(ticks: ticks, of: interface, at: block.start)
        return try frame(block, interface, arrival: arrival, captured: captured, original: original, dataOffset: 28)
    }

    private mutating func readSimplePacket(_ block: Block) throws(CaptureError) -> CapturedFrame {
        try fillWhole(block, minimumBytes: 16)
        let interface = try interface(0, block)
        let original = Int(window.uint32(at: 8, order))
        var captured = min(original, block.lengthBytes - 16)
        if interface.snapLengthBytes > 0 { captured = min(captured, interface.snapLengthBytes) }
        return try frame(
            block, interface, arrival: lastArrivalNanoseconds, captured: captured, original: original, dataOffset: 12)
    }

    private mutating func frame(
        _ block: Block, _ interface: Interface, arrival: Int64, captured: Int, original: Int, dataOffset: Int
    ) throws(CaptureError) -> CapturedFrame {
        guard captured <= CaptureFile.frameLengthMaxBytes else { throw fault(.lengthTooLarge, at: block.start) }
        guard captured <= block.lengthBytes - 4 - dataOffset else { throw fault(.badBlockLength, at: block.start) }
        let start = window.position + dataOffset
        window.advance(block.lengthBytes)
        return CapturedFrame(
            arrivalNanoseconds: arrival, linkType: interface.linkType, originalLengthBytes: original,
            range: start..<(start + captured))
    }

    private func interface(_ number: Int, _ block: Block) throws(CaptureError) -> Interface {
        guard number < interfaces.count else { throw fault(.unknownInterface, at: block.start) }
        return interfaces[number]
    }

    // MARK: Lengths

    private func blockLength(start: Int64) throws(CaptureError) -> Int {
        let length = Int(window.uint32(at: 4, order))
        guard length >= PCAPNGBlock.overheadBytes, length % 4 == 0 else { throw fault(.badBlockLength, at: start) }
        return length
    }

    /// Brings a block into the window whole and checks the length at its end.
    private mutating func fillWhole(_ block: Block, minimumBytes: Int) throws(CaptureError) {
        guard block.lengthBytes >= minimumBytes else { throw fault(.badBlockLength, at: block.start) }
        guard block.lengthBytes <= ReadWindow.capacityBytes else { throw fault(.lengthTooLarge, at: block.start) }
        guard try window.fill(block.lengthBytes) else { throw fault(.truncatedRecord, at: block.start) }
        guard Int(window.uint32(at: block.lengthBytes - 4, order)) == block.lengthBytes else {
            throw fault(.badBlockLength, at: block.start)
        }
    }

    /// Passes over a block of any length and checks the length at its end.
    private mutating func skipBody(_ block: Block) throws(CaptureError) {
        guard try window.skip(block.lengthBytes - 4), try window.fill(4) else {
            throw fault(.truncatedRecord, at: block.start)
        }
        guard Int(window.uint32(at: 0, order)) == block.lengthBytes else {
            throw fault(.badBlockLength, at: block.start)
        }
        window.advance(4)
    }

    private func uint64(at offset: Int) -> UInt64 {
        let first = UInt64(window.uint32(at: offset, order))
        let second = UInt64(window.uint32(at: offset + 4, order))
        return order == .big ? first << 32 | second : second << 32 | first
    }
}
