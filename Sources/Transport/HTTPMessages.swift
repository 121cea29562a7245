// Requests, responses and the protocol of whoever answers: all that the layers above see of HTTP.

package import NIOCore

/// A complete request, the same whichever protocol brought it.
package struct HTTPRequest: Sendable {
    package enum Version: Sendable { case http1, http2 }

    /// As sent, except that a responder sees `GET` where the client asked `HEAD` (``HTTPSemantics`` drops the body).
    package var method: String
    /// Path of the target, still percent-encoded, without the query; starts with `/`, or is `*`.
    package var path: String
    /// What follows the first `?`, still encoded; nil when there is no `?`.
    package var query: String?
    package var headers: HTTPHeaderFields
    /// The whole body, at most ``HTTPServerConfiguration/maxBodyBytes``.
    package var body: ByteBuffer
    package var version: Version
    /// Address of the peer without port, an IPv4 client of a dual-stack socket in its IPv4 form.
    package var remoteAddress: String?

    package init(
        method: String, path: String, query: String? = nil, headers: HTTPHeaderFields = [:],
        body: ByteBuffer = ByteBuffer(), version: Version = .http1, remoteAddress: String? = nil
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.version = version
        self.remoteAddress = remoteAddress
    }
}

/// An answer. Framing (`Content-Length`, `Transfer-Encoding`, `Connection`) and compression are the server's business:
/// a responder's own framing fields are dropped.
package struct HTTPResponse: Sendable {
    /// 200 … 599; anything else is sent as 500.
    package var status: Int
    package var headers: HTTPHeaderFields
    package var body: HTTPBody

    package init(status: Int, headers: HTTPHeaderFields = [:], body: HTTPBody = .empty) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

package enum HTTPBody: Sendable {
    case empty
    case bytes(ByteBuffer)
    case stream(HTTPBodyStream)
}

/// A body that is made while it is sent.
package struct HTTPBodyStream: Sendable {
    /// Bytes of the whole body when known beforehand. A stream that yields another number is cut off.
    package var contentLength: Int?
    private let pull: @Sendable () async throws -> ByteBuffer?

    /// - Parameter pull: yields the next chunk, or nil at the end; a thrown error breaks the response off visibly (the
    ///   client sees an incomplete message). It is never called twice at once, and only when the connection can take more.
    ///   When the client goes away the calling task is cancelled; a stream not being pulled at that moment is let go, so
    ///   resources belong to what the closure captures.
    package init(contentLength: Int? = nil, pull: @escaping @Sendable () async throws -> ByteBuffer?) {
        self.contentLength = contentLength
        self.pull = pull
    }

    package func next() async throws -> ByteBuffer? { try await pull() }
}

/// Whoever answers requests. Called concurrently; the task is cancelled when the client goes away.
package protocol HTTPResponder: Sendable {
    func respond(to request: HTTPRequest) async -> HTTPResponse
}
