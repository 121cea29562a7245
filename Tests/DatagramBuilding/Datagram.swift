// sFlow datagrams written field by field, so that a test reads like the packet it sends. Shared by the tests of the
// engine, of queries and of workers; the layouts are those of sFlow version 5, section 5.

package import Bytes

/// XDR: big-endian words, everything padded to four bytes.
package struct XDR: Hashable, Sendable {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    package mutating func u32(_ value: UInt32) {
        for shift: UInt32 in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }

    package mutating func u64(_ value: UInt64) {
        u32(UInt32(truncatingIfNeeded: value >> 32))
        u32(UInt32(truncatingIfNeeded: value))
    }

    package mutating func f32(_ value: Float) { u32(value.bitPattern) }
    package mutating func f64(_ value: Double) { u64(value.bitPattern) }
    package mutating func mac(_ value: UInt64) { u64(value << 16) }

    package mutating func string(_ text: String) {
        u32(UInt32(text.utf8.count))
        fixed(Array(text.utf8))
    }

    /// Bytes without a length word, padded.
    package mutating func fixed(_ content: [UInt8]) {
        bytes += content
        while bytes.count % 4 != 0 { bytes.append(0) }
    }

    /// A tag, a length, a body.
    package mutating func framed(_ tag: UInt32, _ body: [UInt8]) {
        u32(tag)
        u32(UInt32(body.count))
        bytes += body
    }
}

/// A record or sample: its format and its body.
package struct Framed: Hashable, Sendable {
    package var tag: UInt32
    package var body: [UInt8]

    package init(enterprise: UInt32 = 0, _ format: UInt32, _ write: (inout XDR) -> Void) {
        tag = enterprise << 12 | format
        var writer = XDR()
        write(&writer)
        body = writer.bytes
    }
}

package struct Datagram: Hashable, Sendable {
    package var agent: IPAddress
    package var subAgent: UInt32
    package var sequence: UInt32
    /// Unit: milliseconds.
    package var uptime: UInt32
    package var samples: [Framed]

    package init(
        agent: IPAddress = IPAddress(v4: 0x0A00_0001), subAgent: UInt32 = 0, sequence: UInt32, uptime: UInt32,
        _ samples: [Framed] = []
    ) {
        self.agent = agent
        self.subAgent = subAgent
        self.sequence = sequence
        self.uptime = uptime
        self.samples = samples
    }

    package var bytes: [UInt8] {
        var writer = XDR()
        writer.u32(5)
        writer.u32(agent.isIPv6 ? 2 : 1)
        if agent.isIPv6 {
            writer.u64(agent.high)
            writer.u64(agent.low)
        } else {
            writer.u32(UInt32(agent.low))
        }
        writer.u32(subAgent)
        writer.u32(sequence)
        writer.u32(uptime)
        writer.u32(UInt32(samples.count))
        for sample in samples { writer.framed(sample.tag, sample.body) }
        return writer.bytes
    }
}
