// Random filters over random samples: the compiled walk against an interpreter that works on a tree and on texts.
import Bytes
import FlowLanguage
import PacketBuilding
import SeededRandom
import SFlow
import Testing

private indirect enum Tree {
    case compare(key: String, operation: String, items: [String])
    case all([Tree])
    case any([Tree])
    case not(Tree)

    static let keys = [
        "vlan", "priority", "ipsource", "ipprotocol", "tcpflags", "tcpdestinationport", "udpdestinationport", "stack",
        "macsource", "ip6source", "isunicast", "direction", "null:vlan", "prefix:stack:.:3", "range:bytes:0:60",
        "or:tcpsourceport:udpsourceport", "bits:ipttl:3", "first:stack:.:ip:ip6", "eq:ipsource:ipdestination", "nosuch",
    ]
    static let items = [
        "1", "6", "17", "100", "443", "53", "null", "192.0.2.10", "eth.vlan.ip", "true", "false", "02005E005302", "ip",
        "ip6",
        "2001:DB8::1", "000010010", "ingress", "3", "5",
    ]
    static let patterns = [".*", "\\d+", "eth.*tcp", "....1....", "1.*", "[0-9.]+", "ip6?", "", "(true|6)", "\\w+"]

    static func random(depth: Int, using generator: inout SeededGenerator) -> Tree {
        let children = Int.random(in: 1...3, using: &generator)
        switch Int.random(in: 0..<(depth == 0 ? 2 : 6), using: &generator) {
        case 0, 1, 2:
            let operation = ["=", "!=", "~", "!~"].randomElement(using: &generator) ?? "="
            let source = operation.hasSuffix("~") ? patterns : items
            return .compare(
                key: keys.randomElement(using: &generator) ?? "vlan", operation: operation,
                items: (0..<children).map { _ in source.randomElement(using: &generator) ?? "1" })
        case 3: return .all((0..<children).map { _ in random(depth: depth - 1, using: &generator) })
        case 4: return .any((0..<children).map { _ in random(depth: depth - 1, using: &generator) })
        default: return .not(random(depth: depth - 1, using: &generator))
        }
    }

    /// As a person would write it: parentheses only where the precedence needs them.
    var text: String {
        switch self {
        case .compare(let key, let operation, let items):
            "\(key) \(operation) " + items.map { "'\($0)'" }.joined(separator: ", ")
        case .all(let trees):
            trees.map { tree in
                if case .any(let alternatives) = tree, alternatives.count > 1 { return "(\(tree.text))" }
                return tree.text
            }.joined(separator: "&")
        case .any(let trees): trees.map(\.text).joined(separator: "|")
        case .not(let tree): "!(\(tree.text))"
        }
    }

    /// - Parameter texts: the text of each key that is present.
    func holds(_ texts: [String: String]) throws -> Bool {
        switch self {
        case .not(let tree): return try !tree.holds(texts)
        case .all(let trees): return try trees.allSatisfy { try $0.holds(texts) }
        case .any(let trees): return try trees.contains { try $0.holds(texts) }
        case .compare(let key, let operation, let items):
            let isMatch =
                if let text = texts[key] {
                    operation.hasSuffix("~")
                        ? try items.contains { try Pattern($0).matches(text) } : items.contains(text)
                } else {
                    operation.hasSuffix("=") && items.contains("null")
                }
            return operation.hasPrefix("!") ? !isMatch : isMatch
        }
    }
}

private func randomPacket(_ generator: inout SeededGenerator) -> Octets {
    let transports: [(UInt8, Octets)] = [
        (6, tcp(51000, 443, flags: 0x12)), (6, tcp(6, 53, flags: 0x02)), (17, udp(53, 53)), (17, udp(17, 443)),
        (1, icmp(8, 0, zeros(4))),
    ]
    let (number, payload) = transports.randomElement(using: &generator) ?? (17, [])
    let isIPv6 = Bool.random(using: &generator)
    let packet = isIPv6 ? ipv6(number, payload) : ipv4(number, payload)
    let type = isIPv6 ? 0x86DD : 0x0800
    let frame =
        Bool.random(using: &generator)
        ? ethernet(0x8100, vlan([1, 100].randomElement(using: &generator) ?? 1, priority: 5, type, packet))
        : ethernet(type, packet)
    return Bool.random(using: &generator)
        ? frame : Array(frame.prefix(Int.random(in: 0...frame.count, using: &generator)))
}

struct FilterPropertyTests {
    @Test("the same verdict as an interpreter on texts", arguments: [1, 2, 3, 4] as [UInt64])
    func property(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let texters = try Tree.keys.map { key in
            (key, try CompiledFlow(FlowDefinition(keys: [key], value: "count:agent"), environment: testEnvironment))
        }
        let samples = (0..<24).map { _ in Sample(packet: randomPacket(&generator)) }
        let texts = samples.map { sample in
            var texts: [String: String] = [:]
            for (key, flow) in texters { texts[key] = sample.evaluate(flow)?.key }
            return texts
        }
        for _ in 0..<250 {
            let tree = Tree.random(depth: 3, using: &generator)
            let flow = try CompiledFlow(
                FlowDefinition(value: "count:agent", filter: tree.text), environment: testEnvironment)
            for (sample, texts) in zip(samples, texts) {
                let expected = try tree.holds(texts)
                #expect((sample.evaluate(flow) != nil) == expected, "seed \(seed): \(tree.text) on \(texts)")
            }
        }
    }
}
