// Attributes of TCP, UDP, SCTP, DCCP, IGMP and IPsec headers.
import Bytes

// TCP, RFC 9293 section 3.1.
extension LayerStack {
    package func tcpSourcePort(in header: RawSpan, occurrence: Int = 0) -> UInt16? {
        uint16(.tcp, occurrence, at: 0, in: header)
    }

    package func tcpDestinationPort(in header: RawSpan, occurrence: Int = 0) -> UInt16? {
        uint16(.tcp, occurrence, at: 2, in: header)
    }

    package func tcpSequence(in header: RawSpan, occurrence: Int = 0) -> UInt32? {
        uint32(.tcp, occurrence, at: 4, in: header)
    }

    package func tcpAcknowledgment(in header: RawSpan, occurrence: Int = 0) -> UInt32? {
        uint32(.tcp, occurrence, at: 8, in: header)
    }

    /// Length of the header. Unit: 4 bytes.
    package func tcpDataOffset(in header: RawSpan, occurrence: Int = 0) -> UInt8? {
        uint8(.tcp, occurrence, at: 12, in: header).map { $0 >> 4 }
    }

    /// 9 bits from the highest: NS CWR ECE URG ACK PSH RST SYN FIN.
    package func tcpFlags(in header: RawSpan, occurrence: Int = 0) -> UInt16? {
        uint16(.tcp, occurrence, at: 12, in: header).map { $0 & 0x01FF }
    }

    package func tcpWindow(in header: RawSpan, occurrence: Int = 0) -> UInt16? {
        uint16(.tcp, occurrence, at: 14, in: header)
    }
}

// UDP (RFC 768) and UDP-Lite (RFC 3828), which are numbered apart: they are different protocols with the same ports.
extension LayerStack {
    package func udpSourcePort(in header: RawSpan, occurrence: Int = 0) -> UInt16? {
        uint16(.udp, occurrence, at: 0, in: header)
    }

    package func udpDestinationPort(in header: RawSpan, occurrence: Int = 0) -> UInt16? {
        uint16(.udp, occurrence, at: 2, in: header)
    }

    /// Bytes of header and payload; 0 in a jumbogram.
    package func udpLength(in header: RawSpan, occurrence: Int = 0) -> UInt16? {
        uint16(.udp, occurrence, at: 4, in: header)
    }

    package func udpLiteSourcePort(in header: RawSpan, occurrence: Int = 0) -> UInt16? {
        uint16(.udpLite, occurrence, at: 0, in: header)
    }

    package func udpLiteDestinationPort(in header: RawSpan, occurrence: Int = 0) -> UInt16? {
        uint16(.udpLite, occurrence, at: 2, in: header)
    }
}

// SCTP (RFC 9260 section 3) and DCCP (RFC 4340 section 5.1).
extension LayerStack {
    package func sctpSourcePort(in header: RawSpan, occurrence: Int = 0) -> UInt16? {
        uint16(.sctp, occurrence, at: 0, in: header)
    }

    package func sctpDestinationPort(in header: RawSpan, occurrence: Int = 0) -> UInt16? {
        uint16(.sctp, occurrence, at: 2, in: header)
    }

    package func sctpVerificationTag(in header: RawSpan, occurrence: Int = 0) -> UInt32? {
        uint32(.sctp, occurrence, at: 4, in: header)
    }

    /// Type of the first chunk.
    package func sctpChunkType(in header: RawSpan, occurrence: Int = 0) -> UInt8? {
        uint8(.sctp, occurrence, at: 12, in: header)
    }

    package func dccpSourcePort(in header: RawSpan, occurrence: Int = 0) -> UInt16? {
        uint16(.dccp, occurrence, at: 0, in: header)
    }

    package func dccpDestinationPort(in header: RawSpan, occurrence: Int = 0) -> UInt16? {
        uint16(.dccp, occurrence, at: 2, in: header)
    }

    package func dccpType(in header: RawSpan, occurrence: Int = 0) -> UInt8? {
        uint8(.dccp, occurrence, at: 8, in: header).map { $0 >> 1 & 0x0F }
    }
}

// IGMP (RFC 3376 section 4), ESP (RFC 4303 section 2) and AH (RFC 4302 section 2).
extension LayerStack {
    package func igmpType(in header: RawSpan, occurrence: Int = 0) -> UInt8? {
        uint8(.igmp, occurrence, at: 0, in: header)
    }

    package func igmpGroup(in header: RawSpan, occurrence: Int = 0) -> UInt32? {
        uint32(.igmp, occurrence, at: 4, in: header)
    }

    /// Security parameters index.
    package func espSPI(in header: RawSpan, occurrence: Int = 0) -> UInt32? {
        uint32(.esp, occurrence, at: 0, in: header)
    }

    /// Security parameters index.
    package func ahSPI(in header: RawSpan, occurrence: Int = 0) -> UInt32? {
        uint32(.ah, occurrence, at: 4, in: header)
    }
}
