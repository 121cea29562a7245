import Bytes
import Capture
import Glibc
import Testing

/// A file of the test's own, removed at its end.
final class TemporaryFile {
    let path: String

    init(_ content: [UInt8] = []) throws {
        var template = Array("/tmp/weir-capture-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        try #require(descriptor >= 0)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        var written = 0
        while written < content.count {
            let count = content[written...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            try #require(count > 0)
            written += count
        }
        close(descriptor)
    }

    deinit { unlink(path) }
}

@Suite struct CaptureWriting {
    static let v4 = UDPEndpoints(
        source: IPAddress(v4: 0x0A00_0001), sourcePort: 40000, destination: IPAddress(v4: 0x0A00_00FA),
        destinationPort: 6343)
    static let v6 = UDPEndpoints(
        source: IPAddress(v6High: 0xFD00 << 48, low: 1), sourcePort: 1, destination: IPAddress(v6High: 0, low: 1),
        destinationPort: 65535)
    static let mixed = UDPEndpoints(
        source: IPAddress(v4: 0x0A00_0001), sourcePort: 2, destination: IPAddress(v6High: 0, low: 1), destinationPort: 3
    )

    /// Also makes the reader's window slide: the file is several times longer than the window.
    @Test func whatIsWrittenIsRead() throws {
        let file = try TemporaryFile()
        let lengths = [0, 1, 2, 7, 1399, 1400, 65_507] + (0..<1500).map { $0 }
        var writer = try CaptureWriter(path: file.path)
        for (index, length) in lengths.enumerated() {
            let payload = [UInt8](repeating: UInt8(truncatingIfNeeded: index), count: length)
            for ends in [CaptureWriting.v4, CaptureWriting.v6, CaptureWriting.mixed] {
                try writer.write(
                    arrivalNanoseconds: 1_700_000_000_000_000_999 + Int64(index) * 1000, ends,
                    payload: payload.span.bytes)
            }
        }
        try writer.finish()

        var reader = try DatagramReader(path: file.path)
        for (index, length) in lengths.enumerated() {
            for ends in [CaptureWriting.v4, CaptureWriting.v6, CaptureWriting.mixed] {
                let datagram = try #require(try reader.next())
                #expect(datagram.arrivalNanoseconds == 1_700_000_000_000_000_000 + Int64(index) * 1000)
                #expect(datagram.source.unmapped == ends.source && datagram.sourcePort == ends.sourcePort)
                #expect(datagram.destination == ends.destination && datagram.destinationPort == ends.destinationPort)
                let isRight = reader.withPayload(of: datagram) { bytes in
                    bytes.byteCount == length && copy(bytes).allSatisfy { $0 == UInt8(truncatingIfNeeded: index) }
                }
                #expect(isRight)
            }
        }
        #expect(try reader.next() == nil)
        #expect(reader.counters.frames == lengths.count * 3)
    }

    /// Over the pseudo-header and the datagram, checksum included, the sum must come to all ones (RFC 1071, section 1).
    @Test(arguments: [v4, v6, mixed], [0, 1, 100, 1399])
    func checksumsAreCorrect(ends: UDPEndpoints, length: Int) throws {
        let file = try TemporaryFile()
        var writer = try CaptureWriter(path: file.path)
        let payload = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try writer.write(arrivalNanoseconds: 0, ends, payload: payload.span.bytes)
        try writer.finish()
        var capture = try CaptureFile(path: file.path)
        var frames: [ReadFrame] = []
        try readAll(&capture, into: &frames)
        let packet = Array(frames[0].bytes.dropFirst(14))
        let isIPv6 = packet[0] >> 4 == 6
        if !isIPv6 { #expect(sum(packet[0..<20]) == 0xFFFF) }
        let udp = packet[(isIPv6 ? 40 : 20)...]
        let pseudo = packet[(isIPv6 ? 8 : 12)..<(isIPv6 ? 40 : 20)] + Packet.big32(udp.count) + Packet.big32(17)
        #expect(sum((pseudo + udp)[...]) == 0xFFFF)
    }

    private func sum(_ bytes: ArraySlice<UInt8>) -> Int {
        let padded = Array(bytes) + [0]
        let total = stride(from: 0, to: bytes.count, by: 2).reduce(0) {
            $0 + Int(padded[$1]) * 256 + Int(padded[$1 + 1])
        }
        return total % 0xFFFF == 0 ? 0xFFFF : total % 0xFFFF
    }

    @Test func refusesWhatDoesNotFit() throws {
        let file = try TemporaryFile()
        var writer = try CaptureWriter(path: file.path)
        for (time, length, reason) in [
            (-1, 0, CaptureError.Reason.timeOutOfRange), (Int64(1) << 62, 0, .timeOutOfRange),
            (0, 65_508, .payloadTooLong),
        ] {
            let payload = [UInt8](repeating: 0, count: length)
            do {
                try writer.write(arrivalNanoseconds: time, CaptureWriting.v4, payload: payload.span.bytes)
                Issue.record("must not fit")
            } catch {
                #expect(error.reason == reason)
            }
        }
        try writer.finish()
        #expect(throws: CaptureError.self) { _ = try CaptureWriter(path: "/nonexistent/x.pcap") }
        do {
            _ = try CaptureFile(path: "/nonexistent/x.pcap")
            Issue.record("there is no such file")
        } catch {
            #expect(error.description == "/nonexistent/x.pcap: cannot be opened: No such file or directory")
        }
    }

    @Test func aFullDiskIsReported() throws {
        var writer = try CaptureWriter(path: "/dev/full")
        let payload = [UInt8](repeating: 0, count: 100)
        try writer.write(arrivalNanoseconds: 0, CaptureWriting.v4, payload: payload.span.bytes)
        do {
            try writer.finish()
            Issue.record("/dev/full takes nothing")
        } catch {
            #expect(error.reason == .cannotWrite)
        }
    }

    @Test func readingAFolderIsAnError() {
        do {
            _ = try CaptureFile(path: "/tmp")
            Issue.record("a folder is no capture")
        } catch {
            #expect(error.reason == .cannotRead)
        }
    }

    /// A block longer than the window is passed over; only the bytes in the window are held.
    @Test func longUnknownBlocksInAFile() throws {
        var capture = CaptureBuilder(isLittle: true)
        capture.section()
        capture.interface()
        capture.block(0x0BAD) { $0.bytes = [UInt8](repeating: 1, count: 3 << 20) }
        capture.enhancedPacket(ticks: 1, [1, 2, 3])
        capture.block(0x0BAD) { $0.bytes = [UInt8](repeating: 1, count: 1 << 20) }
        let whole = try TemporaryFile(capture.bytes)
        var file = try CaptureFile(path: whole.path)
        for _ in 0..<2 {
            var frames: [ReadFrame] = []
            try readAll(&file, into: &frames)
            #expect(frames.map(\.bytes) == [[1, 2, 3]])
            try file.rewind()
        }
        let cut = try TemporaryFile(capture.bytes.dropLast(1000))
        var cutFile = try CaptureFile(path: cut.path)
        var frames: [ReadFrame] = []
        do {
            try readAll(&cutFile, into: &frames)
            Issue.record("the capture is cut")
        } catch {
            #expect(error.reason == .truncatedRecord)
        }
        #expect(frames.count == 1)
    }
}
