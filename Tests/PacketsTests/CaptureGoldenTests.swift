// Every sampled header of the shared captures against what sflowtool 6.11 decoded from it.
//
// The reference decode holds the header bytes themselves, so nothing of sFlow is needed here. Each field that it prints
// beside them is either compared or stands in `notCompared` with the reason; a field that is neither fails the test.
import Bytes
import Foundation
import PacketBuilding
import Packets
import Testing

private let captures = [
    "akvorado-a", "cistern-a", "ecmp", "fabric", "gopacket", "gravwell-a", "hsflowd", "logstash-a", "ndpi", "overflowd",
    "telegraf-a",
]

/// Facts of the record and not of the packet.
private let notCompared: Set<String> = [
    "flowBlock_tag",  // number of the record
    "flowSampleType",  // always HEADER
    "headerProtocol", "headerBytes", "strippedBytes",  // input of this test
]

private let sharedFolder: URL = {
    if let path = ProcessInfo.processInfo.environment["WEIR_SHARED"] { return URL(fileURLWithPath: path) }
    let packageRoot = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    return packageRoot.deletingLastPathComponent().appendingPathComponent("shared")
}()

private func reference(_ name: String) -> URL {
    sharedFolder.appendingPathComponent("data/captures/\(name).sflowtool.json.gz")
}

private let areCapturesThere = captures.allSatisfy { FileManager.default.fileExists(atPath: reference($0).path) }

@Suite(.enabled(if: areCapturesThere, "shared captures not found: skipped"))
struct CaptureGoldenTests {
    @Test("every field that sflowtool prints of a header", arguments: captures)
    func fields(_ name: String) throws {
        var headerCount = 0
        var fieldCount = 0
        for line in try unzipped(reference(name)).split(separator: UInt8(ascii: "\n")) {
            guard let datagram = try JSONSerialization.jsonObject(with: line) as? [String: Any] else { continue }
            for sample in datagram["samples"] as? [[String: Any]] ?? [] {
                for record in sample["elements"] as? [[String: String]] ?? [] where record["headerBytes"] != nil {
                    headerCount += 1
                    fieldCount += try compare(record, name)
                }
            }
        }
        #expect(headerCount > 0)
        print("\(name): \(headerCount) headers, \(fieldCount) fields compared")
    }

    private func compare(_ record: [String: String], _ name: String) throws -> Int {
        let bytes = try #require(octets(record["headerBytes"] ?? ""))
        let headerProtocol = try #require(UInt32(record["headerProtocol"] ?? ""))
        let frameLength = try #require(UInt32(record["sampledPacketSize"] ?? ""))
        let stripped = try #require(UInt32(record["strippedBytes"] ?? ""))
        let packet = DissectedPacket(bytes, headerProtocol: headerProtocol, frameLength: frameLength)
        var compared = 0
        for (field, expected) in record where !notCompared.contains(field) {
            let found: String?
            if field == "IPSize" {
                // Not the packet's own length: what sflowtool works out from the frame's, padding included.
                let offset = packet.read { stack, _ in stack.nth(LayerKindSet.anyIP)?.offset }
                found = offset.map { String(Int(frameLength) - Int(stripped) - Int($0)) }
            } else if field == "sampledPacketSize" {
                // All agents of the captures report lengths that can be true: none may be corrected.
                let ip = packet.read { $0.outermostIP(in: $1) }
                let length = frameBytes(
                    headerProtocol: headerProtocol, frameLength: frameLength, stripped: stripped,
                    capturedLength: bytes.count, outermostIP: ip)
                found = length.isCorrected ? nil : String(length.bytes)
            } else {
                found = try value(field, packet)
            }
            if found != expected {
                let hexadecimal = record["headerBytes"] ?? ""
                Issue.record("\(name): \(field) is \(found ?? "nil"), sflowtool says \(expected): \(hexadecimal)")
            }
            compared += 1
        }
        return compared
    }

