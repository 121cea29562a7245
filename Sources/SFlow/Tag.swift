/// The number of a sample or record format: an enterprise and a format of its own. Samples, flow records and counter
/// records are three separate number spaces; a tag alone does not say which.
///
/// ```
///  31                            12 11                 0
/// +--------------------------------+--------------------+
/// | IANA private enterprise number |       format       |   0 = sFlow.org
/// +--------------------------------+--------------------+
/// ```
/// Source: sFlow version 5, section 5, `data_format`.
public struct Tag: RawRepresentable, Hashable, Comparable, Sendable, BitwiseCopyable, CustomStringConvertible {
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Keeps the low 20 bits of `enterprise` and the low 12 of `format`, as many as the word has room for.
    public init(_ enterprise: UInt32, _ format: UInt32) {
        rawValue = enterprise << 12 | format & 0xFFF
    }

    public var enterprise: UInt32 { rawValue >> 12 }
    public var format: UInt32 { rawValue & 0xFFF }

    /// "0:1", "4300:1002".
    public var description: String { "\(enterprise):\(format)" }

    public static func < (a: Tag, b: Tag) -> Bool { a.rawValue < b.rawValue }
}

extension Tag {
    // Sample formats. Source: sFlow version 5, section 5, and sFlow Dropped Packet Notification Structures.
    @inlinable static var flowSample: UInt32 { 1 }
    @inlinable static var counterSample: UInt32 { 2 }
    @inlinable static var expandedFlowSample: UInt32 { 3 }
    @inlinable static var expandedCounterSample: UInt32 { 4 }
    @inlinable static var discardedPacket: UInt32 { 5 }

    // Vendor sample formats, known from implementations: InMon's named metrics and flows, Foundry's ACL samples.
    @inlinable static var namedMetrics: UInt32 { 4300 << 12 | 1002 }
    @inlinable static var namedFlow: UInt32 { 4300 << 12 | 1003 }
    @inlinable static var aclTriggeredSample: UInt32 { 1991 << 12 | 1 }
}
