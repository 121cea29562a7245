// Attributes of ICMP and ICMPv6 messages, and the packets that errors quote. RFC 792, RFC 4443.
import Bytes

extension LayerStack {
    package func icmpType(in header: RawSpan, occurrence: Int = 0) -> UInt8? {
        uint8(.icmp, occurrence, at: 0, in: header)
    }

    package func icmpCode(in header: RawSpan, occurrence: Int = 0) -> UInt8? {
        uint8(.icmp, occurrence, at: 1, in: header)
    }

    /// Identifier of an echo, timestamp, information or address mask message; nil for other types.
    package func icmpIdentifier(in header: RawSpan, occurrence: Int = 0) -> UInt16? {
        icmpQuery(in: header, occurrence)?.uint16(at: 4, in: header)
    }

    /// Sequence number of the same messages.
    package func icmpSequence(in header: RawSpan, occurrence: Int = 0) -> UInt16? {
        icmpQuery(in: header, occurrence)?.uint16(at: 6, in: header)
    }

    package func icmp6Type(in header: RawSpan, occurrence: Int = 0) -> UInt8? {
        uint8(.icmp6, occurrence, at: 0, in: header)
    }

    package func icmp6Code(in header: RawSpan, occurrence: Int = 0) -> UInt8? {
        uint8(.icmp6, occurrence, at: 1, in: header)
    }

    private func icmpQuery(in header: RawSpan, _ occurrence: Int) -> Layer? {
        guard let layer = nth(.icmp, occurrence), let type = layer.uint8(at: 0, in: header) else { return nil }
        switch type {
        case 0, 8, 13...18: return layer
        default: return nil
        }
    }
}

// What an IPv4 router or host reports as unreachable: RFC 792, "Destination Unreachable Message", codes 0 to 3.
extension LayerStack {
    /// Destination of the packet whose network is unreachable.
    package func icmpUnreachableNet(in header: RawSpan, occurrence: Int = 0) -> UInt32? {
        unreachable(code: 0, in: header, occurrence)?.ipv4Destination(in: header)
    }

    /// Destination of the packet whose host is unreachable.
    package func icmpUnreachableHost(in header: RawSpan, occurrence: Int = 0) -> UInt32? {
        unreachable(code: 1, in: header, occurrence)?.ipv4Destination(in: header)
    }

    /// Protocol number that the destination does not speak.
    package func icmpUnreachableProtocol(in header: RawSpan, occurrence: Int = 0) -> UInt8? {
        unreachable(code: 2, in: header, occurrence)?.ipv4Protocol(in: header)
    }

    /// Protocol number and port that nobody listens to.
    package func icmpUnreachablePort(
        in header: RawSpan, occurrence: Int = 0
    ) -> (protocolNumber: UInt8, port: UInt16)? {
        guard let quoted = unreachable(code: 3, in: header, occurrence), let number = quoted.ipv4Protocol(in: header),
            let port = quoted.nth(.withPorts)?.uint16(at: 2, in: header)
        else { return nil }
        return (number, port)
    }

    private func unreachable(code: UInt8, in header: RawSpan, _ occurrence: Int) -> LayerStack? {
        guard icmpType(in: header, occurrence: occurrence) == 3, icmpCode(in: header, occurrence: occurrence) == code
        else { return nil }
        return quotedPacket(.icmp, in: header, occurrence: occurrence)
    }

    /// The headers of the packet that an ICMP (`.icmp`) or ICMPv6 (`.icmp6`) error quotes, with offsets into the same
    /// `header`; nil when the message is no error. Never part of the stack itself: the quoted packet is not traffic
    /// here.
    package func quotedPacket(_ kind: LayerKind, in header: RawSpan, occurrence: Int = 0) -> LayerStack? {
        guard let layer = nth(kind, occurrence), let type = layer.uint8(at: 0, in: header), layer.length > 8 else {
            return nil
        }
        let first: LayerKind
        switch (kind, type) {
        case (.icmp, 3), (.icmp, 4), (.icmp, 5), (.icmp, 11), (.icmp, 12): first = .ipv4
        case (.icmp6, 1...4): first = .ipv6
        default: return nil
        }
        let end = Int(layer.offset) + Int(layer.length)
        // False only for bytes other than those that were dissected.
        guard end <= header.byteCount else { return nil }
        var quoted = LayerStack()
        var cursor = Cursor(offset: Int(layer.offset) + 8, end: end)
        quoted.run(header, from: first, &cursor)
        return quoted
    }
}
