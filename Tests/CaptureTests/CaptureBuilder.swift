// Captures written field by field, in either byte order, independently of the module's own writer.

import Bytes
import Capture

/// A capture file in the making.
struct CaptureBuilder {
    let isLittle: Bool
    var bytes: [UInt8] = []

    mutating func u16(_ value: Int) { add(UInt64(value), 2) }
    mutating func u32(_ value: Int) { add(UInt64(truncatingIfNeeded: value) & 0xFFFF_FFFF, 4) }
    mutating func u64(_ value: UInt64) { add(value, 8) }

    private mutating func add(_ value: UInt64, _ count: Int) {
        let littleFirst = (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
        bytes += isLittle ? littleFirst : littleFirst.reversed()
    }

    // MARK: pcap

    mutating func pcapHeader(magic: Int = 0xA1B2_C3D4, linkType: Int = 1) {
        u32(magic)
        u16(2)
        u16(4)
        u32(0)
        u32(0)
        u32(65535)
        u32(linkType)
    }

    mutating func pcapRecord(seconds: Int, fraction: Int, _ frame: [UInt8], original: Int? = nil) {
        u32(seconds)
        u32(fraction)
        u32(frame.count)
        u32(original ?? frame.count)
        bytes += frame
    }

    // MARK: pcapng

    mutating func block(_ type: Int, _ body: (inout CaptureBuilder) -> Void) {
        var inner = CaptureBuilder(isLittle: isLittle)
        body(&inner)
        while inner.bytes.count % 4 != 0 { inner.bytes.append(0) }
        u32(type)
        u32(inner.bytes.count + 12)
        bytes += inner.bytes
        u32(inner.bytes.count + 12)
    }

    mutating func section() {
        block(0x0A0D_0D0A) {
            $0.u32(0x1A2B_3C4D)
            $0.u16(1)
            $0.u16(0)
            $0.u64(.max)
        }
    }

    mutating func interface(
        linkType: Int = 1, snapLength: Int = 0, resolution: UInt8? = nil, offsetSeconds: Int64? = nil
    ) {
        block(1) {
            $0.u16(linkType)
            $0.u16(0)
            $0.u32(snapLength)
            // A name first, of a length that needs padding.
            $0.u16(2)
            $0.u16(5)
            $0.bytes += Array("swp10".utf8) + [0, 0, 0]
            if let resolution {
                $0.u16(9)
                $0.u16(1)
                $0.bytes += [resolution, 0, 0, 0]
            }
            if let offsetSeconds {
                $0.u16(14)
                $0.u16(8)
                $0.u64(UInt64(bitPattern: offsetSeconds))
            }
            $0.u16(0)
            $0.u16(0)
        }
    }

    mutating func enhancedPacket(interface: Int = 0, ticks: UInt64, _ frame: [UInt8], original: Int? = nil) {
        block(6) {
            $0.u32(interface)
            $0.timedPacket(ticks, frame, original)
            $0.u16(1)  // a comment
            $0.u16(2)
            $0.bytes += [0x68, 0x69, 0, 0]
            $0.u32(0)
        }
    }

    mutating func obsoletePacket(interface: Int = 0, ticks: UInt64, _ frame: [UInt8]) {
        block(2) {
            $0.u16(interface)
            $0.u16(7)
            $0.timedPacket(ticks, frame, nil)
        }
    }

    mutating func simplePacket(_ frame: [UInt8], original: Int? = nil) {
        block(3) {
            $0.u32(original ?? frame.count)
            $0.bytes += frame
        }
    }

    private mutating func timedPacket(_ ticks: UInt64, _ frame: [UInt8], _ original: Int?) {
        u32(Int(ticks >> 32))
        u32(Int(ticks & 0xFFFF_FFFF))
        u32(frame.count)
        u32(original ?? frame.count)
        bytes += frame
        while bytes.count % 4 != 0 { bytes.append(0) }
    }
}

/// A frame, read.
struct ReadFrame: Equatable {
    var nanoseconds: Int64
    var linkType: UInt16
    var original: Int
    var bytes: [UInt8]
}

/// All frames of a capture, and the fault that ended it.
func readAll(_ content: [UInt8]) -> (frames: [ReadFrame], error: CaptureError?) {
    var frames: [ReadFrame] = []
    do throws(CaptureError) {
        var file = try CaptureFile(name: "test", content: content)
        try readAll(&file, into: &frames)
        return (frames, nil)
    } catch {
        return (frames, error)
    }
}

func readAll(_ file: inout CaptureFile, into frames: inout [ReadFrame]) throws(CaptureError) {
    while let frame = try file.next() {
        let bytes = file.withBytes(of: frame) { copy($0) }
        frames.append(
            ReadFrame(
                nanoseconds: frame.arrivalNanoseconds, linkType: frame.linkType.rawValue,
                original: frame.originalLengthBytes, bytes: bytes))
    }
}

func copy(_ span: RawSpan) -> [UInt8] {
    (0..<span.byteCount).map { (try? span.uint8(at: $0)) ?? 0 }
}

/// Marsaglia's xorshift64: a generator for tests, other than the simulator's own.
struct TestRandom: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed | 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
