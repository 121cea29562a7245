// The pages: static files that ask the REST API. Their text is in the folder Pages; here are the addresses they have.

package import Routing
internal import Transport

package enum WebUI {
    /// - Parameter redirect: where `/` leads, relative to it.
    package static func routes(redirect: String) -> [Route] {
        let files = PageFiles.all
        let names = "index, flows, metrics, agents, topology, events and cluster, each with .html, and what they are made of"
        return [
            leading("/", to: redirect, summary: "Leads to the first page"),
            Route(.get, "/html/", group: "Pages", summary: "First page", answer: .html) { request in
                try answer(request, files["index.html"])
            },
            Route(
                .get, "/html/{file}", group: "Pages", summary: "A page, or a file of one", details: "The pages are \(names).",
                pathParameters: [Route.Parameter("file", "Name of the file.", example: "index.html")], answer: .html,
                problems: [404: "there is no such page"]
            ) { request in
                try answer(request, files[request.parameter("file")])
            },
            leading("/api", to: "./api/", summary: "Leads to the explorer of the API"),
            explorer("/api/"), explorer("/api/index.html"),
        ]
    }

    /// Both addresses are known to links from elsewhere.
    private static func explorer(_ path: String) -> Route {
        Route(.get, path, group: "Pages", summary: "Explorer of the API", answer: .html) { request in
            try answer(request, PageFiles.all["api.html"])
        }
    }

    private static func leading(_ path: String, to target: String, summary: String) -> Route {
        Route(.get, path, group: "Pages", summary: summary, answer: .redirect) { _ in
            HTTPResponse(status: 302, headers: ["location": target, "cache-control": "no-cache"])
        }
    }

    /// The query is the page's own state: the server does not look at it.
    private static func answer(_ request: RouteRequest, _ file: StaticDocument?) throws -> HTTPResponse {
        guard let file else { throw HTTPProblem.notFound("there is no such page: / leads to the first one") }
        return file.response(to: request.http)
    }
}
