// Values of IP, transport and ICMP attributes.
import Bytes
import PacketBuilding
import Packets
import Testing

@Suite struct NetworkFieldTests {
    @Test("IPv4, RFC 791 section 3.1")
    func version4() {
        let packet = DissectedPacket(ethernet(0x0800, ipv4(6, tcp(1, 2), tos: 0xBB, flagsAndOffset: 0x2000)))
        #expect(packet.stack.offset(of: .ipv4) == 14)
        #expect(packet.read { $0.ipv4Source(in: $1) } == 0xC000_020A)
        #expect(packet.read { $0.ipv4Destination(in: $1) } == 0xC633_6414)
        #expect(packet.read { $0.ipv4Protocol(in: $1) } == 6)
        #expect(packet.read { $0.ipv4TotalLength(in: $1) } == 40)
        #expect(packet.read { $0.ipv4TOS(in: $1) } == 0xBB)
        #expect(packet.read { $0.ipv4DSCP(in: $1) } == 46)
        #expect(packet.read { $0.ipv4ECN(in: $1) } == 3)
        #expect(packet.read { $0.ipv4TTL(in: $1) } == 63)
        #expect(packet.read { $0.ipv4Identification(in: $1) } == 0x1234)
        #expect(packet.read { $0.ipv4Flags(in: $1) } == 1)
        #expect(packet.read { $0.ipv4FragmentOffset(in: $1) } == 0)
        let fragment = DissectedPacket(ethernet(0x0800, ipv4(17, zeros(8), flagsAndOffset: 0x5FFF)))
        #expect(fragment.read { $0.ipv4Flags(in: $1) } == 2)
        #expect(fragment.read { $0.ipv4FragmentOffset(in: $1) } == 0x1FFF)
        #expect(fragment.read { $0.ipv4Protocol(in: $1) } == 17)
    }

    @Test("occurrences count per family: the inner IPv6 header is the first IPv6 header")
    func occurrences() {
        let packet = DissectedPacket(ethernet(0x0800, ipv4(41, ipv6(4, ipv4(17, udp(5, 6))))))
        #expect(packet.read { $0.ipv6Source(in: $1) } != nil)
        #expect(packet.read { $0.ipv4Protocol(in: $1) } == 41)
        #expect(packet.read { $0.ipv4Protocol(in: $1, occurrence: 1) } == 17)
        #expect(packet.read { $0.ipv4Protocol(in: $1, occurrence: .min) } == nil)
        #expect(packet.read { $0.outermostIP(in: $1)?.offset } == 14)
        #expect(packet.read { $0.outermostIP(in: $1)?.lengthBytes } == 88)
    }

    @Test("IPv6, RFC 8200 section 3")
    func version6() {
        let packet = DissectedPacket(ethernet(0x86DD, ipv6(17, udp(1, 2), trafficClass: 0xB9, flowLabel: 0xFEDCB)))
        #expect(packet.read { $0.ipv6Source(in: $1) } == IPAddress("2001:db8::1"))
        #expect(packet.read { $0.ipv6Destination(in: $1) } == IPAddress("2001:db8::2"))
        #expect(packet.read { $0.ipv6PayloadLength(in: $1) } == 8)
        #expect(packet.read { $0.ipv6TrafficClass(in: $1) } == 0xB9)
        #expect(packet.read { $0.ipv6DSCP(in: $1) } == 46)
        #expect(packet.read { $0.ipv6ECN(in: $1) } == 1)
        #expect(packet.read { $0.ipv6FlowLabel(in: $1) } == 0xFEDCB)
        #expect(packet.read { $0.ipv6HopLimit(in: $1) } == 62)
        #expect(packet.read { $0.ipv6NextHeader(in: $1) } == 17)
        #expect(packet.read { stack, _ in stack.ipv6Extensions() }?.isEmpty == true)
        #expect(packet.read { $0.ipv6FragmentOffset(in: $1) } == nil)
        #expect(packet.read { $0.ipv6MoreFragments(in: $1) } == nil)
        #expect(packet.read { $0.outermostIP(in: $1)?.lengthBytes } == 48)
    }

