// The pages. For now one plain page that shows that the server is alive and where to go on.

internal import NIOCore
package import Routing
internal import Transport

package enum WebUI {
    /// - Parameter redirect: where `/` leads, relative to it.
    package static func routes(redirect: String) -> [Route] {
        let index = StaticDocument(contentType: "text/html; charset=utf-8", indexPage)
        let page: Route.Handler = { request in
            try request.allowOnly()
            return index.response(to: request.http)
        }
        return [
            Route(.get, "/", group: "Pages", summary: "Leads to the first page", answer: .redirect) { _ in
                HTTPResponse(status: 302, headers: ["location": redirect, "cache-control": "no-cache"])
            },
            Route(.get, "/html/index.html", group: "Pages", summary: "First page", answer: .html, handler: page),
        ]
    }
}
