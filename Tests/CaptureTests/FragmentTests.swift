import Bytes
import Capture
import Testing

@Suite struct Fragments {
    static let payload = (0..<3000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    static let udp = Packet.udp(payload)

    /// The datagram in pieces of `size` bytes.
    static func fragments(
        _ udp: [UInt8], size: Int, isIPv6: Bool, identification: Int = 1, source: Int = 0x0A00_0001
    ) -> [[UInt8]] {
        stride(from: 0, to: udp.count, by: size).map { offset in
            let part = Array(udp[offset..<min(offset + size, udp.count)])
            let more = offset + size < udp.count
            return Packet.ethernet(
                isIPv6
                    ? Packet.ipv6Fragment(part, identification: identification, offset: offset, more: more)
                    : Packet.ipv4(
                        part, identification: identification, fragmentOffset: offset, more: more, source: source))
        }
    }

    @Test(arguments: [false, true], [8, 64, 1480, 1400])
    func anyOrderGivesTheDatagram(isIPv6: Bool, size: Int) {
        let seed: UInt64 = 42
        var random = TestRandom(seed: seed)
        let fragments = Fragments.fragments(Fragments.udp, size: size, isIPv6: isIPv6)
        for round in 0..<8 {
            // Eight-byte pieces in disorder would exceed the number of gaps that is allowed.
            let order =
                round == 0
                ? fragments
                : round == 1 ? fragments.reversed() : size == 8 ? fragments : fragments.shuffled(using: &random)
            let times = order.indices.map { Int64($0) * 1000 }
            let (found, counters) = decode(order, times: times)
            #expect(found.map(\.payload) == [Fragments.payload], "seed \(seed)")
            #expect(counters.reassembled == 1)
            #expect(counters.fragmentsHeld == fragments.count - 1)
            #expect(counters.isBalanced)
        }
    }

    @Test func theLongestDatagram() {
        let longest = [UInt8](repeating: 9, count: 65_507)
        let fragments = Fragments.fragments(Packet.udp(longest), size: 1480, isIPv6: false)
        #expect(decode(fragments, times: fragments.map { _ in 0 }).found.map(\.payload) == [longest])
        // One byte more than an IP packet can hold.
        let beyond = Packet.ethernet(Packet.ipv4([UInt8](repeating: 0, count: 16), fragmentOffset: 65_528))
        #expect(decode([beyond]).counters[.fragment] == 1)
    }

    @Test func interleavedDatagramsAreKeptApart() {
        let a = Fragments.fragments(Fragments.udp, size: 1000, isIPv6: false, identification: 1)
        let b = Fragments.fragments(
            Packet.udp([UInt8](repeating: 1, count: 2500)), size: 1000, isIPv6: false, identification: 2)
        let c = Fragments.fragments(Fragments.udp, size: 1000, isIPv6: false, identification: 1, source: 0x0A00_0002)
        let (found, counters) = decode(zip(zip(a, b), c).flatMap { [$0.0, $0.1, $1] } + [a[3], c[3]])
        #expect(found.map(\.payload.count) == [2500, 3000, 3000])
        #expect(Set(found.map(\.source)) == ["10.0.0.1", "10.0.0.2"])
        #expect(counters.isBalanced)
    }

    @Test func aMissingFragmentTimesOut() {
        var fragments = Fragments.fragments(Fragments.udp, size: 1000, isIPv6: false)
        let late = fragments.removeLast()
        let other = Fragments.fragments(Fragments.udp, size: 2000, isIPv6: false, identification: 7)
        let second: Int64 = 1_000_000_000
        let (found, counters) = decode(
            fragments + [late] + other, times: [0, 1, 2, 31 * second, 32 * second, 33 * second])
        #expect(found.count == 1)
        #expect(counters.reassemblyTimeouts == 1)
        // The clock may also be set back.
        let back = decode([fragments[0], other[0], other[1]], times: [40 * second, 0, 1])
        #expect(back.counters.reassemblyTimeouts == 1)
        #expect(back.found.count == 1)
    }

    @Test func repetitionsAreHarmless() {
        let fragments = Fragments.fragments(Fragments.udp, size: 1000, isIPv6: true)
        let (found, counters) = decode([
            fragments[1], fragments[1], fragments[3], fragments[3], fragments[0], fragments[2],
        ])
        #expect(found.map(\.payload) == [Fragments.payload])
        #expect(counters.fragmentsHeld == 5)
    }

    @Test func overlapsAreRefused() {
        func fragment(_ byte: UInt8, _ range: Range<Int>, more: Bool = true) -> [UInt8] {
            Packet.ethernet(
                Packet.ipv4([UInt8](repeating: byte, count: range.count), fragmentOffset: range.lowerBound, more: more))
        }
        let hostile: [[[UInt8]]] = [
            [fragment(1, 0..<16), fragment(1, 8..<24)], [fragment(1, 8..<24), fragment(1, 0..<16)],
            [fragment(1, 0..<16), fragment(2, 0..<16)], [fragment(1, 0..<32), fragment(1, 8..<16, more: false)],
            [fragment(1, 16..<24, more: false), fragment(1, 24..<32)],
            [fragment(1, 16..<24, more: false), fragment(1, 32..<40, more: false)],
            [fragment(1, 32..<40), fragment(1, 16..<24, more: false)],
        ]
        for (index, frames) in hostile.enumerated() {
            let (found, counters) = decode(frames)
            #expect(found == [])
            #expect(counters[.fragment] == 1, "case \(index)")
            #expect(counters.isBalanced)
        }
        #expect(decode([fragment(1, 0..<15)]).counters[.fragment] == 1)
        #expect(decode([fragment(1, 8..<8, more: false)]).counters[.fragment] == 1)
    }

    @Test func tooManyAtOncePushOutTheOldest() {
        let sets = (0..<65).map { Fragments.fragments(Fragments.udp, size: 2000, isIPv6: false, identification: $0) }
        let (found, counters) = decode(
            sets.map { $0[0] } + sets.reversed().map { $0[1] }, times: (0..<130).map { Int64($0) })
        #expect(found.count == 64)
        #expect(counters.reassemblyEvictions == 1)
        #expect(counters.isBalanced)
    }

    @Test func tooManyGapsAreRefused() {
        let frames = (0..<300).map {
            Packet.ethernet(Packet.ipv4([UInt8](repeating: 0, count: 8), fragmentOffset: 16 * $0, more: true))
        }
        let counters = decode(frames, times: frames.map { _ in 0 }).counters
        #expect(counters[.fragment] == 1)
        #expect(counters.isBalanced)
    }

    /// The fragmentable part of an IPv6 packet may begin with extension headers, but not with a fragment header.
    @Test func extensionHeadersWithinTheFragments() {
        func sent(_ header: [UInt8], next: UInt8) -> (found: [Found], counters: FrameCounters) {
            let whole = header + Fragments.udp
            return decode(
                [
                    Packet.ipv6Fragment(Array(whole[0..<1600]), next: next, offset: 0, more: true),
                    Packet.ipv6Fragment(Array(whole[1600...]), next: next, offset: 1600, more: false),
                ].map { Packet.ethernet($0) })
        }
        #expect(sent([17, 0, 0, 0, 0, 0, 0, 0], next: 60).found.map(\.payload) == [Fragments.payload])
        #expect(sent([17, 0, 0, 1, 0, 0, 0, 9], next: 44).counters[.fragment] == 1)
        #expect(sent([6, 0, 0, 0, 0, 0, 0, 0], next: 60).counters[.notUDP] == 1)
    }
}
