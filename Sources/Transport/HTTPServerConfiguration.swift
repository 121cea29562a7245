// The server's settings and limits, each with the reason for its default.

private import NIOCore

package struct HTTPServerConfiguration: Sendable {
    /// Address or name to listen on; empty or nil means every address, IPv6 and IPv4 on one dual-stack socket, or IPv4
    /// alone where the machine has no IPv6.
    package var host: String?
    /// 0 lets the system choose; ``HTTPServer/start()`` returns the choice.
    package var port: Int

    /// Threads that do nothing but network work. One carries over 50,000 requests/s; responders run elsewhere.
    package var eventLoopThreads = 1
    /// Connections at once; more are closed at once. Browsers hold 6 each and scrapers one, so 1024 serves hundreds of
    /// users and stays far below the usual limit of open files.
    package var maxConnections = 1024
    /// Requests at once, of all connections. Without it 1024 connections of 256 streams could start 262,144 tasks.
    /// Long polls count, so it is larger than the number of connections. More are answered 503.
    package var maxRequests = 4096
    /// HTTP/2 streams at once on a connection. RFC 9113, section 6.5.2 advises at least 100.
    package var maxStreamsPerConnection = 256
    /// Names and values of one request's header fields plus its target. Eight times what common servers take, since queries
    /// put long lists of metrics and keys into the URL. More is answered 431.
    package var maxHeaderBytes = 64 * 1024
    /// Header fields of one request. Browsers send under 30.
    package var maxHeaderFields = 256
    /// One request body. The largest known one, a topology of a thousand switches, is about 1 MiB. More is answered 413.
    package var maxBodyBytes = 4 * 1024 * 1024
    /// Request bodies held in memory at once, of all connections: 16 of the largest. More is answered 503.
    package var maxBufferedBodyBytes = 64 * 1024 * 1024

    /// A connection without a request under way, and a response whose reader takes nothing, ends after this. As long as
    /// the keep-alive of common clients and proxies.
    package var idleTimeoutSeconds = 60.0
    /// From the first byte of a request to the end of its header fields. Far more than a slow line needs, and short
    /// enough that trickling clients cannot occupy the connections.
    package var requestHeaderTimeoutSeconds = 10.0
    /// From the end of the header fields to the end of the body: 4 MiB take 35 s at 1 Mbit/s.
    package var requestBodyTimeoutSeconds = 60.0
    /// How long a connection that is refused in mid-request is kept open, its input thrown away, so that the client gets
    /// to read the refusal (RFC 9112, section 9.6).
    package var lingerSeconds = 2.0

    /// Bodies below this are not worth compressing: they fit one packet anyway.
    package var compressionMinimumBytes = 1024
    /// zlib level. 1 compresses JSON tables 6 times at 200 MB/s; 6 reaches 7 times at under half that speed.
    package var compressionLevel = 1

    /// Who takes streams of messages; nil where there are none. A stream counts as one request under way until its task
    /// ends, is held to none of the timeouts above, and its messages do not count as request bodies.
    package var streams: (any StreamAcceptor)?
    package var messageStreams = MessageStreamLimits()
    package var peerCounters = PeerCounters()
    /// With it, every connection needs a certificate that the trust roots have signed. For ports between nodes.
    package var tls: PeerTLS?

    /// Makes the answer to a request that never reaches the responder (400, 408, 413, 431, 503, 505): status and a text
    /// that tells the user what to change.
    package var errorResponse: @Sendable (_ status: Int, _ message: String) -> HTTPResponse = HTTPServerConfiguration.jsonError

    package init(host: String? = nil, port: Int) {
        self.host = host
        self.port = port
    }

    /// `{"error":{"status":400,"message":"…"}}`
    package static func jsonError(status: Int, message: String) -> HTTPResponse {
        var escaped = ""
        for scalar in message.unicodeScalars {
            switch scalar {
            case "\"", "\\": escaped += "\\\(scalar)"
            case "\0"..<" ": escaped += " "
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        let text = "{\"error\":{\"status\":\(status),\"message\":\"\(escaped)\"}}\n"
        return HTTPResponse(status: status, headers: ["content-type": "application/json"], body: .bytes(.init(string: text)))
    }
}
