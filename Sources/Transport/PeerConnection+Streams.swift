// The streams of a client's connection: from the request to the message stream, or to the reason why there is none.

internal import NIOCore

/// A stream that the peer has not accepted yet.
struct StreamOpening {
    /// Bytes of a refusal's text that are worth keeping.
    static let textBytesMax = 1024

    enum Result {
        case opened(MessageStream)
        case failed(PeerError)
        /// The peer has not looked at it: the connection was about to end, or had as many streams as it may. The error is
        /// the reason, should that happen again and again.
        case retry(PeerError)
    }

    let path: String
    let call: MessageCall
    let continuation: CheckedContinuation<Result, Never>
    let deadline: Scheduled<Void>
    /// Of the response, when it is a refusal.
    var status: Int?
    var text = ByteBuffer()
}

extension PeerConnection {
    func open(
        _ path: String, _ headers: HTTPHeaderFields, _ call: MessageCall,
        _ continuation: CheckedContinuation<StreamOpening.Result, Never>
    ) {
        if call.isCancelled { return continuation.resume(returning: .failed(.callCancelled)) }
        var fields: [HTTPHeaderFields.Field] = [
            .init(name: ":method", value: "POST"), .init(name: ":scheme", value: configuration.scheme),
            .init(name: ":authority", value: configuration.name), .init(name: ":path", value: path),
            .init(name: PeerProtocol.headerName, value: PeerProtocol.list(configuration.limits.protocolVersions)),
        ]
        fields += headers.fields
        guard availability.isUp, !driver.isClosing, let context = driver.context,
            let id = driver.session.submitRequest(fields)
        else {
            availability.isUp = false
            // One that has served before may have ended meanwhile; what a new one ends with, the next would too.
            return continuation.resume(returning: hasServed && !hasFailed ? .retry(ending) : .failed(ending))
        }
        hasServed = true
        let time = TimeAmount.nanoseconds(Int64(min(max(configuration.openTimeoutSeconds, 0.001), 86_400) * 1e9))
        let deadline = context.eventLoop.assumeIsolated().scheduleTask(in: time) {
            self.giveUp(stream: id, PeerError(.timeout, "\(self.configuration.name) does not answer a request for \(path)"))
        }
        streams[id] = .opening(StreamOpening(path: path, call: call, continuation: continuation, deadline: deadline))
        driver.scheduleFlush()
    }

    /// The task that opens a stream was cancelled.
    func giveUp(_ call: MessageCall) {
        for case (let id, .opening(let opening)) in streams where opening.call === call {
            giveUp(stream: id, .callCancelled)
            return
        }
    }

    private func giveUp(stream id: Int32, _ error: PeerError) {
        guard case .opening? = streams[id] else { return }
        driver.session.reset(stream: id, code: .cancel)
        driver.scheduleFlush()
        close(stream: id, error)
    }

    func receiveHead(_ fields: HTTPHeaderFields, isOversized: Bool, stream id: Int32) {
        guard case .opening(var opening)? = streams[id] else { return }
        let status = fields[":status"].flatMap(Int.init) ?? 0
        guard status == 200 else {
            opening.status = status
            streams[id] = .opening(opening)
            return
        }
        let offered = configuration.limits.protocolVersions
        guard !isOversized, let version = fields[PeerProtocol.headerName].flatMap(Int.init), offered.contains(version),
            let context = driver.context
        else {
            let message = "\(configuration.name) accepts \(opening.path) without naming a protocol version that this node speaks"
            return giveUp(stream: id, PeerError(.protocolError, message))
        }
        let endpoint = MessageEndpoint(
            driver: driver, stream: id, limits: configuration.limits, head: nil, counters: configuration.counters,
            path: opening.path)
        var headers = HTTPHeaderFields()
        for field in fields.fields where !field.name.hasPrefix(":") { headers.add(field.name, field.value) }
        let stream = MessageStream(
            endpoint, eventLoop: context.eventLoop, path: opening.path, headers: headers, remoteAddress: remoteAddress,
            protocolVersion: version)
        streams[id] = .open(endpoint)
        opening.deadline.cancel()
        opening.continuation.resume(returning: .opened(stream))
    }

    func receive(_ bytes: ByteBuffer, stream id: Int32) {
        switch streams[id] {
        case .open(let endpoint): endpoint.receive(bytes)
        case .opening(var opening):
            driver.session.consume(stream: id, streamBytes: bytes.readableBytes, connectionBytes: bytes.readableBytes)
            let room = StreamOpening.textBytesMax - opening.text.readableBytes
            if let text = bytes.getSlice(at: bytes.readerIndex, length: min(room, bytes.readableBytes)) {
                opening.text.writeImmutableBuffer(text)
            }
            streams[id] = .opening(opening)
            // The rest is of no interest, and might have no end.
            if opening.text.readableBytes == StreamOpening.textBytesMax { giveUp(stream: id, opening.refusal ?? .callCancelled) }
        case nil: driver.session.consume(stream: id, streamBytes: 0, connectionBytes: bytes.readableBytes)
        }
    }

    func endMessage(stream id: Int32) {
        switch streams[id] {
        case .open(let endpoint): endpoint.receiveEnd()
        case .opening(let opening): giveUp(stream: id, opening.refusal ?? PeerError(.protocolError, "an answer without a head"))
        case nil: break
        }
    }

    /// - Parameter error: why, unless the stream has come to an ordinary end.
    func close(stream id: Int32, _ error: PeerError?) {
        switch streams.removeValue(forKey: id) {
        case .open(let endpoint): endpoint.close(error)
        case .opening(let opening):
            opening.deadline.cancel()
            // RFC 9113, section 8.7: a stream refused by this code was not processed.
            let isUntouched = opening.status == nil && error?.reason == .refused
            let error = opening.refusal ?? error ?? PeerError(.closed, "the peer has ended the stream")
            opening.continuation.resume(returning: isUntouched ? .retry(error) : .failed(error))
        case nil: break
        }
    }
}

extension StreamOpening {
    /// What the peer said, if it said no.
    var refusal: PeerError? {
        guard let status else { return nil }
        let text = String(buffer: text).split(whereSeparator: \.isNewline).joined(separator: " ")
        return PeerError(.refused, text.isEmpty ? "status \(status)" : text, status: status)
    }
}
