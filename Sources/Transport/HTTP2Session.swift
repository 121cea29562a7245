// HTTP/2 as a codec: bytes in, events out; commands in, bytes out. No I/O, no clock, no threads. This file, its callbacks
// (HTTP2Session+Callbacks.swift) and the client's side (HTTP2Session+Client.swift) are the only ones that touch nghttp2
// and its pointers. Frames, header compression, flow control and the stream life cycle (RFC 9113, RFC 7541) are
// nghttp2's; limits and message bodies are ours. The session knows requests and responses only as header lists on streams.
//
// Not thread-safe; the owner keeps it on one event loop and calls `takeEvents` and `writeOutput` after every batch of
// `receive` and commands, never from inside one.

private import CNghttp2
package import NIOCore

@safe package final class HTTP2Session {
    /// A stream that nghttp2 has told us of and not closed yet.
    struct Stream {
        var fields = HTTPHeaderFields()
        var headerBytes = 0
        var isOversized = false
        /// Body bytes to send that no frame holds yet.
        var unsent = ByteQueue()
        /// No more will be appended.
        var bodyEnded = false
        /// nghttp2 was told to wait for more.
        var isDeferred = false
    }

    let limits: HTTP2Limits
    var streams: [Int32: Stream] = [:]
    var events: [HTTP2Event] = []
    /// A header block has begun and not ended: what a trickling client would hold open.
    package internal(set) var isReceivingHeaders = false
    /// What is being received, and where nghttp2 sees it: body bytes are slices of it.
    var input = ByteBuffer()
    var inputStart: UnsafeRawPointer?
    /// What is being filled with frames, and how far.
    var output = HTTP2Output()
    var outputLimitBytes = 0
    let handle: OpaquePointer

    init(limits: HTTP2Limits, make: (OpaquePointer, OpaquePointer) -> OpaquePointer?) throws(HTTP2Error) {
        self.limits = limits
        var callbacks: OpaquePointer?
        var options: OpaquePointer?
        unsafe nghttp2_session_callbacks_new(&callbacks)
        unsafe nghttp2_option_new(&options)
        defer {
            unsafe nghttp2_session_callbacks_del(callbacks)
            unsafe nghttp2_option_del(options)
        }
        guard let callbacks = unsafe callbacks, let options = unsafe options else { throw HTTP2Error(reason: .internalError) }
        unsafe installHTTP2Callbacks(callbacks)
        unsafe nghttp2_option_set_no_auto_window_update(options, 1)
        unsafe nghttp2_option_set_no_closed_streams(options, 1)
        unsafe nghttp2_option_set_stream_reset_rate_limit(options, UInt64(limits.resetBurst), UInt64(limits.resetsPerSecond))
        unsafe nghttp2_option_set_max_outbound_ack(options, limits.maxQueuedAcknowledgements)
        unsafe nghttp2_option_set_max_settings(options, limits.maxSettingsEntries)
        unsafe nghttp2_option_set_max_continuations(options, limits.maxContinuations)
        guard let handle = unsafe make(callbacks, options) else { throw HTTP2Error(reason: .internalError) }
        unsafe self.handle = handle
        // Unretained: callbacks run only inside calls made through this object, and deinit deletes the session.
        unsafe nghttp2_session_set_user_data(handle, Unmanaged.passUnretained(self).toOpaque())
    }

    deinit {
        unsafe nghttp2_session_del(handle)
    }

    /// The server's side of a connection. Expects the client's preface as its first input.
    package static func server(limits: HTTP2Limits) throws(HTTP2Error) -> HTTP2Session {
        let session = try unsafe HTTP2Session(limits: limits) { callbacks, options in
            var handle: OpaquePointer?
            unsafe nghttp2_session_server_new2(&handle, callbacks, nil, options)
            return unsafe handle
        }
        try session.announceSettings(isServer: true)
        return session
    }

    func announceSettings(isServer: Bool) throws(HTTP2Error) {
        func entry(_ id: nghttp2_settings_id, _ value: Int) -> nghttp2_settings_entry {
            nghttp2_settings_entry(settings_id: Int32(id.rawValue), value: UInt32(clamping: value))
        }
        var settings = [
            entry(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits.streamWindowBytes),
            entry(NGHTTP2_SETTINGS_MAX_FRAME_SIZE, limits.frameBytes),
            entry(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, limits.maxHeaderBytes),
        ]
        if isServer {
            settings.append(entry(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits.maxConcurrentStreams))
            // The old priority tree costs work and memory that the peer steers (RFC 9113, section 5.3.1).
            settings.append(entry(NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1))
        } else {
            // A client that gave up the tree would send one stream's body to its end before the next one's.
            settings.append(entry(NGHTTP2_SETTINGS_ENABLE_PUSH, 0))
        }
        let submitted = unsafe settings.withUnsafeBufferPointer { settings in
            unsafe nghttp2_submit_settings(handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), settings.baseAddress, settings.count)
        }
        let window = unsafe nghttp2_session_set_local_window_size(
            handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), 0, Int32(clamping: limits.connectionWindowBytes))
        guard submitted == 0, window == 0 else { throw HTTP2Error(reason: .internalError) }
    }

    // MARK: Input

    /// Takes what came from the peer.
    package func receive(_ bytes: ByteBuffer) throws(HTTP2Error) {
        input = bytes
        let consumed = unsafe bytes.withUnsafeReadableBytes { bytes in
            unsafe inputStart = bytes.baseAddress
            // In bounds: nghttp2 reads `count` bytes, within this closure only.
            return unsafe nghttp2_session_mem_recv(handle, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
        }
        unsafe inputStart = nil
        input = ByteBuffer()
        if consumed >= 0 { return }
        switch nghttp2_error(rawValue: Int32(consumed)) {
        case NGHTTP2_ERR_BAD_CLIENT_MAGIC: throw HTTP2Error(reason: .badPreface)
        case NGHTTP2_ERR_FLOODED: throw HTTP2Error(reason: .flooded)
        case NGHTTP2_ERR_NOMEM, NGHTTP2_ERR_CALLBACK_FAILURE: throw HTTP2Error(reason: .internalError)
        default: throw HTTP2Error(reason: .protocolError)
        }
    }

    /// What has happened since the last call, in order.
    package func takeEvents() -> [HTTP2Event] {
        var taken: [HTTP2Event] = []
        swap(&taken, &events)
        return taken
    }

    /// Lets the peer send more: bytes taken from a stream's body, and from the connection as a whole.
    package func consume(stream: Int32, streamBytes: Int, connectionBytes: Int) {
        // Both refuse only what cannot happen here (the session would have to be in automatic mode) or no memory, which
        // the next call reports; a closed stream is passed over.
        if streamBytes > 0, streams[stream] != nil { unsafe nghttp2_session_consume_stream(handle, stream, streamBytes) }
        if connectionBytes > 0 { unsafe nghttp2_session_consume_connection(handle, connectionBytes) }
    }

    // MARK: Output

    /// Whether nghttp2 has nothing more to say or to hear: time to close the connection.
    package var isFinished: Bool {
        unsafe nghttp2_session_want_read(handle) == 0 && nghttp2_session_want_write(handle) == 0
    }

    /// Appends frames until there are no more or `output` has `limitBytes`. False when the session cannot go on.
    package func writeOutput(into output: inout HTTP2Output, limitBytes: Int) -> Bool {
        outputLimitBytes = limitBytes
        swap(&output, &self.output)
        defer { swap(&output, &self.output) }
        while self.output.readableBytes < limitBytes {
            var frame: UnsafePointer<UInt8>?
            let count = unsafe nghttp2_session_mem_send(handle, &frame)
            guard count >= 0 else { return false }
            guard count > 0, let frame = unsafe frame else { return true }
            // In bounds: nghttp2 keeps `count` bytes at `frame` until its next call.
            unsafe self.output.write(UnsafeRawBufferPointer(start: frame, count: count))
        }
        return true
    }

    /// Body bytes of a stream that wait for the peer's windows.
    package func unsentBytes(stream: Int32) -> Int { streams[stream]?.unsent.readableBytes ?? 0 }

    // MARK: Commands. Each is without effect on a stream that is gone.

    /// Sends a final response's head. `endsStream`: without a body; otherwise ``append(_:to:)`` and ``endBody(stream:)`` follow.
    package func submitResponse(stream: Int32, status: Int, headers: HTTPHeaderFields, endsStream: Bool) {
        guard streams[stream] != nil else { return }
        let fields = [HTTPHeaderFields.Field(name: ":status", value: "\(status)")] + headers.fields
        let result = unsafe withNameValues(fields) { fields in
            if endsStream { return unsafe nghttp2_submit_response(handle, stream, fields.baseAddress, fields.count, nil) }
            var provider = unsafe nghttp2_data_provider()
            unsafe provider.read_callback = unsafe readHTTP2Body
            return unsafe nghttp2_submit_response(handle, stream, fields.baseAddress, fields.count, &provider)
        }
        if result != 0 { reset(stream: stream, code: .internalError) }
    }

    package func append(_ chunk: ByteBuffer, to stream: Int32) {
        guard streams[stream] != nil, chunk.readableBytes > 0 else { return }
        streams[stream]?.unsent.append(chunk)
        resume(stream)
    }

    package func endBody(stream: Int32) {
        streams[stream]?.bodyEnded = true
        resume(stream)
    }

    private func resume(_ stream: Int32) {
        guard streams[stream]?.isDeferred == true else { return }
        streams[stream]?.isDeferred = false
        unsafe nghttp2_session_resume_data(handle, stream)
    }

    package func reset(stream: Int32, code: HTTP2ErrorCode) {
        guard streams[stream] != nil else { return }
        unsafe nghttp2_submit_rst_stream(handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream, code.rawValue)
    }

    /// Tells the client that the end is near; a PING shows when it must have heard (RFC 9113, section 6.8).
    package func announceShutdown() {
        unsafe nghttp2_submit_shutdown_notice(handle)
        ping(.shutdown)
    }

    package func ping(_ ping: HTTP2Ping) {
        let payload = [ping.rawValue] + [UInt8](repeating: 0, count: 7)
        // In bounds: nghttp2 copies eight bytes.
        _ = unsafe payload.withUnsafeBufferPointer { payload in
            unsafe nghttp2_submit_ping(handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), payload.baseAddress)
        }
    }

    /// Refuses streams beyond those begun. The session finishes when those have.
    package func goAway() {
        let last = unsafe nghttp2_session_get_last_proc_stream_id(handle)
        unsafe nghttp2_submit_goaway(
            handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), last, HTTP2ErrorCode.noError.rawValue, nil, 0)
    }
}
