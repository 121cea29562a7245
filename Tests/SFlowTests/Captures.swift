// The shared captures: finding them, and reading the UDP payloads of a pcap file.

import Foundation

enum Captures {
    /// WEIR_SHARED, or "shared" beside the package.
    static let directory: URL = {
        let root =
            ProcessInfo.processInfo.environment["WEIR_SHARED"].map { URL(fileURLWithPath: $0) }
            ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("../shared").standardized
        return root.appendingPathComponent("data/captures")
    }()

    static var isPresent: Bool { FileManager.default.fileExists(atPath: directory.appendingPathComponent("ecmp.pcap").path) }

    static let names = [
        "akvorado-a", "cistern-a", "ecmp", "fabric", "gopacket", "gravwell-a", "hsflowd", "logstash-a", "ndpi",
        "overflowd", "tcpdump-counters", "telegraf-a",
    ]

    /// The payloads of all UDP datagrams in Ethernet and IPv4, whatever their ports, in order.
    static func datagrams(_ name: String) throws -> [[UInt8]] {
        let bytes = [UInt8](try Data(contentsOf: directory.appendingPathComponent(name + ".pcap")))
        guard bytes.count >= 24 else { return [] }
        let isLittleEndian = bytes[0] == 0xD4 || bytes[0] == 0x4D
        func word(_ at: Int) -> Int {
            let four = isLittleEndian ? Array(bytes[at..<at + 4].reversed()) : Array(bytes[at..<at + 4])
            return four.reduce(0) { $0 << 8 | Int($1) }
        }
        var payloads: [[UInt8]] = []
        var at = 24
        while at + 16 <= bytes.count {
            let end = at + 16 + word(at + 8)
            if end <= bytes.count, let payload = udpPayload(bytes[(at + 16)..<end]) { payloads.append(payload) }
            at = end
        }
        return payloads
    }

    private static func udpPayload(_ frame: ArraySlice<UInt8>) -> [UInt8]? {
        let bytes = Array(frame)
        func short(_ at: Int) -> Int { Int(bytes[at]) << 8 | Int(bytes[at + 1]) }
        guard bytes.count >= 42, short(12) == 0x0800, bytes[23] == 17 else { return nil }
        let udp = 14 + Int(bytes[14] & 15) * 4
        guard udp + 8 <= bytes.count else { return nil }
        let end = udp + short(udp + 4)
        guard end >= udp + 8, end <= bytes.count else { return nil }
        return Array(bytes[(udp + 8)..<end])
    }

    /// The lines of NAME.sflowtool.json.gz.
    static func decoded(_ name: String) throws -> [[String: Any]] {
        let gzip = Process()
        gzip.executableURL = URL(fileURLWithPath: "/usr/bin/gzip")
        gzip.arguments = ["-dc", directory.appendingPathComponent(name + ".sflowtool.json.gz").path]
        let output = Pipe()
        gzip.standardOutput = output
        try gzip.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        gzip.waitUntilExit()
        return try data.split(separator: UInt8(ascii: "\n")).map { line in
            try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any] ?? [:]
        }
    }
}
