// Values of tunnel, InfiniBand and DNS attributes.
import PacketBuilding
import Packets
import Testing

private func overUDP(_ port: Int, _ payload: Octets) -> DissectedPacket {
    DissectedPacket(ethernet(0x0800, ipv4(17, udp(49152, port, payload))))
}

@Suite struct TunnelFieldTests {
    private let frame = ethernet(0x0806, arp(1))

    @Test("GRE (RFC 2890 section 2.1) and NVGRE (RFC 7637 section 3.2)")
    func genericRouting() {
        let fields = be32(1) + be32(0xDEAD_BEEF)
        let keyed = DissectedPacket(
            ethernet(0x0800, ipv4(47, gre(0xA000, 0x0800, fields: fields, ipv4(17, udp(1, 2))))))
        #expect(keyed.read { $0.greProtocol(in: $1) } == 0x0800)
        #expect(keyed.read { $0.greKey(in: $1) } == 0xDEAD_BEEF)
        #expect(keyed.read { $0.nvgreSubnetID(in: $1) } == nil)
        let plain = DissectedPacket(ethernet(0x0800, ipv4(47, gre(0, 0x0800, ipv4(17, udp(1, 2))))))
        #expect(plain.read { $0.greKey(in: $1) } == nil)
        let network = DissectedPacket(ethernet(0x0800, ipv4(47, gre(0x2000, 0x6558, fields: be24(6001) + [9], frame))))
        #expect(network.read { $0.nvgreSubnetID(in: $1) } == 6001)
        #expect(network.read { $0.nvgreFlowID(in: $1) } == 9)
        #expect(network.read { $0.greProtocol(in: $1) } == 0x6558)
    }

    @Test("VXLAN (RFC 7348 section 5), VXLAN-GPE, Geneve (RFC 8926 section 3.4)")
    func networkIdentifiers() {
        #expect(overUDP(4789, vxlan(0xFFFFFF, frame)).read { $0.vxlanVNI(in: $1) } == 0xFFFFFF)
        #expect(overUDP(4790, vxlan(77, flags: 0x0C, next: 3, frame)).read { $0.vxlanVNI(in: $1) } == 77)
        #expect(overUDP(6081, geneve(8001, 0x6558, options: zeros(12), frame)).read { $0.geneveVNI(in: $1) } == 8001)
    }

    @Test("GTP-U (3GPP TS 29.281 section 5.1), L2TP (RFC 2661 section 3.1), ERSPAN")
    func others() {
        #expect(overUDP(2152, gtp(flags: 0x30, ipv4(17, udp(1, 2)))).read { $0.gtpTunnelEndpoint(in: $1) } == 0xCAFE)
        let short = overUDP(1701, be16(0x0002) + be16(11) + be16(12) + be16(0x21) + ipv4(17, udp(1, 2)))
        #expect(short.read { $0.l2tpTunnel(in: $1) } == 11)
        #expect(short.read { $0.l2tpSession(in: $1) } == 12)
        #expect(short.text == "eth.ip.udp.l2tp.ppp.ip.udp")
        let control = overUDP(1701, be16(0xC802) + be16(12) + be16(13) + be16(14) + zeros(4))
        #expect(control.read { $0.l2tpTunnel(in: $1) } == 13)
        #expect(control.read { $0.l2tpSession(in: $1) } == 14)
        let mirrored = gre(0x1000, 0x88BE, fields: be32(1), be16(0x1064) + be16(0x0523) + be32(0) + frame)
        #expect(DissectedPacket(ethernet(0x0800, ipv4(47, mirrored))).read { $0.erspanSession(in: $1) } == 0x123)
    }
}

@Suite struct InfiniBandFieldTests {
    @Test("base transport header, InfiniBand architecture volume 1 section 9.2")
    func base() {
        let packet = overUDP(4791, bth(0x04, flags: 0xC5, zeros(8)))
        #expect(packet.text == "eth.ip.udp.ibbt")
        #expect(packet.read { $0.ibOpcode(in: $1)?.rawValue } == 4)
        #expect(packet.read { $0.ibOpcode(in: $1)?.transport } == 0)
        #expect(packet.read { $0.ibSolicitedEvent(in: $1) } == true)
        #expect(packet.read { $0.ibMigration(in: $1) } == true)
        #expect(packet.read { $0.ibTransportVersion(in: $1) } == 5)
        #expect(packet.read { $0.ibPartitionKey(in: $1) } == 0xFFFF)
        #expect(packet.read { $0.ibDestinationQueuePair(in: $1) } == 0x00ABCD)
        #expect(packet.read { $0.ibAckRequest(in: $1) } == true)
        #expect(packet.read { $0.ibPacketSequence(in: $1) } == 0x123456)
        #expect(packet.read { $0.ibRDMALength(in: $1) } == nil)
        #expect(packet.read { $0.ibAckSyndrome(in: $1) } == nil)
        #expect(overUDP(4791, bth(0x81)).read { $0.ibOpcode(in: $1)?.transport } == 4)
    }

