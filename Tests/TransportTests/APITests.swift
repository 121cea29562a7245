// One suite, three ways: by a call, and over sockets with curl, by HTTP/1.1 and HTTP/2.

import Foundation
import NIOCore
import Testing
@testable import Transport

enum Way: String, CaseIterable, Sendable {
    case call, http1, http2
    static var available: [Way] { hasCurl ? allCases : [.call] }
    static var sockets: [Way] { hasCurl ? [.http1, .http2] : [] }
}

struct Answer: Sendable {
    var status: Int
    var headers: HTTPHeaderFields
    var body: Data
    var text: String { String(decoding: body, as: UTF8.self) }
    /// False when the client noticed that the message broke off.
    var isComplete = true
}

/// Asks in the given way.
func ask(
    _ way: Way, _ target: TestServer, _ path: String, method: String = "GET", headers: [(String, String)] = [], body: String? = nil,
    curlArguments: [String] = []
) async throws -> Answer {
    guard way != .call else { return try await askDirectly(target, path, method: method, headers: headers, body: body) }
    return try await withTemporaryDirectory { directory in
        var arguments = ["-sS", "--max-time", "120", way == .http1 ? "--http1.1" : "--http2-prior-knowledge"]
        arguments += ["-D", directory + "/head", "-o", directory + "/body"]
        arguments += method == "HEAD" ? ["-I"] : ["-X", method]
        for (name, value) in headers { arguments += ["-H", "\(name): \(value)"] }
        if let body {
            try Data(body.utf8).write(to: URL(fileURLWithPath: directory + "/upload"))
            arguments += ["--data-binary", "@" + directory + "/upload"]
        }
        let result = try await run("curl", arguments + curlArguments + ["http://127.0.0.1:\(target.port)\(path)"])
        let head = (try? String(contentsOfFile: directory + "/head", encoding: .utf8)) ?? ""
        // The last block: earlier ones are 100 Continue.
        let blocks = head.components(separatedBy: "\r\n\r\n").filter { !$0.isEmpty }
        let lines = (blocks.last ?? "").components(separatedBy: "\r\n")
        var fields = HTTPHeaderFields()
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { fields.add(String(parts[0]), String(trimmed(parts[1]))) }
        }
        let status = lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        let content = method == "HEAD" ? Data() : (FileManager.default.contents(atPath: directory + "/body") ?? Data())
        return Answer(status: status, headers: fields, body: content, isComplete: result.status == 0)
    }
}

private func askDirectly(
    _ target: TestServer, _ path: String, method: String, headers: [(String, String)], body: String?
) async throws -> Answer {
    var fields: HTTPHeaderFields = ["host": "x"]
    for (name, value) in headers { fields.add(name, value) }
    let parsed = try #require(RequestTarget(path))
    let request = HTTPRequest(method: method, path: parsed.path, query: parsed.query, headers: fields, body: ByteBuffer(string: body ?? ""))
    let semantics = HTTPSemantics(responder: target.responder, configuration: HTTPServerConfiguration(port: 0))
    let response = await semantics.respond(to: request)
    var content = ByteBuffer()
    var isComplete = true
    switch response.body {
    case .empty: break
    case .bytes(let bytes): content = bytes
    case .stream(let stream):
        do {
            while var chunk = try await stream.next() { content.writeBuffer(&chunk) }
            isComplete = stream.contentLength ?? content.readableBytes == content.readableBytes
        } catch { isComplete = false }
    }
    return Answer(status: response.status, headers: response.headers, body: Data(content.readableBytesView), isComplete: isComplete)
}

private func unzip(_ data: Data) throws -> String {
    var decompressor = try GzipDecompressor(maxOutputBytes: 1 << 24)
    var plain = ByteBuffer()
    try decompressor.decompress(ByteBuffer(bytes: data), into: &plain)
    let isFinished = decompressor.isFinished
    #expect(isFinished)
    return String(buffer: plain)
}

