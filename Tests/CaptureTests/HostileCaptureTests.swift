import Bytes
import Capture
import Testing

/// Whatever the bytes: no trap, no endless loop, balanced books.
@Suite struct HostileCaptures {
    static let seed: UInt64 = 20_261_123

    static var valid: [[UInt8]] {
        let fragments =
            Fragments.fragments(Fragments.udp, size: 1000, isIPv6: true)
            + Fragments.fragments(Fragments.udp, size: 1000, isIPv6: false)
        let frames = FrameDecoding.wrapped.filter { $0.linkType == 1 }.flatMap { [$0.frame4, $0.frame6] } + fragments
        return [false, true].flatMap { isLittle in
            var pcap = CaptureBuilder(isLittle: isLittle)
            pcap.pcapHeader()
            var pcapng = CaptureBuilder(isLittle: isLittle)
            pcapng.section()
            pcapng.interface()
            for (index, frame) in frames.enumerated() {
                pcap.pcapRecord(seconds: index, fraction: 0, frame)
                switch index % 3 {
                case 0: pcapng.enhancedPacket(ticks: UInt64(index), frame)
                case 1: pcapng.simplePacket(frame)
                default: pcapng.obsoletePacket(ticks: UInt64(index), frame)
                }
            }
            return [pcap.bytes, pcapng.bytes]
        }
    }

    @Test func damagedCaptures() {
        var random = TestRandom(seed: HostileCaptures.seed)
        for capture in HostileCaptures.valid {
            for round in 0..<400 {
                var damaged = capture
                for _ in 0..<(1 + round % 8) {
                    damaged[Int.random(in: 0..<damaged.count, using: &random)] = UInt8.random(
                        in: 0...255, using: &random)
                }
                #expect(decode(capture: damaged).counters.isBalanced, "seed \(HostileCaptures.seed), round \(round)")
            }
        }
    }

    @Test func randomFramesOfEveryLinkType() {
        var random = TestRandom(seed: HostileCaptures.seed)
        for linkType in [0, 1, 12, 14, 101, 108, 113, 228, 229, 276, 65535] {
            let frames = (0..<300).map { _ in
                // A start that leads somewhere, then noise.
                let start = FrameDecoding.wrapped.first { $0.linkType == linkType }?.frame4 ?? []
                let kept = Array(start.prefix(Int.random(in: 0...30, using: &random)))
                return kept
                    + (0..<Int.random(in: 0..<90, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random)
                    }
            }
            #expect(decode(frames, linkType: linkType).counters.isBalanced, "seed \(HostileCaptures.seed)")
        }
    }

    @Test func randomFragments() {
        var random = TestRandom(seed: HostileCaptures.seed)
        let frames = (0..<4000).map { _ in
            let part = [UInt8](
                repeating: UInt8.random(in: 0...1, using: &random), count: 8 * Int.random(in: 0...4, using: &random))
            return Packet.ethernet(
                Packet.ipv4(
                    part, identification: Int.random(in: 0..<100, using: &random),
                    fragmentOffset: 8 * Int.random(in: 0..<12, using: &random), more: Bool.random(using: &random)))
        }
        let times = frames.indices.map { _ in Int64.random(in: 0...60_000_000_000, using: &random) }
        #expect(decode(frames, times: times).counters.isBalanced, "seed \(HostileCaptures.seed)")
    }

    @Test func randomBytesBehindAMagicNumber() {
        var random = TestRandom(seed: HostileCaptures.seed)
        for magic in HostileCaptures.valid.map({ $0.prefix(28) }) {
            for _ in 0..<500 {
                let noise = (0..<200).map { _ in
                    UInt8.random(in: 0...255, using: &random) & UInt8.random(in: 0...255, using: &random)
                }
                #expect(decode(capture: magic + noise).counters.isBalanced, "seed \(HostileCaptures.seed)")
            }
        }
    }
}
