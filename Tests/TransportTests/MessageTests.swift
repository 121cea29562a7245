// The small pure parts: header fields, request targets, content negotiation, the default error body.

import NIOCore
import Testing
@testable import Transport

@Suite struct MessageTests {
    @Test func headerFieldsIgnoreCaseAndKeepOrder() {
        var fields: HTTPHeaderFields = ["Content-Type": "a", "X-One": "1"]
        fields.add("x-one", "2")
        #expect(fields["CONTENT-TYPE"] == "a")
        #expect(fields.values("X-ONE") == ["1", "2"])
        fields["x-One"] = "3"
        #expect(fields.fields.map(\.value) == ["a", "3"])
        fields["content-type"] = nil
        #expect(fields.fields.count == 1)
        fields.add("connection", "keep-alive , Upgrade")
        #expect(fields.contains(token: "upgrade", in: "Connection"))
        #expect(!fields.contains(token: "up", in: "Connection"))
        // '[' is '{' without bit 5, but neither is a letter.
        #expect(!equalIgnoringCase("[", "{"))
    }

    @Test(arguments: [
        ("/", "/", nil), ("/a/b%2Fc?x=1&y=?", "/a/b%2Fc", "x=1&y=?"), ("/a?", "/a", ""), ("*", "*", nil), ("/a#f", "/a", nil),
        ("/a?q#f", "/a", "q"), ("http://host:80/a?b", "/a", "b"), ("HTTPS://host", "/", nil), ("http://host?x", "/", "x"),
    ] as [(String, String, String?)])
    func targets(target: String, path: String, query: String?) {
        let parsed = RequestTarget(target)
        #expect(parsed?.path == path)
        #expect(parsed?.query == query)
    }

    @Test(arguments: ["", "a", "host:80", "ftp://x/", "?x", "*x", "é"])
    func badTargets(target: String) {
        #expect(RequestTarget(target) == nil)
    }

    @Test(arguments: [
        ([], false), ([""], false), (["gzip"], true), (["GZIP"], true), (["deflate, gzip;q=1.0"], true), (["deflate", "gzip"], true),
        (["gzip;q=0"], false), (["gzip;q=0.000, *"], false), (["*"], true), (["*;q=0"], false), (["*;q=0, gzip"], true),
        (["identity, gzip;q=0.5"], false), (["identity;q=0.5, gzip"], true), (["gzip ; q=0.001"], true), (["x-gzip"], true),
        (["gzip;q=banana"], false), (["gzip;q=2"], false), (["gzip;q=0.0001"], false), (["gzip;q="], false), (["br"], false),
        (["gzip;x=1;q=0"], false), ([",,;;=, gzip"], true),
    ] as [([String], Bool)])
    func acceptEncoding(values: [String], expected: Bool) {
        var headers = HTTPHeaderFields()
        for value in values { headers.add("Accept-Encoding", value) }
        #expect(acceptsGzip(headers) == expected)
    }

    @Test func defaultErrorIsJSONWhateverTheMessage() throws {
        let response = HTTPServerConfiguration.jsonError(status: 400, message: "a \"b\" \\ \n c")
        guard case .bytes(let bytes) = response.body else { Issue.record("no body"); return }
        #expect(String(buffer: bytes) == "{\"error\":{\"status\":400,\"message\":\"a \\\"b\\\" \\\\   c\"}}\n")
    }
}
