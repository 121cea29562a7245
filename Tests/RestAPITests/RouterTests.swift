// Finding routes, decoding what is in a path and a query, and what becomes of errors.

import Foundation
import Logging
import NIOCore
import Testing
import Transport

@testable import Routing

@Suite struct RouterTests {
    private func router(_ routes: [Route]) -> Router {
        Router(routes, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Answers with its path, the parameters and the query.
    private func echo(_ method: Route.Method = .get, _ path: String, _ names: String...) -> Route {
        Route(method, path, group: "", summary: "", answer: .text(example: "")) { request in
            let values = names.map { request.parameter($0) }
            let query = request.query.map { "\($0.name)=\($0.value)" }
            return .text("\(method.rawValue) \(path) \(values) \(query)")
        }
    }

    private func ask(_ router: Router, _ path: String, query: String? = nil, method: String = "GET") async -> (Int, String) {
        let response = await router.respond(to: HTTPRequest(method: method, path: path, query: query))
        guard case .bytes(let body) = response.body else { return (response.status, "") }
        return (response.status, String(buffer: body))
    }

    @Test func fixedBeforeParameters() async {
        let router = router([echo(.get, "/a/{x}/json", "x"), echo(.get, "/a/b/json"), echo(.get, "/a/{x}/{y}/json", "x", "y")])
        #expect(await ask(router, "/a/c/json").1 == "GET /a/{x}/json [\"c\"] []")
        #expect(await ask(router, "/a/b/json").1 == "GET /a/b/json [] []")
        #expect(await ask(router, "/a/c/d/json").1 == "GET /a/{x}/{y}/json [\"c\", \"d\"] []")
        #expect(await ask(router, "/a//json").1 == "GET /a/{x}/json [\"\"] []")
        #expect(await ask(router, "/a/c").0 == 404)
        #expect(await ask(router, "/").0 == 404)
        #expect(await ask(router, "").0 == 404)
        #expect(await ask(router, "*").0 == 404)
    }

    @Test func methodsOfOnePath() async {
        let router = router([
            echo(.get, "/f/{name}", "name"), echo(.put, "/f/{flow}", "flow"), echo(.delete, "/f/{name}", "name"),
        ])
        #expect(await ask(router, "/f/x").1.hasPrefix("GET"))
        #expect(await ask(router, "/f/x", method: "PUT").1 == "PUT /f/{flow} [\"x\"] []", "its own name for the parameter")
        let (status, text) = await ask(router, "/f/x", method: "POST")
        #expect(status == 405 && text.contains("use DELETE, GET, PUT, HEAD, OPTIONS"))
    }

    @Test(arguments: [
        ("a%20b", "a b"), ("a+b", "a+b"), ("%2F", "/"), ("%41%42", "AB"), ("%c3%a9", "é"), ("%C3%A9", "é"), ("%25", "%"),
        ("a%00b", "a\0b"), ("%ff", "\u{FFFD}"), ("a;b,c", "a;b,c"),
    ])
    func pathDecoding(encoded: String, decoded: String) async {
        #expect(PercentCoding.decode(encoded) == decoded)
        let router = router([echo(.get, "/{x}", "x")])
        #expect(await ask(router, "/" + encoded).1 == "GET /{x} \([decoded]) []")
    }

    @Test(arguments: ["%", "%2", "%zz", "a%", "%%41", "%+1", "% 1", "%0x"]) func brokenEncoding(text: String) async {
        #expect(PercentCoding.decode(text) == nil)
        let router = router([echo(.get, "/{x}", "x")])
        #expect(await ask(router, "/" + text).0 == 400)
        #expect(await ask(router, "/a", query: text).0 == 400)
        #expect(await ask(router, "/a", query: "a=" + text).0 == 400)
    }

    @Test(arguments: [
        ("", "[]"), ("a=b", #"["a=b"]"#), ("a=b&a=c&b=", #"["a=b", "a=c", "b="]"#), ("a", #"["a="]"#), ("a=b=c", #"["a=b=c"]"#),
        ("a+b=c%2Bd", #"["a b=c+d"]"#), ("&&a=b&", #"["a=b"]"#), ("=x", #"["=x"]"#), ("a=%26", #"["a=&"]"#),
    ])
    func queryDecoding(query: String, expected: String) async {
        #expect(await ask(router([echo(.get, "/q")]), "/q", query: query).1 == "GET /q [] \(expected)")
    }

    @Test func errorsOfHandlers() async {
        struct Surprise: Error {}
        func failing(_ error: any Error & Sendable) -> Route {
            Route(.get, "/x", group: "", summary: "", answer: .text(example: "")) { _ in throw error }
        }
        let problem = await ask(router([failing(HTTPProblem(418, "a \"teapot\"\n"))]), "/x")
        #expect(problem.0 == 418 && problem.1.contains(#""message": "a \"teapot\"\n""#))
        #expect(await ask(router([failing(CancellationError())]), "/x").0 == 503)
        let surprise = await ask(router([failing(Surprise())]), "/x")
        #expect(surprise.0 == 500 && !surprise.1.contains("Surprise"), "what is inside stays inside")
    }

    @Test func onlyKnownParameters() async {
        let route = Route(.get, "/x", group: "", summary: "", answer: .text(example: "")) { request in
            try request.allowOnly("a", "b")
            return .text(request.values("a").joined(separator: "|"))
        }
        let router = router([route])
        #expect(await ask(router, "/x", query: "a=1&b=2&a=3").1 == "1|3")
        let (status, text) = await ask(router, "/x", query: "a=1&c=2")
        #expect(status == 400 && text.contains("no parameter 'c' here: it takes a, b"))
    }
}
