// The unit of a capture's time stamps. pcap knows microseconds and nanoseconds; a pcapng interface may choose any
// negative power of ten or two (option if_tsresol), so the conversion is a topic of its own.

/// Converts an interface's time stamps to nanoseconds.
struct TimestampResolution: Sendable {
    private enum Conversion {
        case times(UInt64)
        case over(UInt128)
        /// Nanoseconds = ticks × 10⁹ >> bits.
        case binary(UInt8)
    }

    private let conversion: Conversion

    static let microseconds = TimestampResolution(option: 6)
    static let nanoseconds = TimestampResolution(option: 9)

    /// `option` as if_tsresol holds it: the exponent, of two when the top bit is set, else of ten.
    /// Source: draft-ietf-opsawg-pcapng, section 4.2.
    init(option: UInt8) {
        let exponent = option & 0x7F
        if option & 0x80 != 0 {
            conversion = .binary(exponent)
        } else if exponent <= 9 {
            conversion = .times((0..<(9 - exponent)).reduce(1) { product, _ in product * 10 })
        } else {
            // 2⁶⁴ ticks of 10⁻²⁹ s are below a nanosecond: any larger divisor gives 0 as well.
            conversion = .over((0..<Swift.min(exponent - 9, 30)).reduce(1) { product, _ in product * 10 })
        }
    }

    /// Nil when the time does not fit into 64 bits.
    func nanoseconds(ticks: UInt64) -> Int64? {
        switch conversion {
        case .times(let factor):
            let (product, overflow) = ticks.multipliedReportingOverflow(by: factor)
            return overflow ? nil : Int64(exactly: product)
        case .over(let divisor):
            return Int64(exactly: UInt128(ticks) / divisor)
        case .binary(let bits):
            return Int64(exactly: (UInt128(ticks) * 1_000_000_000) >> UInt128(bits))
        }
    }
}
