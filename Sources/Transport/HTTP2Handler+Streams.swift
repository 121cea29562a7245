// The streams of a server's HTTP/2 connection: a request's way to the responder, and a response's way back.

internal import NIOCore

extension HTTP2Handler {
    func open(stream id: Int32, _ fields: HTTPHeaderFields, isOversized: Bool) {
        var headers = HTTPHeaderFields()
        headers.reserveCapacity(fields.fields.count)
        var (method, path, authority) = ("", "", "")
        for field in fields.fields {
            switch field.name {
            case ":method": method = field.value
            case ":path": path = field.value
            case ":authority": authority = field.value
            case let name where name.hasPrefix(":"): break
            default: headers.add(field.name, field.value)
            }
        }
        // RFC 9113, section 8.3.1: what HTTP/1.1 calls Host.
        if !authority.isEmpty, headers["host"] == nil { headers.add("host", authority) }
        guard let target = RequestTarget(path), !isOversized else {
            streams[id] = ActiveStream(request: HTTPRequest(method: method, path: "*"))
            return refuse(isOversized ? 431 : 400, stream: id)
        }
        streams[id] = ActiveStream(request: makeRequest(method: method, target: target, headers: headers))
        let isPeer = headers[PeerProtocol.headerName] != nil
        if method == "POST", openMessages(stream: id, path: target.path, isAskedFor: isPeer) { return }
        guard (headers["content-length"].flatMap(Int.init) ?? 0) <= server.configuration.maxBodyBytes else {
            return refuse(413, stream: id)
        }
        streams[id]?.ticket = RequestTicket(load: server.load, configuration: server.configuration)
        if streams[id]?.ticket == nil { refuse(503, stream: id) }
    }

    func receive(_ bytes: ByteBuffer, stream id: Int32) {
        if case .messages(let messages, _)? = streams[id]?.phase { return messages.receive(bytes) }
        let count = bytes.readableBytes
        let mustWithhold = answeringBodyBytes > server.configuration.maxBodyBytes
        withheldBytes += mustWithhold ? count : 0
        // The connection must flow for the sake of the other streams; the stream itself only while its body is wanted.
        session.consume(stream: id, streamBytes: 0, connectionBytes: mustWithhold ? 0 : count)
        guard let index = streams.index(forKey: id), case .receiving = streams.values[index].phase else { return }
        guard streams.values[index].request.body.readableBytes + count <= server.configuration.maxBodyBytes else {
            return refuse(413, stream: id)
        }
        guard streams.values[index].ticket?.reserve(bodyBytes: count) == true else { return refuse(503, stream: id) }
        streams.values[index].request.body.writeImmutableBuffer(bytes)
        session.consume(stream: id, streamBytes: count, connectionBytes: 0)
    }

    func endRequest(stream id: Int32) {
        if case .messages(let messages, _)? = streams[id]?.phase { return messages.receiveEnd() }
        answer(stream: id)
    }

    func bodyDrained(stream id: Int32) {
        if case .messages(let messages, _)? = streams[id]?.phase { return messages.drained() }
        let ready = streams[id]?.ready
        streams[id]?.ready = nil
        ready?.succeed()
    }

    private func answer(stream id: Int32) {
        guard let context, let stream = streams[id], case .receiving = stream.phase, let ticket = stream.ticket else { return }
        server.load.messageReceived()
        let exchange = Exchange(
            id: Int(id), host: NIOLoopBound(self, eventLoop: context.eventLoop), semantics: server.semantics, ticket: ticket,
            logger: server.logger)
        let bodyBytes = stream.request.body.readableBytes
        answeringBodyBytes += bodyBytes
        streams[id]?.answeringBodyBytes = bodyBytes
        streams[id]?.request.body = ByteBuffer()
        streams[id]?.ageTicks = 0
        streams[id]?.phase = .answering(exchange.start(stream.request))
    }

    /// Answers without the responder.
    func refuse(_ status: Int, stream id: Int32) {
        guard let stream = streams[id] else { return }
        refuse(server.refusal(status, method: stream.request.method), stream: id)
    }

    func refuse(_ response: HTTPResponse, stream id: Int32) {
        streams[id]?.phase = .refused
        streams[id]?.ageTicks = 0
        streams[id]?.ticket = nil
        streams[id]?.request.body = ByteBuffer()
        submit(response, stream: id)
        driver.scheduleFlush()
    }

    /// - Parameter error: why, unless the stream has come to an ordinary end.
    func close(stream id: Int32, _ error: PeerError?) {
        guard let stream = streams.removeValue(forKey: id) else { return }
        switch stream.phase {
        case .receiving, .refused: break
        case .answering(let task): task.cancel()
        case .messages(let messages, let task): close(messages, task, error)
        }
        stream.ready?.fail(ExchangeOver())
        answeringBodyBytes -= stream.answeringBodyBytes
        if answeringBodyBytes <= server.configuration.maxBodyBytes, withheldBytes > 0 {
            session.consume(stream: id, streamBytes: 0, connectionBytes: withheldBytes)
            withheldBytes = 0
            driver.scheduleFlush()
        }
    }

    private func submit(_ response: HTTPResponse, stream id: Int32) {
        guard case .bytes(let bytes) = response.body, bytes.readableBytes > 0 else {
            return session.submitResponse(stream: id, status: response.status, headers: response.headers, endsStream: true)
        }
        session.submitResponse(stream: id, status: response.status, headers: response.headers, endsStream: false)
        session.append(bytes, to: id)
        session.endBody(stream: id)
    }

    /// The stream of an exchange that is still being answered.
    private func answeringStream(_ exchange: Int) -> Int32? {
        let id = Int32(truncatingIfNeeded: exchange)
        if case .answering? = streams[id]?.phase { return id }
        return nil
    }
}

extension HTTP2Handler: ExchangeHost {
    func sendWhole(_ response: HTTPResponse, exchange: Int) {
        guard let id = answeringStream(exchange) else { return }
        submit(response, stream: id)
        driver.scheduleFlush()
    }

    func sendHead(_ response: HTTPResponse, exchange: Int, ready: EventLoopPromise<Void>) {
        guard let id = answeringStream(exchange) else { return ready.fail(ExchangeOver()) }
        session.submitResponse(stream: id, status: response.status, headers: response.headers, endsStream: false)
        driver.scheduleFlush()
        ready.succeed()
    }

    func sendChunk(_ chunk: ByteBuffer, exchange: Int, ready: EventLoopPromise<Void>) {
        guard let id = answeringStream(exchange) else { return ready.fail(ExchangeOver()) }
        streams[id]?.ready = ready
        session.append(chunk, to: id)
        driver.scheduleFlush()
    }

    func sendEnd(exchange: Int) {
        guard let id = answeringStream(exchange) else { return }
        session.endBody(stream: id)
        driver.scheduleFlush()
    }

    func breakOff(exchange: Int) {
        guard let id = answeringStream(exchange) else { return }
        session.reset(stream: id, code: .internalError)
        driver.scheduleFlush()
    }
}
