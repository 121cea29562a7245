import Bytes
import Capture
import Testing

@Suite struct FrameDecoding {
    static let payload: [UInt8] = [0, 0, 0, 5, 0, 0, 0, 1]
    static let udp = Packet.udp(payload)
    static let v4 = Packet.ipv4(udp)
    static let v6 = Packet.ipv6(udp)
    static let found4 = Found(
        source: "10.0.0.1", sourcePort: 40000, destination: "10.0.0.250", destinationPort: 6343, payload: payload)
    static let found6 = Found(
        source: "FD00::1", sourcePort: 40000, destination: "FD00::2", destinationPort: 6343, payload: payload)

    /// Every link type around the same two packets.
    static let wrapped: [(linkType: Int, frame4: [UInt8], frame6: [UInt8])] = [
        (1, Packet.ethernet(v4), Packet.ethernet(v6)),
        (1, Packet.ethernet(v4, tags: [0x8100]), Packet.ethernet(v6, tags: [0x88A8, 0x8100])),
        (1, Packet.ethernet(v4, tags: [0x9100, 0x8100, 0x8100, 0x8100]), Packet.ethernet(v6, tags: [0x8100])),
        // Ethernet pads short frames.
        (1, Packet.ethernet(v4) + [UInt8](repeating: 0, count: 10), Packet.ethernet(v6) + [1, 2, 3, 4]),
        (101, v4, v6), (12, v4, v6), (14, v4, v6), (228, v4, v4), (229, v6, v6),
        (113, cooked(0x0800) + v4, cooked(0x86DD) + v6),
        (113, cooked(0x8100) + [0, 100, 8, 0] + v4, cooked(0x86DD) + v6),
        (276, cooked2(0x0800) + v4, cooked2(0x86DD) + v6),
        (0, [2, 0, 0, 0] + v4, [10, 0, 0, 0] + v6),
        (0, [0, 0, 0, 2] + v4, [0, 0, 0, 30] + v6),
        (0, [0, 0, 0, 2] + v4, [24, 0, 0, 0] + v6),
        (108, [0, 0, 0, 2] + v4, [0, 0, 0, 28] + v6),
    ]

    static func cooked(_ type: Int) -> [UInt8] { [0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0] + Packet.big16(type) }
    static func cooked2(_ type: Int) -> [UInt8] {
        Packet.big16(type) + [0, 0, 0, 0, 0, 3, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0]
    }

    @Test(arguments: wrapped.indices)
    func findsUDPBehindEveryLinkType(index: Int) {
        let (linkType, frame4, frame6) = FrameDecoding.wrapped[index]
        let (found, counters) = decode([frame4, frame6], linkType: linkType)
        #expect(
            found == [
                linkType == 229 ? FrameDecoding.found6 : FrameDecoding.found4,
                linkType == 228 ? FrameDecoding.found4 : FrameDecoding.found6,
            ])
        #expect(counters.datagrams == 2)
        #expect(counters.isBalanced)
    }

    @Test func passesOptionsAndExtensionHeaders() {
        let options = Packet.ipv4(FrameDecoding.udp, options: [1, 1, 1, 0])
        let hopByHop: [UInt8] = [60, 0, 1, 4, 0, 0, 0, 0]
        let destination: [UInt8] = [43, 1] + [UInt8](repeating: 0, count: 14)
        let routing: [UInt8] = [51, 0, 0, 0, 0, 0, 0, 0]
        let authentication: [UInt8] = [17, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        let extended = Packet.ipv6(hopByHop + destination + routing + authentication + FrameDecoding.udp, next: 0)
        let atomic = Packet.ipv6Fragment(FrameDecoding.udp, offset: 0, more: false)
        let (found, counters) = decode([options, extended, atomic].map { Packet.ethernet($0) })
        #expect(found == [FrameDecoding.found4, FrameDecoding.found6, FrameDecoding.found6])
        #expect(counters.reassembled == 0)
    }

    @Test func countsWhatItRefuses() {
        let tags = [Int](repeating: 0x8100, count: 5)
        var badLength = FrameDecoding.udp
        badLength[5] = 7
        let frames = [
            Packet.ethernet([0, 1, 8, 0], type: 0x0806), Packet.ethernet(FrameDecoding.v4, tags: tags),  // not IP
            Packet.ethernet(Packet.ipv4(FrameDecoding.udp, transport: 6)),  // not UDP
            Packet.ethernet(Packet.ipv6(FrameDecoding.udp, next: 58)), Packet.ethernet(Packet.ipv6([], next: 59)),
            Packet.ethernet(Packet.ipv4(FrameDecoding.udp, transport: 6, fragmentOffset: 8)),
            Packet.ethernet(Packet.ipv4(badLength)), Packet.ethernet(Packet.ipv4([1, 2, 3])),  // malformed
            Array(Packet.ethernet(FrameDecoding.v4).dropLast()), Packet.ethernet(FrameDecoding.v6, type: 0x0800), [],
        ]
        let (found, counters) = decode(frames)
        #expect(found == [])
        #expect(counters[.notIP] == 2)
        #expect(counters[.notUDP] == 4)
        #expect(counters[.malformed] == 5)
        #expect(counters.isBalanced)
        #expect(decode([FrameDecoding.v4], linkType: 147).counters[.linkType] == 1)
        #expect(decode([FrameDecoding.v4], linkType: 0).counters[.notIP] == 1)
    }

    @Test func snapLengthIsToldFromDamage() {
        let frame = Packet.ethernet(FrameDecoding.v4)
        for length in 0..<frame.count {
            #expect(decode([frame], cut: length).counters[.truncated] == 1, "cut at \(length)")
        }
        // What is not UDP is that, however much of it was captured.
        let tcp = Packet.ethernet(Packet.ipv4([UInt8](repeating: 0, count: 100), transport: 6))
        #expect(decode([tcp], cut: 60).counters[.notUDP] == 1)
    }

    /// A card that segments for the stack leaves the total length 0.
    @Test func lengthZeroMeansTheRestOfTheFrame() {
        var packet = FrameDecoding.v4
        packet[2] = 0
        packet[3] = 0
        #expect(decode([Packet.ethernet(packet)]).found == [FrameDecoding.found4])
    }

    /// The clock of a capture goes on with frames that hold no datagram, up to its end.
    @Test func theLastFrameTellsTheTime() throws {
        var capture = CaptureBuilder(isLittle: false)
        capture.pcapHeader()
        capture.pcapRecord(seconds: 1, fraction: 0, Packet.ethernet(FrameDecoding.v4))
        capture.pcapRecord(seconds: 5, fraction: 1, Packet.ethernet([0, 1, 8, 0], type: 0x0806))
        var reader = DatagramReader(try CaptureFile(name: "test", content: capture.bytes))
        for _ in 0..<2 {
            #expect(reader.lastFrameArrivalNanoseconds == nil)
            #expect(try reader.next()?.arrivalNanoseconds == 1_000_000_000)
            #expect(reader.lastFrameArrivalNanoseconds == 1_000_000_000)
            #expect(try reader.next() == nil)
            #expect(reader.lastFrameArrivalNanoseconds == 5_000_001_000)
            try reader.rewind()
        }
    }
}
