// The rules that hold for every response, whatever the protocol: HEAD, bodyless statuses, compression, Content-Length,
// clean header fields. A responder around a responder, so that tests reach the rules without a socket.

private import NIOCore

package struct HTTPSemantics: HTTPResponder {
    private let responder: any HTTPResponder
    private let configuration: HTTPServerConfiguration

    package init(responder: any HTTPResponder, configuration: HTTPServerConfiguration) {
        self.responder = responder
        self.configuration = configuration
    }

    package func respond(to request: HTTPRequest) async -> HTTPResponse {
        var asked = request
        if request.method == "HEAD" { asked.method = "GET" }
        let response = await responder.respond(to: asked)
        return finish(response, method: request.method, requestHeaders: request.headers)
    }

    /// The response to a request that does not reach the responder.
    func refusal(status: Int, message: String, method: String = "GET") -> HTTPResponse {
        finish(configuration.errorResponse(status, message), method: method, requestHeaders: [:])
    }

    /// Makes a response fit to send: afterwards its header fields and body agree and its fields are safe on the wire.
    private func finish(_ answer: HTTPResponse, method: String, requestHeaders: HTTPHeaderFields) -> HTTPResponse {
        var response = answer
        if !(200...599).contains(response.status) { response.status = 500 }
        response.headers.filter { isSafe($0) && !isFraming($0.name) }
        response.headers["server"] = "weir"
        // RFC 9110, sections 15.3.5 and 15.4.5: no content, and no length either.
        if response.status == 204 || response.status == 304 {
            response.body = .empty
            return response
        }
        response.compress(ifWantedBy: requestHeaders, configuration: configuration)
        switch response.body {
        case .empty: response.headers.add("content-length", "0")
        case .bytes(let bytes): response.headers.add("content-length", "\(bytes.readableBytes)")
        case .stream(let stream):
            if let length = stream.contentLength { response.headers.add("content-length", "\(length)") }
        }
        // RFC 9110, section 9.3.2: the header fields of the GET, and no content.
        if method == "HEAD" { response.body = .empty }
        return response
    }
}

/// Fields that belong to one connection or to framing (RFC 9110, section 7.6.1; forbidden in HTTP/2 by RFC 9113, section
/// 8.2.2). The server sets its own.
private func isFraming(_ name: String) -> Bool {
    ["connection", "content-length", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"]
        .contains { equalIgnoringCase($0, name) }
}

/// Whether a field can be sent without splitting the message: responders echo client input, in `Location` for one. The
/// name must be a token and the value free of control characters (RFC 9110, sections 5.5 and 5.6.2).
private func isSafe(_ field: HTTPHeaderFields.Field) -> Bool {
    let symbols = "!#$%&'*+-.^_`|~".utf8
    let isToken = !field.name.isEmpty && field.name.utf8.allSatisfy { byte in
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(lowercased(byte)) || symbols.contains(byte)
    }
    return isToken && field.value.utf8.allSatisfy { ($0 >= 0x20 && $0 != 0x7f) || $0 == 0x09 }
}
