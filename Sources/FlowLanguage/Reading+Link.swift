// Ethernet, tags, ARP, MPLS, 802.11, and the stack of all headers.

internal import Bytes
internal import Packets
internal import SFlow

extension SampleFacts {
    func readLink(
        _ attribute: LinkAttribute, _ occurrence: Int, _ header: RawSpan, _ text: inout FixedBytes
    ) -> Value {
        switch attribute {
        case .stack: return readStack(&text)
        case .ethernetOffset: return number(stack.offset(of: .ethernet, occurrence))
        case .macSource: return .mac(stack.macSource(in: header, occurrence: occurrence))
        case .macDestination: return .mac(stack.macDestination(in: header, occurrence: occurrence))
        case .ethernetProtocol: return .number(stack.ethernetProtocol(in: header, occurrence: occurrence))
        case .isUnicast, .isBroadcast, .isMulticast:
            return castOf(stack.macDestination(in: header, occurrence: occurrence), attribute)
        case .vlan: return .number(stack.vlanID(in: header, occurrence: occurrence))
        case .priority: return .number(stack.vlanPriority(in: header, occurrence: occurrence))
        case .dropEligible: return .boolean(stack.vlanDropEligible(in: header, occurrence: occurrence))
        case .pppoeSession: return .number(stack.pppoeSession(in: header, occurrence: occurrence))
        case .llcSource: return .number(stack.llcSource(in: header, occurrence: occurrence))
        case .llcDestination: return .number(stack.llcDestination(in: header, occurrence: occurrence))
        case .arpOperation: return .number(stack.arpOperation(in: header, occurrence: occurrence))
        case .arpSenderMAC: return .mac(stack.arpSenderMAC(in: header, occurrence: occurrence))
        case .arpSenderIP: return .ipv4(stack.arpSenderIPv4(in: header, occurrence: occurrence))
        case .arpTargetMAC: return .mac(stack.arpTargetMAC(in: header, occurrence: occurrence))
        case .arpTargetIP: return .ipv4(stack.arpTargetIPv4(in: header, occurrence: occurrence))
        case .mplsLabel: return .number(stack.mplsLabel(in: header, occurrence: occurrence))
        case .mplsTrafficClass: return .number(stack.mplsTrafficClass(in: header, occurrence: occurrence))
        case .mplsTTL: return .number(stack.mplsTTL(in: header, occurrence: occurrence))
        case .mplsLabels: return readLabels(header, &text)
        case .wlanType: return .number(stack.wlanType(in: header, occurrence: occurrence))
        case .wlanSubtype: return .number(stack.wlanSubtype(in: header, occurrence: occurrence))
        case .wlanSource: return .mac(stack.wlanSource(in: header, occurrence: occurrence))
        case .wlanDestination: return .mac(stack.wlanDestination(in: header, occurrence: occurrence))
        case .wlanBSSID: return .mac(stack.wlanBSSID(in: header, occurrence: occurrence))
        }
    }

    func number(_ value: Int?) -> Value { .number(value.map { UInt64(clamping: $0) }) }

    /// Every address is exactly one of the three.
    private func castOf(_ address: MACAddress?, _ attribute: LinkAttribute) -> Value {
        guard let address else { return .null }
        return switch attribute {
        case .isUnicast: .boolean(!address.isMulticast)
        case .isBroadcast: .boolean(address.isBroadcast)
        default: .boolean(address.isMulticast && !address.isBroadcast)
        }
    }

    /// The tokens of all headers, joined with dots; a label stack is one token.
    private func readStack(_ text: inout FixedBytes) -> Value {
        guard stack.count > 0 else { return .null }
        let start = text.count
        var previous: LayerKind?
        for index in 0..<stack.count {
            let kind = stack[index].kind
            defer { previous = kind }
            guard let token = kind.stackToken, kind != .mpls || previous != .mpls else { continue }
            if previous != nil { text.append(UInt8(ascii: ".")) }
            for byte in token.utf8 { text.append(byte) }
        }
        return .text(from: start, in: text)
    }

    private func readLabels(_ header: RawSpan, _ text: inout FixedBytes) -> Value {
        let start = text.count
        for occurrence in 0..<stack.count(of: .mpls) {
            guard let label = stack.mplsLabel(in: header, occurrence: occurrence) else { break }
            if occurrence > 0 { text.append(UInt8(ascii: ".")) }
            text.appendDecimal(UInt64(label))
        }
        return text.count == start ? .null : .text(from: start, in: text)
    }
}
