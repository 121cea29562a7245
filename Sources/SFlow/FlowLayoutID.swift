// Which flow record layout a tag stands for, and how short its body may be: the two questions of the hot path. Both are
// answered by a switch, so that finding a record touches no table in memory that is counted or reserved. The layouts
// themselves, field by field, are in ``FlowLayouts``; a test holds both against each other.

/// A flow record format that this module knows: its place in ``FlowLayouts/all``, which is sorted by tag.
public struct FlowLayoutID: Hashable, Sendable, BitwiseCopyable {
    public let index: UInt8

    /// Nil for a format without a layout.
    @inline(__always)
    public init?(_ tag: Tag) {
        let found = FlowLayoutID.index(of: tag.rawValue)
        guard found != FlowLayoutID.none else { return nil }
        index = found
    }

    /// A format of sFlow.org that has a layout.
    @inline(__always)
    private init(standard format: UInt32) { index = FlowLayoutID.index(of: format) }

    public var layout: RecordLayout { FlowLayouts.all[Int(index)] }

    private static let none: UInt8 = 255

    @inline(__always)
    private static func index(of tag: UInt32) -> UInt8 {
        switch tag {
        case 1...4: UInt8(truncatingIfNeeded: tag - 1)
        case 1001...1043: UInt8(truncatingIfNeeded: tag - 1001 + 4)
        case 2000...2003: UInt8(truncatingIfNeeded: tag - 2000 + 47)
        case 2100...2103: UInt8(truncatingIfNeeded: tag - 2100 + 51)
        case 2200...2210: UInt8(truncatingIfNeeded: tag - 2200 + 55)
        case 4413 << 12 | 1: 66
        case 43874 << 12 | 1...43874 << 12 | 3: UInt8(truncatingIfNeeded: tag - (43874 << 12 | 1) + 67)
        default: none
        }
    }
}

extension FlowLayoutID {
    public static var sampledHeader: FlowLayoutID { FlowLayoutID(standard: 1) }
    public static var sampledEthernet: FlowLayoutID { FlowLayoutID(standard: 2) }
    public static var sampledIPv4: FlowLayoutID { FlowLayoutID(standard: 3) }
    public static var sampledIPv6: FlowLayoutID { FlowLayoutID(standard: 4) }
    public static var extendedSwitch: FlowLayoutID { FlowLayoutID(standard: 1001) }
    public static var extendedRouter: FlowLayoutID { FlowLayoutID(standard: 1002) }
    public static var extendedGateway: FlowLayoutID { FlowLayoutID(standard: 1003) }
    public static var extendedUser: FlowLayoutID { FlowLayoutID(standard: 1004) }
    public static var extendedURL: FlowLayoutID { FlowLayoutID(standard: 1005) }
    public static var extendedMPLS: FlowLayoutID { FlowLayoutID(standard: 1006) }
    public static var extendedNAT: FlowLayoutID { FlowLayoutID(standard: 1007) }
    public static var extendedVLANTunnel: FlowLayoutID { FlowLayoutID(standard: 1012) }
    public static var extended80211Payload: FlowLayoutID { FlowLayoutID(standard: 1013) }
    public static var extended80211Aggregation: FlowLayoutID { FlowLayoutID(standard: 1016) }
    public static var extendedNATPort: FlowLayoutID { FlowLayoutID(standard: 1020) }
    public static var extendedL2TunnelEgress: FlowLayoutID { FlowLayoutID(standard: 1021) }
    public static var extendedL2TunnelIngress: FlowLayoutID { FlowLayoutID(standard: 1022) }
    public static var extendedIPv4TunnelEgress: FlowLayoutID { FlowLayoutID(standard: 1023) }
    public static var extendedIPv4TunnelIngress: FlowLayoutID { FlowLayoutID(standard: 1024) }
    public static var extendedIPv6TunnelEgress: FlowLayoutID { FlowLayoutID(standard: 1025) }
    public static var extendedIPv6TunnelIngress: FlowLayoutID { FlowLayoutID(standard: 1026) }
    public static var extendedDecapsulateEgress: FlowLayoutID { FlowLayoutID(standard: 1027) }
    public static var extendedDecapsulateIngress: FlowLayoutID { FlowLayoutID(standard: 1028) }
    public static var extendedVNIEgress: FlowLayoutID { FlowLayoutID(standard: 1029) }
    public static var extendedVNIIngress: FlowLayoutID { FlowLayoutID(standard: 1030) }
    public static var extendedEgressQueue: FlowLayoutID { FlowLayoutID(standard: 1036) }
    public static var extendedACL: FlowLayoutID { FlowLayoutID(standard: 1037) }
    public static var extendedFunction: FlowLayoutID { FlowLayoutID(standard: 1038) }
    public static var extendedTransit: FlowLayoutID { FlowLayoutID(standard: 1039) }
    public static var extendedQueue: FlowLayoutID { FlowLayoutID(standard: 1040) }
    public static var extendedHardwareTrap: FlowLayoutID { FlowLayoutID(standard: 1041) }
    public static var extendedLinuxDropReason: FlowLayoutID { FlowLayoutID(standard: 1042) }
    public static var extendedTimestamp: FlowLayoutID { FlowLayoutID(standard: 1043) }
    public static var extendedSocketIPv4: FlowLayoutID { FlowLayoutID(standard: 2100) }
    public static var extendedSocketIPv6: FlowLayoutID { FlowLayoutID(standard: 2101) }
    public static var extendedProxySocketIPv4: FlowLayoutID { FlowLayoutID(standard: 2102) }
    public static var extendedProxySocketIPv6: FlowLayoutID { FlowLayoutID(standard: 2103) }
    public static var memcacheOperation: FlowLayoutID { FlowLayoutID(standard: 2200) }
    public static var httpRequest: FlowLayoutID { FlowLayoutID(standard: 2206) }
    public static var appOperation: FlowLayoutID { FlowLayoutID(standard: 2202) }
    public static var extendedTCPInfo: FlowLayoutID { FlowLayoutID(standard: 2209) }
    public static var extendedEntities: FlowLayoutID { FlowLayoutID(standard: 2210) }
}
