// Attributes of IPv6 headers and the extension headers that belong to them. RFC 8200 sections 3 and 4.
package import Bytes

extension LayerStack {
    package func ipv6Source(in header: RawSpan, occurrence: Int = 0) -> IPAddress? {
        nth(.ipv6, occurrence)?.ipv6(at: 8, in: header)
    }

    package func ipv6Destination(in header: RawSpan, occurrence: Int = 0) -> IPAddress? {
        nth(.ipv6, occurrence)?.ipv6(at: 24, in: header)
    }

    /// The length field as it stands: bytes behind the header, 0 in a jumbogram or under segmentation offload.
    package func ipv6PayloadLength(in header: RawSpan, occurrence: Int = 0) -> UInt16? {
        uint16(.ipv6, occurrence, at: 4, in: header)
    }

    package func ipv6TrafficClass(in header: RawSpan, occurrence: Int = 0) -> UInt8? {
        uint16(.ipv6, occurrence, at: 0, in: header).map { UInt8(truncatingIfNeeded: $0 >> 4) }
    }

    /// 6 bits.
    package func ipv6DSCP(in header: RawSpan, occurrence: Int = 0) -> UInt8? {
        ipv6TrafficClass(in: header, occurrence: occurrence).map { $0 >> 2 }
    }

    /// 2 bits.
    package func ipv6ECN(in header: RawSpan, occurrence: Int = 0) -> UInt8? {
        ipv6TrafficClass(in: header, occurrence: occurrence).map { $0 & 3 }
    }

    /// 20 bits.
    package func ipv6FlowLabel(in header: RawSpan, occurrence: Int = 0) -> UInt32? {
        uint32(.ipv6, occurrence, at: 0, in: header).map { $0 & 0x000F_FFFF }
    }

    package func ipv6HopLimit(in header: RawSpan, occurrence: Int = 0) -> UInt8? {
        uint8(.ipv6, occurrence, at: 7, in: header)
    }

    /// The protocol behind the extension headers. Where they are cut, the number of the first that is not there.
    package func ipv6NextHeader(in header: RawSpan, occurrence: Int = 0) -> UInt8? {
        guard let index = index(of: LayerKindSet(.ipv6), occurrence) else { return nil }
        let extensions = extensionLayers(after: index)
        guard let last = extensions.last else { return layers[index].uint8(at: 6, in: header) }
        return layers[last].uint8(at: 0, in: header)
    }

    /// The extension headers of an IPv6 header, in order, as indices into the stack; `ipv6ExtensionNumber` of their
    /// kinds are the numbers. nil without an IPv6 header, empty without extension headers.
    package func ipv6Extensions(occurrence: Int = 0) -> Range<Int>? {
        guard let index = index(of: LayerKindSet(.ipv6), occurrence) else { return nil }
        return extensionLayers(after: index)
    }

    /// Unit: 8 bytes. nil without a fragment header.
    package func ipv6FragmentOffset(in header: RawSpan, occurrence: Int = 0) -> UInt16? {
        ipv6Fragment(occurrence)?.uint16(at: 2, in: header).map { $0 >> 3 }
    }

    /// nil without a fragment header.
    package func ipv6MoreFragments(in header: RawSpan, occurrence: Int = 0) -> Bool? {
        ipv6Fragment(occurrence)?.uint8(at: 3, in: header).map { $0 & 1 == 1 }
    }

    private func ipv6Fragment(_ occurrence: Int) -> Layer? {
        guard kinds.contains(.ipv6Fragment), let extensions = ipv6Extensions(occurrence: occurrence) else { return nil }
        for index in extensions where layers[index].kind == .ipv6Fragment { return layers[index] }
        return nil
    }

    private func extensionLayers(after index: Int) -> Range<Int> {
        var end = index + 1
        while end < count, layers[end].kind.ipv6ExtensionNumber != nil { end += 1 }
        return index + 1..<end
    }
}
