// HTTP/1.0 and 1.1, the way out: from responses to NIO's message parts, at the pace of the connection.

internal import NIOCore
internal import NIOHTTP1

extension HTTP1Handler: ExchangeHost {
    func sendWhole(_ response: HTTPResponse, exchange: Int) {
        guard let context, case .answering(var outgoing) = state, outgoing.id == exchange else { return }
        let head = head(of: response, httpVersion: outgoing.httpVersion, isKeepAlive: outgoing.isKeepAlive)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if case .bytes(let bytes) = response.body {
            context.write(wrapOutboundOut(.body(.byteBuffer(bytes))), promise: nil)
        }
        outgoing.isWhole = true
        finish(outgoing, context)
    }

    func sendHead(_ response: HTTPResponse, exchange: Int, ready: EventLoopPromise<Void>) {
        guard let context, case .answering(var outgoing) = state, outgoing.id == exchange else {
            return ready.fail(ExchangeOver())
        }
        var head = head(of: response, httpVersion: outgoing.httpVersion, isKeepAlive: outgoing.isKeepAlive)
        if response.headers["content-length"] == nil {
            if outgoing.httpVersion == .http1_1 {
                head.headers.add(name: "transfer-encoding", value: "chunked")
            } else {
                // HTTP/1.0 knows no other end than that of the connection.
                outgoing.isKeepAlive = false
                head.headers.replaceOrAdd(name: "connection", value: "close")
            }
        }
        context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
        askForMore(outgoing, ready, context)
    }

    func sendChunk(_ chunk: ByteBuffer, exchange: Int, ready: EventLoopPromise<Void>) {
        guard let context, case .answering(let outgoing) = state, outgoing.id == exchange else {
            return ready.fail(ExchangeOver())
        }
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(chunk))), promise: nil)
        askForMore(outgoing, ready, context)
    }

    private func askForMore(_ outgoing: Outgoing, _ ready: EventLoopPromise<Void>, _ context: ChannelHandlerContext) {
        // The flush may have found the connection broken and ended the exchange.
        guard case .answering = state else { return ready.fail(ExchangeOver()) }
        var outgoing = outgoing
        outgoing.ready = context.channel.isWritable ? nil : ready
        state = .answering(outgoing)
        if outgoing.ready == nil { ready.succeed() }
    }

    func sendEnd(exchange: Int) {
        guard let context, case .answering(var outgoing) = state, outgoing.id == exchange else { return }
        outgoing.isWhole = true
        finish(outgoing, context)
    }

    func breakOff(exchange: Int) {
        guard case .answering(let outgoing) = state, outgoing.id == exchange else { return }
        context?.close(promise: nil)
    }

    /// The connection can take more: the next chunk, or the end mark.
    func resume(_ context: ChannelHandlerContext) {
        if context.channel.isWritable, case .answering(var outgoing) = state {
            if outgoing.isWhole {
                finish(outgoing, context)
            } else if let ready = outgoing.ready {
                outgoing.ready = nil
                state = .answering(outgoing)
                ready.succeed()
            }
        }
    }

    private func finish(_ outgoing: Outgoing, _ context: ChannelHandlerContext) {
        state = .answering(outgoing)
        guard context.channel.isWritable || !outgoing.isKeepAlive else { return context.flush() }
        server.load.messageSent()
        // Before the end is written: that may bring the next request at once.
        state = outgoing.isKeepAlive ? .awaitingRequest(headBegun: false) : .closing
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        if !outgoing.isKeepAlive { context.triggerUserOutboundEvent(ConnectionEvent.linger, promise: nil) }
    }

    func head(of response: HTTPResponse, httpVersion: HTTPVersion, isKeepAlive: Bool) -> HTTPResponseHead {
        var headers = HTTPHeaders()
        headers.reserveCapacity(response.headers.fields.count + 2)
        for field in response.headers.fields { headers.add(name: field.name, value: field.value) }
        if !isKeepAlive {
            headers.add(name: "connection", value: "close")
        } else if httpVersion != .http1_1 {
            headers.add(name: "connection", value: "keep-alive")
        }
        return HTTPResponseHead(
            version: httpVersion, status: HTTPResponseStatus(statusCode: response.status), headers: headers)
    }
}
