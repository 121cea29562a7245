// What connections between nodes need of the codec beyond a server's answering of requests: the client's side, and
// turns among long-lived streams.

private import CNghttp2

extension HTTP2Session {
    /// The client's side of a connection. Its preface is its first output.
    package static func client(limits: HTTP2Limits) throws(HTTP2Error) -> HTTP2Session {
        let session = try unsafe HTTP2Session(limits: limits) { callbacks, options in
            var handle: OpaquePointer?
            unsafe nghttp2_session_client_new2(&handle, callbacks, nil, options)
            return unsafe handle
        }
        try session.announceSettings(isServer: false)
        return session
    }

    /// Opens a stream with a request's header fields, pseudo-header fields first; ``append(_:to:)`` and
    /// ``endBody(stream:)`` follow. The request waits while the peer has as many streams as it allows.
    /// - Returns: the stream; nil when this connection can have no more.
    package func submitRequest(_ fields: [HTTPHeaderFields.Field]) -> Int32? {
        let stream = unsafe withNameValues(fields) { fields in
            var provider = unsafe nghttp2_data_provider()
            unsafe provider.read_callback = unsafe readHTTP2Body
            return unsafe nghttp2_submit_request(handle, nil, fields.baseAddress, fields.count, &provider, nil)
        }
        guard stream > 0 else { return nil }
        streams[stream] = Stream()
        return stream
    }

    /// Lets a server's stream take turns with others (RFC 9218, section 4.2), whatever the client says: the default is
    /// to send one body to its end before the next, and a stream of messages has no end.
    package func takeTurns(stream: Int32) {
        var priority = nghttp2_extpri(urgency: UInt32(NGHTTP2_EXTPRI_DEFAULT_URGENCY), inc: 1)
        unsafe nghttp2_session_change_extpri_stream_priority(handle, stream, &priority, 1)
    }
}
