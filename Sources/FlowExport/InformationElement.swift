// The fields that flow records are exported in. Constants only: numbers, lengths and names are from the IANA registry
// "IP Flow Information Export (IPFIX) Entities", abstract types from RFC 7012.

/// An information element of the IANA registry.
package enum InformationElement: UInt16, CaseIterable, Sendable {
    case octetDeltaCount = 1
    case packetDeltaCount = 2
    case protocolIdentifier = 4
    case sourceIPv4Address = 8
    case ingressInterface = 10
    case destinationIPv4Address = 12
    case egressInterface = 14
    case sourceIPv6Address = 27
    case destinationIPv6Address = 28
    case sourceMacAddress = 56
    case vlanId = 58
    case destinationMacAddress = 80
    case exporterIPv4Address = 130
    case exporterIPv6Address = 131
    case flowStartMilliseconds = 152
    case flowEndMilliseconds = 153
    case udpSourcePort = 180
    case udpDestinationPort = 181
    case tcpSourcePort = 182
    case tcpDestinationPort = 183
    case nextHeaderIPv6 = 193
    case dot1qPriority = 244
    case ethernetType = 256

    /// What an element holds: the abstract data type, which fixes the length.
    enum Content: Hashable, Sendable {
        case number(byteCount: Int)
        case ipv4, ipv6, mac
    }

    var content: Content {
        switch self {
        case .protocolIdentifier, .nextHeaderIPv6, .dot1qPriority: .number(byteCount: 1)
        case .vlanId, .ethernetType, .udpSourcePort, .udpDestinationPort, .tcpSourcePort, .tcpDestinationPort:
            .number(byteCount: 2)
        case .ingressInterface, .egressInterface: .number(byteCount: 4)
        case .octetDeltaCount, .packetDeltaCount, .flowStartMilliseconds, .flowEndMilliseconds: .number(byteCount: 8)
        case .sourceIPv4Address, .destinationIPv4Address, .exporterIPv4Address: .ipv4
        case .sourceIPv6Address, .destinationIPv6Address, .exporterIPv6Address: .ipv6
        case .sourceMacAddress, .destinationMacAddress: .mac
        }
    }

    /// Bytes of the element in a record.
    var byteCount: Int {
        switch content {
        case .number(let byteCount): byteCount
        case .ipv4: 4
        case .ipv6: 16
        case .mac: 6
        }
    }
}

/// The flow keys that can be exported, by the names of the REST API.
package enum ExportedKey: String, CaseIterable, Sendable {
    case macsource, macdestination, ethernetprotocol, vlan, priority
    case ipprotocol, ipsource, ipdestination
    case ip6source, ip6destination, ip6nexthdr
    case tcpsourceport, tcpdestinationport, udpsourceport, udpdestinationport
    case inputifindex, outputifindex

    package var element: InformationElement {
        switch self {
        case .macsource: .sourceMacAddress
        case .macdestination: .destinationMacAddress
        case .ethernetprotocol: .ethernetType
        case .vlan: .vlanId
        case .priority: .dot1qPriority
        case .ipprotocol: .protocolIdentifier
        case .ipsource: .sourceIPv4Address
        case .ipdestination: .destinationIPv4Address
        case .ip6source: .sourceIPv6Address
        case .ip6destination: .destinationIPv6Address
        case .ip6nexthdr: .nextHeaderIPv6
        case .tcpsourceport: .tcpSourcePort
        case .tcpdestinationport: .tcpDestinationPort
        case .udpsourceport: .udpSourcePort
        case .udpdestinationport: .udpDestinationPort
        case .inputifindex: .ingressInterface
        case .outputifindex: .egressInterface
        }
    }
}

/// The values that can be exported.
package enum ExportedValue: String, CaseIterable, Sendable {
    case bytes, frames

    package var element: InformationElement {
        switch self {
        case .bytes: .octetDeltaCount
        case .frames: .packetDeltaCount
        }
    }
}
