import Bytes
import Capture
import Testing

@Suite struct PCAPNGReading {
    static let frame: [UInt8] = Array(1...61)

    @Test(arguments: [false, true])
    func readsAllKindsOfPacketBlocks(isLittle: Bool) {
        var capture = CaptureBuilder(isLittle: isLittle)
        capture.section()
        capture.interface(linkType: 1, snapLength: 50)
        capture.block(0x0BAD) { $0.bytes += Array(0..<99) }
        capture.interface(linkType: 101, resolution: 9)
        capture.enhancedPacket(interface: 0, ticks: 1_700_000_000_000_001, PCAPNGReading.frame, original: 70)
        capture.simplePacket(Array(PCAPNGReading.frame.prefix(50)), original: 61)
        capture.obsoletePacket(interface: 1, ticks: 1_700_000_000_000_000_007, [1, 2, 3])
        let (frames, error) = readAll(capture.bytes)
        #expect(error == nil)
        #expect(
            frames == [
                ReadFrame(
                    nanoseconds: 1_700_000_000_000_001_000, linkType: 1, original: 70, bytes: PCAPNGReading.frame),
                ReadFrame(
                    nanoseconds: 1_700_000_000_000_001_000, linkType: 1, original: 61,
                    bytes: Array(PCAPNGReading.frame.prefix(50))),
                ReadFrame(nanoseconds: 1_700_000_000_000_000_007, linkType: 101, original: 3, bytes: [1, 2, 3]),
            ])
    }

    @Test func sectionsMayDifferInByteOrder() {
        var bytes: [UInt8] = []
        for isLittle in [true, false, true] {
            var capture = CaptureBuilder(isLittle: isLittle)
            capture.section()
            capture.interface(linkType: isLittle ? 1 : 113)
            capture.enhancedPacket(ticks: 5_000_000, PCAPNGReading.frame)
            bytes += capture.bytes
        }
        let (frames, error) = readAll(bytes)
        #expect(error == nil)
        #expect(frames.map(\.linkType) == [1, 113, 1])
        #expect(frames.allSatisfy { $0.nanoseconds == 5_000_000_000 && $0.bytes == PCAPNGReading.frame })
    }

    /// if_tsresol, if_tsoffset, ticks, and the nanoseconds that they are.
    @Test(
        arguments: [
            (nil, nil, 1_000_001, 1_000_001_000), (0, nil, 3, 3_000_000_000), (3, nil, 1500, 1_500_000_000),
            (9, nil, 12_345, 12_345), (12, nil, 12_345_678, 12_345), (127, nil, UInt64.max, 0),
            (0x80, nil, 2, 2_000_000_000), (0x80 | 10, nil, 1536, 1_500_000_000),
            (0x80 | 32, nil, 3 << 31, 1_500_000_000),
            (0xFF, nil, UInt64.max, 0), (6, 1_700_000_000, 1, 1_700_000_000_000_001_000), (6, -10, 0, -10_000_000_000),
        ] as [(UInt8?, Int64?, UInt64, Int64)])
    func convertsTimes(resolution: UInt8?, offset: Int64?, ticks: UInt64, expected: Int64) {
        var capture = CaptureBuilder(isLittle: true)
        capture.section()
        capture.interface(resolution: resolution, offsetSeconds: offset)
        capture.enhancedPacket(ticks: ticks, [1])
        #expect(readAll(capture.bytes).frames.map(\.nanoseconds) == [expected])
    }

    @Test(
        arguments: [
            (6, nil, UInt64.max), (0, nil, 1 << 40), (9, nil, 1 << 63), (0x80, nil, UInt64.max), (6, Int64.max, 0),
            (9, 9_000_000_000, (1 << 63) - 1),
        ] as [(UInt8, Int64?, UInt64)])
    func refusesTimesThatDoNotFit(resolution: UInt8, offset: Int64?, ticks: UInt64) {
        var capture = CaptureBuilder(isLittle: true)
        capture.section()
        capture.interface(resolution: resolution, offsetSeconds: offset)
        capture.enhancedPacket(ticks: ticks, [1])
        #expect(readAll(capture.bytes).error?.reason == .timeOutOfRange)
    }

    @Test(arguments: [false, true])
    func cutAtEveryByteGivesTheFramesBefore(isLittle: Bool) {
        var capture = CaptureBuilder(isLittle: isLittle)
        capture.section()
        capture.interface()
        var bounds = [28, capture.bytes.count]
        for index in 0..<4 {
            capture.enhancedPacket(ticks: UInt64(index), Array(PCAPNGReading.frame.prefix(20 + index)))
            bounds.append(capture.bytes.count)
        }
        for length in 0..<capture.bytes.count {
            let (frames, error) = readAll(Array(capture.bytes.prefix(length)))
            #expect(frames.count == max(0, bounds.filter { $0 <= length }.count - 2), "cut at \(length)")
            let reason: CaptureError.Reason? =
                length == 0
                ? .notACapture : length < 28 ? .truncatedHeader : bounds.contains(length) ? nil : .truncatedRecord
            #expect(error?.reason == reason, "cut at \(length)")
        }
    }

    @Test func refusesContradictions() {
        func reason(_ change: (inout CaptureBuilder) -> Void) -> CaptureError.Reason? {
            var capture = CaptureBuilder(isLittle: false)
            capture.section()
            change(&capture)
            return readAll(capture.bytes).error?.reason
        }
        #expect(reason { $0.enhancedPacket(ticks: 0, [1]) } == .unknownInterface)
        #expect(reason { $0.simplePacket([1]) } == .unknownInterface)
        #expect(reason { for word in [7, 8, 8] { $0.u32(word) } } == .badBlockLength)
        #expect(reason { for word in [7, 13, 0, 13] { $0.u32(word) } } == .badBlockLength)
        #expect(reason { for word in [7, 16, 0, 12] { $0.u32(word) } } == .badBlockLength)
        #expect(reason { for word in [6, 12, 12] { $0.u32(word) } } == .badBlockLength)
        #expect(reason { for word in [6, 0x7FFF_FFFC, 0, 0] { $0.u32(word) } } == .lengthTooLarge)
        #expect(reason { for word in [7, 0xFFFF_FFFC, 0, 0] { $0.u32(word) } } == .truncatedRecord)
        #expect(reason { for word in [0x0A0D_0D0A, 28, 0x1234_5678, 0, 0, 0, 28] { $0.u32(word) } } == .badByteOrder)
        #expect(
            reason { for word in [0x0A0D_0D0A, 28, 0x1A2B_3C4D, 0x2_0000, 0, 0, 28] { $0.u32(word) } }
                == .unsupportedVersion)
        // A captured length that reaches behind the block.
        let reaching = reason {
            $0.interface()
            $0.block(6) { for word in [0, 0, 0, 5, 5] { $0.u32(word) } }
        }
        #expect(reaching == .badBlockLength)
        let many = reason { for _ in 0..<4097 { $0.interface() } }
        #expect(many == .tooManyInterfaces)
    }
}