@Suite(.timeLimit(.minutes(2))) struct APITests {
    @Test(arguments: Way.available) func plainAnswer(way: Way) async throws {
        try await withServer { server in
            let answer = try await ask(way, server, "/hello", headers: [("accept-encoding", "gzip")])
            #expect(answer.status == 200)
            #expect(answer.text == "hello world\n")
            #expect(answer.headers["content-length"] == "12")
            #expect(answer.headers["server"] == "weir")
            #expect(answer.headers["vary"] == nil)   // too small to compress: nothing to vary
        }
    }

    @Test(arguments: Way.available) func requestArrivesWhole(way: Way) async throws {
        try await withServer { server in
            let answer = try await ask(way, server, "/echo?a=%20b&c", method: "PUT", headers: [("X-Test", "yes")], body: "{\"keys\":1}")
            #expect(answer.text == "PUT|/echo|a=%20b&c|yes|host|{\"keys\":1}")
            let large = String(repeating: "0123456789", count: 300_000)
            let echoed = try await ask(way, server, "/echo", method: "POST", body: large)
            #expect(echoed.text == "POST|/echo|-|-|host|" + large)
        }
    }

    @Test(arguments: Way.available) func headIsGetWithoutBody(way: Way) async throws {
        try await withServer { server in
            for (path, headers) in [("/hello", []), ("/big", []), ("/big", [("accept-encoding", "gzip")]), ("/known-length", [])] {
                let get = try await ask(way, server, path, headers: headers)
                let head = try await ask(way, server, path, method: "HEAD", headers: headers)
                #expect(head.status == 200 && head.isComplete)
                #expect(head.body.isEmpty)
                #expect(head.headers["content-length"] == String(get.body.count))
                #expect(head.headers["content-encoding"] == get.headers["content-encoding"])
            }
            let head = try await ask(way, server, "/stream", method: "HEAD")
            #expect(head.isComplete && head.headers["content-length"] == nil && head.body.isEmpty)
            let headOfEcho = try await ask(way, server, "/echo", method: "HEAD").status
            #expect(headOfEcho == 200)
        }
    }

    @Test(arguments: Way.available) func compression(way: Way) async throws {
        try await withServer { server in
            let plain = try await ask(way, server, "/big")
            #expect(plain.text == bigText)
            #expect(plain.headers["content-encoding"] == nil && plain.headers["vary"] == "Accept-Encoding")
            #expect(plain.headers["etag"] == "\"v1\"")
            let packed = try await ask(way, server, "/big", headers: [("accept-encoding", "br, gzip;q=0.8")])
            #expect(packed.headers["content-encoding"] == "gzip" && packed.headers["vary"] == "Accept-Encoding")
            #expect(packed.headers["content-length"] == String(packed.body.count) && packed.body.count < bigText.utf8.count / 4)
            #expect(packed.headers["etag"] == "W/\"v1\"")
            #expect(try unzip(packed.body) == bigText)
            let refused = try await ask(way, server, "/big", headers: [("accept-encoding", "gzip;q=0, *")])
            #expect(refused.text == bigText)
            for path in ["/picture", "/encoded"] {
                let answer = try await ask(way, server, path, headers: [("accept-encoding", "gzip")])
                #expect(answer.text == bigText && answer.headers["vary"] == nil)
            }
        }
    }

    @Test(arguments: Way.available) func streams(way: Way) async throws {
        try await withServer { server in
            let expected = (0..<5).map { "chunk \($0)\n" }.joined()
            let open = try await ask(way, server, "/stream")
            #expect(open.text == expected && open.isComplete && open.headers["content-length"] == nil)
            let known = try await ask(way, server, "/known-length")
            #expect(known.text == expected && known.headers["content-length"] == "40")
            let packed = try await ask(way, server, "/stream", headers: [("accept-encoding", "gzip")])
            #expect(packed.headers["content-encoding"] == "gzip")
            #expect(try unzip(packed.body) == expected)
            for path in ["/too-short", "/too-long", "/broken"] {
                let answer = try await ask(way, server, path)
                #expect(!answer.isComplete, "\(path)")
            }
            // The server goes on.
            let afterwards = try await ask(way, server, "/hello").status
            #expect(afterwards == 200)
        }
    }

    @Test(arguments: Way.available) func unsafeFieldsAndOddStatuses(way: Way) async throws {
        try await withServer { server in
            let injected = try await ask(way, server, "/inject")
            #expect(injected.status == 302)
            #expect(injected.headers["location"] == nil && injected.headers["x-evil"] == nil && injected.headers["connection"] == nil)
            #expect(injected.headers["content-length"] == "0")
            let odd = try await ask(way, server, "/odd-status").status
            #expect(odd == 500)
            let none = try await ask(way, server, "/none")
            #expect(none.status == 204 && none.body.isEmpty && none.headers["content-length"] == nil)
            let nowhere = try await ask(way, server, "/nowhere").status
            #expect(nowhere == 404)
        }
    }

    @Test(arguments: Way.sockets) func oversized(way: Way) async throws {
        try await withServer { $0.maxBodyBytes = 100_000; $0.maxHeaderBytes = 16_000 } _: { server in
            let bigBody = String(repeating: "x", count: 1_000_000)
            let known = try await ask(way, server, "/echo", method: "POST", body: bigBody)
            #expect(known.status == 413 && known.text.contains("\"status\":413"))
            // Without a length beforehand, and without waiting for 100 Continue.
            let unknown = try await ask(way, server, "/echo", method: "POST", headers: [("transfer-encoding", "chunked"), ("expect", "")], body: bigBody)
            #expect(unknown.status == 413)
            let header = try await ask(way, server, "/hello", headers: [("x-big", String(repeating: "y", count: 20_000))])
            #expect(header.status == 431)
            let url = try await ask(way, server, "/hello?" + String(repeating: "z", count: 20_000))
            #expect(url.status == 431)
            let many = try await ask(way, server, "/hello", headers: (0..<300).map { ("x-\($0)", "1") })
            #expect(many.status == 431)
            #expect(server.counters.refused[.bodyTooLarge] == 2 && server.counters.refused[.headerTooLarge] == 3)
            #expect(server.counters.bufferedBodyBytes == 0)
        }
    }

    @Test(arguments: Way.sockets) func overload(way: Way) async throws {
        try await withServer { $0.maxRequests = 0 } _: { server in
            let answer = try await ask(way, server, "/hello")
            #expect(answer.status == 503)
            #expect(server.counters.refused[.overloaded] == 1)
        }
        try await withServer { $0.maxBufferedBodyBytes = 1000 } _: { server in
            let large = try await ask(way, server, "/echo", method: "POST", body: String(repeating: "x", count: 5000))
            #expect(large.status == 503)
            let small = try await ask(way, server, "/echo", method: "POST", body: "small")
            #expect(small.status == 200)
        }
    }

    @Test(arguments: Way.sockets) func booksBalance(way: Way) async throws {
        try await withServer { server in
            for _ in 0..<5 {
                let answer = try await ask(way, server, "/echo", method: "POST", body: "abc")
                #expect(answer.status == 200)
            }
            let counters = server.counters
            #expect(counters.messagesReceived == 5 && counters.messagesSent == 5)
            #expect(counters.connectionsTotal == 5)
            #expect(counters.bytesReceived > 5 * 50 && counters.bytesSent > 5 * 50)
            #expect(counters.refused.values.reduce(0, +) == 0 && counters.refused.count == HTTPRefusal.allCases.count)
        }
    }
}
