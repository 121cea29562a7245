/// An IPv4 or IPv6 address. IPv4 addresses sort before IPv6 ones, each family numerically.
public struct IPAddress: Hashable, Comparable, Sendable, BitwiseCopyable {
    /// High 64 bits of an IPv6 address; 0 for IPv4.
    public let high: UInt64
    /// Low 64 bits of an IPv6 address; the 32 bits of an IPv4 one.
    public let low: UInt64
    public let isIPv6: Bool

    @inlinable
    public init(v4: UInt32) {
        high = 0
        low = UInt64(v4)
        isIPv6 = false
    }

    @inlinable
    public init(v6High: UInt64, low: UInt64) {
        self.high = v6High
        self.low = low
        isIPv6 = true
    }

    /// An IPv4-mapped IPv6 address (::ffff:a.b.c.d, RFC 4291 section 2.5.5.2) as the IPv4 address it stands for, so
    /// that one device is one agent whichever form it sends.
    @inlinable
    public var unmapped: IPAddress {
        guard isIPv6, high == 0, low >> 32 == 0xFFFF else { return self }
        return IPAddress(v4: UInt32(truncatingIfNeeded: low))
    }

    @inlinable
    public static func < (a: IPAddress, b: IPAddress) -> Bool {
        if a.isIPv6 != b.isIPv6 { return b.isIPv6 }
        return a.high != b.high ? a.high < b.high : a.low < b.low
    }

    /// The hash that places an agent on a shard. It is part of the cluster's contract and never changes: two rounds of
    /// the splitmix64 finaliser (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014,
    /// figure 16) over the family and the two halves. Not for hash tables keyed by attackers: it has no seed.
    @inlinable
    public var stableHash: UInt64 {
        IPAddress.mix(IPAddress.mix(high &+ (isIPv6 ? 0x9E37_79B9_7F4A_7C15 : 0)) ^ low)
    }

    @inlinable
    static func mix(_ value: UInt64) -> UInt64 {
        var z = value &+ 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
