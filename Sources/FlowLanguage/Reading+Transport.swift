// TCP, UDP, SCTP, DCCP, ICMP, IGMP and IPsec headers.

internal import Bytes
internal import Packets

extension SampleFacts {
    func readTransport(
        _ attribute: TransportAttribute, _ occurrence: Int, _ header: RawSpan, _ text: inout FixedBytes
    ) -> Value {
        switch attribute {
        case .tcpSourcePort: .number(stack.tcpSourcePort(in: header, occurrence: occurrence))
        case .tcpDestinationPort: .number(stack.tcpDestinationPort(in: header, occurrence: occurrence))
        case .tcpFlags: .bits(stack.tcpFlags(in: header, occurrence: occurrence), 9)
        case .tcpWindow: .number(stack.tcpWindow(in: header, occurrence: occurrence))
        case .tcpSequence: .number(stack.tcpSequence(in: header, occurrence: occurrence))
        case .tcpAcknowledgment: .number(stack.tcpAcknowledgment(in: header, occurrence: occurrence))
        case .tcpDataOffset: .number(stack.tcpDataOffset(in: header, occurrence: occurrence))
        case .udpSourcePort: .number(stack.udpSourcePort(in: header, occurrence: occurrence))
        case .udpDestinationPort: .number(stack.udpDestinationPort(in: header, occurrence: occurrence))
        case .udpLength: .number(stack.udpLength(in: header, occurrence: occurrence))
        case .sctpSourcePort: .number(stack.sctpSourcePort(in: header, occurrence: occurrence))
        case .sctpDestinationPort: .number(stack.sctpDestinationPort(in: header, occurrence: occurrence))
        case .dccpSourcePort: .number(stack.dccpSourcePort(in: header, occurrence: occurrence))
        case .dccpDestinationPort: .number(stack.dccpDestinationPort(in: header, occurrence: occurrence))
        default: readControl(attribute, occurrence, header, &text)
        }
    }

    private func readControl(
        _ attribute: TransportAttribute, _ occurrence: Int, _ header: RawSpan, _ text: inout FixedBytes
    ) -> Value {
        switch attribute {
        case .icmpType: .number(stack.icmpType(in: header, occurrence: occurrence))
        case .icmpCode: .number(stack.icmpCode(in: header, occurrence: occurrence))
        case .icmpSequence: .number(stack.icmpSequence(in: header, occurrence: occurrence))
        case .icmp6Type: .number(stack.icmp6Type(in: header, occurrence: occurrence))
        case .icmp6Code: .number(stack.icmp6Code(in: header, occurrence: occurrence))
        case .icmpUnreachableNet: .ipv4(stack.icmpUnreachableNet(in: header, occurrence: occurrence))
        case .icmpUnreachableHost: .ipv4(stack.icmpUnreachableHost(in: header, occurrence: occurrence))
        case .icmpUnreachableProtocol: .number(stack.icmpUnreachableProtocol(in: header, occurrence: occurrence))
        case .icmpUnreachablePort: unreachablePort(occurrence, header, &text)
        case .igmpType: .number(stack.igmpType(in: header, occurrence: occurrence))
        case .igmpGroup: .ipv4(stack.igmpGroup(in: header, occurrence: occurrence))
        case .espSPI: .number(stack.espSPI(in: header, occurrence: occurrence))
        case .ahSPI: .number(stack.ahSPI(in: header, occurrence: occurrence))
        default: .null
        }
    }

    /// `UDP_53`; a transport without a name by its number.
    private func unreachablePort(_ occurrence: Int, _ header: RawSpan, _ text: inout FixedBytes) -> Value {
        guard let found = stack.icmpUnreachablePort(in: header, occurrence: occurrence) else { return .null }
        let transport =
            switch found.protocolNumber {
            case 6: "TCP"
            case 17: "UDP"
            case 33: "DCCP"
            case 132: "SCTP"
            case 136: "UDPLITE"
            default: String(found.protocolNumber)
            }
        return text.appendText("\(transport)_\(found.port)")
    }
}
