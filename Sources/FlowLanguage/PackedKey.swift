// Packed keys: how values become bytes and bytes become text.
//
// A packed key is its components one after another, each with a tag that says what it is, so that the text can be made
// from the bytes alone, by any process of the cluster:
//
// ```
// 10…18   number, that many bytes less 10 (hex), big-endian without leading zeros: 0 has none, 443 has two
// 20      floating point, 8 bytes, ordered (sign flipped, negative ones inverted)
// 28 29   false, true
// 31…40   bit string of 1…16 digits, 2 bytes
// 48      MAC address, 6 bytes
// 50 51   IPv4 address, 4 bytes; IPv4 prefix, 4 bytes and the length
// 58 59   IPv6 address, 16 bytes; IPv6 prefix, 16 bytes and the length
// 60      text, 2 bytes of length, UTF-8
// ```
//
// A text that is a decimal number is packed as that number, so that a port that a map names `80` and the port 80 are
// one flow. Order of keys (which breaks ties between equal flows) is the order of the bytes: within a component numbers
// come first and sort numerically, then flags, bits, addresses; texts come last, shorter ones first.
//
// The format is part of what nodes of a cluster send each other: tags are added, never reused.

internal import Bytes

enum KeyTag {
    static let number: UInt8 = 0x10
    static let float: UInt8 = 0x20
    static let isFalse: UInt8 = 0x28
    static let bits: UInt8 = 0x30
    static let mac: UInt8 = 0x48
    static let ipv4: UInt8 = 0x50
    static let ipv4Prefix: UInt8 = 0x51
    static let ipv6: UInt8 = 0x58
    static let ipv6Prefix: UInt8 = 0x59
    static let text: UInt8 = 0x60

    /// Bytes of the longest component that is no text.
    static let fixedBytesMax = 18
}

extension FixedBytes {
    /// Appends a component.
    /// - Parameters:
    ///   - text: the buffer that text values refer to.
    ///   - reserved: bytes to leave free for the components behind this one; a text is cut to that end.
    @inline(__always)
    mutating func pack(_ value: Value, text: borrowing FixedBytes, reserved: Int = 0) {
        switch value.kind {
        case .null: break
        case .number: packNumber(value.low)
        case .ipv4:
            append(highBytesOf: UInt64(KeyTag.ipv4) << 56 | (value.low & 0xFFFF_FFFF) << 24, 5)
        case .mac:
            append(highBytesOf: UInt64(KeyTag.mac) << 56 | value.low << 8, 7)
        case .ipv6:
            append(KeyTag.ipv6)
            append(highBytesOf: value.high, 8)
            append(highBytesOf: value.low, 8)
        case .boolean: append(KeyTag.isFalse + UInt8(value.low & 1))
        case .bits: append(highBytesOf: UInt64(KeyTag.bits + value.width) << 56 | (value.low & 0xFFFF) << 40, 3)
        default: packRare(value, text: text, reserved: reserved)
        }
    }

    @inline(__always)
    private mutating func packNumber(_ number: UInt64) {
        let byteCount = (71 &- number.leadingZeroBitCount) &>> 3
        guard byteCount < 8 else {
            append(KeyTag.number + 8)
            return append(highBytesOf: number, 8)
        }
        // Tag and digits in one word: at most 8 bytes.
        let tag = UInt64(KeyTag.number + UInt8(truncatingIfNeeded: byteCount))
        append(highBytesOf: tag << 56 | number &<< UInt64(56 &- 8 &* byteCount), byteCount &+ 1)
    }

    @inline(never)
    private mutating func packRare(_ value: Value, text: borrowing FixedBytes, reserved: Int) {
        switch value.kind {
        case .float:
            append(KeyTag.float)
            append(highBytesOf: value.low >> 63 == 0 ? value.low | 1 << 63 : ~value.low, 8)
        case .ipv4Prefix:
            append(KeyTag.ipv4Prefix)
            append(highBytesOf: value.low << 32, 4)
            append(value.width)
        case .ipv6Prefix:
            append(KeyTag.ipv6Prefix)
            append(highBytesOf: value.high, 8)
            append(highBytesOf: value.low, 8)
            append(value.width)
        default:
            let range = value.textRange
            if let number = text.decimalNumber(range) { return packNumber(number) }
            let room = max(0, free - 3 - max(0, reserved))
            let kept = text.wholeCharacters(in: range, limit: min(room, FlowLimits.valueTextBytes))
            append(KeyTag.text)
            append(highBytesOf: UInt64(kept) << 48, 2)
            append(range.lowerBound..<range.lowerBound + kept, of: text)
        }
    }

    /// The number that the text is in its usual decimal form: no sign, no leading zero, below 2^64.
    borrowing func decimalNumber(_ range: Range<Int>) -> UInt64? {
        guard (1...20).contains(range.count), range.count == 1 || self[range.lowerBound] != UInt8(ascii: "0") else {
            return nil
        }
        var number: UInt64 = 0
        for index in range {
            let digit = self[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            let (tens, isTooLarge) = number.multipliedReportingOverflow(by: 10)
            let (sum, isOverflowing) = tens.addingReportingOverflow(UInt64(digit))
            guard !isTooLarge, !isOverflowing else { return nil }
            number = sum
        }
        return number
    }

    /// Bytes of the longest beginning of the text that fits into `limit` and does not end within a character.
    borrowing func wholeCharacters(in range: Range<Int>, limit: Int) -> Int {
        guard range.count > limit else { return range.count }
        var kept = max(0, limit)
        while kept > 0, self[range.lowerBound + kept] & 0xC0 == 0x80 { kept -= 1 }
        return kept
    }
}
