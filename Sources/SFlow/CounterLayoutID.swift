// Which counter record layout a tag stands for; see FlowLayoutID.swift for why this is a switch.

/// A counter record format that this module knows: its place in ``CounterLayouts/all``, which is sorted by tag.
public struct CounterLayoutID: Hashable, Sendable, BitwiseCopyable {
    public let index: UInt8

    /// Nil for a format without a layout.
    @inline(__always)
    public init?(_ tag: Tag) {
        let found = CounterLayoutID.index(of: tag.rawValue)
        guard found != CounterLayoutID.none else { return nil }
        index = found
    }

    /// A format of sFlow.org that has a layout.
    @inline(__always)
    private init(standard format: UInt32) { index = CounterLayoutID.index(of: format) }

    public var layout: RecordLayout { CounterLayouts.all[Int(index)] }

    private static let none: UInt8 = 255

    @inline(__always)
    private static func index(of tag: UInt32) -> UInt8 {
        switch tag {
        case 1...11: UInt8(truncatingIfNeeded: tag - 1)
        case 1001...1005: UInt8(truncatingIfNeeded: tag - 1001 + 11)
        case 2000...2010: UInt8(truncatingIfNeeded: tag - 2000 + 16)
        case 2100...2106: UInt8(truncatingIfNeeded: tag - 2100 + 27)
        case 2200...2207: UInt8(truncatingIfNeeded: tag - 2200 + 34)
        case 3000...3003: UInt8(truncatingIfNeeded: tag - 3000 + 42)
        case 4413 << 12 | 1...4413 << 12 | 3: UInt8(truncatingIfNeeded: tag - (4413 << 12 | 1) + 46)
        case 5703 << 12 | 1: 49
        default: none
        }
    }
}

extension CounterLayoutID {
    public static var interfaceCounters: CounterLayoutID { CounterLayoutID(standard: 1) }
    public static var ethernetCounters: CounterLayoutID { CounterLayoutID(standard: 2) }
    public static var vlanCounters: CounterLayoutID { CounterLayoutID(standard: 5) }
    public static var lagPortStatistics: CounterLayoutID { CounterLayoutID(standard: 7) }
    public static var sfp: CounterLayoutID { CounterLayoutID(standard: 10) }
    public static var processor: CounterLayoutID { CounterLayoutID(standard: 1001) }
    public static var queueLength: CounterLayoutID { CounterLayoutID(standard: 1003) }
    public static var openFlowPort: CounterLayoutID { CounterLayoutID(standard: 1004) }
    public static var portName: CounterLayoutID { CounterLayoutID(standard: 1005) }
    public static var hostDescription: CounterLayoutID { CounterLayoutID(standard: 2000) }
    public static var hostAdapters: CounterLayoutID { CounterLayoutID(standard: 2001) }
    public static var hostParent: CounterLayoutID { CounterLayoutID(standard: 2002) }
    public static var hostCPU: CounterLayoutID { CounterLayoutID(standard: 2003) }
    public static var hostMemory: CounterLayoutID { CounterLayoutID(standard: 2004) }
    public static var hostDiskIO: CounterLayoutID { CounterLayoutID(standard: 2005) }
    public static var hostNetIO: CounterLayoutID { CounterLayoutID(standard: 2006) }
    public static var virtualNode: CounterLayoutID { CounterLayoutID(standard: 2100) }
    public static var virtualCPU: CounterLayoutID { CounterLayoutID(standard: 2101) }
    public static var virtualMemory: CounterLayoutID { CounterLayoutID(standard: 2102) }
    public static var virtualDiskIO: CounterLayoutID { CounterLayoutID(standard: 2103) }
    public static var virtualNetIO: CounterLayoutID { CounterLayoutID(standard: 2104) }
    public static var jvmRuntime: CounterLayoutID { CounterLayoutID(standard: 2105) }
    public static var jvmStatistics: CounterLayoutID { CounterLayoutID(standard: 2106) }
    public static var httpCounters: CounterLayoutID { CounterLayoutID(standard: 2201) }
    public static var appOperations: CounterLayoutID { CounterLayoutID(standard: 2202) }
    public static var appResources: CounterLayoutID { CounterLayoutID(standard: 2203) }
    public static var appWorkers: CounterLayoutID { CounterLayoutID(standard: 2206) }
}
