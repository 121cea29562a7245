// Which headers are found, in which order, and why dissection ended.
import PacketBuilding
import Packets
import Testing

@Suite struct StackTests {
    @Test("every protocol gives its stack", arguments: catalogue)
    func stack(_ packet: CataloguedPacket) {
        let found = DissectedPacket(packet.bytes, headerProtocol: packet.headerProtocol)
        #expect(found.text == packet.stack)
        #expect(found.ending == .complete)
        #expect(found.endKind == nil)
    }

    @Test("every kind occurs in the catalogue")
    func catalogueIsComplete() {
        let seen = Set(
            catalogue.flatMap { DissectedPacket($0.bytes, headerProtocol: $0.headerProtocol).layers.map(\.kind) })
        // Three extension headers that differ from the others in their number only.
        let others: Set<LayerKind> = [.ipv6Mobility, .ipv6HIP, .ipv6Shim6]
        #expect(Set(LayerKind.allCases).subtracting(seen) == others)
        for (number, kind) in [(135, LayerKind.ipv6Mobility), (139, .ipv6HIP), (140, .ipv6Shim6)] {
            let bytes = ethernet(0x86DD, ipv6(UInt8(number), extensionHeader(next: 17, udp(1, 2))))
            let packet = DissectedPacket(bytes)
            #expect(packet.layers.map(\.kind) == [.ethernet, .ipv6, kind, .udp])
        }
    }

    @Test("header protocols that cannot be dissected give nothing", arguments: [0, 2, 6, 8, 18, 19, UInt32.max])
    func unknownHeaderProtocols(_ number: UInt32) {
        let packet = DissectedPacket(ethernet(0x0800, ipv4(6, tcp(1, 2))), headerProtocol: number)
        #expect(packet.layers.isEmpty)
        #expect(packet.ending == .complete)
    }

    @Test("layers lie where the builder put them; a stack is used again")
    func offsets() {
        let packet = DissectedPacket(
            ethernet(0x8100, vlan(5, 0x0800, ipv4(17, udp(7, 4789, vxlan(1, ethernet(0x0806, arp(2))))))))
        #expect(packet.layers.map(\.offset) == [0, 14, 18, 38, 46, 54, 68])
        #expect(packet.layers.map(\.length) == [14, 4, 20, 8, 8, 14, 28])
        #expect(packet.stack.offset(of: .ethernet, 1) == 54)
        #expect(packet.stack.count(of: .ethernet) == 2)
        #expect(packet.stack.count(of: .tcp) == 0)

        var again = LayerStack()
        let long = packet.bytes
        again.dissect(long.span.bytes, headerProtocol: 1)
        let short = ethernet(0x0806, arp(1))
        again.dissect(short.span.bytes, headerProtocol: 1)
        let count = again.count
        let hasIP = again.kinds.contains(.ipv4)
        #expect(count == 2)
        #expect(!hasIP)
    }

    @Test("a fragment that is not the first has no layer 4 (RFC 791 section 3.2, RFC 8200 section 4.5)")
    func fragments() {
        let v4 = DissectedPacket(ethernet(0x0800, ipv4(6, tcp(1, 2), flagsAndOffset: 0x2005)))
        #expect(v4.text == "eth.ip")
        #expect(v4.ending == .fragment)
        let first = DissectedPacket(ethernet(0x0800, ipv4(6, tcp(1, 2), flagsAndOffset: 0x2000)))
        #expect(first.text == "eth.ip.tcp")
        let v6 = DissectedPacket(ethernet(0x86DD, ipv6(44, fragment(next: 6, offset: 185, more: false, tcp(1, 2)))))
        #expect(v6.text == "eth.ip6")
        #expect(v6.ending == .fragment)
        let inner = DissectedPacket(ethernet(0x0800, ipv4(4, ipv4(6, tcp(1, 2), flagsAndOffset: 1))))
        #expect(inner.text == "eth.ip.ip")
        #expect(inner.ending == .fragment)
    }

