// No request makes the server fail: whatever the path and the query are, the answer is what was asked for or says what is
// wrong with the question.

import DatagramBuilding
import Foundation
import SeededRandom
import Testing

@Suite(.timeLimit(.minutes(2))) struct HostileRequestTests {
    private static let stems = [
        "/", "/metric/", "/metric/ALL/", "/table/ALL/", "/dump/ALL/", "/datasources/", "/prometheus/metrics/ALL/",
        "/agents/json?agent=",
        "/dump/ALL/ALL/json?", "/metric/ALL/ifinoctets/json?ifname=", "/html/", "/api-docs",
    ]
    private static let pieces = [
        "%00", "%", "%zz", "%2", "%2F", "%2f..", "%ff", "%C3%A9", "%0d%0aSet-Cookie:x", "..", "/", "//", ":", "::", ";", ",", "*",
        "**", "+", "&", "=", "?", ".", "..", "sort:", "null:", "max:", "sort:x:0", "sort:x:-99999999999999999999", "ALL", "json",
        "txt", "EDGE", "1e999", "nan", "-0", "4.", ".4", "2.1.", "4294967296.ifinoctets", "ifinoctets", "10.0.0.1", "[::1]",
        "'", "\"", "{", "}",
    ]

    @Test func piecesPutTogether() async throws {
        let seed = UInt64.random(in: 0...(.max))
        var random = SeededGenerator(seed: seed)
        try await withAPI { api in
            for _ in 0..<3_000 {
                var target = HostileRequestTests.stems.randomElement(using: &random) ?? "/"
                for _ in 0..<Int.random(in: 1...9, using: &random) {
                    target += HostileRequestTests.pieces.randomElement(using: &random) ?? ""
                }
                target += ["", "/json", "/txt"].randomElement(using: &random) ?? ""
                try await expectFair(api, .call, target, "seed \(seed)")
            }
        }
    }

    @Test func randomBytes() async throws {
        let seed = UInt64.random(in: 0...(.max))
        var random = SeededGenerator(seed: seed)
        try await withAPI { api in
            for _ in 0..<1_000 {
                let count = Int.random(in: 0...200, using: &random)
                let junk = String(decoding: (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }, as: UTF8.self)
                let target = (HostileRequestTests.stems.randomElement(using: &random) ?? "/") + junk
                try await expectFair(api, .call, target + (Bool.random(using: &random) ? "/json" : ""), "seed \(seed)")
            }
        }
    }

    /// In one piece, in many segments, in many names, in many parameters.
    @Test func hundredThousandBytes() async throws {
        let long = String(repeating: "a", count: 100_000)
        try await withAPI { api in
            for target in [
                "/" + long, "/metric/\(long)/json", "/metric/ALL/\(long)/json", "/table/ALL/sort:\(long)/json",
                "/dump/\(long)/ALL/json",
                "/agents/json?agent=\(long)", "/dump/ALL/ALL/json?ifname=\(long)", "/dump/ALL/ALL/json?\(long)=x",
                "/" + String(repeating: "/", count: 100_000), "/metric/ALL/\(String(repeating: "a,", count: 50_000))/json",
                "/metric/\(String(repeating: "1.1.1.1,", count: 12_500))/ifinoctets/json",
                "/dump/ALL/ALL/json?" + String(repeating: "ifname=*&", count: 11_000),
                "/dump/ALL/ifname/json?ifname=" + String(repeating: "*a", count: 500),
                "/metric/ALL/" + String(repeating: "%41", count: 33_000) + "/json",
                "/metric/ALL/" + String(repeating: "%", count: 100_000) + "/json",
            ] {
                try await expectFair(api, .call, target, "\(target.prefix(60))…")
            }
        }
    }

    @Test(.enabled(if: Way.hasCurl, "curl is not installed: skipped"), arguments: [Way.http1, .http2])
    func overSockets(way: Way) async throws {
        try await withAPI([way]) { api in
            for target in [
                "/metric/%00/json", "/metric/ALL/%ff%fe/json", "/%2e%2e/%2e%2e/etc/passwd", "/html/../../etc/passwd",
                "/metric/ALL/ifinoctets/json?ifname=%00&ifname=%ff", "/agents/json?agent=%0d%0aX-Evil:%201",
                "/metric/ALL/" + String(repeating: "a,", count: 20_000) + "/json",
            ] {
                try await expectFair(api, way, target, "")
                let answer = try await api.ask(way, target)
                #expect(answer.headers["x-evil"] == nil)
                #expect(!answer.text.contains("root:"))
            }
            // By HTTP/2 curl itself refuses to send so much.
            if way == .http1 {
                let tooLong = try await api.ask(way, "/metric/ALL/" + String(repeating: "a", count: 100_000) + "/json")
                #expect(tooLong.status == 431)
                #expect(try tooLong.message.isEmpty == false)
            }
            let afterwards = try await api.ask(way, "/status").text
            #expect(afterwards == "OK\n")
        }
    }

    private func expectFair(_ api: TestAPI, _ way: Way, _ target: String, _ note: String) async throws {
        let answer = try await api.ask(way, target)
        #expect([200, 302, 400, 404].contains(answer.status), "\(answer.status) for \(target.prefix(300)) (\(note))")
        if answer.status >= 400 {
            let message = try answer.message
            #expect(!message.isEmpty && !message.contains("BUG"))
        }
    }
}
