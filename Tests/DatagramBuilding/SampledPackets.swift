// Flow samples with an IPv4 packet in them, for tests of flows.

package import SFlow

extension Framed {
    /// A flow sample of a frame with an IPv4 header, taken at `source`, on the way in unless `isEgress`.
    /// - Parameter frameBytes: length of the frame on the wire with its FCS: what `bytes` counts.
    package static func packet(
        _ sequence: UInt32, _ source: DataSource, rate: UInt32 = 1_000, from: UInt32, to: UInt32, frameBytes: UInt32 = 1_000,
        protocolNumber: UInt8 = 6, timeToLive: UInt8 = 64, isEgress: Bool = false
    ) -> Framed {
        Framed(1) { sample in
            sample.u32(sequence)
            sample.u32(source.classNumber << 24 | source.index)
            sample.u32(rate)
            sample.u32(sequence &* rate)
            sample.u32(0)
            sample.u32(isEgress ? 0 : source.index)
            sample.u32(isEgress ? source.index : 0)
            sample.u32(1)
            let record = sampledHeader(from, to, frameBytes, protocolNumber, timeToLive)
            sample.framed(record.tag, record.body)
        }
    }

    private static func sampledHeader(
        _ from: UInt32, _ to: UInt32, _ frameBytes: UInt32, _ protocolNumber: UInt8, _ timeToLive: UInt8
    ) -> Framed {
        Framed(1) { record in
            record.u32(1)
            record.u32(frameBytes)
            record.u32(4)
            record.u32(34)
            let total = UInt16(truncatingIfNeeded: frameBytes &- 18)
            var header: [UInt8] = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0]
            header += [UInt8(total >> 8), UInt8(truncatingIfNeeded: total), 0, 1, 0, 0, timeToLive, protocolNumber, 0, 0]
            for address in [from, to] {
                for shift: UInt32 in [24, 16, 8, 0] { header.append(UInt8(truncatingIfNeeded: address >> shift)) }
            }
            record.fixed(header)
        }
    }
}
