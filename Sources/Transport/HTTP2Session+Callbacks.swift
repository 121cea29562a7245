// What nghttp2 calls back: C functions that find their session through the user-data pointer and note events. They
// submit or send nothing except what nghttp2 allows inside a callback.

internal import CNghttp2
private import NIOCore

/// Looks up the session in a callback. The pointer is the one its initialiser set; the session is alive, since it
/// deletes the nghttp2 session when it dies and callbacks run only inside its own calls.
private func session(_ userData: UnsafeMutableRawPointer?) -> HTTP2Session? {
    unsafe userData.map { unsafe Unmanaged<HTTP2Session>.fromOpaque($0).takeUnretainedValue() }
}

func installHTTP2Callbacks(_ callbacks: OpaquePointer) {
    unsafe nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { _, frame, userData in
        guard let frame = unsafe frame?.pointee else { return 0 }
        let opensMessage = unsafe frame.headers.cat == NGHTTP2_HCAT_REQUEST || frame.headers.cat == NGHTTP2_HCAT_RESPONSE
        unsafe session(userData)?.beganHeaders(stream: frame.hd.stream_id, opensMessage: opensMessage)
        return 0
    }
    unsafe nghttp2_session_callbacks_set_on_header_callback(callbacks) { _, frame, name, nameCount, value, valueCount, _, userData in
        guard let frame = unsafe frame?.pointee, let session = unsafe session(userData) else { return 0 }
        // In bounds: nghttp2 states both sizes. Trailers are only counted.
        let isTrailer = unsafe frame.headers.cat == NGHTTP2_HCAT_HEADERS
        return unsafe session.receivedField(
            name: UnsafeBufferPointer(start: name, count: nameCount),
            value: UnsafeBufferPointer(start: value, count: valueCount), stream: frame.hd.stream_id, isTrailer: isTrailer)
    }
    unsafe nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) { _, _, stream, bytes, count, userData in
        unsafe session(userData)?.receivedBody(UnsafeRawBufferPointer(start: bytes, count: count), stream: stream)
        return 0
    }
    unsafe nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, userData in
        guard let frame = unsafe frame?.pointee else { return 0 }
        unsafe session(userData)?.received(frame)
        return 0
    }
    unsafe nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) { _, frame, userData in
        guard let frame = unsafe frame?.pointee, let session = unsafe session(userData) else { return 0 }
        unsafe session.sent(frame)
        return 0
    }
    // Without it frames have 16 KiB at most, whatever the peer takes. Windows are nghttp2's.
    unsafe nghttp2_session_callbacks_set_data_source_read_length_callback(callbacks) { _, _, _, _, _, peerFrameBytes, userData in
        guard let session = unsafe session(userData) else { return Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue) }
        return min(Int(peerFrameBytes), session.limits.frameBytes)
    }
    unsafe nghttp2_session_callbacks_set_send_data_callback(callbacks) { _, frame, header, count, _, userData in
        guard let frame = unsafe frame?.pointee, let header = unsafe header, let session = unsafe session(userData) else {
            return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue
        }
        // In bounds: a frame's header has nine bytes (RFC 9113, section 4.1). Nothing is padded here.
        unsafe session.output.write(UnsafeRawBufferPointer(start: header, count: 9))
        unsafe session.sendBody(count, stream: frame.hd.stream_id)
        return session.output.readableBytes < session.outputLimitBytes ? 0 : NGHTTP2_ERR_PAUSE.rawValue
    }
    unsafe nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks) { _, frame, _, userData in
        guard let frame = unsafe frame?.pointee, let session = unsafe session(userData) else { return 0 }
        // A request that could not be sent any more: nghttp2 knows of no stream yet that it could close.
        if unsafe frame.hd.type == UInt8(NGHTTP2_HEADERS.rawValue) && frame.headers.cat == NGHTTP2_HCAT_REQUEST,
            unsafe session.streams.removeValue(forKey: frame.hd.stream_id) != nil {
            unsafe session.events.append(.streamClosed(stream: frame.hd.stream_id, code: HTTP2ErrorCode.refusedStream.rawValue))
        }
        return 0
    }
    unsafe nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, stream, code, userData in
        guard let session = unsafe session(userData) else { return 0 }
        if session.streams.removeValue(forKey: stream) != nil {
            session.events.append(.streamClosed(stream: stream, code: code))
        }
        return 0
    }
}

/// Says how much of a body the next frame has (`nghttp2_data_source_read_callback`). The bytes themselves go past nghttp2.
func readHTTP2Body(
    _ handle: OpaquePointer?, _ stream: Int32, _ room: UnsafeMutablePointer<UInt8>?, _ count: Int,
    _ flags: UnsafeMutablePointer<UInt32>?, _ source: UnsafeMutablePointer<nghttp2_data_source>?,
    _ userData: UnsafeMutableRawPointer?
) -> Int {
    guard let session = unsafe session(userData) else { return Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue) }
    let (byteCount, isEnd) = session.frameBody(stream: stream, atMost: count)
    if isEnd {
        unsafe flags?.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue
    } else if byteCount == 0 {
        return Int(NGHTTP2_ERR_DEFERRED.rawValue)
    }
    if byteCount > 0 { unsafe flags?.pointee |= NGHTTP2_DATA_FLAG_NO_COPY.rawValue }
    return byteCount
}

extension HTTP2Session {
    fileprivate func beganHeaders(stream: Int32, opensMessage: Bool) {
        isReceivingHeaders = true
        if opensMessage, streams[stream] == nil { streams[stream] = Stream() }
    }

