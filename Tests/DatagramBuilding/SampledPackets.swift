// Flow samples with a frame in them, for tests of flows and of hosts.

package import Bytes
package import SFlow

extension Framed {
    /// A flow sample of a frame with an IPv4 header, taken at `source`, on the way in unless `isEgress`.
    /// - Parameter frameBytes: length of the frame on the wire with its FCS: what `bytes` counts.
    package static func packet(
        _ sequence: UInt32, _ source: DataSource, rate: UInt32 = 1_000, from: UInt32, to: UInt32, frameBytes: UInt32 = 1_000,
        protocolNumber: UInt8 = 6, timeToLive: UInt8 = 64, isEgress: Bool = false
    ) -> Framed {
        let total = UInt16(truncatingIfNeeded: frameBytes &- 18)
        var header: [UInt8] = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0]
        header += [UInt8(total >> 8), UInt8(truncatingIfNeeded: total), 0, 1, 0, 0, timeToLive, protocolNumber, 0, 0]
        header += bigEndian(from) + bigEndian(to)
        return frame(sequence, source, rate: rate, frameBytes: frameBytes, isEgress: isEgress, header)
    }

    /// A frame from a host: Ethernet, with a tag if `vlan` says so, and the header of the sender's family.
    /// - Parameter switchVLAN: extended_switch says that the frame came in on this VLAN.
    package static func fromHost(
        _ sequence: UInt32, _ source: DataSource, mac: UInt64, vlan: UInt16? = nil, address: IPAddress? = nil,
        switchVLAN: UInt32? = nil, isEgress: Bool = false
    ) -> Framed {
        var header: [UInt8] = [2, 0, 0, 0, 0, 1] + bigEndian(mac).dropFirst(2)
        if let vlan { header += [0x81, 0, UInt8(vlan >> 8), UInt8(truncatingIfNeeded: vlan)] }
        switch address {
        case nil: header += [0x88, 0xB5] + [UInt8](repeating: 0, count: 30)
        case let ip? where ip.isIPv6:
            header += [0x86, 0xDD, 0x60, 0, 0, 0, 0, 0, 59, 64] + bigEndian(ip.high) + bigEndian(ip.low)
            header += [UInt8](repeating: 1, count: 16)
        case let ip?:
            header += [8, 0, 0x45, 0, 0, 20, 0, 1, 0, 0, 64, 17, 0, 0] + bigEndian(UInt32(truncatingIfNeeded: ip.low))
            header += [10, 255, 0, 1]
        }
        let extended = switchVLAN.map { vlan in
            // extended_switch, sFlow version 5, section 5.
            Framed(1001) { record in for field in [vlan, 0, vlan, 0] { record.u32(field) } }
        }
        return frame(sequence, source, frameBytes: 100, isEgress: isEgress, header, extended.map { [$0] } ?? [])
    }

    /// A flow sample of a frame that begins with these bytes.
    private static func frame(
        _ sequence: UInt32, _ source: DataSource, rate: UInt32 = 1_000, frameBytes: UInt32, isEgress: Bool, _ header: [UInt8],
        _ further: [Framed] = []
    ) -> Framed {
        Framed(1) { sample in
            sample.u32(sequence)
            sample.u32(source.classNumber << 24 | source.index)
            sample.u32(rate)
            sample.u32(sequence &* rate)
            sample.u32(0)
            sample.u32(isEgress ? 0 : source.index)
            sample.u32(isEgress ? source.index : 0)
            sample.u32(UInt32(1 + further.count))
            let sampled = Framed(1) { record in
                record.u32(1)
                record.u32(frameBytes)
                record.u32(4)
                record.u32(UInt32(header.count))
                record.fixed(header)
            }
            for record in [sampled] + further { sample.framed(record.tag, record.body) }
        }
    }

    private static func bigEndian(_ number: some FixedWidthInteger) -> [UInt8] {
        stride(from: number.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> $0) }
    }
}
