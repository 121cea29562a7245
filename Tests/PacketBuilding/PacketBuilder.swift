// Builds packets field by field, innermost last: `ethernet(0x0800, ipv4(6, tcp(443, 51000)))`. Lengths are computed
// from what is inside; checksums are left 0, since nothing here reads them.

package typealias Octets = [UInt8]

package func be16(_ value: Int) -> Octets { [UInt8(value >> 8 & 255), UInt8(value & 255)] }
package func be24(_ value: Int) -> Octets { [UInt8(value >> 16 & 255)] + be16(value & 0xFFFF) }
package func be32(_ value: Int) -> Octets { be16(value >> 16 & 0xFFFF) + be16(value & 0xFFFF) }
package func zeros(_ count: Int) -> Octets { Octets(repeating: 0, count: count) }

package let macA: Octets = [0x02, 0x00, 0x5E, 0x00, 0x53, 0x01]
package let macB: Octets = [0x02, 0x00, 0x5E, 0x00, 0x53, 0x02]

// Link layer.

package func ethernet(_ type: Int, _ payload: Octets = [], to: Octets = macA, from: Octets = macB) -> Octets {
    to + from + be16(type) + payload
}

/// IEEE 802.3 with a length.
package func ieee8023(_ payload: Octets) -> Octets { macA + macB + be16(payload.count) + payload }
package func snap(organisation: Int, _ type: Int, _ payload: Octets) -> Octets {
    [0xAA, 0xAA, 0x03] + be24(organisation) + be16(type) + payload
}
/// What follows type 0x8100.
package func vlan(_ id: Int, priority: Int = 0, dropEligible: Bool = false, _ type: Int, _ payload: Octets) -> Octets {
    be16(priority << 13 | (dropEligible ? 0x1000 : 0) | id) + be16(type) + payload
}
package func label(_ value: Int, trafficClass: Int = 0, bottom: Bool, ttl: Int = 64, _ payload: Octets) -> Octets {
    be32(value << 12 | trafficClass << 9 | (bottom ? 0x100 : 0) | ttl) + payload
}
package func arp(_ operation: Int, hardware: Int = 1) -> Octets {
    be16(hardware) + be16(0x0800) + [6, 4] + be16(operation) + macB + [10, 0, 0, 1] + macA + [10, 0, 0, 2]
}
/// RFC 2516.
package func pppoe(session: Int, code: UInt8 = 0, _ payload: Octets) -> Octets {
    [0x11, code] + be16(session) + be16(payload.count) + payload
}

// Network layer.

package func ipv4(
    _ protocolNumber: UInt8, _ payload: Octets = [], tos: UInt8 = 0, flagsAndOffset: Int = 0x4000,
    totalLength: Int? = nil,
    options: Octets = []
) -> Octets {
    let header = 20 + options.count
    return [0x40 | UInt8(header / 4), tos] + be16(totalLength ?? header + payload.count) + be16(0x1234)
        + be16(flagsAndOffset) + [63, protocolNumber] + be16(0) + [192, 0, 2, 10, 198, 51, 100, 20] + options + payload
}

package let ipv6A: Octets = [0x20, 0x01, 0x0D, 0xB8] + zeros(11) + [1]
package let ipv6B: Octets = [0x20, 0x01, 0x0D, 0xB8] + zeros(11) + [2]

package func ipv6(
    _ next: UInt8, _ payload: Octets = [], trafficClass: Int = 0, flowLabel: Int = 0, payloadLength: Int? = nil
) -> Octets {
    be32(6 << 28 | trafficClass << 20 | flowLabel) + be16(payloadLength ?? payload.count) + [next, 62] + ipv6A + ipv6B
        + payload
}
/// Hop-by-hop, routing, destination options: 8 bytes and `extra` times 8.
package func extensionHeader(next: UInt8, extra: Int = 0, _ payload: Octets) -> Octets {
    [next, UInt8(extra)] + zeros(6 + extra * 8) + payload
}
package func fragment(next: UInt8, offset: Int, more: Bool, _ payload: Octets) -> Octets {
    [next, 0] + be16(offset << 3 | (more ? 1 : 0)) + be32(77) + payload
}
package func authentication(next: UInt8, _ payload: Octets) -> Octets {
    [next, 4] + be16(0) + be32(0xA11CE) + be32(1) + zeros(12) + payload
}

// Layer 4.

package func tcp(_ source: Int, _ destination: Int, flags: Int = 0x10, options: Octets = [], _ payload: Octets = []) -> Octets {
    be16(source) + be16(destination) + be32(0x0102_0304) + be32(0x0506_0708)
        + be16((5 + options.count / 4) << 12 | flags) + be16(0xFAF0) + be32(0) + options + payload
}
package func udp(_ source: Int, _ destination: Int, _ payload: Octets = [], length: Int? = nil) -> Octets {
    be16(source) + be16(destination) + be16(length ?? 8 + payload.count) + be16(0) + payload
}
package func icmp(_ type: UInt8, _ code: UInt8, _ rest: Octets) -> Octets { [type, code] + be16(0) + rest }

// Tunnels.

package func gre(_ flags: Int, _ type: Int, fields: Octets = [], _ payload: Octets) -> Octets {
    be16(flags) + be16(type) + fields + payload
}
package func vxlan(_ network: Int, flags: UInt8 = 0x08, next: UInt8 = 0, _ payload: Octets) -> Octets {
    [flags, 0, 0, next] + be24(network) + [0] + payload
}
package func geneve(_ network: Int, _ type: Int, options: Octets = [], _ payload: Octets) -> Octets {
    [UInt8(options.count / 4), 0] + be16(type) + be24(network) + [0] + options + payload
}
package func gtp(flags: UInt8, message: UInt8 = 255, fields: Octets = [], _ payload: Octets) -> Octets {
    [flags, message] + be16(fields.count + payload.count) + be32(0xCAFE) + fields + payload
}
/// InfiniBand base transport header.
package func bth(_ opcode: UInt8, flags: UInt8 = 0xC0, _ payload: Octets = []) -> Octets {
    [opcode, flags] + be16(0xFFFF) + [0] + be24(0x00ABCD) + [0x80] + be24(0x123456) + payload
}
package func dns(flags: Int = 0x0100, questions: Int = 1, _ labels: [String], type: Int = 1) -> Octets {
    var message: Octets = be16(0xBEEF) + be16(flags) + be16(questions) + zeros(6)
    for label in labels {
        message.append(UInt8(label.utf8.count))
        message += Octets(label.utf8)
    }
    message.append(0)
    return message + be16(type) + be16(1)
}
