// Packed keys: from values to bytes to texts, order, and bytes that are no key.
import Bytes
import FlowLanguage
import PacketBuilding
import SeededRandom
import SFlow
import Testing

private func pack(_ value: NamedFlow.Value) throws -> Octets {
    var sample = Sample()
    sample.named = NamedFlow(
        dataSource: "x", samplingRate: 1, samplePool: 0, fields: [.init(name: "v", value: value)], fault: nil)
    return try #require(try sample.evaluate(FlowDefinition(keys: ["v"], value: "count:v"))).packed
}

struct PackedKeyTests {
    @Test(
        "bytes and text of each kind",
        arguments: [
            (.unsigned(0), [0x10], "0"), (.unsigned(1), [0x11, 1], "1"), (.unsigned(443), [0x12, 1, 0xBB], "443"),
            (.unsigned(UInt64.max), [0x18] + Octets(repeating: 0xFF, count: 8), "18446744073709551615"),
            (.unsigned(1 << 55), [0x17, 0x80, 0, 0, 0, 0, 0, 0], "36028797018963968"),
            (.float(-1.5), [0x20, 0x40, 0x07] + Octets(repeating: 0xFF, count: 6), "-1.5"),
            (.float(2), [0x11, 2], "2"), (.float(0.5), [0x20, 0xBF, 0xE0] + zeros(6), "0.5"),
            (.mac(MACAddress(0xA1B2_C3D4_E5F6)), [0x48, 0xA1, 0xB2, 0xC3, 0xD4, 0xE5, 0xF6], "A1B2C3D4E5F6"),
            (.address(IPAddress(v4: 0xC000_0201)), [0x50, 192, 0, 2, 1], "192.0.2.1"),
            (.address(IPAddress(v6High: 0x2001_0DB8 << 32, low: 1)), [0x58] + ipv6A, "2001:DB8::1"),
            (.text("ab"), [0x60, 0, 2, 97, 98], "ab"), (.text(""), [0x60, 0, 0], ""), (.text("80"), [0x11, 80], "80"),
            (.text("080"), [0x60, 0, 3, 48, 56, 48], "080"),
            (
                .text("18446744073709551616"), [0x60, 0, 20] + Octets("18446744073709551616".utf8),
                "18446744073709551616"
            ),
        ] as [(NamedFlow.Value, Octets, String)])
    func kinds(_ value: NamedFlow.Value, _ bytes: Octets, _ text: String) throws {
        let packed = try pack(value)
        #expect(packed == bytes)
        #expect(PackedKey.text(packed.span.bytes, separator: ",") == text)
    }

    @Test("the bytes of numbers sort as the numbers")
    func order() throws {
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<2000 {
            let a = UInt64.random(in: 0...UInt64.max, using: &generator) >> UInt64.random(in: 0...63, using: &generator)
            let b = UInt64.random(in: 0...UInt64.max, using: &generator) >> UInt64.random(in: 0...63, using: &generator)
            let (left, right) = try (pack(.unsigned(a)), pack(.unsigned(b)))
            #expect(left.lexicographicallyPrecedes(right) == (a < b))
            // Halves, since whole numbers are no floating-point values.
            let (x, y) = (Double(a >> 12) + 0.5, -Double(b >> 12) - 0.5)
            let floats = try (pack(.float(x)), pack(.float(y)), pack(.float(Double(b >> 12) + 0.5)))
            #expect(floats.1.lexicographicallyPrecedes(floats.0))
            #expect(floats.0.lexicographicallyPrecedes(floats.2) == (a >> 12 < b >> 12))
        }
    }

    @Test("hashes depend on the seed and on every byte")
    func hashes() throws {
        let flow = FlowDefinition(keys: ["ipsource,ipdestination"], value: "bytes")
        var hashes: Set<UInt64> = []
        for last in 0..<200 {
            var packet = ethernet(0x0800, ipv4(6))
            packet[29] = UInt8(last)
            let outcome = try Sample(packet: packet).evaluate(flow)
            hashes.insert(try #require(outcome).hash)
        }
        #expect(hashes.count == 200)
        let other = try Sample(packet: ethernet(0x0800, ipv4(6))).evaluate(flow, FlowEnvironment(seed: 1))
        #expect(!hashes.contains(try #require(other).hash))
        // A short key after a long one: no byte of the old one counts.
        var facts = SampleFacts()
        var match = FlowMatch()
        let long = try CompiledFlow(
            FlowDefinition(keys: ["stack,stack,stack"], value: "bytes"), environment: testEnvironment)
        let short = try CompiledFlow(FlowDefinition(keys: ["ipprotocol"], value: "bytes"), environment: testEnvironment)
        let sample = Sample(packet: ethernet(0x0800, ipv4(6)))
        let bytes = sample.fill(&facts)
        let isLong = long.evaluate(&facts, in: bytes.span.bytes, into: &match)
        let isShort = short.evaluate(&facts, in: bytes.span.bytes, into: &match)
        #expect(isLong && isShort)
        #expect(match.hash == sample.evaluate(short)?.hash)
    }

    @Test("bytes that are no key end the text and trap nowhere")
    func noise() {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...24, using: &generator)).map { _ in
                [
                    0x10, 0x18, 0x20, 0x28, 0x31, 0x40, 0x48, 0x50, 0x51, 0x58, 0x59, 0x60,
                    UInt8.random(in: 0...255, using: &generator),
                ]
                .randomElement(using: &generator) ?? 0
            }
            _ = PackedKey.texts(bytes.span.bytes)
        }
    }
}
