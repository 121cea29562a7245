// A MaxMind database of one node, built field by field, so that a test can put anything into each part.
// Layouts: MaxMind DB File Format Specification 2.0.

struct HandMadeDatabase {
    var nodeCount: UInt32 = 1
    var recordBits: UInt16 = 24
    var type = "Hand-Country"
    /// Instead of the map of descriptions.
    var description: [UInt8] = map([])
    /// The data section; every IPv4 address leads to its first byte.
    var data: [UInt8] = map([("country", map([("iso_code", text("NO"))]))])

    var bytes: [UInt8] {
        // A record above the number of nodes points 16 bytes before the data section.
        let record: [UInt8] = [0, 0, 17]
        let separator = [UInt8](repeating: 0, count: 16)
        let marker = [0xAB, 0xCD, 0xEF] + Array("MaxMind.com".utf8)
        return record + record + separator + data + marker + metadata
    }

    var metadata: [UInt8] {
        HandMadeDatabase.map([
            ("node_count", HandMadeDatabase.unsigned32(nodeCount)),
            ("record_size", HandMadeDatabase.unsigned16(recordBits)),
            ("ip_version", HandMadeDatabase.unsigned16(4)),
            ("database_type", HandMadeDatabase.text(type)),
            ("languages", HandMadeDatabase.array([])),
            ("binary_format_major_version", HandMadeDatabase.unsigned16(2)),
            ("binary_format_minor_version", HandMadeDatabase.unsigned16(0)),
            ("build_epoch", [8, 2] + HandMadeDatabase.bigEndian(UInt64(1_700_000_000))),
            ("description", description),
        ])
    }

    /// Fewer than 29 bytes.
    static func text(_ text: String) -> [UInt8] { [2 << 5 | UInt8(text.utf8.count)] + Array(text.utf8) }

    /// Fewer than 29 pairs.
    static func map(_ pairs: [(String, [UInt8])]) -> [UInt8] {
        [7 << 5 | UInt8(pairs.count)] + pairs.flatMap { text($0.0) + $0.1 }
    }

    /// Fewer than 29 elements; the type, 11, is an extended one.
    static func array(_ elements: [[UInt8]]) -> [UInt8] { [UInt8(elements.count), 11 - 7] + elements.flatMap { $0 } }

    /// With four bytes of offset.
    static func pointer(to offset: UInt32) -> [UInt8] { [1 << 5 | 3 << 3] + bigEndian(offset) }

    static func unsigned16(_ value: UInt16) -> [UInt8] { [5 << 5 | 2] + bigEndian(value) }
    static func unsigned32(_ value: UInt32) -> [UInt8] { [6 << 5 | 4] + bigEndian(value) }

    static func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }
}