    // Opcode, bytes of other headers in front, whether it is there. Section 9.2.1, table of opcodes; annex A14 for XRC.
    @Test(
        "RDMA header by opcode",
        arguments: [
            (0x06, 0, true), (0x0A, 0, true), (0x0B, 0, true), (0x0C, 0, true), (0x07, 0, false), (0x2A, 0, true),
            (0x2C, 0, false), (0x4A, 12, true), (0x6A, 0, false), (0xA6, 4, true), (0x81, 0, false),
        ] as [(UInt8, Int, Bool)])
    func remoteAccess(_ opcode: UInt8, _ before: Int, _ isThere: Bool) {
        let reth = zeros(12) + be32(1_048_576)
        let packet = overUDP(4791, bth(opcode, zeros(before) + reth + zeros(16)))
        #expect(packet.read { $0.ibRDMALength(in: $1) } == (isThere ? 1_048_576 : nil))
    }

    @Test(
        "acknowledge header by opcode",
        arguments: [
            (0x0D, 0, true), (0x0E, 0, false), (0x0F, 0, true), (0x10, 0, true), (0x11, 0, true), (0x12, 0, true),
            (0x31, 0, false), (0x51, 4, true), (0xB1, 0, true),
        ] as [(UInt8, Int, Bool)])
    func acknowledgement(_ opcode: UInt8, _ before: Int, _ isThere: Bool) {
        let packet = overUDP(4791, bth(opcode, zeros(before) + [0x1F] + be24(0x654321) + zeros(16)))
        #expect(packet.read { $0.ibAckSyndrome(in: $1) } == (isThere ? 0x1F : nil))
        #expect(packet.read { $0.ibAckMessageSequence(in: $1) } == (isThere ? 0x654321 : nil))
    }
}

@Suite struct DNSFieldTests {
    @Test("header and question, RFC 1035 section 4.1")
    func question() {
        let query = overUDP(53, dns(["www", "Example", "COM"], type: 28))
        #expect(query.read { $0.dnsIdentifier(in: $1) } == 0xBEEF)
        #expect(query.read { $0.dnsIsResponse(in: $1) } == false)
        #expect(query.read { $0.dnsOpcode(in: $1) } == 0)
        #expect(query.read { $0.dnsQuestionName(in: $1) } == "www.example.com")
        #expect(query.read { $0.dnsQuestionType(in: $1) } == 28)
        #expect(query.read { $0.dnsQuestionClass(in: $1) } == 1)
        let answer = overUDP(53, dns(flags: 0xA183, ["a"]))
        #expect(answer.read { $0.dnsIsResponse(in: $1) } == true)
        #expect(answer.read { $0.dnsOpcode(in: $1) } == 4)
        #expect(answer.read { $0.dnsResponseCode(in: $1) } == 3)
        #expect(overUDP(53, dns([])).read { $0.dnsQuestionName(in: $1) } == ".")
        #expect(overUDP(53, dns(questions: 0, ["a"])).read { $0.dnsQuestionName(in: $1) } == nil)
    }

    @Test("bytes that are no host name are escaped, RFC 4343 section 2.1")
    func escapes() {
        let packet = overUDP(53, dns(["a.b\\c", "d e\u{1}", "\u{FC}"]))
        #expect(packet.read { $0.dnsQuestionName(in: $1) } == "a\\.b\\\\c.d\\032e\\001.\\195\\188")
    }

    @Test(
        "names that are cut, compressed, of unknown label type or longer than RFC 1035 section 2.3.4 allows are refused"
    )
    func refusals() {
        let header = be16(1) + be16(0x0100) + be16(1) + zeros(6)
        let pointer: Octets = [0xC0, 12, 0, 1, 0, 1]
        #expect(overUDP(53, header + pointer).read { $0.dnsQuestionName(in: $1) } == nil)
        #expect(overUDP(53, header + [1, 97] + pointer).read { $0.dnsQuestionName(in: $1) } == nil)
        #expect(overUDP(53, header + [0x41, 97, 0]).read { $0.dnsQuestionName(in: $1) } == nil)
        #expect(overUDP(53, header + [3, 97]).read { $0.dnsQuestionName(in: $1) } == nil)
        let longest = dns(
            Array(repeating: String(repeating: "x", count: 63), count: 3) + [String(repeating: "y", count: 61)])
        #expect(overUDP(53, longest).read { $0.dnsQuestionName(in: $1) }?.utf8.count == 253)
        let tooLong = dns(Array(repeating: String(repeating: "x", count: 63), count: 4))
        #expect(overUDP(53, tooLong).read { $0.dnsQuestionName(in: $1) } == nil)
        // A name that is there while its type is cut off.
        let bytes = ethernet(0x0800, ipv4(17, udp(1, 53, dns(["abc"]))))
        let cut = DissectedPacket(Octets(bytes.dropLast(3)))
        #expect(cut.read { $0.dnsQuestionName(in: $1) } == "abc")
        #expect(cut.read { $0.dnsQuestionType(in: $1) } == nil)
    }
}