    @Test("length fields shrink what may be read and never enlarge it")
    func lengths() {
        // Ethernet padding behind a packet of 24 bytes: ports, but no sequence number.
        let padded = DissectedPacket(ethernet(0x0800, ipv4(6, tcp(1, 2), totalLength: 24)))
        #expect(padded.read { $0.tcpDestinationPort(in: $1) } == 2)
        #expect(padded.read { $0.tcpSequence(in: $1) } == nil)
        #expect(padded.ending == .truncated)
        // The agent's machine left the length to its network card.
        let offloaded = DissectedPacket(ethernet(0x0800, ipv4(6, tcp(1, 2), totalLength: 0)))
        #expect(offloaded.ending == .complete)
        let jumbo = DissectedPacket(ethernet(0x86DD, ipv6(6, tcp(1, 2), payloadLength: 0)))
        #expect(jumbo.ending == .complete)
        let huge = DissectedPacket(ethernet(0x0800, ipv4(17, udp(1, 2, length: 65535), totalLength: 65535)))
        #expect(huge.ending == .complete)
        let emptyUDP = DissectedPacket(ethernet(0x0800, ipv4(17, udp(1, 53, dns(["a"]), length: 8))))
        #expect(emptyUDP.text == "eth.ip.udp")
    }

    @Test("a header that contradicts itself ends dissection and keeps what was before")
    func malformed() {
        var shortHeader = ethernet(0x0800, ipv4(6, tcp(1, 2)))
        shortHeader[14] = 0x44
        let short = DissectedPacket(shortHeader)
        #expect(short.ending == .malformed)
        #expect(short.endKind == .ipv4)
        #expect(short.read { $0.ipv4Source(in: $1) } == 0xC000_020A)
        #expect(DissectedPacket(ethernet(0x0800, ipv6(6))).ending == .malformed)
        #expect(DissectedPacket(ethernet(0x05F0, zeros(40))).ending == .malformed)
        #expect(DissectedPacket(ethernet(0x0800, ipv4(6, tcp(1, 2), totalLength: 19))).ending == .malformed)
        #expect(DissectedPacket(zeros(20), headerProtocol: 11).ending == .malformed)
        // Outer headers survive a bad inner packet.
        let inner = DissectedPacket(ethernet(0x0800, ipv4(17, udp(9, 4789, vxlan(3, ethernet(0x0800, zeros(40)))))))
        #expect(inner.text == "eth.ip.udp.vxlan.eth")
        #expect(inner.ending == .malformed)
        #expect(inner.read { $0.vxlanVNI(in: $1) } == 3)
    }

    @Test("under a label, the IP length that does not fit the frame gives way to Ethernet (RFC 4928 section 2)")
    func misreadLabelPayload() {
        let payload = ethernet(0x0800, ipv4(6, tcp(1, 2)), to: [0x45, 0, 0xF0, 0, 0, 1])
        let bytes = ethernet(0x8847, label(16, bottom: true, payload))
        #expect(DissectedPacket(bytes, frameLength: UInt32(bytes.count + 4)).text == "eth.mpls.eth.ip.tcp")
        #expect(DissectedPacket(bytes).layers.map(\.kind).prefix(3) == [.ethernet, .mpls, .ipv4])
    }

    @Test("tunnels known by either port are found by the source port too")
    func sourcePorts() {
        let bytes = ethernet(0x0800, ipv4(17, udp(2152, 40000, gtp(flags: 0x30, ipv4(6, tcp(1, 2))))))
        #expect(DissectedPacket(bytes).text == "eth.ip.udp.gtp.ip.tcp")
        let answer = ethernet(0x0800, ipv4(17, udp(4789, 40000, vxlan(1, ethernet(0x0806, arp(1))))))
        #expect(DissectedPacket(answer).text == "eth.ip.udp")
    }
}
