// Collectors by name, and sockets to them.

import FlowExport
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

@Suite struct CollectorSocketTests {
    private func socket(_ text: String, asksNameService: Bool = false) throws(FlowExportError) -> CollectorSocket {
        try CollectorSocket(try CollectorAddress(text), asksNameService: asksNameService)
    }

    @Test(arguments: [false, true])
    func whatIsSentArrives(isIPv6: Bool) throws {
        guard let collector = LoopbackSocket(isIPv6: isIPv6) else {
            // Hosts without IPv6 cannot take part in that half.
            #expect(isIPv6)
            return
        }
        #expect(try socket(collector.name).send([1, 2, 3]) == .sent)
        #expect(collector.receive() == [1, 2, 3])
    }

    /// Nobody listens: the kernel learns that from ICMP, which neither stops nor delays the sender.
    @Test func nobodyThere() throws {
        let socket = try socket(try #require(LoopbackSocket(isIPv6: false)).name)
        #expect(socket.send([1]) == .sent)
        #expect(socket.send([1]) == .sentAfterRefusal)
    }

    /// The zone makes the first one fail without asking a name server.
    @Test func noWayThere() {
        let error = #expect(throws: FlowExportError.self) { try socket("fe80::1%nowhere", asksNameService: true) }
        #expect(error?.reason == .collectorUnreachable)
        #expect(throws: FlowExportError.self) { try socket("localhost") }
    }

    @Test func names() throws {
        let collector = try #require(LoopbackSocket(isIPv6: false))
        let port = try CollectorAddress(collector.name).port
        _ = try socket("localhost:\(port)", asksNameService: true)
    }
}
