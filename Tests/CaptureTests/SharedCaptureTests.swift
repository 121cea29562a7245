import Bytes
import Capture
import Glibc
import Testing

/// The captures that the project's developers share; they are not part of the repository.
enum SharedCaptures {
    static let folder: String = {
        if let shared = getenv("WEIR_SHARED") { return String(cString: shared) + "/data/captures" }
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
        return root + "/../shared/data/captures"
    }()

    static var areThere: Bool { access(folder + "/ecmp.pcap", R_OK) == 0 }

    /// Name, UDP datagrams, octets of the file (nil where the table counts other things), span in seconds.
    static let expected: [(name: String, datagrams: Int, octets: Int?, seconds: Double)] = [
        ("ecmp", 9279, 11_328_226, 600.0), ("overflowd", 1000, 1_322_032, 143.9), ("tcpdump-counters", 30, nil, 2.3),
        ("ndpi", 9, 1870, 109.0), ("akvorado-a", 4, 2092, 3), ("cistern-a", 3, 1070, 2), ("logstash-a", 2, 1720, 1),
        ("telegraf-a", 4, 2316, 3), ("gopacket", 11, 4874, 10), ("gravwell-a", 5, 4570, 4), ("malformed-a", 3, 506, 2),
        ("hsflowd", 148, 164_284, 60), ("fabric", 3227, 4_094_494, 59.9),
    ]
}

@Suite(.enabled(if: SharedCaptures.areThere, "shared captures not found: skipped"))
struct SharedCaptureReading {
    @Test(arguments: SharedCaptures.expected.indices)
    func givesTheDatagramsOfItsDescription(index: Int) throws {
        let (name, datagrams, octets, seconds) = SharedCaptures.expected[index]
        var reader = DatagramReader(try CaptureFile(path: "\(SharedCaptures.folder)/\(name).pcap"))
        for round in 1...2 {
            var (count, sum) = (0, 0)
            var times: [Int64] = []
            while let datagram = try reader.next() {
                count += 1
                sum += reader.withPayload(of: datagram) { $0.byteCount }
                times.append(datagram.arrivalNanoseconds)
            }
            #expect(count == datagrams)
            // 24 bytes of file header; around each payload those of record (16), Ethernet (14), IPv4 (20), UDP (8).
            if let octets { #expect(sum == octets - 24 - datagrams * 58) }
            if let first = times.first, let last = times.last {
                #expect(abs(Double(last - first) / 1e9 - seconds) < 0.06)
            }
            #expect(reader.counters.datagrams == round * datagrams)
            #expect(reader.counters.isBalanced)
            try reader.rewind()
        }
    }

    @Test func fiveOfThemAreNetFlow() throws {
        var reader = DatagramReader(try CaptureFile(path: SharedCaptures.folder + "/tcpdump-counters.pcap"))
        var netFlow = 0
        while let datagram = try reader.next() {
            let word = try reader.withPayload(of: datagram) { (bytes) throws(OutOfBounds) in try bytes.uint32(at: 0) }
            if word == 0x0005_0001 || word == 0x0005_0002 { netFlow += 1 }
        }
        #expect(netFlow == 5)
    }
}
