// A walk over sFlow datagrams by tags and lengths alone: just enough to check what the simulator sends, and strict
// where a collector would be lenient.

import Bytes
import Testing

struct WalkedRecord {
    var tag: Int
    var body: [UInt8]

    func u32(_ offset: Int) -> Int { (0..<4).reduce(0) { $0 << 8 | Int(body[offset + $1]) } }
    func u64(_ offset: Int) -> UInt64 { (0..<8).reduce(0) { $0 << 8 | UInt64(body[offset + $1]) } }
}

struct WalkedSample {
    var tag: Int
    var sequence: Int
    var sourceClass: Int
    var sourceIndex: Int
    /// The words between the data source and the record count.
    var fields: [Int]
    var records: [WalkedRecord]
}

struct WalkedDatagram {
    var agent: IPAddress
    var subAgent: Int
    var sequence: Int
    var uptime: Int
    var samples: [WalkedSample]

    /// Fails when a length does not come out even.
    init(_ bytes: [UInt8]) throws {
        let words = WalkedRecord(tag: 0, body: bytes)
        try #require(bytes.count >= 28 && words.u32(0) == 5 && words.u32(4) == 1)
        agent = IPAddress(v4: UInt32(words.u32(8)))
        (subAgent, sequence, uptime) = (words.u32(12), words.u32(16), words.u32(20))
        samples = try WalkedDatagram.structures(bytes, from: 28, count: words.u32(24)).map { try WalkedSample($0) }
    }

    static func structures(_ bytes: [UInt8], from start: Int, count: Int) throws -> [WalkedRecord] {
        let words = WalkedRecord(tag: 0, body: bytes)
        var offset = start
        var found: [WalkedRecord] = []
        for _ in 0..<count {
            try #require(offset + 8 <= bytes.count)
            let length = words.u32(offset + 4)
            try #require(length % 4 == 0 && offset + 8 + length <= bytes.count)
            found.append(WalkedRecord(tag: words.u32(offset), body: Array(bytes[(offset + 8)..<(offset + 8 + length)])))
            offset += 8 + length
        }
        try #require(offset == bytes.count)
        return found
    }
}

extension WalkedSample {
    init(_ structure: WalkedRecord) throws {
        tag = structure.tag
        sequence = structure.u32(0)
        let isExpanded = tag >= 3
        sourceClass = isExpanded ? structure.u32(4) : structure.u32(4) >> 24
        sourceIndex = isExpanded ? structure.u32(8) : structure.u32(4) & 0xFF_FFFF
        let first = isExpanded ? 12 : 8
        let countAt = try #require([1: 28, 2: 8, 3: 40, 4: 12, 5: 28][tag])
        fields = stride(from: first, to: countAt, by: 4).map { structure.u32($0) }
        records = try WalkedDatagram.structures(structure.body, from: countAt + 4, count: structure.u32(countAt))
    }

    var isFlow: Bool { tag == 1 || tag == 3 }
    var isCounters: Bool { tag == 2 || tag == 4 }

    func record(_ tag: Int) -> WalkedRecord? { records.first { $0.tag == tag } }

    /// Of a flow sample: (format, value) of the output.
    var output: (format: Int, value: Int) {
        tag == 3 ? (fields[5], fields[6]) : (fields[4] >> 30, fields[4] & 0x3FFF_FFFF)
    }
}
