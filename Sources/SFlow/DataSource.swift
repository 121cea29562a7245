/// What was sampled or counted: an interface, a VLAN, a machine, an application. Compact and expanded samples give the
/// same pair, so that state keyed by it finds the same instance whichever form an agent sends.
/// Source: sFlow version 5, section 5, `sflow_data_source` and `sflow_data_source_expanded`.
public struct DataSource: Hashable, Comparable, Sendable, BitwiseCopyable, CustomStringConvertible {
    /// 0 interface (ifIndex), 1 VLAN, 2 physical entity (a host agent's own machine), 3 logical entity (virtual
    /// machine, container, application); others are kept as they came.
    public let classNumber: UInt32
    public let index: UInt32

    public init(classNumber: UInt32, index: UInt32) {
        self.classNumber = classNumber
        self.index = index
    }

    /// From the one word of a compact sample: class in the top 8 bits.
    @inlinable
    init(compact word: UInt32) {
        self.init(classNumber: word >> 24, index: word & 0xFF_FFFF)
    }

    /// Reads what `description` writes; nil for anything else, signs and leading zeros included.
    public init?(_ text: String) {
        let parts = text.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
        let numbers = parts.compactMap(DataSource.number)
        guard numbers.count == parts.count else { return nil }
        switch numbers.count {
        case 1: self.init(classNumber: 0, index: numbers[0])
        case 2 where numbers[0] != 0: self.init(classNumber: numbers[0], index: numbers[1])
        default: return nil
        }
    }

    /// "4" for interface 4, else class and index: "2.1".
    public var description: String { classNumber == 0 ? "\(index)" : "\(classNumber).\(index)" }

    public static func < (a: DataSource, b: DataSource) -> Bool {
        a.classNumber != b.classNumber ? a.classNumber < b.classNumber : a.index < b.index
    }

    private static func number(_ text: Substring) -> UInt32? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), text.utf8.count == 1 || text.first != "0" else {
            return nil
        }
        return UInt32(text)
    }
}