    /// Counts as RFC 9113, section 6.5.2 does for SETTINGS_MAX_HEADER_LIST_SIZE: 32 bytes a field on top. A block of
    /// several times the limit is not worth decompressing to its end: the stream is reset.
    fileprivate func receivedField(
        name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>, stream: Int32, isTrailer: Bool
    ) -> Int32 {
        guard let index = streams.index(forKey: stream) else { return 0 }
        let bytes = streams.values[index].headerBytes + name.count + value.count + 32
        streams.values[index].headerBytes = bytes
        if bytes > limits.maxHeaderBytes || streams.values[index].fields.fields.count >= limits.maxHeaderFields {
            streams.values[index].isOversized = true
            return bytes > 4 * limits.maxHeaderBytes ? NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue : 0
        }
        if !isTrailer {
            unsafe streams.values[index].fields.add(String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self))
        }
        return 0
    }

    fileprivate func receivedBody(_ bytes: UnsafeRawBufferPointer, stream: Int32) {
        // nghttp2 points into the input it was given, which can be shared instead of copied.
        if let start = unsafe inputStart, let address = bytes.baseAddress,
            let piece = unsafe input.getSlice(at: input.readerIndex + (address - start), length: bytes.count) {
            events.append(.data(stream: stream, piece))
        } else {
            unsafe events.append(.data(stream: stream, ByteBuffer(bytes: bytes)))
        }
    }

    fileprivate func received(_ frame: nghttp2_frame) {
        let header = unsafe frame.hd
        switch nghttp2_frame_type(UInt32(header.type)) {
        case NGHTTP2_HEADERS:
            isReceivingHeaders = false
            if unsafe frame.headers.cat != NGHTTP2_HCAT_HEADERS, let stream = streams[header.stream_id] {
                events.append(.headers(stream: header.stream_id, fields: stream.fields, isOversized: stream.isOversized))
                streams[header.stream_id]?.fields = [:]
            }
            noteMessageEnd(header)
        case NGHTTP2_DATA: noteMessageEnd(header)
        case NGHTTP2_PING where header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) != 0:
            if let ping = HTTP2Ping(rawValue: unsafe frame.ping.opaque_data.0) { events.append(.pingAcknowledged(ping)) }
        case NGHTTP2_GOAWAY: events.append(.goAway)
        default: break
        }
    }

    private func noteMessageEnd(_ header: nghttp2_frame_hd) {
        guard header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0, streams[header.stream_id] != nil else { return }
        events.append(.messageEnd(stream: header.stream_id))
    }

    fileprivate func sent(_ frame: nghttp2_frame) {
        let header = unsafe frame.hd
        switch nghttp2_frame_type(UInt32(header.type)) {
        case NGHTTP2_GOAWAY where unsafe frame.goaway.error_code != HTTP2ErrorCode.noError.rawValue:
            unsafe events.append(.connectionError(code: frame.goaway.error_code))
        case NGHTTP2_HEADERS where header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0,
            NGHTTP2_DATA where header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0:
            events.append(.responseSent(stream: header.stream_id))
        default: break
        }
    }

    /// What the next frame of a body is going to have.
    fileprivate func frameBody(stream: Int32, atMost roomBytes: Int) -> (byteCount: Int, isEnd: Bool) {
        guard let index = streams.index(forKey: stream) else { return (0, true) }
        let unsentBytes = streams.values[index].unsent.readableBytes
        let isEnd = streams.values[index].bodyEnded && unsentBytes <= roomBytes
        if unsentBytes == 0, !isEnd { streams.values[index].isDeferred = true }
        return (min(unsentBytes, roomBytes), isEnd)
    }

    /// Puts into the output what ``frameBody(stream:atMost:)`` has told.
    fileprivate func sendBody(_ byteCount: Int, stream: Int32) {
        guard let index = streams.index(forKey: stream) else { return }
        streams.values[index].unsent.move(byteCount, to: &output)
        if streams.values[index].unsent.readableBytes == 0, !streams.values[index].bodyEnded {
            events.append(.bodyDrained(stream: stream))
        }
    }
}

/// Lends the fields as nghttp2 wants them: lower-case names (RFC 9113, section 8.2), all bytes in one block that lives
/// as long as the call. nghttp2 copies them.
func withNameValues<Result>(
    _ fields: [HTTPHeaderFields.Field], _ body: (UnsafeBufferPointer<nghttp2_nv>) -> Result
) -> Result {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count })
    for field in fields {
        bytes.append(contentsOf: field.name.utf8.lazy.map(lowercased))
        bytes.append(contentsOf: field.value.utf8)
    }
    return unsafe bytes.withUnsafeMutableBufferPointer { block in
        var offset = 0
        // In bounds: the sizes are those just summed, in the same order.
        func lend(_ count: Int) -> UnsafeMutablePointer<UInt8>? {
            defer { offset += count }
            return unsafe block.baseAddress.map { unsafe $0 + offset }
        }
        let values = unsafe fields.map { field in
            let (nameCount, valueCount) = (field.name.utf8.count, field.value.utf8.count)
            return unsafe nghttp2_nv(
                name: lend(nameCount), value: lend(valueCount), namelen: nameCount, valuelen: valueCount,
                flags: UInt8(NGHTTP2_NV_FLAG_NONE.rawValue))
        }
        return unsafe values.withUnsafeBufferPointer(body)
    }
}
