// Every flow sample of shared captures: the texts of keys against what sflowtool 6.11 decoded.
import Bytes
import Capture
import FlowLanguage
import Foundation
import PacketBuilding
import SFlow
import Testing

private let captures = ["ecmp", "fabric", "hsflowd", "akvorado-a", "gopacket", "overflowd"]

private let folder: URL = {
    if let path = ProcessInfo.processInfo.environment["WEIR_SHARED"] {
        return URL(fileURLWithPath: path).appendingPathComponent("data/captures")
    }
    let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    return root.deletingLastPathComponent().appendingPathComponent("shared/data/captures")
}()

private let areThere = captures.allSatisfy {
    FileManager.default.fileExists(atPath: folder.appendingPathComponent("\($0).pcap").path)
}

/// Key, and the field of sflowtool's JSON that says the same of a header record.
private let compared: [(key: String, field: String)] = [
    ("ipsource", "srcIP"), ("ipdestination", "dstIP"), ("ip6source", "srcIP6"), ("ip6destination", "dstIP6"),
    ("or:ipprotocol:ip6nexthdr", "IPProtocol"), ("or:ipttl:ip6ttl", "IPTTL"), ("tcpsourceport", "TCPSrcPort"),
    ("tcpdestinationport", "TCPDstPort"), ("udpsourceport", "UDPSrcPort"), ("udpdestinationport", "UDPDstPort"),
    ("icmptype", "ICMPType"), ("icmpcode", "ICMPCode"), ("ipbytes", "ip.tot_len"), ("ip6bytes", "IPV6_payloadLen"),
    ("vlan", "decodedVLAN"), ("bytes", "sampledPacketSize"), ("stripped", "strippedBytes"),
    ("vlansource", "in_vlan"), ("vlandestination", "out_vlan"), ("ipnexthoprouter", "nextHop"),
    ("tcprtt", "tcpinfo_rtt_uS"), ("tcprttsdev", "tcpinfo_rtt_uS_var"), ("tcprttmin", "tcpinfo_rtt_uS_min"),
    ("tcpcwndsnd", "tcpinfo_send_congestion_win"), ("tcpdirection", "tcpinfo_direction"), ("timestamp", "timestamp_nS"),
]

private struct Evaluator: DatagramVisitor, ~Copyable {
    let flows: [CompiledFlow]
    let drops: [CompiledFlow]
    var facts = SampleFacts()
    var match = FlowMatch()
    var agent = IPAddress(v4: 0)
    /// The bodies of the sample at hand, one after another.
    var bytes: Octets = []
    var isOpen = false
    /// For each flow sample or notification of a datagram the texts of all keys.
    var texts: [[String?]] = []

    init(flows: [CompiledFlow], drops: [CompiledFlow]) {
        self.flows = flows
        self.drops = drops
    }

    static func compile(dropped: Bool) throws -> [CompiledFlow] {
        try compared.map {
            try CompiledFlow(
                FlowDefinition(keys: [$0.key], value: "count:agent", dropped: dropped), environment: testEnvironment)
        }
    }

    mutating func beginDatagram(_ header: DatagramHeader) -> Bool {
        agent = header.agent
        texts = []
        return true
    }
    mutating func beginFlowSample(_ sample: FlowSample) -> Bool {
        facts.beginPacketSample(agent: agent, sample)
        bytes = []
        isOpen = true
        return true
    }
    mutating func flowRecord(_ layout: FlowLayoutID, _ body: RawSpan, in datagram: RawSpan) {
        guard isOpen else { return }
        facts.record(layout, offset: bytes.count, byteCount: body.byteCount)
        for index in 0..<body.byteCount { bytes.append((try? body.uint8(at: index)) ?? 0) }
    }
    mutating func endFlowSample(in datagram: RawSpan) { evaluate(flows) }
    mutating func beginDiscardedPacket(_ sample: DiscardedPacket) -> Bool {
        facts.beginNotification(agent: agent, sample)
        bytes = []
        isOpen = true
        return true
    }
    mutating func endDiscardedPacket(in datagram: RawSpan) { evaluate(drops) }
    mutating func beginCounterSample(_ sample: CounterSample) -> Bool { false }
    mutating func counterRecord(_ layout: CounterLayoutID, _ body: RawSpan) {}
    mutating func endCounterSample() {}
    mutating func namedMetrics(_ body: RawSpan) {}
    mutating func namedFlow(_ body: RawSpan) {}
    mutating func unknownSample(_ tag: SFlow.Tag) {}
    mutating func unknownRecord(_ kind: RecordKind, _ tag: SFlow.Tag) {}
    mutating func fault(_ error: DecodeError) {}

    private mutating func evaluate(_ flows: [CompiledFlow]) {
        isOpen = false
        let bytes = bytes
        var found: [String?] = []
        for flow in flows {
            let counts = flow.evaluate(&facts, in: bytes.span.bytes, into: &match)
            found.append(counts ? flow.keyText(match) : nil)
        }
        texts.append(found)
    }
}

@Suite(.enabled(if: areThere, "shared captures not found: skipped"))
struct CaptureTests {
    @Test("keys of every flow sample", arguments: captures)
    func keys(_ name: String) throws {
        var reader = try DatagramReader(path: folder.appendingPathComponent("\(name).pcap").path)
        var evaluator = Evaluator(
            flows: try Evaluator.compile(dropped: false), drops: try Evaluator.compile(dropped: true))
        var lines = try unzipped(name).split(separator: UInt8(ascii: "\n")).makeIterator()
        var (sampleCount, valueCount) = (0, 0)
        while let datagram = try reader.next() {
            let isDecoded = reader.withPayload(of: datagram) { bytes in
                (try? decode(bytes, udpSource: IPAddress(v4: 0), into: &evaluator)) != nil
            }
            guard isDecoded, let line = lines.next() else { continue }
            let object = try JSONSerialization.jsonObject(with: line) as? [String: Any]
            let samples = (object?["samples"] as? [[String: Any]] ?? []).filter {
                ["FLOWSAMPLE", "DISCARD"].contains($0["sampleType"] as? String ?? "")
            }
            try #require(samples.count == evaluator.texts.count)
            for (sample, texts) in zip(samples, evaluator.texts) {
                sampleCount += 1
                var fields: [String: String] = [:]
                for record in sample["elements"] as? [[String: String]] ?? [] {
                    fields.merge(record) { first, _ in first }
                }
                for ((key, field), text) in zip(compared, texts) {
                    guard let expected = fields[field] else { continue }
                    // It compresses no address, and prints the marker for an unknown VLAN as a number.
                    let address = IPAddress(expected)?.description
                    let isUnknown = key.hasPrefix("vlan") && expected == "4294967295"
                    #expect(text == (isUnknown ? nil : address ?? expected), "\(name): \(key) of sample \(sampleCount)")
                    valueCount += 1
                }
            }
        }
        #expect(sampleCount > 0)
        print("\(name): \(sampleCount) samples, \(valueCount) values compared")
    }

    private func unzipped(_ name: String) throws -> Data {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/gzip")
        process.arguments = ["-dc", folder.appendingPathComponent("\(name).sflowtool.json.gz").path]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return data
    }
}
