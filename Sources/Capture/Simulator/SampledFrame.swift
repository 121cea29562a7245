// The frames that switches "sample": the first bytes of packet n of a flow, as they enter a switch. Only what is asked
// for is composed, and only when a sample is taken.

import Bytes

extension SimulatedFlow {
    /// Bytes of a frame that a sample holds at most; the specification's default.
    static let sampledBytesMax = 128
    /// 802.1Q priority of tagged flows.
    static let tagPriority: UInt16 = 3

    /// The frame without its FCS, cut to what a sample holds.
    func appendSampledFrame(at hop: Hop, packet: Int, to bytes: inout [UInt8]) {
        let start = bytes.count
        let isIPv6 = tuple.source.isIPv6
        bytes.append(hop.destinationMAC)
        bytes.append(hop.sourceMAC)
        if let vlan {
            bytes.append16(0x8100)
            bytes.append16(SimulatedFlow.tagPriority << 13 | vlan)
        }
        bytes.append16(isIPv6 ? 0x86DD : 0x0800)
        let segmentOctets = packetOctets - IPHeader.lengthBytes(isIPv6: isIPv6)
        IPHeader(
            source: tuple.source, destination: tuple.destination, transport: tuple.transport,
            payloadBytes: segmentOctets, hopLimit: hop.hopLimit, identification: UInt16(truncatingIfNeeded: packet)
        ).append(to: &bytes)
        appendTransport(packet: packet, segmentOctets: segmentOctets, to: &bytes)
        let length = min(SimulatedFlow.sampledBytesMax, frameOctets - 4)
        var filler = UInt8(truncatingIfNeeded: packet)
        while bytes.count - start < length {
            bytes.append(filler)
            filler &+= 1
        }
        bytes.removeLast(bytes.count - start - length)
    }

    private func appendTransport(packet: Int, segmentOctets: Int, to bytes: inout [UInt8]) {
        switch tuple.transport {
        case Transport.tcp:
            SimulatedFlow.appendTCP(
                tuple.sourcePort, tuple.destinationPort, packet: packet, dataOctets: segmentOctets - 20, to: &bytes)
        case Transport.udp:
            bytes.append16(tuple.sourcePort)
            bytes.append16(tuple.destinationPort)
            bytes.append16(UInt16(truncatingIfNeeded: segmentOctets))
            bytes.append16(0)
            if let vxlanNetwork {
                appendInner(network: vxlanNetwork, packet: packet, octets: segmentOctets - 16, to: &bytes)
            }
        default:
            // Echo request of ICMP or ICMPv6: type, code, checksum, identifier, sequence number.
            bytes.append(tuple.transport == Transport.icmpv6 ? 128 : 8)
            bytes.append(0)
            bytes.append16(0)
            bytes.append16(1)
            bytes.append16(UInt16(truncatingIfNeeded: packet))
        }
    }

    /// Checksums of layer 4 cover data that a sample does not hold; they are left 0.
    private static func appendTCP(
        _ sourcePort: UInt16, _ destinationPort: UInt16, packet: Int, dataOctets: Int, to bytes: inout [UInt8]
    ) {
        bytes.append16(sourcePort)
        bytes.append16(destinationPort)
        bytes.append32(UInt32(truncatingIfNeeded: packet &* dataOctets))
        bytes.append32(1)
        bytes.append(5 << 4)
        bytes.append(dataOctets > 0 ? 0x18 : 0x10)  // PSH+ACK, ACK
        bytes.append16(65_535)
        bytes.append32(0)
    }

    /// VXLAN header, then a TCP segment between two virtual machines.
    private func appendInner(network: UInt32, packet: Int, octets: Int, to bytes: inout [UInt8]) {
        bytes.append32(0x0800_0000)
        bytes.append32(network << 8)
        bytes.append(MACAddress(0x02AA_0000_0002))
        bytes.append(MACAddress(0x02AA_0000_0001))
        bytes.append16(0x0800)
        let segmentOctets = octets - 14 - 20
        IPHeader(
            source: IPAddress(v4: 0xAC10_0001), destination: IPAddress(v4: 0xAC10_0002), transport: Transport.tcp,
            payloadBytes: segmentOctets, hopLimit: 64, identification: UInt16(truncatingIfNeeded: packet)
        ).append(to: &bytes)
        SimulatedFlow.appendTCP(40_001, 443, packet: packet, dataOctets: segmentOctets - 20, to: &bytes)
    }
}
