// The usual responses, with the header fields that go with them.

package import NIOCore
package import Transport

extension HTTPResponse {
    /// Live data: never to be cached.
    private static func live(_ contentType: String, _ body: HTTPBody) -> HTTPResponse {
        HTTPResponse(
            status: 200, headers: ["content-type": contentType, "cache-control": "no-cache, no-store"], body: body)
    }

    package static func json(indent: Int, _ write: (inout JSONWriter) throws -> Void) rethrows -> HTTPResponse {
        var json = JSONWriter(indent: indent)
        try write(&json)
        json.finish()
        return live("application/json", .bytes(json.take()))
    }

    package static func json(_ stream: HTTPBodyStream) -> HTTPResponse { live("application/json", .stream(stream)) }

    package static func text(_ text: String) -> HTTPResponse {
        live("text/plain; charset=utf-8", .bytes(ByteBuffer(string: text)))
    }

    package static func text(_ stream: HTTPBodyStream) -> HTTPResponse {
        live("text/plain; charset=utf-8", .stream(stream))
    }
}

/// A document that does not change while the server runs: with an entity tag, so that a browser that has it need not get
/// it again (RFC 9110 section 8.8.3).
package struct StaticDocument: Sendable {
    private let contentType: String
    private let body: ByteBuffer
    private let entityTag: String
    /// Nothing from elsewhere, and no script or style inside a page: a name from an agent that became markup could do
    /// nothing (Content Security Policy Level 3).
    private static let securityPolicy =
        "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'self'"

    package init(contentType: String, _ body: ByteBuffer) {
        self.contentType = contentType
        self.body = body
        entityTag = "\"\(StaticDocument.fingerprint(body))\""
    }

    package func response(to request: HTTPRequest) -> HTTPResponse {
        let headers: HTTPHeaderFields = [
            // What a cache has been told with the document it is told again when that has not changed (RFC 9110, section 15.4.5).
            "content-type": contentType, "etag": entityTag, "cache-control": "no-cache", "vary": "Accept-Encoding",
            "content-security-policy": StaticDocument.securityPolicy,
            "x-content-type-options": "nosniff", "referrer-policy": "no-referrer",
        ]
        let known = request.headers["if-none-match"]?.split(separator: ",").map { tag in
            tag.drop { $0 == " " }.replacingPrefix("W/")
        }
        if known?.contains(where: { $0 == entityTag || $0 == "*" }) == true {
            return HTTPResponse(status: 304, headers: headers)
        }
        return HTTPResponse(status: 200, headers: headers, body: .bytes(body))
    }

    /// FNV-1a, 64 bits (draft-eastlake-fnv): tells versions of our own documents apart.
    private static func fingerprint(_ body: ByteBuffer) -> String {
        let hash = body.readableBytesView.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
        return String(hash, radix: 16)
    }
}

extension Substring {
    fileprivate func replacingPrefix(_ prefix: String) -> String {
        String(hasPrefix(prefix) ? dropFirst(prefix.count) : self).trimmedEnd
    }
}

extension String {
    fileprivate var trimmedEnd: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
