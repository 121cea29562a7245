// IPv4 and IPv6 headers.

internal import Bytes
internal import Packets

extension SampleFacts {
    func readIPv4(
        _ attribute: IPv4Attribute, _ occurrence: Int, _ header: RawSpan, _ text: inout FixedBytes
    ) -> Value {
        switch attribute {
        case .source: .ipv4(stack.ipv4Source(in: header, occurrence: occurrence))
        case .destination: .ipv4(stack.ipv4Destination(in: header, occurrence: occurrence))
        case .protocolNumber: .number(stack.ipv4Protocol(in: header, occurrence: occurrence))
        case .totalLength: .number(stack.ipv4TotalLength(in: header, occurrence: occurrence))
        case .tos: .bits(stack.ipv4TOS(in: header, occurrence: occurrence), 8)
        case .dscp: .number(stack.ipv4DSCP(in: header, occurrence: occurrence))
        case .dscpName: name(ofCodePoint: stack.ipv4DSCP(in: header, occurrence: occurrence), &text)
        case .ecn: .bits(stack.ipv4ECN(in: header, occurrence: occurrence), 2)
        case .ttl: .number(stack.ipv4TTL(in: header, occurrence: occurrence))
        case .identification: .number(stack.ipv4Identification(in: header, occurrence: occurrence))
        case .flags: .bits(stack.ipv4Flags(in: header, occurrence: occurrence), 3)
        case .fragmentOffset: .number(stack.ipv4FragmentOffset(in: header, occurrence: occurrence))
        case .headerOffset: number(stack.offset(of: .ipv4, occurrence))
        }
    }

    func readIPv6(
        _ attribute: IPv6Attribute, _ occurrence: Int, _ header: RawSpan, _ text: inout FixedBytes
    ) -> Value {
        switch attribute {
        case .source: .address(stack.ipv6Source(in: header, occurrence: occurrence))
        case .destination: .address(stack.ipv6Destination(in: header, occurrence: occurrence))
        case .nextHeader: .number(stack.ipv6NextHeader(in: header, occurrence: occurrence))
        case .payloadLength: .number(stack.ipv6PayloadLength(in: header, occurrence: occurrence))
        case .trafficClass: .bits(stack.ipv6TrafficClass(in: header, occurrence: occurrence), 8)
        case .dscp: .number(stack.ipv6DSCP(in: header, occurrence: occurrence))
        case .dscpName: name(ofCodePoint: stack.ipv6DSCP(in: header, occurrence: occurrence), &text)
        case .ecn: .bits(stack.ipv6ECN(in: header, occurrence: occurrence), 2)
        case .hopLimit: .number(stack.ipv6HopLimit(in: header, occurrence: occurrence))
        case .flowLabel: .number(stack.ipv6FlowLabel(in: header, occurrence: occurrence))
        case .extensions: readExtensions(occurrence, &text)
        case .fragmentOffset: .number(stack.ipv6FragmentOffset(in: header, occurrence: occurrence))
        case .moreFragments: .boolean(stack.ipv6MoreFragments(in: header, occurrence: occurrence))
        case .headerOffset: number(stack.offset(of: .ipv6, occurrence))
        }
    }

    private func name(ofCodePoint codePoint: UInt8?, _ text: inout FixedBytes) -> Value {
        guard let codePoint else { return .null }
        return text.appendText(DSCP.name(codePoint))
    }

    /// The numbers of the extension headers in their order, joined with `-`; null without any.
    private func readExtensions(_ occurrence: Int, _ text: inout FixedBytes) -> Value {
        guard let extensions = stack.ipv6Extensions(occurrence: occurrence), !extensions.isEmpty else { return .null }
        let start = text.count
        for index in extensions {
            guard let number = stack[index].kind.ipv6ExtensionNumber else { continue }
            if text.count > start { text.append(UInt8(ascii: "-")) }
            text.appendDecimal(UInt64(number))
        }
        return .text(from: start, in: text)
    }
}
