// Records whose fields stand behind an address of variable size or in lists: extended_router (1002), extended_gateway
// (1003), extended_mpls (1006), extended_nat (1007). Source: sFlow version 5, section 5.3.

internal import Bytes
internal import Packets
internal import SFlow

extension SampleFacts {
    func readRouting(
        _ attribute: RoutingAttribute, _ datagram: RawSpan, _ header: RawSpan, _ text: inout FixedBytes
    ) -> Value {
        guard let place = body(of: attribute.layout.index, in: datagram) else { return .null }
        return (try? readRouting(attribute, body: datagram.extracting(place), header, &text)) ?? .null
    }

    private func readRouting(
        _ attribute: RoutingAttribute, body: RawSpan, _ header: RawSpan, _ text: inout FixedBytes
    ) throws(OutOfBounds) -> Value {
        switch attribute.layout {
        case .extendedRouter: try readRouter(attribute, body, header)
        case .extendedNAT: try readTranslation(attribute, body)
        case .extendedMPLS: try readLabelStacks(attribute, body, &text)
        default: try readGateway(attribute, body, &text)
        }
    }

    private func readRouter(
        _ attribute: RoutingAttribute, _ body: RawSpan, _ header: RawSpan
    ) throws(OutOfBounds) -> Value {
        var offset = 0
        let nextHop = try body.addressField(&offset)
        // Encoders that take "not IPv6" for IPv4 write four zero bytes behind type 0.
        if nextHop == nil, body.byteCount == 16 { offset = 8 }
        if attribute == .nextHop { return .address(nextHop.flatMap { $0 == IPAddress(v4: 0) ? nil : $0 }) }
        let isSource = attribute == .sourceMaskBits || attribute == .sourcePrefix
        let length = try body.uint32(at: isSource ? offset : offset + 4)
        guard attribute == .sourcePrefix || attribute == .destinationPrefix else {
            return length <= (nextHop?.isIPv6 == false ? 32 : 128) ? .number(length) : .null
        }
        let address: IPAddress? =
            isSource
            ? stack.ipv4Source(in: header).map(IPAddress.init(v4:)) ?? stack.ipv6Source(in: header)
            : stack.ipv4Destination(in: header).map(IPAddress.init(v4:)) ?? stack.ipv6Destination(in: header)
        guard let address else { return .null }
        return .prefix(of: address, length: length)
    }

    private func readTranslation(_ attribute: RoutingAttribute, _ body: RawSpan) throws(OutOfBounds) -> Value {
        var offset = 0
        let source = try body.addressField(&offset)
        if attribute == .natSource { return .address(source) }
        return .address(try body.addressField(&offset))
    }

    private func readLabelStacks(
        _ attribute: RoutingAttribute, _ body: RawSpan, _ text: inout FixedBytes
    ) throws(OutOfBounds) -> Value {
        var offset = 0
        let nextHop = try body.addressField(&offset)
        if attribute == .mplsNextHop { return .address(nextHop) }
        if attribute == .mplsLabelsOut { offset += 4 + 4 * Int(try body.uint32(at: offset)) }
        return try text.appendList(of: body, at: offset) { UInt64($0 >> 12) }
    }