    /// The value of a field as sflowtool prints it.
    private func value(_ field: String, _ packet: DissectedPacket) throws -> String? {
        switch field {
        case "headerLen": String(packet.bytes.count)
        case "dstMAC": packet.read { $0.macDestination(in: $1) }?.description.lowercased()
        case "srcMAC": packet.read { $0.macSource(in: $1) }?.description.lowercased()
        case "ethernet_type": text(packet.read { $0.ethernetProtocol(in: $1) })
        case "decodedVLAN": text(packet.read { $0.vlanID(in: $1) })
        case "decodedPriority": text(packet.read { $0.vlanPriority(in: $1) })
        case "decodedVLAN.1": text(packet.read { $0.vlanID(in: $1, occurrence: 1) })
        case "decodedPriority.1": text(packet.read { $0.vlanPriority(in: $1, occurrence: 1) })
        case "ip.tot_len": text(packet.read { $0.ipv4TotalLength(in: $1) })
        case "srcIP": packet.read { $0.ipv4Source(in: $1) }.map { IPAddress(v4: $0).description }
        case "dstIP": packet.read { $0.ipv4Destination(in: $1) }.map { IPAddress(v4: $0).description }
        case "IPProtocol": text(packet.read { $0.ipv4Protocol(in: $1) ?? $0.ipv6NextHeader(in: $1) })
        case "IPTOS": text(packet.read { $0.ipv4TOS(in: $1) ?? $0.ipv6TrafficClass(in: $1) })
        case "IPTTL": text(packet.read { $0.ipv4TTL(in: $1) ?? $0.ipv6HopLimit(in: $1) })
        // sflowtool prints the identification in the byte order of its machine.
        case "IPID": text(packet.read { $0.ipv4Identification(in: $1) }?.byteSwapped)
        case "IP6_label": packet.read { $0.ipv6FlowLabel(in: $1) }.map { "0x" + String($0, radix: 16) }
        case "IPV6_payloadLen": text(packet.read { $0.ipv6PayloadLength(in: $1) })
        case "srcIP6": packet.read { $0.ipv6Source(in: $1) }.map(uncompressed)
        case "dstIP6": packet.read { $0.ipv6Destination(in: $1) }.map(uncompressed)
        case "TCPSrcPort": text(packet.read { $0.tcpSourcePort(in: $1) })
        case "TCPDstPort": text(packet.read { $0.tcpDestinationPort(in: $1) })
        // Only the eight flags of one byte.
        case "TCPFlags": text(packet.read { $0.tcpFlags(in: $1) }.map { $0 & 0xFF })
        case "UDPSrcPort": text(packet.read { $0.udpSourcePort(in: $1) })
        case "UDPDstPort": text(packet.read { $0.udpDestinationPort(in: $1) })
        case "UDPBytes": text(packet.read { $0.udpLength(in: $1) })
        case "ICMPType": text(packet.read { $0.icmpType(in: $1) })
        case "ICMPCode": text(packet.read { $0.icmpCode(in: $1) })
        default: throw UnknownField(name: field)
        }
    }

    private func text(_ value: (some BinaryInteger)?) -> String? { value.map { String($0) } }

    private func uncompressed(_ address: IPAddress) -> String {
        [address.high, address.low].flatMap { half in
            stride(from: 48, through: 0, by: -16).map { shift -> String in
                let group = String(half >> UInt64(shift) & 0xFFFF, radix: 16)
                return String(repeating: "0", count: 4 - group.count) + group
            }
        }.joined(separator: ":")
    }

    private func octets(_ hexadecimal: String) -> Octets? {
        var bytes: Octets = []
        var digits = hexadecimal.utf8.makeIterator()
        while let high = digits.next(), let low = digits.next() {
            guard let a = nibble(high), let b = nibble(low) else { return nil }
            bytes.append(a << 4 | b)
            // The dash behind each byte but the last.
            _ = digits.next()
        }
        return bytes
    }

    private func nibble(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private func unzipped(_ file: URL) throws -> Data {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/gzip")
        process.arguments = ["-dc", file.path]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return data
    }
}

private struct UnknownField: Error {
    let name: String
}