    @Test("IPv6 extension headers, RFC 8200 section 4")
    func extensions() {
        let fragmented = fragment(next: 17, offset: 0, more: true, udp(1, 2))
        let packet = DissectedPacket(
            ethernet(0x86DD, ipv6(0, extensionHeader(next: 60, extensionHeader(next: 44, extra: 2, fragmented)))))
        let numbers = packet.read { stack, _ in stack.ipv6Extensions() }?.map {
            packet.stack[$0].kind.ipv6ExtensionNumber
        }
        #expect(numbers == [0, 60, 44])
        #expect(packet.read { $0.ipv6NextHeader(in: $1) } == 17)
        #expect(packet.read { $0.ipv6FragmentOffset(in: $1) } == 0)
        #expect(packet.read { $0.ipv6MoreFragments(in: $1) } == true)
        #expect(packet.read { $0.udpDestinationPort(in: $1) } == 2)
        let later = DissectedPacket(ethernet(0x86DD, ipv6(44, fragment(next: 6, offset: 185, more: false, tcp(1, 2)))))
        #expect(later.read { $0.ipv6FragmentOffset(in: $1) } == 185)
        #expect(later.read { $0.ipv6MoreFragments(in: $1) } == false)
        #expect(later.read { $0.ipv6NextHeader(in: $1) } == 6)
        // Cut behind the first extension header: the number of what is missing.
        let cut = DissectedPacket(Octets(packet.bytes.prefix(14 + 40 + 8)))
        #expect(cut.read { $0.ipv6NextHeader(in: $1) } == 60)
        #expect(cut.ending == .truncated)
        #expect(cut.endKind == .ipv6DestinationOptions)
    }

    @Test("TCP, RFC 9293 section 3.1, as far as it was captured")
    func transmissionControl() {
        let bytes = ethernet(0x0800, ipv4(6, tcp(51000, 443, flags: 0x1A5, options: zeros(4))))
        let packet = DissectedPacket(bytes)
        #expect(packet.read { $0.tcpSourcePort(in: $1) } == 51000)
        #expect(packet.read { $0.tcpDestinationPort(in: $1) } == 443)
        #expect(packet.read { $0.tcpSequence(in: $1) } == 0x0102_0304)
        #expect(packet.read { $0.tcpAcknowledgment(in: $1) } == 0x0506_0708)
        #expect(packet.read { $0.tcpDataOffset(in: $1) } == 6)
        #expect(packet.read { $0.tcpFlags(in: $1) } == 0x1A5)
        #expect(packet.read { $0.tcpWindow(in: $1) } == 0xFAF0)
        let ports = DissectedPacket(Octets(bytes.prefix(34 + 4)))
        #expect(ports.read { $0.tcpDestinationPort(in: $1) } == 443)
        #expect(ports.read { $0.tcpFlags(in: $1) } == nil)
        #expect(ports.ending == .truncated)
        let flags = DissectedPacket(Octets(bytes.prefix(34 + 14)))
        #expect(flags.read { $0.tcpFlags(in: $1) } == 0x1A5)
        #expect(flags.read { $0.tcpWindow(in: $1) } == nil)
        let source = DissectedPacket(Octets(bytes.prefix(34 + 3)))
        #expect(source.read { $0.tcpSourcePort(in: $1) } == 51000)
        #expect(source.read { $0.tcpDestinationPort(in: $1) } == nil)
    }

    @Test("UDP (RFC 768), UDP-Lite (RFC 3828), SCTP (RFC 9260), DCCP (RFC 4340)")
    func otherTransports() {
        let datagram = DissectedPacket(ethernet(0x0800, ipv4(17, udp(4000, 9, zeros(10)))))
        #expect(datagram.read { $0.udpSourcePort(in: $1) } == 4000)
        #expect(datagram.read { $0.udpDestinationPort(in: $1) } == 9)
        #expect(datagram.read { $0.udpLength(in: $1) } == 18)
        let lite = DissectedPacket(ethernet(0x0800, ipv4(136, udp(6000, 6001, length: 8))))
        #expect(lite.read { $0.udpLiteSourcePort(in: $1) } == 6000)
        #expect(lite.read { $0.udpLiteDestinationPort(in: $1) } == 6001)
        #expect(lite.read { $0.udpSourcePort(in: $1) } == nil)
        let streams = be16(36412) + be16(5000) + be32(0xABCD) + be32(0) + [10, 0] + be16(20)
        let sctp = DissectedPacket(ethernet(0x0800, ipv4(132, streams)))
        #expect(sctp.read { $0.sctpSourcePort(in: $1) } == 36412)
        #expect(sctp.read { $0.sctpDestinationPort(in: $1) } == 5000)
        #expect(sctp.read { $0.sctpVerificationTag(in: $1) } == 0xABCD)
        #expect(sctp.read { $0.sctpChunkType(in: $1) } == 10)
        let dccp = DissectedPacket(ethernet(0x0800, ipv4(33, be16(5001) + be16(5002) + zeros(4) + [0x05] + zeros(7))))
        #expect(dccp.read { $0.dccpSourcePort(in: $1) } == 5001)
        #expect(dccp.read { $0.dccpDestinationPort(in: $1) } == 5002)
        #expect(dccp.read { $0.dccpType(in: $1) } == 2)
    }