    private func readGateway(
        _ attribute: RoutingAttribute, _ body: RawSpan, _ text: inout FixedBytes
    ) throws(OutOfBounds) -> Value {
        var offset = 0
        let nextHop = try body.addressField(&offset)
        let own = try body.uint32(at: offset)
        switch attribute {
        case .bgpNextHop: return .address(nextHop)
        case .bgpAS: return .number(own)
        case .bgpSourceAS:
            // 0: the source is in the router's own system.
            let source = try body.uint32(at: offset + 4)
            return .number(source == 0 ? own : source)
        case .bgpSourcePeerAS: return .number(try body.uint32(at: offset + 8))
        default: break
        }
        let start = text.count
        let path = try text.appendPath(of: body, at: offset + 12)
        switch attribute {
        case .bgpPath: return path.last == nil ? .null : .text(from: start, in: text)
        case .bgpDestinationAS: return .number(path.last)
        case .bgpDestinationPeerAS: return .number(path.first)
        default: break
        }
        text.truncate(to: start)
        let communities = Int(try body.uint32(at: path.end))
        guard communities <= Limits.communities, communities <= (body.byteCount - path.end - 4) / 4 else {
            return .null
        }
        if attribute == .bgpLocalPreference { return .number(try body.uint32(at: path.end + 4 + 4 * communities)) }
        for index in 0..<communities {
            let community = try body.uint32(at: path.end + 4 + 4 * index)
            if index > 0 { text.append(UInt8(ascii: "-")) }
            text.appendDecimal(UInt64(community >> 16))
            text.append(UInt8(ascii: ":"))
            text.appendDecimal(UInt64(community & 0xFFFF))
        }
        return communities == 0 ? .null : .text(from: start, in: text)
    }
}

extension RoutingAttribute {
    var layout: FlowLayoutID {
        switch self {
        case .nextHop, .sourceMaskBits, .destinationMaskBits, .sourcePrefix, .destinationPrefix: .extendedRouter
        case .natSource, .natDestination: .extendedNAT
        case .mplsNextHop, .mplsLabelsIn, .mplsLabelsOut: .extendedMPLS
        default: .extendedGateway
        }
    }
}

extension Value {
    /// The network part of an address; null when the length is more than the address has.
    static func prefix(of address: IPAddress, length: UInt32) -> Value {
        guard length <= (address.isIPv6 ? 128 : 32) else { return .null }
        let bits = UInt64(length)
        guard address.isIPv6 else {
            let mask: UInt64 = bits == 0 ? 0 : ~0 << (32 - bits)
            return Value(.ipv4Prefix, width: UInt8(bits), low: address.low & mask & 0xFFFF_FFFF)
        }
        let high: UInt64 = bits == 0 ? 0 : bits >= 64 ? ~0 : ~0 << (64 - bits)
        let low: UInt64 = bits <= 64 ? 0 : ~0 << (128 - bits)
        return Value(.ipv6Prefix, width: UInt8(bits), low: address.low & low, high: address.high & high)
    }
}

extension RawSpan {
    /// A type word and 0, 4 or 16 bytes of address.
    fileprivate func addressField(_ offset: inout Int) throws(OutOfBounds) -> IPAddress? {
        let start = offset
        switch try uint32(at: start) {
        case 0:
            offset = start + 4
            return nil
        case 1:
            offset = start + 8
            return try ipv4(at: start + 4)
        case 2:
            offset = start + 20
            return try ipv6(at: start + 4)
        default:
            throw OutOfBounds(offset: start)
        }
    }
}

extension FixedBytes {
    /// Appends the numbers of an AS path of any number of segments, joined with `-`. Zeros occur and are passed over.
    /// - Returns: the first and last number, and the offset behind the path.
    fileprivate mutating func appendPath(
        of body: RawSpan, at offset: Int
    ) throws(OutOfBounds) -> (first: UInt32?, last: UInt32?, end: Int) {
        var place = offset + 4
        var first: UInt32?
        var last: UInt32?
        let segments = Int(try body.uint32(at: offset))
        guard segments <= Limits.pathSegments else { throw OutOfBounds(offset: offset) }
        var memberCount = 0
        for _ in 0..<segments {
            let members = Int(try body.uint32(at: place + 4))
            memberCount += members
            guard memberCount <= Limits.pathMembers else { throw OutOfBounds(offset: place) }
            for index in 0..<members {
                let system = try body.uint32(at: place + 8 + 4 * index)
                guard system != 0 else { continue }
                if first != nil { append(UInt8(ascii: "-")) }
                appendDecimal(UInt64(system))
                if first == nil { first = system }
                last = system
            }
            place += 8 + 4 * members
        }
        return (first, last, place)
    }
}
