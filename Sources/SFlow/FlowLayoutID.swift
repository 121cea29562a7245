// Which flow record layout a tag stands for, and how short its body may be: the two questions of the hot path. Both are
// answered by a switch, so that finding a record touches no table in memory that is counted or reserved. The layouts
// themselves, field by field, are in ``FlowLayouts``; a test holds both against each other.

/// A flow record format that this module knows: its place in ``FlowLayouts/all``, which is sorted by tag.
package struct FlowLayoutID: Hashable, Sendable, BitwiseCopyable {
    package let index: UInt8

    /// Nil for a format without a layout.
    @inline(__always)
    package init?(_ tag: Tag) {
        let found = FlowLayoutID.index(of: tag.rawValue)
        guard found != FlowLayoutID.none else { return nil }
        index = found
    }

    /// A format of sFlow.org that has a layout.
    @inline(__always)
    private init(standard format: UInt32) { index = FlowLayoutID.index(of: format) }

    package var layout: RecordLayout { FlowLayouts.all[Int(index)] }

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
    package static var sampledHeader: FlowLayoutID { FlowLayoutID(standard: 1) }
    package static var sampledEthernet: FlowLayoutID { FlowLayoutID(standard: 2) }
    package static var sampledIPv4: FlowLayoutID { FlowLayoutID(standard: 3) }
    package static var sampledIPv6: FlowLayoutID { FlowLayoutID(standard: 4) }
    package static var extendedSwitch: FlowLayoutID { FlowLayoutID(standard: 1001) }
    package static var extendedRouter: FlowLayoutID { FlowLayoutID(standard: 1002) }
    package static var extendedGateway: FlowLayoutID { FlowLayoutID(standard: 1003) }
    package static var extendedUser: FlowLayoutID { FlowLayoutID(standard: 1004) }
    package static var extendedURL: FlowLayoutID { FlowLayoutID(standard: 1005) }
    package static var extendedMPLS: FlowLayoutID { FlowLayoutID(standard: 1006) }
    package static var extendedNAT: FlowLayoutID { FlowLayoutID(standard: 1007) }
    package static var extendedVLANTunnel: FlowLayoutID { FlowLayoutID(standard: 1012) }
    package static var extended80211Payload: FlowLayoutID { FlowLayoutID(standard: 1013) }
    package static var extended80211Aggregation: FlowLayoutID { FlowLayoutID(standard: 1016) }
    package static var extendedNATPort: FlowLayoutID { FlowLayoutID(standard: 1020) }
    package static var extendedL2TunnelEgress: FlowLayoutID { FlowLayoutID(standard: 1021) }
    package static var extendedL2TunnelIngress: FlowLayoutID { FlowLayoutID(standard: 1022) }
    package static var extendedIPv4TunnelEgress: FlowLayoutID { FlowLayoutID(standard: 1023) }
    package static var extendedIPv4TunnelIngress: FlowLayoutID { FlowLayoutID(standard: 1024) }
    package static var extendedIPv6TunnelEgress: FlowLayoutID { FlowLayoutID(standard: 1025) }
    package static var extendedIPv6TunnelIngress: FlowLayoutID { FlowLayoutID(standard: 1026) }
    package static var extendedDecapsulateEgress: FlowLayoutID { FlowLayoutID(standard: 1027) }
    package static var extendedDecapsulateIngress: FlowLayoutID { FlowLayoutID(standard: 1028) }
    package static var extendedVNIEgress: FlowLayoutID { FlowLayoutID(standard: 1029) }
    package static var extendedVNIIngress: FlowLayoutID { FlowLayoutID(standard: 1030) }
    package static var extendedEgressQueue: FlowLayoutID { FlowLayoutID(standard: 1036) }
    package static var extendedACL: FlowLayoutID { FlowLayoutID(standard: 1037) }
    package static var extendedFunction: FlowLayoutID { FlowLayoutID(standard: 1038) }
    package static var extendedTransit: FlowLayoutID { FlowLayoutID(standard: 1039) }
    package static var extendedQueue: FlowLayoutID { FlowLayoutID(standard: 1040) }
    package static var extendedHardwareTrap: FlowLayoutID { FlowLayoutID(standard: 1041) }
    package static var extendedLinuxDropReason: FlowLayoutID { FlowLayoutID(standard: 1042) }
    package static var extendedTimestamp: FlowLayoutID { FlowLayoutID(standard: 1043) }
    package static var extendedSocketIPv4: FlowLayoutID { FlowLayoutID(standard: 2100) }
    package static var extendedSocketIPv6: FlowLayoutID { FlowLayoutID(standard: 2101) }
    package static var extendedProxySocketIPv4: FlowLayoutID { FlowLayoutID(standard: 2102) }
    package static var extendedProxySocketIPv6: FlowLayoutID { FlowLayoutID(standard: 2103) }
    package static var memcacheOperation: FlowLayoutID { FlowLayoutID(standard: 2200) }
    package static var httpRequest: FlowLayoutID { FlowLayoutID(standard: 2206) }
    package static var appOperation: FlowLayoutID { FlowLayoutID(standard: 2202) }
    package static var extendedTCPInfo: FlowLayoutID { FlowLayoutID(standard: 2209) }
    package static var extendedEntities: FlowLayoutID { FlowLayoutID(standard: 2210) }
}
