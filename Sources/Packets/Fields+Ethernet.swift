// Attributes of link layers: Ethernet, VLAN tags, LLC, ARP, MPLS, PPPoE, 802.11.
package import Bytes

// Ethernet and what follows it. IEEE 802.3 section 3.1.1, IEEE 802.1Q section 9.6.
extension LayerStack {
    package func macDestination(in header: RawSpan, occurrence: Int = 0) -> MACAddress? {
        mac(.ethernet, occurrence, at: 0, in: header)
    }

    package func macSource(in header: RawSpan, occurrence: Int = 0) -> MACAddress? {
        mac(.ethernet, occurrence, at: 6, in: header)
    }

    /// EtherType of the payload, behind all tags and a SNAP header; nil for a frame with a length and no SNAP.
    package func ethernetProtocol(in header: RawSpan, occurrence: Int = 0) -> UInt16? {
        guard var index = index(of: LayerKindSet(.ethernet), occurrence) else { return nil }
        while index + 1 < count, layers[index + 1].kind.isBridgeTag { index += 1 }
        guard let type = layers[index].lastUInt16(in: header) else { return nil }
        if type >= EtherType.minimum { return type }
        guard index + 2 < count, layers[index + 2].kind == .snap else { return nil }
        let snap = layers[index + 2]
        guard let organisation = snap.uint32(at: 0, in: header).map({ $0 >> 8 }),
            organisation == 0 || organisation == 0xF8
        else { return nil }
        return snap.uint16(at: 3, in: header)
    }

    /// 12 bits; 0 is a priority tag.
    package func vlanID(in header: RawSpan, occurrence: Int = 0) -> UInt16? {
        uint16(.vlan, occurrence, at: 0, in: header).map { $0 & 0x0FFF }
    }

    /// 0 to 7.
    package func vlanPriority(in header: RawSpan, occurrence: Int = 0) -> UInt8? {
        uint8(.vlan, occurrence, at: 0, in: header).map { $0 >> 5 }
    }

    package func vlanDropEligible(in header: RawSpan, occurrence: Int = 0) -> Bool? {
        uint8(.vlan, occurrence, at: 0, in: header).map { $0 & 0x10 != 0 }
    }

    package func llcDestination(in header: RawSpan, occurrence: Int = 0) -> UInt8? {
        uint8(.llc, occurrence, at: 0, in: header)
    }

    package func llcSource(in header: RawSpan, occurrence: Int = 0) -> UInt8? {
        uint8(.llc, occurrence, at: 1, in: header)
    }

    package func pppoeSession(in header: RawSpan, occurrence: Int = 0) -> UInt16? {
        uint16(.pppoe, occurrence, at: 2, in: header)
    }
}

extension LayerKind {
    /// Tags that end in the type of what follows.
    fileprivate var isBridgeTag: Bool { self == .vlan || self == .eTag || self == .vnTag || self == .macsec }
}

extension Layer {
    /// The type at the end of an Ethernet header or tag; nil when the header was cut or, in MACsec, is encrypted.
    fileprivate func lastUInt16(in header: RawSpan) -> UInt16? {
        let complete: Int
        switch kind {
        case .ethernet: complete = 14
        case .vlan: complete = 4
        case .eTag: complete = 8
        case .vnTag: complete = 6
        default:
            guard let control = uint8(at: 0, in: header), control & 0x0C == 0 else { return nil }
            complete = control & 0x20 != 0 ? 16 : 8
        }
        return uint16(at: complete - 2, in: header)
    }
}

// ARP, RFC 826. Addresses only for Ethernet and IPv4, the one combination whose offsets are fixed.
extension LayerStack {
    /// 1 request, 2 reply.
    package func arpOperation(in header: RawSpan, occurrence: Int = 0) -> UInt16? {
        uint16(.arp, occurrence, at: 6, in: header)
    }

    package func arpSenderMAC(in header: RawSpan, occurrence: Int = 0) -> MACAddress? {
        arpForIPv4(in: header, occurrence)?.mac(at: 8, in: header)
    }

