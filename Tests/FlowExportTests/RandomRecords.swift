// Records with values of the right kinds, and the bytes that each must become, by a rule of its own.

import Bytes
import FlowExport
import SeededRandom

enum Expected {
    /// Number of the element and length in bytes, from the IANA registry, for each key and value.
    static let registry: [String: (element: Int, length: Int)] = [
        "macsource": (56, 6), "macdestination": (80, 6), "ethernetprotocol": (256, 2), "vlan": (58, 2),
        "priority": (244, 1),
        "ipprotocol": (4, 1), "ipsource": (8, 4), "ipdestination": (12, 4), "ip6source": (27, 16),
        "ip6destination": (28, 16),
        "ip6nexthdr": (193, 1), "tcpsourceport": (182, 2), "tcpdestinationport": (183, 2), "udpsourceport": (180, 2),
        "udpdestinationport": (181, 2), "inputifindex": (10, 4), "outputifindex": (14, 4), "bytes": (1, 8),
        "frames": (2, 8),
    ]

    static func bytes(_ value: UInt64, count: Int) -> [UInt8] {
        Array(withUnsafeBytes(of: value.bigEndian) { Array($0) }.suffix(count))
    }

    static func bytes(_ address: IPAddress) -> [UInt8] {
        address.isIPv6 ? bytes(address.high, count: 8) + bytes(address.low, count: 8) : bytes(address.low, count: 4)
    }
}

extension FlowExportRecord {
    /// A record for `template`, and its content by element.
    static func random(
        _ template: IPFIXTemplate, using random: inout SeededGenerator
    ) -> (record: FlowExportRecord, content: [Int: [UInt8]]) {
        var content: [Int: [UInt8]] = [:]
        var keys: [FlowExportField] = []
        for key in template.keys {
            let (element, length) = Expected.registry[key.rawValue] ?? (0, 0)
            let number = random.next()
            switch length {
            case 6: keys.append(.mac(MACAddress(number)))
            case 4 where key == .ipsource || key == .ipdestination:
                keys.append(.address(IPAddress(v4: UInt32(truncatingIfNeeded: number))))
            case 16: keys.append(.address(IPAddress(v6High: number, low: ~number)))
            default: keys.append(.number(number & (1 << UInt64(8 * length) - 1)))
            }
            content[element] =
                length == 16
                ? Expected.bytes(number, count: 8) + Expected.bytes(~number, count: 8)
                : Expected.bytes(number, count: length)
        }
        let values = template.values.map { _ in random.next() }
        for (value, amount) in zip(template.values, values) {
            content[Expected.registry[value.rawValue]?.element ?? 0] = Expected.bytes(amount, count: 8)
        }
        let agent =
            Bool.random(using: &random) ? IPAddress(v4: 0xC000_0201) : IPAddress(v6High: 0x2001_0DB8 << 32, low: 7)
        let (start, end) = (random.next(), random.next())
        content[152] = Expected.bytes(start, count: 8)
        content[153] = Expected.bytes(end, count: 8)
        content[agent.isIPv6 ? 131 : 130] = Expected.bytes(agent)
        let record = FlowExportRecord(
            agent: agent, keys: keys, values: values, startMilliseconds: start, endMilliseconds: end)
        return (record, content)
    }
}
