// Builds datagrams field by field, so that a test reads like the structure that it sends.

import Bytes
import SFlow

/// Testing has a type of this name too.
typealias Tag = SFlow.Tag

struct WireBuilder {
    private(set) var bytes: [UInt8] = []

    mutating func u32(_ values: UInt32...) {
        for value in values {
            for shift in stride(from: 24, through: 0, by: -8) { bytes.append(UInt8(value >> UInt32(shift) & 255)) }
        }
    }

    mutating func u64(_ values: UInt64...) {
        for value in values { u32(UInt32(value >> 32), UInt32(value & 0xFFFF_FFFF)) }
    }

    mutating func u16(_ values: UInt16...) {
        for value in values { raw([UInt8(value >> 8), UInt8(value & 255)]) }
    }

    mutating func f32(_ values: Float...) {
        for value in values { u32(value.bitPattern) }
    }

    mutating func f64(_ value: Double) { u64(value.bitPattern) }
    mutating func raw(_ more: [UInt8]) { bytes += more }
    mutating func mac(_ address: UInt64) { u64(address << 16) }
    mutating func mac6(_ address: UInt64) { raw((0..<6).map { UInt8(address >> UInt64(40 - 8 * $0) & 255) }) }

    mutating func ip(_ text: String) {
        guard let address = IPAddress(text) else { return }
        if address.isIPv6 { u64(address.high) ; u64(address.low) } else { u32(UInt32(address.low)) }
    }

    /// Type word and address.
    mutating func address(_ text: String) {
        u32(text.contains(":") ? 2 : 1)
        ip(text)
    }

    mutating func opaque(_ more: [UInt8]) {
        u32(UInt32(more.count))
        raw(more)
        while bytes.count % 4 != 0 { bytes.append(0) }
    }

    mutating func text(_ text: String) { opaque(Array(text.utf8)) }

    /// A sample or record: tag, length, body.
    mutating func framed(_ tag: Tag, _ build: (inout WireBuilder) -> Void) {
        var body = WireBuilder()
        build(&body)
        u32(tag.rawValue, UInt32(body.bytes.count))
        raw(body.bytes)
    }

    static func build(_ build: (inout WireBuilder) -> Void) -> [UInt8] {
        var builder = WireBuilder()
        build(&builder)
        return builder.bytes
    }

    /// The head of a version 5 datagram.
    mutating func head(agent: String, subAgent: UInt32, sequence: UInt32, uptime: UInt32, samples: UInt32) {
        u32(5)
        address(agent)
        u32(subAgent, sequence, uptime, samples)
    }

    /// A datagram of one compact flow sample with the records that `build` writes.
    static func flow(records count: UInt32, _ build: (inout WireBuilder) -> Void) -> [UInt8] {
        WireBuilder.build { w in
            w.head(agent: "192.0.2.1", subAgent: 0, sequence: 1, uptime: 1000, samples: 1)
            w.framed(Tag(0, 1)) { s in
                s.u32(1, 7, 100, 100, 0, 7, 9, count)
                build(&s)
            }
        }
    }

    /// A datagram of one compact counter sample.
    static func counters(records count: UInt32, _ build: (inout WireBuilder) -> Void) -> [UInt8] {
        WireBuilder.build { w in
            w.head(agent: "192.0.2.1", subAgent: 0, sequence: 1, uptime: 1000, samples: 1)
            w.framed(Tag(0, 2)) { s in
                s.u32(1, 7, count)
                build(&s)
            }
        }
    }
}
