// One prefix of an address group, as users write it.

package import Bytes

/// The addresses that share their first `length` bits. Host bits are 0.
package struct AddressPrefix: Hashable, Sendable, CustomStringConvertible, LosslessStringConvertible {
    package let address: IPAddress
    /// Unit: bits, 0–32 or 0–128.
    package let length: Int

    /// nil when there are not that many bits. Host bits are cleared.
    package init?(_ address: IPAddress, length: Int) {
        guard (0...(address.isIPv6 ? 128 : 32)).contains(length) else { return nil }
        self.length = length
        if address.isIPv6 {
            self.address = IPAddress(
                v6High: address.high & AddressPrefix.mask(length), low: address.low & AddressPrefix.mask(length - 64))
        } else {
            // The mask of 32 + length bits over a word whose upper half is 0.
            self.address = IPAddress(v4: UInt32(truncatingIfNeeded: address.low & AddressPrefix.mask(32 + length)))
        }
    }

    /// `10.0.0.0/8`, `FC00::/7`, or an address by itself.
    package init?(_ text: String) {
        let parts = text.trimmed.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(String(first)) else { return nil }
        guard parts.count == 2 else {
            self.init(address, length: address.isIPv6 ? 128 : 32)
            return
        }
        // `Int` alone would take a sign.
        guard (1...3).contains(parts[1].utf8.count), parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let length = Int(parts[1])
        else { return nil }
        self.init(address, length: length)
    }

    package var description: String {
        length == (address.isIPv6 ? 128 : 32) ? address.description : "\(address)/\(length)"
    }

    /// The first `count` bits of a word; none below 1, all above 63.
    private static func mask(_ count: Int) -> UInt64 { count <= 0 ? 0 : UInt64.max << UInt64(64 - min(count, 64)) }
}
