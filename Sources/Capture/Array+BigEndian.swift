// Appending of network-order fields: what the frame writer and the simulator compose their bytes with.

import Bytes

extension [UInt8] {
    mutating func append16(_ value: UInt16) {
        append(UInt8(truncatingIfNeeded: value >> 8))
        append(UInt8(truncatingIfNeeded: value))
    }

    mutating func append32(_ value: UInt32) {
        append16(UInt16(truncatingIfNeeded: value >> 16))
        append16(UInt16(truncatingIfNeeded: value))
    }

    mutating func append64(_ value: UInt64) {
        append32(UInt32(truncatingIfNeeded: value >> 32))
        append32(UInt32(truncatingIfNeeded: value))
    }

    mutating func append(_ address: MACAddress) {
        append16(UInt16(truncatingIfNeeded: address.bits >> 32))
        append32(UInt32(truncatingIfNeeded: address.bits))
    }

    /// 4 bytes or 16.
    mutating func append(_ address: IPAddress) {
        if address.isIPv6 {
            append64(address.high)
            append64(address.low)
        } else {
            append32(UInt32(truncatingIfNeeded: address.low))
        }
    }

    mutating func append(_ bytes: RawSpan) {
        reserveCapacity(count + bytes.byteCount)
        for offset in 0..<bytes.byteCount {
            if let byte = try? bytes.uint8(at: offset) { append(byte) }
        }
    }

    mutating func overwrite16(_ value: UInt16, at offset: Int) {
        self[offset] = UInt8(truncatingIfNeeded: value >> 8)
        self[offset + 1] = UInt8(truncatingIfNeeded: value)
    }

    mutating func overwrite32(_ value: UInt32, at offset: Int) {
        overwrite16(UInt16(truncatingIfNeeded: value >> 16), at: offset)
        overwrite16(UInt16(truncatingIfNeeded: value), at: offset + 2)
    }
}
