// Attributes of tunnel headers.
import Bytes

extension LayerStack {
    /// Protocol carried by GRE, an EtherType. RFC 2784 section 2.4. NVGRE counts as GRE here.
    package func greProtocol(in header: RawSpan, occurrence: Int = 0) -> UInt16? {
        nth(.anyGRE, occurrence)?.uint16(at: 2, in: header)
    }

    /// RFC 2890 section 2.1; nil without a key. In PPTP payload length and call id, in NVGRE subnet and flow id.
    package func greKey(in header: RawSpan, occurrence: Int = 0) -> UInt32? {
        guard let layer = nth(.anyGRE, occurrence), let flags = layer.uint16(at: 0, in: header),
            flags & 0x2000 != 0
        else { return nil }
        return layer.uint32(at: flags & 0xC000 != 0 ? 8 : 4, in: header)
    }

    /// 24 bits. RFC 7637 section 3.2.
    package func nvgreSubnetID(in header: RawSpan, occurrence: Int = 0) -> UInt32? {
        uint32(.nvgre, occurrence, at: 4, in: header).map { $0 >> 8 }
    }

    /// 8 bits. RFC 7637 section 3.2.
    package func nvgreFlowID(in header: RawSpan, occurrence: Int = 0) -> UInt8? {
        uint8(.nvgre, occurrence, at: 7, in: header)
    }

    /// Session of a mirrored frame, 10 bits; ERSPAN type II and III keep it in the same place.
    package func erspanSession(in header: RawSpan, occurrence: Int = 0) -> UInt16? {
        uint16(.erspan, occurrence, at: 2, in: header).map { $0 & 0x03FF }
    }

    /// Network identifier, 24 bits. RFC 7348 section 5; VXLAN-GPE has it in the same place.
    package func vxlanVNI(in header: RawSpan, occurrence: Int = 0) -> UInt32? {
        nth(.anyVXLAN, occurrence)?.uint32(at: 4, in: header).map { $0 >> 8 }
    }

    /// Network identifier, 24 bits. RFC 8926 section 3.4.
    package func geneveVNI(in header: RawSpan, occurrence: Int = 0) -> UInt32? {
        uint32(.geneve, occurrence, at: 4, in: header).map { $0 >> 8 }
    }

    /// Tunnel endpoint identifier. 3GPP TS 29.281 section 5.1.
    package func gtpTunnelEndpoint(in header: RawSpan, occurrence: Int = 0) -> UInt32? {
        uint32(.gtp, occurrence, at: 4, in: header)
    }

    /// RFC 2661 section 3.1: behind flags and, where flagged, the length.
    package func l2tpTunnel(in header: RawSpan, occurrence: Int = 0) -> UInt16? {
        l2tpIdentifier(at: 2, in: header, occurrence)
    }

    package func l2tpSession(in header: RawSpan, occurrence: Int = 0) -> UInt16? {
        l2tpIdentifier(at: 4, in: header, occurrence)
    }

    private func l2tpIdentifier(at field: Int, in header: RawSpan, _ occurrence: Int) -> UInt16? {
        guard let layer = nth(.l2tp, occurrence), let flags = layer.uint16(at: 0, in: header) else { return nil }
        return layer.uint16(at: flags & 0x4000 != 0 ? field + 2 : field, in: header)
    }
}
