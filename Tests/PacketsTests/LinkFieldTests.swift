// Values of link-layer attributes, from packets built field by field.
import Bytes
import PacketBuilding
import Packets
import Testing

@Suite struct LinkFieldTests {
    @Test("Ethernet, IEEE 802.3 section 3.1.1")
    func addresses() {
        let packet = DissectedPacket(
            ethernet(0x0800, ipv4(17, udp(1, 4789, vxlan(9, ethernet(0x0806, arp(2), to: macB, from: macA))))))
        #expect(packet.read { $0.macDestination(in: $1) } == MACAddress(0x0200_5E00_5301))
        #expect(packet.read { $0.macSource(in: $1) } == MACAddress(0x0200_5E00_5302))
        #expect(packet.read { $0.macSource(in: $1, occurrence: 1) } == MACAddress(0x0200_5E00_5301))
        #expect(packet.read { $0.macSource(in: $1, occurrence: 2) } == nil)
        #expect(packet.read { $0.ethernetProtocol(in: $1) } == 0x0800)
        #expect(packet.read { $0.ethernetProtocol(in: $1, occurrence: 1) } == 0x0806)
    }

    @Test("VLAN tags, IEEE 802.1Q section 9.6: outermost first, the type behind the last")
    func tags() {
        let inner = vlan(4094, priority: 5, dropEligible: true, 0x86DD, ipv6(17, udp(1, 2)))
        let packet = DissectedPacket(ethernet(0x88A8, vlan(100, priority: 3, 0x8100, inner)))
        #expect(packet.read { $0.vlanID(in: $1) } == 100)
        #expect(packet.read { $0.vlanPriority(in: $1) } == 3)
        #expect(packet.read { $0.vlanDropEligible(in: $1) } == false)
        #expect(packet.read { $0.vlanID(in: $1, occurrence: 1) } == 4094)
        #expect(packet.read { $0.vlanPriority(in: $1, occurrence: 1) } == 5)
        #expect(packet.read { $0.vlanDropEligible(in: $1, occurrence: 1) } == true)
        #expect(packet.read { $0.vlanID(in: $1, occurrence: 2) } == nil)
        #expect(packet.read { $0.ethernetProtocol(in: $1) } == 0x86DD)
    }

    @Test("the type behind other tags, SNAP and none")
    func types() {
        let ip = ipv4(6, tcp(1, 2))
        let clear: Octets = [0x20, 0] + be32(9) + zeros(8) + be16(0x0800) + ip
        let secret: Octets = [0x2C, 0] + be32(9) + zeros(40)
        let cases: [(Octets, UInt16?)] = [
            (ethernet(0x893F, zeros(6) + be16(0x0800) + ip), 0x0800),
            (ethernet(0x8926, zeros(4) + be16(0x0800) + ip), 0x0800),
            (ethernet(0x88E5, clear), 0x0800),
            (ethernet(0x88E5, secret), nil),
            (ieee8023(snap(organisation: 0, 0x0800, ip)), 0x0800),
            (ieee8023(snap(organisation: 0xC, 0x2000, ip)), nil),
            (ieee8023([0x42, 0x42, 0x03] + zeros(35)), nil),
            (ethernet(0x88CC), 0x88CC),
        ]
        for (bytes, expected) in cases {
            #expect(DissectedPacket(bytes).read { $0.ethernetProtocol(in: $1) } == expected)
        }
    }

    @Test("LLC, IEEE 802.2 section 3.2, and PPPoE, RFC 2516 section 4")
    func other() {
        let spanningTree = DissectedPacket(ieee8023([0x42, 0x43, 0x03] + zeros(35)))
        #expect(spanningTree.read { $0.llcDestination(in: $1) } == 0x42)
        #expect(spanningTree.read { $0.llcSource(in: $1) } == 0x43)
        let session = DissectedPacket(ethernet(0x8864, pppoe(session: 0x1234, be16(0x21) + ipv4(17, udp(1, 2)))))
        #expect(session.read { $0.pppoeSession(in: $1) } == 0x1234)
    }

    @Test("ARP, RFC 826; addresses only where their sizes are known")
    func addressResolution() {
        let packet = DissectedPacket(ethernet(0x0806, arp(2)))
        #expect(packet.read { $0.arpOperation(in: $1) } == 2)
        #expect(packet.read { $0.arpSenderMAC(in: $1) } == MACAddress(0x0200_5E00_5302))
        #expect(packet.read { $0.arpSenderIPv4(in: $1) } == 0x0A00_0001)
        #expect(packet.read { $0.arpTargetMAC(in: $1) } == MACAddress(0x0200_5E00_5301))
        #expect(packet.read { $0.arpTargetIPv4(in: $1) } == 0x0A00_0002)
        let infiniband = DissectedPacket(ethernet(0x0806, arp(1, hardware: 32)))
        #expect(infiniband.read { $0.arpOperation(in: $1) } == 1)
        #expect(infiniband.read { $0.arpSenderIPv4(in: $1) } == nil)
    }

    @Test("MPLS, RFC 3032 section 2.1")
    func labels() {
        let bottom = label(1_048_575, trafficClass: 7, bottom: true, ttl: 255, ipv4(6, tcp(1, 2)))
        let packet = DissectedPacket(ethernet(0x8847, label(100, trafficClass: 5, bottom: false, ttl: 63, bottom)))
        #expect(packet.stack.count(of: .mpls) == 2)
        #expect(packet.read { $0.mplsLabel(in: $1) } == 100)
        #expect(packet.read { $0.mplsTrafficClass(in: $1) } == 5)
        #expect(packet.read { $0.mplsTTL(in: $1) } == 63)
        #expect(packet.read { $0.mplsIsBottom(in: $1) } == false)
        #expect(packet.read { $0.mplsLabel(in: $1, occurrence: 1) } == 1_048_575)
        #expect(packet.read { $0.mplsTrafficClass(in: $1, occurrence: 1) } == 7)
        #expect(packet.read { $0.mplsTTL(in: $1, occurrence: 1) } == 255)
        #expect(packet.read { $0.mplsIsBottom(in: $1, occurrence: 1) } == true)
    }

    @Test(
        "802.11 addresses by the distribution-system bits, IEEE 802.11 table 9-30",
        arguments: [
            (0x00, [1, 2, 3]), (0x02, [1, 3, 2]), (0x01, [3, 2, 1]), (0x03, [3, 4, nil]),
        ] as [(UInt8, [UInt64?])])
    func wireless(_ flags: UInt8, _ expected: [UInt64?]) {
        let address: (UInt8) -> Octets = { zeros(5) + [$0] }
        var bytes: Octets = [0x08, flags, 0, 0] + address(1) + address(2) + address(3) + zeros(2)
        if flags == 3 { bytes += address(4) }
        let packet = DissectedPacket(bytes + snap(organisation: 0, 0x0800, ipv4(6, tcp(1, 2))), headerProtocol: 15)
        #expect(packet.text == "wlan.llc.ip.tcp")
        #expect(packet.read { $0.wlanType(in: $1) } == 2)
        #expect(packet.read { $0.wlanSubtype(in: $1) } == 0)
        #expect(packet.read { $0.wlanDestination(in: $1)?.bits } == expected[0])
        #expect(packet.read { $0.wlanSource(in: $1)?.bits } == expected[1])
        #expect(packet.read { $0.wlanBSSID(in: $1)?.bits } == expected[2])
    }
}
