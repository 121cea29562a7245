// The vocabulary of the HTTP/2 codec: its events, errors and limits. Free of nghttp2.

package import NIOCore

/// What the peer did, or what became of our own output.
package enum HTTP2Event: Sendable {
    /// A message's header fields, pseudo-header fields included and first. `isOversized`: they exceeded the limit and
    /// are incomplete.
    case headers(stream: Int32, fields: HTTPHeaderFields, isOversized: Bool)
    /// Part of a message body. Its bytes count against the windows until ``HTTP2Session/consume(stream:streamBytes:connectionBytes:)``.
    case data(stream: Int32, ByteBuffer)
    /// The message is complete.
    case messageEnd(stream: Int32)
    /// All of the body appended so far has been framed: time for more.
    case bodyDrained(stream: Int32)
    /// Our last frame on the stream has been framed. At a client that is the request's.
    case responseSent(stream: Int32)
    /// The stream is gone; code 0 after an ordinary end (RFC 9113, section 7).
    case streamClosed(stream: Int32, code: UInt32)
    case pingAcknowledged(HTTP2Ping)
    /// The peer takes no more streams on this connection.
    case goAway
    /// The peer broke the protocol; the session says GOAWAY and ends by itself.
    case connectionError(code: UInt32)
}

/// The session cannot go on; the connection is to be closed.
package struct HTTP2Error: Error, Hashable, Sendable {
    package enum Reason: String, CaseIterable, Sendable { case badPreface, flooded, protocolError, internalError }
    package var reason: Reason
}

/// What we ask by a PING; the frame carries it there and back.
package enum HTTP2Ping: UInt8, Sendable {
    /// Whether the peer has heard that the end is near.
    case shutdown
    case liveness
}

/// Error codes of RFC 9113, section 7, as far as we send them.
package enum HTTP2ErrorCode: UInt32, Sendable {
    case noError = 0, protocolError = 1, internalError = 2, refusedStream = 7, cancel = 8, enhanceYourCalm = 11
}

package struct HTTP2Limits: Sendable {
    package var maxConcurrentStreams = 256
    package var maxHeaderBytes = 64 * 1024
    package var maxHeaderFields = 256
    /// The default of 64 KiB stalls uploads at one window per round trip.
    package var streamWindowBytes = 1024 * 1024
    package var connectionWindowBytes = 4 * 1024 * 1024
    /// Bytes of a frame that the peer may send, and that it gets if it takes as many. From 16 KiB (RFC 9113, section 4.2).
    package var frameBytes = 16 * 1024
    /// Bytes of one write: enough to make system calls rare, little to buffer for a slow reader.
    package var writeBytes = 64 * 1024
    /// Resets by the peer: at once, and regained per second (CVE-2023-44487).
    package var resetBurst = 200
    package var resetsPerSecond = 20
    /// Answers to PING and SETTINGS waiting to be sent (CVE-2019-9512, CVE-2019-9515).
    package var maxQueuedAcknowledgements = 200
    /// Entries of one SETTINGS frame (CVE-2020-11080).
    package var maxSettingsEntries = 32
    /// CONTINUATION frames of one header block (CVE-2024-28182).
    package var maxContinuations = 8

    package init() {}

    /// Of a connection between nodes of a cluster: the peer is no stranger, and sends and takes a lot.
    init(_ limits: MessageStreamLimits) {
        streamWindowBytes = limits.streamWindowBytes
        connectionWindowBytes = limits.connectionWindowBytes
        // Each frame and each write costs as much as some datagrams.
        frameBytes = 256 * 1024
        writeBytes = 512 * 1024
        // Many streams are given up at once when queries reach their deadline.
        resetBurst = 2000
        resetsPerSecond = 200
    }
}
