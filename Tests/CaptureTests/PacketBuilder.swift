// Frames written field by field: Ethernet, IP, UDP, and their fragments.

import Bytes
import Capture

enum Packet {
    static func big16(_ value: Int) -> [UInt8] { [UInt8(value >> 8 & 255), UInt8(value & 255)] }
    static func big32(_ value: Int) -> [UInt8] { big16(value >> 16 & 0xFFFF) + big16(value & 0xFFFF) }

    static func udp(_ payload: [UInt8], from sourcePort: Int = 40000, to destinationPort: Int = 6343) -> [UInt8] {
        big16(sourcePort) + big16(destinationPort) + big16(8 + payload.count) + [0, 0] + payload
    }

    static func ipv4(
        _ payload: [UInt8], transport: UInt8 = 17, options: [UInt8] = [], identification: Int = 1,
        fragmentOffset: Int = 0,
        more: Bool = false, source: Int = 0x0A00_0001
    ) -> [UInt8] {
        [0x45 + UInt8(options.count / 4), 0] + big16(20 + options.count + payload.count) + big16(identification)
            + big16((more ? 0x2000 : 0) | fragmentOffset / 8) + [64, transport, 0, 0] + big32(source) + [10, 0, 0, 250]
            + options + payload
    }

    static func ipv6(_ payload: [UInt8], next: UInt8 = 17) -> [UInt8] {
        [0x60, 0, 0, 0] + big16(payload.count) + [next, 64]
            + [0xFD] + [UInt8](repeating: 0, count: 14) + [1]
            + [0xFD] + [UInt8](repeating: 0, count: 14) + [2] + payload
    }

    static func ipv6Fragment(
        _ part: [UInt8], next: UInt8 = 17, identification: Int = 1, offset: Int, more: Bool
    ) -> [UInt8] {
        ipv6([next, 0] + big16(offset | (more ? 1 : 0)) + big32(identification) + part, next: 44)
    }

    static func ethernet(_ packet: [UInt8], tags: [Int] = [], type: Int? = nil) -> [UInt8] {
        let isIPv6 = packet.first.map { $0 >> 4 == 6 } ?? false
        return [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1] + tags.flatMap { big16($0) + big16(100) }
            + big16(type ?? (isIPv6 ? 0x86DD : 0x0800)) + packet
    }
}

/// A datagram found, with its payload.
struct Found: Equatable {
    var source: String
    var sourcePort: UInt16
    var destination: String
    var destinationPort: UInt16
    var payload: [UInt8]
}

/// Decodes frames of one link type, a second apart unless `times` says otherwise (nanoseconds).
func decode(
    _ frames: [[UInt8]], linkType: Int = 1, times: [Int64]? = nil, cut: Int? = nil
) -> (found: [Found], counters: FrameCounters) {
    var capture = CaptureBuilder(isLittle: true)
    capture.pcapHeader(magic: 0xA1B2_3C4D, linkType: linkType)
    for (index, frame) in frames.enumerated() {
        let time = times?[index] ?? Int64(index) * 1_000_000_000
        capture.pcapRecord(
            seconds: Int(time / 1_000_000_000), fraction: Int(time % 1_000_000_000),
            cut.map { Array(frame.prefix($0)) } ?? frame,
            original: frame.count)
    }
    return decode(capture: capture.bytes)
}

func decode(capture: [UInt8]) -> (found: [Found], counters: FrameCounters) {
    var found: [Found] = []
    do throws(CaptureError) {
        var reader = DatagramReader(try CaptureFile(name: "test", content: capture))
        do throws(CaptureError) {
            while let datagram = try reader.next() {
                let payload = reader.withPayload(of: datagram) { copy($0) }
                found.append(
                    Found(
                        source: datagram.source.description, sourcePort: datagram.sourcePort,
                        destination: datagram.destination.description, destinationPort: datagram.destinationPort,
                        payload: payload))
            }
        } catch {
            // A capture that ends early is looked at as far as it goes.
        }
        return (found, reader.counters)
    } catch {
        return (found, FrameCounters())
    }
}

extension FrameCounters {
    /// Every frame has one outcome.
    var isBalanced: Bool {
        frames == datagrams + fragmentsHeld + FrameRefusal.allCases.reduce(0) { $0 + self[$1] }
    }
}
