// IP and UDP headers, composed: by the capture writer for whole frames, by the simulator for the frames it "samples".

import Bytes

/// The checksum of RFC 1071 over 16-bit words, the last one padded with zero.
struct InternetChecksum {
    private var sum: UInt64 = 0

    /// `range` must start at an even distance from the start of the data summed before.
    mutating func add(_ bytes: [UInt8], _ range: Range<Int>) {
        var index = range.lowerBound
        while index + 1 < range.upperBound {
            sum += UInt64(bytes[index]) << 8 | UInt64(bytes[index + 1])
            index += 2
        }
        if index < range.upperBound { sum += UInt64(bytes[index]) << 8 }
    }

    mutating func add(_ value: Int) { sum += UInt64(value) }

    var value: UInt16 {
        var folded = sum
        while folded > 0xFFFF { folded = folded & 0xFFFF + folded >> 16 }
        return ~UInt16(folded)
    }
}

/// The fields of an IP header that vary in what this module writes.
struct IPHeader {
    let source: IPAddress
    let destination: IPAddress
    let transport: UInt8
    let payloadBytes: Int
    let hopLimit: UInt8
    /// IPv4 identification.
    var identification: UInt16 = 0
    /// IPv4 type of service, IPv6 traffic class.
    var trafficClass: UInt8 = 0

    static func lengthBytes(isIPv6: Bool) -> Int { isIPv6 ? 40 : 20 }

    /// Both addresses must be of one family.
    func append(to bytes: inout [UInt8]) {
        if source.isIPv6 {
            bytes.append32(6 << 28 | UInt32(trafficClass) << 20)
            bytes.append16(UInt16(truncatingIfNeeded: payloadBytes))
            bytes.append(transport)
            bytes.append(hopLimit)
            bytes.append(source)
            bytes.append(destination)
            return
        }
        let start = bytes.count
        bytes.append(0x45)
        bytes.append(trafficClass)
        bytes.append16(UInt16(truncatingIfNeeded: 20 + payloadBytes))
        bytes.append16(identification)
        bytes.append16(0x4000)  // do not fragment
        bytes.append(hopLimit)
        bytes.append(transport)
        bytes.append16(0)
        bytes.append(source)
        bytes.append(destination)
        var checksum = InternetChecksum()
        checksum.add(bytes, start..<bytes.count)
        bytes.overwrite16(checksum.value, at: start + 10)
    }
}
