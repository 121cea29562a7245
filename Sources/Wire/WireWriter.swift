// The form in which nodes of a cluster send each other values: fields one after the other, in the order of the type, without
// names or tags. What a message's fields are follows from the protocol version that two nodes have agreed on.
//
//     unsigned   1–10 bytes   seven bits a byte, lowest first, the high bit says that more follow (LEB128)
//     signed     1–10 bytes   zigzag: 0, -1, 1, -2 … as unsigned 0, 1, 2, 3 …
//     word       8 bytes      least significant byte first
//     number     8 bytes      bit pattern of the Double as a word
//     bytes      unsigned n, then n bytes
//     list       unsigned n, then n values
//     dictionary list of keys and values, by ascending key
//     optional   0, or 1 and the value

package struct WireWriter: Sendable {
    package private(set) var bytes: [UInt8] = []

    package init(reservingBytes count: Int = 0) { bytes.reserveCapacity(count) }

    package mutating func write(byte: UInt8) { bytes.append(byte) }

    package mutating func write(unsigned value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    package mutating func write(signed value: Int64) {
        write(unsigned: UInt64(bitPattern: value << 1 ^ value >> 63))
    }

    package mutating func write(word: UInt64) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: word >> shift)) }
    }

    package mutating func write(number: Double) { write(word: number.bitPattern) }

    package mutating func write(bytes other: [UInt8]) {
        write(unsigned: UInt64(other.count))
        bytes += other
    }

    package mutating func write(text: String) {
        write(unsigned: UInt64(text.utf8.count))
        bytes += text.utf8
    }

    package mutating func write(_ value: some WireCodable) { value.encode(into: &self) }
}
