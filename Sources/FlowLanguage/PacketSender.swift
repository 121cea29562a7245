// Who sent a packet, as the port at which it came in sees it: what hosts are located by. No key: keys are asked for by
// definitions, this by the engine itself.

package import Bytes
internal import Packets
internal import SFlow

/// The sender of a frame on its own link, not of what is tunnelled in it.
package struct PacketSender: Hashable, Sendable {
    package let mac: MACAddress
    /// Of the frame's tag, else as the switch says (extended_switch); nil when neither does. 1 to 4094.
    package let vlan: UInt16?
    /// IPv4 or IPv6 source behind Ethernet and its tags, or sender of an ARP message; nil when there is none that could be
    /// an interface's address.
    package let address: IPAddress?

    package init(mac: MACAddress, vlan: UInt16?, address: IPAddress?) {
        self.mac = mac
        self.vlan = vlan
        self.address = address
    }
}

extension SampleFacts {
    /// nil without an Ethernet header whose source is one station.
    package mutating func sender(in datagram: RawSpan) -> PacketSender? {
        if !isDissected { dissect(in: datagram) }
        // False only for another datagram than the facts are of.
        guard headerRange.upperBound <= datagram.byteCount else { return nil }
        let header = datagram.extracting(headerRange)
        guard stack.count > 0, stack[0].kind == .ethernet, let mac = stack.macSource(in: header),
            !mac.isMulticast, mac.bits != 0
        else { return nil }
        return PacketSender(mac: mac, vlan: senderVLAN(header, datagram), address: senderAddress(header))
    }

    private func senderVLAN(_ header: RawSpan, _ datagram: RawSpan) -> UInt16? {
        // Not a tag that is tunnelled.
        if stack.count > 1, stack[1].kind == .vlan, let tag = stack.vlanID(in: header), tag != 0 { return tag }
        // extended_switch.src_vlan, sFlow version 5, section 5; 0 and all ones: not known.
        guard let body = body(of: FlowLayoutID.extendedSwitch.index, in: datagram),
            let vlan = try? datagram.uint32(at: body.lowerBound), (1...4094).contains(vlan)
        else { return nil }
        return UInt16(vlan)
    }

    private func senderAddress(_ header: RawSpan) -> IPAddress? {
        var index = 1
        while index < stack.count, SampleFacts.kindsBeforeNetwork.contains(stack[index].kind) { index += 1 }
        guard index < stack.count else { return nil }
        // The outermost of their kinds: nothing but Ethernet and tags is before them.
        let address: IPAddress? =
            switch stack[index].kind {
            case .ipv4: stack.ipv4Source(in: header).map { IPAddress(v4: $0) }
            case .ipv6: stack.ipv6Source(in: header)
            case .arp: stack.arpSenderIPv4(in: header).map { IPAddress(v4: $0) }
            default: nil
            }
        return address.flatMap { $0.isOfOneInterface ? $0 : nil }
    }

    private static let kindsBeforeNetwork: LayerKindSet = [
        LayerKindSet(.vlan), LayerKindSet(.eTag), LayerKindSet(.vnTag), LayerKindSet(.llc), LayerKindSet(.snap),
    ]
}

extension IPAddress {
    /// Neither unspecified, loopback, multicast nor broadcast. Sources: RFC 1122 section 3.2.1.3, RFC 4291 section 2.4.
    fileprivate var isOfOneInterface: Bool {
        guard isIPv6 else {
            let first = low >> 24
            return first != 0 && first != 127 && first < 224
        }
        return high >> 56 != 0xFF && !(high == 0 && low <= 1)
    }
}
