// HTTP/1 connections byte by byte: keep-alive, pipelining, broken and slow input.

import SeededRandom
import Synchronization
import Testing
@testable import Transport

private let get = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"

@Suite(.timeLimit(.minutes(2))) struct ConnectionTests {
    @Test func keepAlive() async throws {
        try await withServer { server in
            let client = try await RawClient.connect(port: server.port)
            for count in 1...3 {
                try await client.send(get)
                let received = try await client.receive { occurrences(of: "hello world", in: $0) == count }
                #expect(occurrences(of: "HTTP/1.1 200 OK", in: received) == count)
            }
            #expect(server.counters.connectionsTotal == 1)
            await client.close()
        }
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() async throws {
        try await withServer { server in
            let client = try await RawClient.connect(port: server.port)
            let paths = (0..<100).map { "/echo?\($0)" }
            try await client.send(paths.map { "GET \($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined())
            let text = String(decoding: try await client.receive { occurrences(of: "GET|", in: $0) == 100 }, as: UTF8.self)
            let order = text.split(separator: "GET|/echo|").dropFirst().map { $0.prefix { $0 != "|" } }
            #expect(order.map(String.init) == (0..<100).map(String.init))
            await client.close()
        }
    }

    /// A client that pipelines and does not read must not make responses pile up: each is begun only when the one before
    /// has (nearly) gone.
    @Test func pipeliningWithoutReadingDoesNotPileUp() async throws {
        try await withServer { server in
            let client = try await RawClient.connect(port: server.port, autoRead: false)
            try await client.send(String(repeating: "GET /big HTTP/1.1\r\nHost: x\r\n\r\n", count: 1000))
            // Another connection's requests get through meanwhile: the loop is not busy piling up 72 MB.
            for _ in 0..<20 {
                let other = try await RawClient.connect(port: server.port)
                try await other.send("GET /hello HTTP/1.0\r\n\r\n")
                _ = try await other.receiveAll()
            }
            #expect(server.counters.messagesSent < 400)
            #expect(server.counters.bytesSent < 30_000_000)
            await client.close()
        }
    }

    @Test func version10ClosesUnlessAskedNotTo() async throws {
        try await withServer { server in
            let plain = try await RawClient.connect(port: server.port)
            try await plain.send("GET /stream HTTP/1.0\r\n\r\n")
            let text = try await plain.receiveAllText()
            #expect(text.hasPrefix("HTTP/1.0 200 OK\r\n"))
            #expect(text.contains("connection: close") && !text.contains("chunked") && text.hasSuffix("\r\n\r\nchunk 0\nchunk 1\nchunk 2\nchunk 3\nchunk 4\n"))
            let kept = try await RawClient.connect(port: server.port)
            try await kept.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            #expect(try await kept.receiveText(until: "hello world\n").contains("connection: keep-alive"))
            try await kept.send("GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(try await kept.receiveAllText().contains("connection: close"))
        }
    }

    @Test func continueIsSentWhenExpected() async throws {
        try await withServer { $0.maxBodyBytes = 10 } _: { server in
            let client = try await RawClient.connect(port: server.port)
            try await client.send("PUT /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
            let first = try await client.receiveText(until: "\r\n\r\n")
            #expect(first == "HTTP/1.1 100 Continue\r\n\r\n")
            try await client.send("ab")
            let second = try await client.receiveText(until: "|ab")
            #expect(second.contains("HTTP/1.1 200 OK"))
            // Refused outright when the body would be too large.
            try await client.send("PUT /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n")
            let last = try await client.receiveAllText()
            #expect(occurrences(of: "100 Continue", in: Array(last.utf8)) == 1 && last.contains("HTTP/1.1 413 "))
        }
    }

    @Test func upgradeOffersAreDeclined() async throws {
        try await withServer { server in
            let client = try await RawClient.connect(port: server.port)
            try await client.send("GET /hello HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n")
            let text = try await client.receiveAllText()
            #expect(text.hasPrefix("HTTP/1.1 200 OK") && text.hasSuffix("hello world\n") && text.contains("connection: close"))
        }
    }

    @Test(arguments: [
        ("GARBAGE\r\n\r\n", 400), ("\u{16}\u{3}\u{1}\u{0}\u{5}hello\r\n\r\n", 400), ("GET / HTTP/3.7\r\n\r\n", 505), ("GET  / HTTP/1.1\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400), ("GET nowhere HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: x\r\nBad Header: 1\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -3\r\n\r\n", 400), ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400), ("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", 505),
    ])
    func malformed(input: String, status: Int) async throws {
        try await withServer { server in
            let client = try await RawClient.connect(port: server.port)
            try await client.send(input)
            let text = try await client.receiveAllText()
            #expect(text.hasPrefix("HTTP/1.1 \(status) "), "\(text)")
            #expect(text.contains("{\"error\":{\"status\":\(status),") && text.contains("connection: close"))
            #expect(server.counters.refused[.malformed] == 1)
        }
    }

    /// Random bytes: any answer or none, and the server lives.
    @Test func garbage() async throws {
        let seed = UInt64.random(in: .min ... .max)
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        try await withServer { $0.lingerSeconds = 0.01 } _: { server in
            for _ in 0..<100 {
                let client = try await RawClient.connect(port: server.port)
                let count = Int.random(in: 1...500, using: &random)
                await client.sendIgnoringErrors((0..<count).map { _ in UInt8.random(in: 0...255, using: &random) })
                await client.close()
            }
            let client = try await RawClient.connect(port: server.port)
            try await client.send(get)
            _ = try await client.receiveText(until: "hello world\n")
            await client.close()
        }
    }

    @Test func slowHeadersTimeOut() async throws {
        try await withServer { $0.requestHeaderTimeoutSeconds = 1 } _: { server in
            let client = try await RawClient.connect(port: server.port)
            try await client.send("GET /hello HT")
            #expect(try await client.receiveAllText().hasPrefix("HTTP/1.1 408 "))
            // The second request of a connection, too, and one that looks like the other protocol.
            let second = try await RawClient.connect(port: server.port)
            try await second.send(get)
            _ = try await second.receiveText(until: "hello world\n")
            try await second.send("GET")
            #expect(try await second.receiveAllText().contains("HTTP/1.1 408 "))
            let preface = try await RawClient.connect(port: server.port)
            try await preface.send("PRI * HT")
            #expect(try await preface.receiveAll().isEmpty)
            #expect(server.counters.refused[.timeout] == 3)
        }
    }

    @Test func slowBodiesAndIdleConnectionsTimeOut() async throws {
        try await withServer { $0.requestBodyTimeoutSeconds = 1 } _: { server in
            let client = try await RawClient.connect(port: server.port)
            try await client.send("PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab")
            #expect(try await client.receiveAllText().hasPrefix("HTTP/1.1 408 "))
        }
        try await withServer { $0.idleTimeoutSeconds = 4 } _: { server in
            let silent = try await RawClient.connect(port: server.port)
            #expect(try await silent.receiveAll().isEmpty)
            let idle = try await RawClient.connect(port: server.port)
            try await idle.send(get)
            #expect(try await idle.receiveAllText().hasSuffix("hello world\n"))
            #expect(server.counters.refused[.timeout] == 0)
        }
    }

    @Test func aReaderThatStopsIsCutOff() async throws {
        try await withServer { $0.idleTimeoutSeconds = 4 } _: { server in
            let client = try await RawClient.connect(port: server.port, autoRead: false)
            try await client.send("GET /megabytes?1000 HTTP/1.1\r\nHost: x\r\n\r\n")
            await server.responder.cancelled.wait()
            #expect(server.counters.refused[.timeout] == 1)
            #expect(server.responder.chunksPulled.load(ordering: .relaxed) < 100)
            await client.close()
        }
    }

    @Test func tooManyConnections() async throws {
        try await withServer { $0.maxConnections = 2 } _: { server in
            let first = try await RawClient.connect(port: server.port)
            let second = try await RawClient.connect(port: server.port)
            for client in [first, second] {
                try await client.send(get)
                _ = try await client.receiveText(until: "hello world\n")
            }
            let third = try await RawClient.connect(port: server.port)
            #expect(try await third.receiveAll().isEmpty)
            #expect(server.counters.refused[.tooManyConnections] == 1 && server.counters.connectionsCurrent == 2)
            await first.close()
            await second.close()
        }
    }

    @Test func prefaceSplitAtEveryByte() async throws {
        let hello = H2.preface + H2.settings() + H2.get(stream: 1, path: "/hello")
        try await withServer { server in
            for split in 1..<hello.count {
                let client = try await RawClient.connect(port: server.port)
                try await client.send(Array(hello[..<split]))
                try await client.send(Array(hello[split...]))
                _ = try await client.receive { occurrences(of: "hello world\n", in: $0) == 1 }
                await client.close()
            }
            for split in 1..<get.utf8.count {
                let client = try await RawClient.connect(port: server.port)
                try await client.send(Array(get.utf8.prefix(split)))
                try await client.send(Array(get.utf8.dropFirst(split)))
                _ = try await client.receiveText(until: "hello world\n")
                await client.close()
            }
        }
    }
}

func occurrences(of text: String, in bytes: [UInt8]) -> Int {
    let pattern = Array(text.utf8)
    guard bytes.count >= pattern.count else { return 0 }
    return (0...(bytes.count - pattern.count)).count { bytes[$0] == pattern[0] && bytes[$0..<($0 + pattern.count)].elementsEqual(pattern) }
}
