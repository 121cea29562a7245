// Address groups against a linear scan.
import Bytes
import FlowLanguage
import PacketBuilding
import SeededRandom
import Testing

struct AddressGroupsTests {
    @Test("longest prefix, last of equal ones, host bits, both families")
    func rules() throws {
        let groups = try AddressGroups([
            ("any", ["0.0.0.0/0"]), ("ten", ["10.0.0.0/8", "fc00::/7"]), ("host", ["10.0.0.1", "FC00::1"]),
            ("masked", ["10.1.2.3/16"]), ("again", ["10.0.0.0/8"]),
        ])
        func label(_ text: String) throws -> String? { groups.label(of: try #require(IPAddress(text))) }
        let found = try ["10.0.0.1", "10.0.0.2", "10.1.255.255", "11.0.0.0", "fc00::1", "fdff::", "2001:db8::"].map(
            label)
        #expect(found == ["host", "again", "masked", "any", "host", "ten", nil])
        #expect(groups.count == 7)
    }

    @Test(
        "refused entries",
        arguments: [
            "", "10.0.0.0/33", "10.0.0/8", "::/129", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8/8", "x", "10.0.0.0/+8",
            "1.2.3.4/0008",
        ])
    func refused(_ text: String) {
        do throws(AddressGroups.InvalidPrefix) {
            _ = try AddressGroups([("a", ["10.0.0.0/8", text])])
            Issue.record("\(text) was accepted")
        } catch {
            #expect(error.label == "a")
            #expect(error.text == text)
        }
    }

    @Test("the same label as a linear scan", arguments: [1, 2, 3] as [UInt64])
    func property(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var prefixes: [(address: IPAddress, length: Int, label: String)] = []
        for index in 0..<600 {
            let address = randomAddress(&generator)
            let length = Int.random(in: 0...(address.isIPv6 ? 128 : 32), using: &generator)
            prefixes.append((address, length, "l\(index)"))
        }
        let groups = try AddressGroups(prefixes.map { ($0.label, ["\($0.address)/\($0.length)"]) })
        for _ in 0..<3000 {
            var address = randomAddress(&generator)
            if Bool.random(using: &generator), let near = prefixes.randomElement(using: &generator) {
                let bit = UInt64(1) << UInt64.random(in: 0..<32, using: &generator)
                address =
                    near.address.isIPv6
                    ? IPAddress(v6High: near.address.high, low: near.address.low ^ bit)
                    : IPAddress(v4: UInt32(near.address.low ^ bit))
            }
            var expected: (length: Int, label: String)?
            for prefix in prefixes where contains(prefix.address, prefix.length, address) {
                if prefix.length >= expected?.length ?? 0 { expected = (prefix.length, prefix.label) }
            }
            #expect(groups.label(of: address) == expected?.label, "seed \(seed): \(address)")
        }
    }

    @Test("a hundred thousand prefixes")
    func size() throws {
        var generator = SeededGenerator(seed: 5)
        let texts = (0..<100_000).map { _ in
            "\(IPAddress(v4: UInt32.random(in: 0...UInt32.max, using: &generator)))/\(Int.random(in: 16...32, using: &generator))"
        }
        let groups = try AddressGroups([("a", texts)])
        #expect(groups.count == 100_000)
        let address = try #require(IPAddress(String(texts[7].prefix { $0 != "/" })))
        #expect(groups.label(of: address) == "a")
    }

    /// Clustered, so that prefixes nest and share bits.
    private func randomAddress(_ generator: inout SeededGenerator) -> IPAddress {
        let small = UInt64.random(in: 0...15, using: &generator)
        let spread = UInt64.random(in: 0...7, using: &generator)
        guard Bool.random(using: &generator) else { return IPAddress(v4: UInt32(small << 28 | spread << 12 | small)) }
        return IPAddress(v6High: small << 60 | spread << 20, low: spread << 61 | small)
    }

    private func contains(_ prefix: IPAddress, _ length: Int, _ address: IPAddress) -> Bool {
        guard prefix.isIPv6 == address.isIPv6 else { return false }
        return (0..<length).allSatisfy { bit(prefix, $0) == bit(address, $0) }
    }

    private func bit(_ address: IPAddress, _ index: Int) -> UInt64 {
        guard address.isIPv6 else { return address.low >> UInt64(31 - index) & 1 }
        return (index < 64 ? address.high >> UInt64(63 - index) : address.low >> UInt64(127 - index)) & 1
    }
}
