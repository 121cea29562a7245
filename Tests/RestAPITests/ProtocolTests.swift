// What holds for every route: methods, missing paths, HEAD, cross-origin requests, caching, compression, pages.

import Foundation
import Testing

@Suite(.timeLimit(.minutes(2))) struct ProtocolTests {
    /// One target for each route.
    static let targets = [
        "/version", "/status", "/analyzer/json", "/agents/json", "/datasources/ALL/json", "/metrics/json",
        "/metric/10.0.0.1/json", "/metric/ALL/ifinoctets/json", "/table/ALL/ifname/json", "/dump/ALL/ALL/json",
        "/prometheus/metrics/ALL/ALL/txt", "/prometheus/analyzer/txt", "/api-docs", "/html/index.html", "/",
        "/flowkeys/json", "/activeflows/ALL/srcdst/json", "/events/json", "/flows/json",
        "/html/", "/api", "/api/", "/api/index.html", "/cluster/json",
        "/topology/nodes/json",
        "/topology/links/json", "/topology/ports/EDGE/json", "/topology/status/json", "/topology/unknown/json",
        "/topology/locate/json?address=10.0.0.1", "/topology/hosts/ALL/json",
        "/app/prometheus/scripts/export.js/flows/ALL/txt?metric=m&key=ipsource&value=bytes",
        "/app/prometheus/scripts/export.js/statistics/all/ALL/load_one/txt",
        "/app/prometheus/scripts/export.js/dump/ALL/load_one/txt", "/app/prometheus/scripts/export.js/analyzer/txt",
    ]
    /// Routes that answer only about a flow, node, link or port that there is; a 404 or 400 otherwise.
    static let aboutOne = [
        "/flowvalue/{agent}/{flow}/json", "/flowlocations/{agents}/{name}/json", "/topology/node/{node}/json",
        "/topology/link/{link}/json", "/topology/link/{link}/{metrics}/json", "/topology/port/{agent}/{ifindex}/json",
    ]

    @Test func targetsAreAllRoutes() async throws {
        try await withAPI { api in #expect(ProtocolTests.targets.count + ProtocolTests.aboutOne.count == api.routes.count) }
    }

    @Test(arguments: Way.available, targets) func everyRoute(way: Way, target: String) async throws {
        try await withAPI([way]) { api in
            let get = try await api.ask(way, target)
            let leadsTo = ["/": "./html/index.html", "/api": "./api/"][target]
            #expect(get.status == (leadsTo != nil ? 302 : 200))
            if leadsTo != nil {
                #expect(get.headers["location"] == leadsTo, "relative, for proxies that mount under a prefix")
            } else {
                #expect(get.body.last == UInt8(ascii: "\n") || get.body.isEmpty)
            }
            #expect(get.headers["cache-control"]?.contains("no-cache") == true)
            #expect(get.headers["server"] == "weir")
            #expect(get.headers["access-control-allow-origin"] == nil, "only when the setting says so")
            if target.hasSuffix("/json") || target == "/api-docs" {
                #expect(get.headers["content-type"] == "application/json")
                #expect(try get.json is NSDictionary || get.json is NSArray)
            } else if target.hasSuffix("/txt") {
                #expect(get.headers["content-type"]?.hasPrefix("text/plain") == true)
            }

            let head = try await api.ask(way, target, method: "HEAD")
            #expect(head.status == get.status && head.body.isEmpty)
            #expect(head.headers["content-type"] == get.headers["content-type"])

            let options = try await api.ask(way, target, method: "OPTIONS")
            #expect(options.status == 204 && options.headers["allow"] == "GET, HEAD, OPTIONS")
            #expect(options.headers["access-control-allow-methods"] == nil)

            // A method that no specification has does not get past the parser of HTTP/1.1.
            for method in ["PUT", "POST", "DELETE", "PATCH"] + (way == .http1 ? [] : ["BREW"]) {
                let other = try await api.ask(way, target, method: method)
                #expect(other.status == 405 && other.headers["allow"] == "GET, HEAD, OPTIONS")
                #expect(try other.message == "\(method) is not possible here: use GET, HEAD, OPTIONS")
            }
        }
    }

    @Test(arguments: Way.available) func nothingThere(way: Way) async throws {
        try await withAPI([way]) { api in
            for target in [
                "/nowhere", "/version/", "/Version", "/agents", "/agents/json/", "/metric", "/metric/ALL/ifinoctets", "//",
                "/metric/ALL/ifinoctets/json/more", "/dump/ALL/json", "/html", "/html/../version", "/version%2F",
                "/metric/ALL/ifinoctets/JSON",
            ] {
                let answer = try await api.ask(way, target)
                #expect(answer.status == 404, "\(target)")
                #expect(answer.headers["content-type"] == "application/json")
                #expect(try answer.message == "nothing is at \(target): /api-docs lists what is there")
                let put = try await api.ask(way, target, method: "PUT").status
                #expect(put == 404, "\(target)")
            }
        }
    }

    @Test(arguments: Way.available) func crossOrigin(way: Way) async throws {
        try await withAPI([way]) { $0.allowedOrigin = "*" } _: { api in
            let options = try await api.ask(
                way, "/agents/json", method: "OPTIONS",
                headers: [("origin", "http://elsewhere.example"), ("access-control-request-method", "GET")])
            #expect(options.status == 204)
            #expect(options.headers["access-control-allow-origin"] == "*")
            #expect(options.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS")
            #expect(options.headers["access-control-allow-headers"] == "content-type, weir-require")
            #expect(options.headers["access-control-expose-headers"] == "weir-shards, weir-warming")
            for (target, status) in [("/agents/json", 200), ("/nowhere", 404), ("/agents/json?x=1", 400)] {
                let answer = try await api.ask(way, target, headers: [("origin", "http://elsewhere.example")])
                #expect(answer.status == status && answer.headers["access-control-allow-origin"] == "*", "\(target)")
            }
        }
    }

    @Test(arguments: Way.available, ["/html/index.html", "/html/chart.js", "/api-docs"])
    func pagesAreKept(way: Way, target: String) async throws {
        try await withAPI([way]) { api in
            let first = try await api.ask(way, target)
            let tag = try #require(first.headers["etag"])
            #expect(tag.hasPrefix("\"") && tag.hasSuffix("\"") && tag.count > 8)
            #expect(first.headers["x-content-type-options"] == "nosniff" && first.headers["vary"] == "Accept-Encoding")
            let policy = try #require(first.headers["content-security-policy"])
            #expect(policy.hasPrefix("default-src 'self'") && !policy.contains("unsafe"))
            for known in [tag, "W/" + tag, "\"other\", \(tag)", "\"other\" , W/\(tag)", "*"] {
                let again = try await api.ask(way, target, headers: [("if-none-match", known)])
                #expect(again.status == 304 && again.body.isEmpty && again.headers["etag"] == tag, "\(known)")
                #expect(again.headers["vary"] == "Accept-Encoding")
            }
            for other in ["\"other\"", String(tag.dropLast()), ""] {
                let again = try await api.ask(way, target, headers: [("if-none-match", other)])
                #expect(again.status == 200 && again.body == first.body, "\(other)")
            }
            // What a browser kept compressed has a weak tag, and is known by it.
            let packed = try await api.ask(way, target, headers: [("accept-encoding", "gzip")])
            let weak = try #require(packed.headers["etag"])
            #expect(packed.headers["content-encoding"] == "gzip" && weak == "W/" + tag)
            let again = try await api.ask(way, target, headers: [("if-none-match", weak), ("accept-encoding", "gzip")])
            #expect(again.status == 304)
        }
    }

    @Test(arguments: [0, 1, 4]) func indentation(width: Int) async throws {
        try await withAPI { $0.indent = width } _: { api in
            let text = try await api.ask(.call, "/metric/192.0.2.1/ifinoctets/json").text
            let (line, space) = (width == 0 ? "" : "\n", String(repeating: " ", count: width))
            let colon = width == 0 ? ":" : ": "
            #expect(
                text == "[\(line)\(space){\(line)\(space)\(space)\"metricName\"\(colon)\"ifinoctets\",\(line)\(space)\(space)"
                    + "\"metricN\"\(colon)0\(line)\(space)}\(line)]\n")
        }
    }
}