    @Test("IGMP (RFC 3376), ESP (RFC 4303), AH (RFC 4302)")
    func control() {
        let igmp = DissectedPacket(ethernet(0x0800, ipv4(2, [0x16, 0, 0, 0, 239, 1, 2, 3])))
        #expect(igmp.read { $0.igmpType(in: $1) } == 0x16)
        #expect(igmp.read { $0.igmpGroup(in: $1) } == 0xEF01_0203)
        let esp = DissectedPacket(ethernet(0x0800, ipv4(50, be32(0x5151) + zeros(20))))
        #expect(esp.read { $0.espSPI(in: $1) } == 0x5151)
        let ah = DissectedPacket(ethernet(0x0800, ipv4(51, authentication(next: 6, tcp(8, 9)))))
        #expect(ah.read { $0.ahSPI(in: $1) } == 0xA11CE)
        #expect(ah.read { $0.tcpDestinationPort(in: $1) } == 9)
    }
}

@Suite struct ICMPFieldTests {
    private func error(_ type: UInt8, _ code: UInt8, _ quoted: Octets) -> DissectedPacket {
        DissectedPacket(ethernet(0x0800, ipv4(1, icmp(type, code, zeros(4) + quoted))))
    }

    @Test("echo, RFC 792")
    func echo() {
        let packet = DissectedPacket(ethernet(0x0800, ipv4(1, icmp(8, 0, be16(0x77) + be16(5)))))
        #expect(packet.read { $0.icmpType(in: $1) } == 8)
        #expect(packet.read { $0.icmpCode(in: $1) } == 0)
        #expect(packet.read { $0.icmpIdentifier(in: $1) } == 0x77)
        #expect(packet.read { $0.icmpSequence(in: $1) } == 5)
        #expect(packet.read { $0.icmpUnreachablePort(in: $1)?.port } == nil)
        #expect(error(3, 1, ipv4(17, udp(1, 2))).read { $0.icmpSequence(in: $1) } == nil)
        let six = DissectedPacket(ethernet(0x86DD, ipv6(58, icmp(1, 4, zeros(4) + ipv6(17, udp(4000, 53))))))
        #expect(six.read { $0.icmp6Type(in: $1) } == 1)
        #expect(six.read { $0.icmp6Code(in: $1) } == 4)
        let quotedPort = six.read { stack, bytes -> UInt16? in
            guard let quoted = stack.quotedPacket(.icmp6, in: bytes) else { return nil }
            return quoted.udpDestinationPort(in: bytes)
        }
        #expect(quotedPort == 53)
    }

    @Test("destination unreachable, RFC 792: what is unreachable is read from the quoted packet")
    func unreachable() {
        let quoted = ipv4(17, udp(4000, 53))
        let net = error(3, 0, quoted)
        #expect(net.read { $0.icmpUnreachableNet(in: $1) } == 0xC633_6414)
        #expect(net.read { $0.icmpUnreachableHost(in: $1) } == nil)
        let host = error(3, 1, quoted)
        #expect(host.read { $0.icmpUnreachableHost(in: $1) } == 0xC633_6414)
        let protocolNumber = error(3, 2, ipv4(132, zeros(8)))
        #expect(protocolNumber.read { $0.icmpUnreachableProtocol(in: $1) } == 132)
        let port = error(3, 3, quoted)
        #expect(port.read { $0.icmpUnreachablePort(in: $1)?.port } == 53)
        #expect(port.read { $0.icmpUnreachablePort(in: $1)?.protocolNumber } == 17)
        #expect(port.read { $0.icmpUnreachableProtocol(in: $1) } == nil)
        #expect(error(11, 0, quoted).read { $0.icmpUnreachableNet(in: $1) } == nil)
        #expect(error(3, 3, []).read { $0.icmpUnreachablePort(in: $1)?.port } == nil)
    }

    @Test("a quoted packet is never part of the stack")
    func quotation() {
        let packet = error(3, 3, ipv4(17, udp(4000, 53)))
        #expect(packet.text == "eth.ip.icmp")
        #expect(packet.read { $0.ipv4Source(in: $1, occurrence: 1) } == nil)
        #expect(packet.read { $0.udpDestinationPort(in: $1) } == nil)
    }
}
