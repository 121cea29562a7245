// Collectors by name, and messages over sockets on loopback.

import Bytes
import FlowExport
import Glibc
import Testing

@Suite struct CollectorAddressTests {
    @Test(
        arguments: [
            ("192.0.2.1", "192.0.2.1", 4739), ("192.0.2.1:2055", "192.0.2.1", 2055),
            ("collector.example", "collector.example", 4739),
            ("collector.example:65535", "collector.example", 65535), ("2001:db8::1", "2001:db8::1", 4739),
            ("[2001:db8::1]", "2001:db8::1", 4739), ("[2001:db8::1]:99", "2001:db8::1", 99),
            ("fe80::1%eth0", "fe80::1%eth0", 4739),
        ] as [(String, String, UInt16)])
    func understood(text: String, host: String, port: UInt16) throws {
        let collector = try CollectorAddress(text)
        #expect(collector.host == host)
        #expect(collector.port == port)
        #expect(try CollectorAddress(collector.description) == collector)
    }

    @Test(arguments: [
        "", ":4739", "host:", "host:0", "host:65536", "host:-1", "host:+1", "host:4739x", "[::1", "[::1]4739", "[]:1",
        "a b",
        "http://host/", "host\u{0}", "höst",
    ])
    func notUnderstood(text: String) {
        let error = #expect(throws: FlowExportError.self) { try CollectorAddress(text) }
        #expect(error?.reason == .collectorNotUnderstood)
    }
}

@Suite struct IPFIXExporterTests {
    private let record = FlowExportRecord(
        agent: IPAddress(v4: 0xC000_0201), keys: [.number(6)], values: [7], startMilliseconds: 1, endMilliseconds: 2)

    private func encoder() throws -> IPFIXEncoder {
        IPFIXEncoder(template: try IPFIXTemplate(keys: ["ipprotocol"], values: ["frames"]), observationDomain: 3)
    }

    @Test(arguments: [false, true])
    func allCollectorsGetAllMessages(isIPv6: Bool) throws {
        guard let first = LoopbackSocket(isIPv6: isIPv6), let second = LoopbackSocket(isIPv6: isIPv6) else {
            // Hosts without IPv6 cannot take part in that half.
            #expect(isIPv6)
            return
        }
        var exporter = try IPFIXExporter(collectors: [first.name, second.name], encoder: encoder())
        exporter.export([FlowExportRecord](repeating: record, count: 100), nowMilliseconds: 1000)
        let counters = exporter.counters
        #expect(counters.map(\.recordsSent) == [100, 100])
        #expect(counters.map(\.messagesFailed) == [0, 0])
        for (socket, counter) in zip([first, second], counters) {
            var decoder = IPFIXDecoder()
            var received = 0
            for _ in 0..<counter.messagesSent {
                let message = try decoder.decode(try #require(socket.receive()))
                #expect(message.sequence == UInt32(received))
                #expect(message.records.allSatisfy { $0.number(2) == 7 && $0.number(4) == 6 })
                received += message.records.count
            }
            #expect(received == 100)
        }
    }

    /// Nobody listens: the kernel learns that from ICMP, which neither stops nor delays the exporter.
    @Test func collectorThatIsNotThere() throws {
        let port = try #require(LoopbackSocket(isIPv6: false)).name
        var exporter = try IPFIXExporter(collectors: [port], encoder: encoder())
        for _ in 0..<20 { exporter.export([record], nowMilliseconds: 1000) }
        let counters = exporter.counters[0]
        #expect(counters.messagesSent + counters.messagesFailed == 20)
        #expect(counters.recordsSent + counters.recordsFailed == 20)
    }

    @Test func recordsThatDoNotFitAreCounted() throws {
        let socket = try #require(LoopbackSocket(isIPv6: false))
        var exporter = try IPFIXExporter(collectors: [socket.name], encoder: encoder())
        var wrong = record
        wrong.keys = [.number(256)]
        exporter.export([record, wrong, record], nowMilliseconds: 1000)
        let (refused, sent) = (exporter.recordsRefused, exporter.counters[0].recordsSent)
        #expect(refused == 1)
        #expect(sent == 2)
    }

    @Test func collectorsThatCannotBe() throws {
        let encoder = try encoder()
        // The zone makes the first one fail without asking a name server.
        for collectors in [["fe80::1%nowhere"], ["192.0.2.1:0"], [String](repeating: "127.0.0.1", count: 17)] {
            #expect(throws: FlowExportError.self) {
                let exporter = try IPFIXExporter(collectors: collectors, encoder: encoder)
                _ = exporter.counters
            }
        }
    }
}

/// A UDP socket on a free port of loopback; receiving waits two seconds at most.
private final class LoopbackSocket {
    private let descriptor: Int32
    /// As a collector is named.
    let name: String

    init?(isIPv6: Bool) {
        descriptor = socket(isIPv6 ? AF_INET6 : AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var storage = sockaddr_storage()
        storage.ss_family = sa_family_t(isIPv6 ? AF_INET6 : AF_INET)
        var size = socklen_t(isIPv6 ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size)
        // The address follows port (2 bytes) and, in IPv6, flow label (4 bytes): ::1, 127.0.0.1.
        withUnsafeMutableBytes(of: &storage) { bytes in
            if isIPv6 { bytes[23] = 1 } else { (bytes[4], bytes[7]) = (127, 1) }
        }
        var timeout = timeval(tv_sec: 2, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        let (socket, length) = (descriptor, size)
        let isBound = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, length) == 0 && getsockname(socket, $0, &size) == 0
            }
        }
        let port = withUnsafeBytes(of: &storage) { UInt16($0[2]) << 8 | UInt16($0[3]) }
        name = isIPv6 ? "[::1]:\(port)" : "127.0.0.1:\(port)"
        if !isBound { return nil }
    }

    deinit { close(descriptor) }

    func receive() -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 2048)
        let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
        return count < 0 ? nil : Array(buffer.prefix(count))
    }
}
