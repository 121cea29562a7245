// What goes wrong with a request, in the one shape that all errors of the API have.

package import Transport
internal import NIOCore

/// Thrown by handlers; becomes `{"error": {"status": …, "message": …}}`. The message tells the user what to change.
package struct HTTPProblem: Error, Sendable {
    package let status: Int
    package let message: String
    package var headers: HTTPHeaderFields = [:]

    package init(_ status: Int, _ message: String, headers: HTTPHeaderFields = [:]) {
        self.status = status
        self.message = message
        self.headers = headers
    }

    package static func badRequest(_ message: String) -> HTTPProblem { HTTPProblem(400, message) }
    package static func notFound(_ message: String) -> HTTPProblem { HTTPProblem(404, message) }

    package var response: HTTPResponse {
        var json = JSONWriter(indent: 1)
        json.object { json in
            json.member("error") { json in
                json.object { json in
                    json.member("status", status)
                    json.member("message", message)
                }
            }
        }
        json.finish()
        var headers = headers
        headers.add("content-type", "application/json")
        headers.add("cache-control", "no-cache, no-store")
        return HTTPResponse(status: status, headers: headers, body: .bytes(json.take()))
    }
}
