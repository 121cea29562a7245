/// A 48-bit IEEE 802 address in the low bits of one word.
public struct MACAddress: Hashable, Comparable, Sendable, BitwiseCopyable, CustomStringConvertible {
    public let bits: UInt64

    @inlinable
    public init(_ bits: UInt64) { self.bits = bits & 0xFFFF_FFFF_FFFF }

    /// Group bit: the lowest bit of the first byte on the wire.
    @inlinable
    public var isMulticast: Bool { bits >> 40 & 1 == 1 }

    @inlinable
    public var isBroadcast: Bool { bits == 0xFFFF_FFFF_FFFF }

    /// Twelve upper-case hexadecimal digits without separators, as the REST API prints them.
    public var description: String {
        let digits = String(bits, radix: 16, uppercase: true)
        return String(repeating: "0", count: 12 - digits.count) + digits
    }

    @inlinable
    public static func < (a: MACAddress, b: MACAddress) -> Bool { a.bits < b.bits }
}
