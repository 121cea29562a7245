// The attributes that keys read, as small numbers: what a compiled program holds instead of names. Which key is which
// attribute, and where that stands on the wire, is in the key tables.

/// Facts of the sample itself.
enum SampleAttribute: UInt8, BitwiseCopyable {
    case agent, dataSource, inputIfIndex, outputIfIndex, direction, reason, stripped
    case bytes, frames, requests, duration
}

/// Link layer, tags, ARP, MPLS and the shape of the packet as a whole.
enum LinkAttribute: UInt8, BitwiseCopyable {
    case stack, ethernetOffset, macSource, macDestination, ethernetProtocol, isUnicast, isBroadcast, isMulticast
    case vlan, priority, dropEligible, pppoeSession, llcSource, llcDestination
    case arpOperation, arpSenderMAC, arpSenderIP, arpTargetMAC, arpTargetIP
    case mplsLabel, mplsTrafficClass, mplsTTL, mplsLabels
    case wlanType, wlanSubtype, wlanSource, wlanDestination, wlanBSSID
}

enum IPv4Attribute: UInt8, BitwiseCopyable {
    case source, destination, protocolNumber, totalLength, tos, dscp, dscpName, ecn, ttl, identification, flags
    case fragmentOffset, headerOffset
}

enum IPv6Attribute: UInt8, BitwiseCopyable {
    case source, destination, nextHeader, payloadLength, trafficClass, dscp, dscpName, ecn, hopLimit, flowLabel
    case extensions, fragmentOffset, moreFragments, headerOffset
}

/// TCP, UDP, SCTP, DCCP, ICMP, IGMP and IPsec.
enum TransportAttribute: UInt8, BitwiseCopyable {
    case tcpSourcePort, tcpDestinationPort, tcpFlags, tcpWindow, tcpSequence, tcpAcknowledgment, tcpDataOffset
    case udpSourcePort, udpDestinationPort, udpLength, sctpSourcePort, sctpDestinationPort
    case dccpSourcePort, dccpDestinationPort
    case icmpType, icmpCode, icmpSequence, icmp6Type, icmp6Code
    case icmpUnreachableNet, icmpUnreachableHost, icmpUnreachableProtocol, icmpUnreachablePort
    case igmpType, igmpGroup, espSPI, ahSPI
}

/// Tunnels, InfiniBand and DNS: what lies on UDP or beside it.
enum OverlayAttribute: UInt8, BitwiseCopyable {
    case vxlanVNI, geneveVNI, nvgreSubnet, greKey, greProtocol, gtpEndpoint, erspanSession, l2tpTunnel, l2tpSession
    case ibOffset, ibOpcode, ibOperation, ibTransport, ibVersion, ibSolicited, ibMigration, ibQueuePair, ibSequence
    case ibPartition, ibAckRequest, ibRDMALength, ibSyndrome
    case dnsName, dnsIsResponse, dnsOpcode, dnsCode, dnsType, dnsTypeName, dnsClass
}

/// Fields behind an address of variable size or in a list: records of routing, MPLS and translation.
enum RoutingAttribute: UInt8, BitwiseCopyable {
    case nextHop, sourceMaskBits, destinationMaskBits, sourcePrefix, destinationPrefix
    case bgpNextHop, bgpAS, bgpSourceAS, bgpSourcePeerAS, bgpPath, bgpDestinationAS, bgpDestinationPeerAS
    case bgpCommunities, bgpLocalPreference
    case natSource, natDestination
    case mplsNextHop, mplsLabelsIn, mplsLabelsOut
}

/// The two ends of a transaction's socket, server and client.
enum SocketAttribute: UInt8, BitwiseCopyable {
    case ipProtocol, serverAddress, clientAddress, serverAddress6, clientAddress6, serverPort, clientPort
    case proxyProtocol, proxyServerAddress, proxyClientAddress, proxyServerAddress6, proxyClientAddress6
    case proxyServerPort, proxyClientPort
}

/// Where a key's value comes from: all that a program needs to read it.
enum KeyOrigin: BitwiseCopyable {
    case sample(SampleAttribute)
    case link(LinkAttribute)
    case ipv4(IPv4Attribute)
    case ipv6(IPv6Attribute)
    case transport(TransportAttribute)
    case overlay(OverlayAttribute)
    case routing(RoutingAttribute)
    case socket(SocketAttribute)
    case record(RecordField)
    /// A name that no table has: the field of a named flow.
    case unknown

    /// Whether the sampled header must have been dissected.
    var needsHeader: Bool {
        switch self {
        case .link, .ipv4, .ipv6, .transport, .overlay: true
        case .sample(.bytes), .sample(.requests), .sample(.stripped): true
        case .routing(.sourcePrefix), .routing(.destinationPrefix): true
        case .sample, .routing, .socket, .record, .unknown: false
        }
    }
}