    package func arpSenderIPv4(in header: RawSpan, occurrence: Int = 0) -> UInt32? {
        arpForIPv4(in: header, occurrence)?.uint32(at: 14, in: header)
    }

    package func arpTargetMAC(in header: RawSpan, occurrence: Int = 0) -> MACAddress? {
        arpForIPv4(in: header, occurrence)?.mac(at: 18, in: header)
    }

    package func arpTargetIPv4(in header: RawSpan, occurrence: Int = 0) -> UInt32? {
        arpForIPv4(in: header, occurrence)?.uint32(at: 24, in: header)
    }

    private func arpForIPv4(in header: RawSpan, _ occurrence: Int) -> Layer? {
        guard let layer = nth(.arp, occurrence), layer.uint32(at: 0, in: header) == 0x0001_0800,
            layer.uint16(at: 4, in: header) == 0x0604
        else { return nil }
        return layer
    }
}

// MPLS, RFC 3032 section 2.1. Occurrences are label stack entries; `count(of: .mpls)` says how many there are.
extension LayerStack {
    /// 20 bits.
    package func mplsLabel(in header: RawSpan, occurrence: Int = 0) -> UInt32? {
        mplsEntry(in: header, occurrence).map { $0 >> 12 }
    }

    /// 3 bits, RFC 5462.
    package func mplsTrafficClass(in header: RawSpan, occurrence: Int = 0) -> UInt8? {
        mplsEntry(in: header, occurrence).map { UInt8(truncatingIfNeeded: $0 >> 9 & 7) }
    }

    package func mplsTTL(in header: RawSpan, occurrence: Int = 0) -> UInt8? {
        mplsEntry(in: header, occurrence).map { UInt8(truncatingIfNeeded: $0) }
    }

    package func mplsIsBottom(in header: RawSpan, occurrence: Int = 0) -> Bool? {
        mplsEntry(in: header, occurrence).map { $0 & 0x100 != 0 }
    }

    private func mplsEntry(in header: RawSpan, _ occurrence: Int) -> UInt32? {
        uint32(.mpls, occurrence, at: 0, in: header)
    }
}

// IEEE 802.11 section 9.3: which of the addresses is what depends on the two distribution-system bits.
extension LayerStack {
    /// 0 management, 1 control, 2 data.
    package func wlanType(in header: RawSpan, occurrence: Int = 0) -> UInt8? {
        uint8(.wlan, occurrence, at: 0, in: header).map { $0 >> 2 & 3 }
    }

    package func wlanSubtype(in header: RawSpan, occurrence: Int = 0) -> UInt8? {
        uint8(.wlan, occurrence, at: 0, in: header).map { $0 >> 4 }
    }

    package func wlanDestination(in header: RawSpan, occurrence: Int = 0) -> MACAddress? {
        wlanAddress([4, 4, 16, 16], in: header, occurrence)
    }

    package func wlanSource(in header: RawSpan, occurrence: Int = 0) -> MACAddress? {
        wlanAddress([10, 16, 10, 24], in: header, occurrence)
    }

    /// nil between access points, where no station is addressed.
    package func wlanBSSID(in header: RawSpan, occurrence: Int = 0) -> MACAddress? {
        wlanAddress([16, 10, 4, nil], in: header, occurrence)
    }

    /// `offsets` by the bits to-DS (lowest) and from-DS: neither, from, to, both.
    private func wlanAddress(_ offsets: InlineArray<4, Int?>, in header: RawSpan, _ occurrence: Int) -> MACAddress? {
        guard let layer = nth(.wlan, occurrence), let flags = layer.uint8(at: 1, in: header) else { return nil }
        let toAndFrom = flags & 3
        let row = toAndFrom == 1 ? 2 : toAndFrom == 2 ? 1 : Int(toAndFrom)
        guard let offset = offsets[row] else { return nil }
        return layer.mac(at: offset, in: header)
    }
}
