// Bytes that nobody meant to send: cut, changed, random, and crafted to cost time.
import PacketBuilding
import Packets
import SeededRandom
import Testing

@Suite struct HostileTests {
    @Test("cut at every byte: the layers are the first ones of the full result", arguments: catalogue)
    func truncation(_ packet: CataloguedPacket) {
        let full = DissectedPacket(packet.bytes, headerProtocol: packet.headerProtocol)
        for length in 0..<packet.bytes.count {
            let cut = DissectedPacket(Octets(packet.bytes.prefix(length)), headerProtocol: packet.headerProtocol)
            readEverything(cut)
            #expect(cut.layers.count <= full.layers.count)
            for (found, expected) in zip(cut.layers, full.layers) {
                #expect(found.kind == expected.kind, "cut to \(length)")
                #expect(found.offset == expected.offset, "cut to \(length)")
                #expect(
                    Int(found.length) == min(Int(expected.length), length - Int(expected.offset)), "cut to \(length)")
            }
            // An ICMP or DNS message is as long as what is there: only its fixed start can be missed.
            let endsInMessage = cut.layers.last.map { [.icmp, .icmp6, .dns].contains($0.kind) } ?? false
            #expect(cut.layers == full.layers || cut.ending == .truncated || endsInMessage, "cut to \(length)")
        }
    }

    @Test("each byte set to each of several values, and random bytes")
    func mutation() {
        let seed = UInt64.random(in: .min ... .max)
        var random = SeededGenerator(seed: seed)
        for packet in catalogue {
            for index in packet.bytes.indices {
                for value: UInt8 in [0x00, 0xFF, 0x7F, UInt8(truncatingIfNeeded: random.next())] {
                    var bytes = packet.bytes
                    bytes[index] = value
                    check(DissectedPacket(bytes, headerProtocol: packet.headerProtocol), seed)
                }
            }
        }
    }

    @Test("random bytes under every header protocol")
    func noise() {
        let seed = UInt64.random(in: .min ... .max)
        var random = SeededGenerator(seed: seed)
        for round in 0..<4000 {
            let count = Int(random.next() % 600)
            var bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            // Half of them start like a frame with IP, in order to get further.
            if round & 1 == 0 {
                bytes.replaceSubrange(0..<min(count, 15), with: ethernet(0x0800, [0x45]).prefix(count))
            }
            check(
                DissectedPacket(
                    bytes, headerProtocol: UInt32(random.next() % 20), frameLength: UInt32(random.next() % 2000)), seed)
        }
    }

    @Test("attributes read from other bytes than were dissected do not trap")
    func otherBytes() {
        for packet in catalogue {
            let full = DissectedPacket(packet.bytes, headerProtocol: packet.headerProtocol)
            for length in [0, 13, packet.bytes.count / 2] {
                let other = Octets(packet.bytes.prefix(length))
                readEveryField(full.stack, other.span.bytes)
            }
        }
    }

    @Test("limits: tags, labels, extension headers, encapsulation, bytes")
    func limits() {
        var tags = ipv4(6, tcp(1, 2))
        for index in 0..<9 { tags = vlan(1, index == 0 ? 0x0800 : 0x8100, tags) }
        let tagged = DissectedPacket(ethernet(0x8100, tags))
        #expect(tagged.stack.count(of: .vlan) == DissectionLimits.vlanTagCountMax)
        #expect(tagged.ending == .limitExceeded)
        #expect(tagged.endKind == .vlan)

        var labels = ipv4(6, tcp(1, 2))
        for index in 0..<17 { labels = label(16, bottom: index == 0, labels) }
        let labelled = DissectedPacket(ethernet(0x8847, labels))
        #expect(labelled.stack.count(of: .mpls) == DissectionLimits.labelCountMax)
        #expect(labelled.ending == .limitExceeded)

        var options = tcp(1, 2)
        for index in 0..<17 { options = extensionHeader(next: index == 0 ? 6 : 60, options) }
        let extended = DissectedPacket(ethernet(0x86DD, ipv6(60, options)))
        #expect(extended.stack.count(of: .ipv6DestinationOptions) == DissectionLimits.extensionHeaderCountMax)
        #expect(extended.ending == .limitExceeded)

        var nested = tcp(1, 2)
        for index in 0..<6 { nested = ipv4(index == 0 ? 6 : 4, nested) }
        let deep = DissectedPacket(ethernet(0x0800, nested))
        #expect(deep.stack.count(of: .ipv4) == 1 + DissectionLimits.encapsulationDepthMax)
        #expect(deep.ending == .limitExceeded)
        #expect(deep.endKind == .ipv4)

        var frames = ethernet(0x0806, arp(1))
        for _ in 0..<5 { frames = ethernet(0x88E7, zeros(4) + frames) }
        #expect(DissectedPacket(frames).stack.count(of: .ethernet) == 1 + DissectionLimits.encapsulationDepthMax)

        let long = DissectedPacket(ethernet(0x0800, ipv4(17, udp(1, 53, dns(["a"]) + zeros(2000)))))
        let last = long.layers[long.layers.count - 1]
        #expect(Int(last.offset) + Int(last.length) == DissectionLimits.headerBytesMax)
    }

    /// What holds whatever the bytes.
    private func check(_ packet: DissectedPacket, _ seed: UInt64) {
        readEverything(packet)
        #expect(packet.layers.count <= LayerStack.layerCountMax, "seed \(seed)")
        var previous = 0
        for layer in packet.layers {
            #expect(Int(layer.offset) >= previous, "seed \(seed)")
            #expect(Int(layer.offset) + Int(layer.length) <= min(packet.bytes.count, 512), "seed \(seed)")
            previous = Int(layer.offset)
        }
    }

    private func readEverything(_ packet: DissectedPacket) {
        _ = packet.text
        packet.read { readEveryField($0, $1) }
    }
}
