// Who sent a frame: the sender on its own link, whatever is tunnelled in it.

import Bytes
import FlowLanguage
import PacketBuilding
import SeededRandom
import SFlow
import Testing

@Suite struct PacketSenderTests {
    private func sender(_ sample: Sample) -> String? {
        var facts = SampleFacts()
        let bytes = sample.fill(&facts)
        return facts.sender(in: bytes.span.bytes).map { sender in
            "\(sender.mac) \(sender.vlan.map(String.init) ?? "-") \(sender.address?.description ?? "-")"
        }
    }

    private static let ip = ipv4(17, udp(1, 2))

    static let frames: [(frame: Octets, expected: String?)] = [
        (ethernet(0x0800, ip), "02005E005302 - 192.0.2.10"),
        (ethernet(0x86DD, ipv6(17)), "02005E005302 - 2001:DB8::1"),
        (ethernet(0x0806, arp(1)), "02005E005302 - 10.0.0.1"),
        // Sender addresses of other kinds of networks are no IPv4 addresses.
        (ethernet(0x0806, arp(1, hardware: 7)), "02005E005302 - -"),
        (ethernet(0x8100, vlan(7, 0x0800, ip)), "02005E005302 7 192.0.2.10"),
        (ethernet(0x88A8, vlan(7, 0x8100, vlan(9, 0x0800, ip))), "02005E005302 7 192.0.2.10"),
        // A priority tag names no VLAN.
        (ethernet(0x8100, vlan(0, 0x0800, ip)), "02005E005302 - 192.0.2.10"),
        (ieee8023(snap(organisation: 0, 0x0800, ip)), "02005E005302 - 192.0.2.10"),
        // What is inside a tunnel or behind labels is somebody else's.
        (ethernet(0x8847, label(16, bottom: true, ip)), "02005E005302 - -"),
        (ethernet(0x8864, pppoe(session: 1, [0, 0x21] + ip)), "02005E005302 - -"),
        (ethernet(0x0800, ipv4(17, udp(1, 4789, vxlan(5, ethernet(0x8100, vlan(9, 0x86DD, ipv6(6))))))), "02005E005302 - 192.0.2.10"),
        (ethernet(0x88B5), "02005E005302 - -"),
        (ethernet(0x0800, ip, from: [0x01, 0, 0x5E, 0, 0, 1]), nil),
        (ethernet(0x0800, ip, from: zeros(6)), nil),
        (Octets(ethernet(0x0800, ip).prefix(11)), nil),
        (Octets(ethernet(0x0800, ip).prefix(28)), "02005E005302 - -"),
        ([], nil),
    ]

    @Test(arguments: frames.indices) func ofFrames(place: Int) {
        let (frame, expected) = PacketSenderTests.frames[place]
        #expect(sender(Sample(packet: frame)) == expected)
    }

    @Test(arguments: [
        ([0, 0, 0, 0], false), ([127, 0, 0, 1], false), ([224, 0, 0, 1], false), ([255, 255, 255, 255], false), ([10, 0, 0, 1], true),
        ([169, 254, 1, 1], true),
    ] as [(Octets, Bool)])
    func addressesOfOneInterface(source: Octets, isOne: Bool) {
        var packet = ipv4(17)
        packet.replaceSubrange(12..<16, with: source)
        let expected = isOne ? source.map(String.init).joined(separator: ".") : "-"
        #expect(sender(Sample(packet: ethernet(0x0800, packet))) == "02005E005302 - \(expected)")
    }

    /// extended_switch (0:1001), src_vlan.
    @Test func whatTheSwitchSays() {
        func sample(_ vlan: Int, _ frame: Octets) -> Sample {
            Sample(packet: frame, (Tag(0, 1001), be32(vlan) + be32(0) + be32(99) + be32(0)))
        }
        let frame = ethernet(0x88B5)
        #expect(sender(sample(12, frame)) == "02005E005302 12 -")
        #expect(sender(sample(12, ethernet(0x8100, vlan(7, 0x88B5, [])))) == "02005E005302 7 -")
        for none in [0, 4095, 70_000, 0xFFFF_FFFF] { #expect(sender(sample(none, frame)) == "02005E005302 - -") }
    }

    @Test func withoutAHeader() {
        #expect(sender(Sample()) == nil)
        #expect(sender(Sample((Tag(0, 3), be32(100) + be32(6) + [10, 0, 0, 1] + [10, 0, 0, 2] + zeros(16)))) == nil)
    }

    @Test func mutatedFramesDoNotTrap() {
        var random = SeededGenerator(seed: 11)
        for (frame, _) in PacketSenderTests.frames where !frame.isEmpty {
            for _ in 0..<200 {
                var bytes = frame
                for _ in 0..<3 { bytes[Int.random(in: bytes.indices, using: &random)] = .random(in: 0...255, using: &random) }
                _ = sender(Sample(packet: Octets(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))))
            }
        }
    }
}
