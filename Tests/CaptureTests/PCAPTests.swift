import Bytes
import Capture
import Testing

@Suite struct PCAPReading {
    static let frames: [[UInt8]] = [Array(0..<60), [], Array(repeating: 7, count: 1500)]

    static func capture(isLittle: Bool, isNano: Bool) -> CaptureBuilder {
        var capture = CaptureBuilder(isLittle: isLittle)
        capture.pcapHeader(magic: isNano ? 0xA1B2_3C4D : 0xA1B2_C3D4, linkType: 113)
        for (index, frame) in frames.enumerated() {
            capture.pcapRecord(seconds: 1_700_000_000 + index, fraction: 999_999, frame, original: frame.count + 10)
        }
        return capture
    }

    @Test(arguments: [false, true], [false, true])
    func readsBothByteOrdersAndResolutions(isLittle: Bool, isNano: Bool) {
        let (frames, error) = readAll(PCAPReading.capture(isLittle: isLittle, isNano: isNano).bytes)
        #expect(error == nil)
        let expected = PCAPReading.frames.enumerated().map { index, bytes in
            ReadFrame(
                nanoseconds: (1_700_000_000 + Int64(index)) * 1_000_000_000 + 999_999 * (isNano ? 1 : 1000),
                linkType: 113,
                original: bytes.count + 10, bytes: bytes)
        }
        #expect(frames == expected)
    }

    @Test func cutAtEveryByteGivesTheFramesBefore() {
        let whole = PCAPReading.capture(isLittle: true, isNano: false).bytes
        var ends = [24]
        for frame in PCAPReading.frames { ends.append(ends[ends.count - 1] + 16 + frame.count) }
        for length in 0..<whole.count {
            let (frames, error) = readAll(Array(whole.prefix(length)))
            #expect(frames.count == max(0, ends.filter { $0 <= length }.count - 1), "cut at \(length)")
            let reason: CaptureError.Reason? =
                length < 4
                ? (length == 0 ? .notACapture : .truncatedHeader)
                : length < 24 ? .truncatedHeader : ends.contains(length) ? nil : .truncatedRecord
            #expect(error?.reason == reason, "cut at \(length)")
            if reason == .truncatedRecord { #expect(error?.offsetBytes == Int64(ends.last { $0 <= length } ?? -1)) }
        }
    }

    @Test func refusesWhatIsNoCapture() {
        #expect(readAll(Array("GET / HTTP/1.1\r\n".utf8)).error?.reason == .notACapture)
        #expect(readAll([0x1F, 0x8B, 8, 0, 0, 0]).error?.reason == .compressed)
        var old = CaptureBuilder(isLittle: true)
        old.pcapHeader()
        old.bytes[4] = 1
        #expect(readAll(old.bytes).error?.reason == .unsupportedVersion)
    }

    @Test func refusesAbsurdLengths() {
        var capture = PCAPReading.capture(isLittle: false, isNano: false)
        let start = capture.bytes.count
        for word in [1, 1, 256 << 10 + 1, 60] { capture.u32(word) }
        let (frames, error) = readAll(capture.bytes)
        #expect(frames.count == 3)
        #expect(error?.reason == .lengthTooLarge)
        #expect(error?.offsetBytes == Int64(start))
        #expect(error?.description.hasPrefix("test: ") == true)
    }

    @Test func acceptsTheLongestFrame() {
        var capture = CaptureBuilder(isLittle: true)
        capture.pcapHeader()
        let long = [UInt8](repeating: 1, count: 256 << 10)
        capture.pcapRecord(seconds: 0, fraction: 0, long)
        capture.pcapRecord(seconds: 1, fraction: 0, long)
        #expect(readAll(capture.bytes).frames.map(\.bytes.count) == [256 << 10, 256 << 10])
    }

    @Test func aFaultIsReportedAgainAndRewindStartsAgain() throws {
        let capture = PCAPReading.capture(isLittle: true, isNano: false).bytes
        var file = try CaptureFile(name: "test", content: Array(capture.dropLast()))
        for _ in 0..<2 {
            var frames: [ReadFrame] = []
            for _ in 0..<2 {
                do {
                    try readAll(&file, into: &frames)
                    Issue.record("the capture is cut")
                } catch {
                    #expect(error.reason == .truncatedRecord)
                }
            }
            #expect(frames.count == 2)
            try file.rewind()
        }
    }
}
