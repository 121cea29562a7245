// Why two nodes do not understand or reach one another: the one error type of message streams, on both sides.

package struct PeerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Bounded: fit for a metric label.
    package enum Reason: String, CaseIterable, Sendable {
        /// No connection can be made.
        case unreachable
        /// The peer does not want the stream, and says why.
        case refused
        /// The peer has stopped answering, or took too long to.
        case timeout
        /// The stream or its connection has ended.
        case closed
        /// The peer does not keep to HTTP/2 or to the framing of messages.
        case protocolError
        case messageTooLarge
        /// Given up by one of the two sides, or by the cancellation of the calling task.
        case cancelled
        /// No trust: certificates that are missing, wrong or out of date.
        case tls
    }

    package var reason: Reason
    /// One line for an operator.
    package var message: String
    /// The HTTP status of a refusal.
    package var status: Int?

    package init(_ reason: Reason, _ message: String, status: Int? = nil) {
        self.reason = reason
        self.message = message
        self.status = status
    }

    package var description: String { "\(reason.rawValue): \(message)" }

    /// What the code of a peer's RST_STREAM (RFC 9113, section 7) says about a message stream.
    init(resetCode code: UInt32) {
        switch HTTP2ErrorCode(rawValue: code) {
        case .cancel: self.init(.cancelled, "the peer has cancelled the stream")
        case .refusedStream: self.init(.refused, "the peer takes no more streams on this connection")
        case .enhanceYourCalm: self.init(.messageTooLarge, "the peer finds a message too large")
        case .protocolError: self.init(.protocolError, "the peer cannot read a message")
        default: self.init(.closed, "the peer has ended the stream (HTTP/2 error \(code))")
        }
    }

    /// The code that tells the peer the same.
    var resetCode: HTTP2ErrorCode {
        switch reason {
        case .messageTooLarge: .enhanceYourCalm
        case .protocolError: .protocolError
        case .closed: .internalError
        default: .cancel
        }
    }
}
