/// Where a sampled packet came in or went out: an interface, several, none, or the device itself. Never one integer:
/// the compact and the expanded form put the same meanings into different bits, and an expanded ifIndex may use all 32.
/// Source: sFlow version 5, section 5, `interface` and `interface_expanded`, and the errata on internal interfaces.
public struct Interface: Hashable, Sendable, BitwiseCopyable {
    public enum Kind: UInt8, Sendable, BitwiseCopyable {
        /// Not known; the value is 0, or what came with an undefined format.
        case unknown
        /// One interface; the value is its ifIndex.
        case single
        /// Not forwarded; the value is a reason code, see ``DiscardReason``. Output only.
        case discarded
        /// Several egress interfaces; the value is how many, 0 when that is not known. Output only.
        case multiple
        /// From or to the device itself.
        case `internal`
    }

    public let kind: Kind
    public let value: UInt32

    public init(kind: Kind, value: UInt32) {
        self.kind = kind
        self.value = value
    }

    public static let unknown = Interface(kind: .unknown, value: 0)

    /// The ifIndex, when there is exactly one.
    public var ifIndex: UInt32? { kind == .single ? value : nil }

    /// The marker of an internal interface in a compact word; several agents send it in expanded samples too.
    @usableFromInline static let internalCompact: UInt32 = 0x3FFF_FFFF
    @usableFromInline static let internalExpanded: UInt32 = 0xFFFF_FFFF

    /// An undefined format keeps `raw`, the word as it came.
    @inlinable
    init(format: UInt32, value: UInt32, raw: UInt32, isExpanded: Bool) {
        switch format {
        case 0 where value == 0: self.init(kind: .unknown, value: 0)
        case 0 where value == Interface.internalCompact || isExpanded && value == Interface.internalExpanded:
            self.init(kind: .internal, value: 0)
        case 0: self.init(kind: .single, value: value)
        case 1: self.init(kind: .discarded, value: value)
        case 2: self.init(kind: .multiple, value: value)
        default: self.init(kind: .unknown, value: raw)
        }
    }

    /// Format in the top 2 bits, value in the low 30.
    @inlinable
    init(compact word: UInt32) {
        self.init(format: word >> 30, value: word & 0x3FFF_FFFF, raw: word, isExpanded: false)
    }

    @inlinable
    init(format: UInt32, expanded value: UInt32) {
        self.init(format: format, value: value, raw: value, isExpanded: true)
    }

    /// A plain ifIndex without format bits, as discarded packets carry it; 0 is unknown.
    public init(plain ifIndex: UInt32) {
        self.init(kind: ifIndex == 0 ? .unknown : .single, value: ifIndex)
    }
}
