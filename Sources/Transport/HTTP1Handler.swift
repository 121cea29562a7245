// HTTP/1.0 and 1.1 (RFC 9112), the way in: from NIO's message parts to requests, and what is wrong with them. It sits
// behind NIO's pipelining handler, which lets one request through at a time.

internal import NIOCore
internal import NIOHTTP1

final class HTTP1Handler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    struct Incoming {
        var request: HTTPRequest
        var isKeepAlive: Bool
        var httpVersion: HTTPVersion
        var ticket: RequestTicket
    }

    struct Outgoing {
        var id: Int
        var method: String
        var isKeepAlive: Bool
        var httpVersion: HTTPVersion
        var task: Task<Void, Never>
        /// Holds the request's place until its response is sent.
        var ticket: RequestTicket
        /// The task waits for this connection to become writable.
        var ready: EventLoopPromise<Void>?
        /// Only the end mark is missing; it too waits until the connection is writable, since writing it lets the next
        /// pipelined request in: a client that asks and does not read must not pile up responses.
        var isWhole = false
    }

    enum State {
        case awaitingRequest(headBegun: Bool)
        case receiving(Incoming)
        case answering(Outgoing)
        /// The last response is on its way; input is ignored.
        case closing
    }

    let server: ServerContext
    var state = State.awaitingRequest(headBegun: false) { didSet { ageTicks = 0 } }
    /// Ticks since the state changed.
    private var ageTicks = 0
    /// The body of the request being received. Not in the state: a copy there would make every append copy the whole.
    private var body = ByteBuffer()
    private var exchangeCount = 0
    private var remoteAddress: String?
    var context: ChannelHandlerContext?

    init(server: ServerContext) {
        self.server = server
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        remoteAddress = context.remoteAddress.flatMap(addressText)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        abandon()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        abandon()
        context.fireChannelInactive()
    }

    private func abandon() {
        if case .answering(let outgoing) = state {
            outgoing.task.cancel()
            outgoing.ready?.fail(ExchangeOver())
        }
        body = ByteBuffer()
        state = .closing
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (unwrapInboundIn(data), state) {
        case (.head(let head), .awaitingRequest): receive(head, context)
        case (.body(let piece), .receiving(let incoming)): receive(piece, of: incoming, context)
        case (.end, .receiving(let incoming)): answer(incoming, context)
        default: break
        }
    }

    private func receive(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        var headers = HTTPHeaderFields()
        headers.reserveCapacity(head.headers.count)
        for (name, value) in head.headers { headers.add(name, value) }
        let method = head.method.rawValue
        // CONNECT asks for a tunnel, and a 1.1 request must name its host (RFC 9112, section 3.2).
        guard method != "CONNECT", let target = RequestTarget(head.uri),
            head.version != .http1_1 || headers.values("host").count == 1
        else { return refuse(400, context) }
        if method == "POST", server.configuration.streams?.accepts(path: target.path) == true {
            return refuse(505, because: "this path takes streams of messages, which need HTTP/2", context)
        }
        guard (headers["content-length"].flatMap(Int.init) ?? 0) <= server.configuration.maxBodyBytes else {
            return refuse(413, method: method, context)
        }
        guard let ticket = RequestTicket(load: server.load, configuration: server.configuration) else {
            return refuse(503, method: method, context)
        }
        let request = HTTPRequest(
            method: method, path: target.path, query: target.query, headers: headers, remoteAddress: remoteAddress)
        // NIO's decoder stops after a request that offers another protocol; we take none, so the connection ends there.
        let offersUpgrade = headers["upgrade"] != nil
        state = .receiving(Incoming(
            request: request, isKeepAlive: head.isKeepAlive && !offersUpgrade, httpVersion: head.version, ticket: ticket))
        if head.version == .http1_1, headers.contains(token: "100-continue", in: "expect") {
            context.writeAndFlush(wrapOutboundOut(.head(HTTPResponseHead(version: head.version, status: .continue))), promise: nil)
        }
    }

    private func receive(_ piece: ByteBuffer, of incoming: Incoming, _ context: ChannelHandlerContext) {
        let method = incoming.request.method
        guard body.readableBytes + piece.readableBytes <= server.configuration.maxBodyBytes else {
            return refuse(413, method: method, context)
        }
        guard incoming.ticket.reserve(bodyBytes: piece.readableBytes) else { return refuse(503, method: method, context) }
        body.writeImmutableBuffer(piece)
    }

    private func answer(_ incoming: Incoming, _ context: ChannelHandlerContext) {
        server.load.messageReceived()
        exchangeCount += 1
        var request = incoming.request
        request.body = body
        body = ByteBuffer()
        let exchange = Exchange(
            id: exchangeCount, host: NIOLoopBound(self, eventLoop: context.eventLoop), semantics: server.semantics,
            ticket: incoming.ticket, logger: server.logger)
        state = .answering(Outgoing(
            id: exchangeCount, method: incoming.request.method, isKeepAlive: incoming.isKeepAlive,
            httpVersion: incoming.httpVersion, task: exchange.start(request), ticket: incoming.ticket))
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // Bytes came, and no head with them: a request has begun.
        if case .awaitingRequest(headBegun: false) = state { state = .awaitingRequest(headBegun: true) }
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        resume(context)
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case ConnectionEvent.tick? = event as? ConnectionEvent else {
            return context.fireUserInboundEventTriggered(event)
        }
        ageTicks += 1
        switch state {
        case .awaitingRequest(headBegun: false) where ageTicks > server.timeouts.idleTicks: context.close(promise: nil)
        case .awaitingRequest(headBegun: true) where ageTicks > server.timeouts.headerTicks: refuse(408, context)
        case .receiving(let incoming) where ageTicks > server.timeouts.bodyTicks:
            refuse(408, method: incoming.request.method, context)
        default: break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch (error as? HTTPParserError, state) {
        case (_, .closing): break
        // The peer has gone in mid-request, or the connection itself broke.
        case (.invalidEOFState, _), (nil, _): context.close(promise: nil)
        case (.headerOverflow, _): refuse(431, context)
        case (.invalidVersion, _): refuse(505, context)
        default: refuse(400, context)
        }
    }

    /// Answers without the responder, and ends the connection: what else the client sends belongs to the refused request.
    private func refuse(_ status: Int, method: String = "GET", because text: String? = nil, _ context: ChannelHandlerContext) {
        abandon()
        // Past the pipelining handler, whose books know of no request yet when its head is late or broken.
        let sender = (try? context.pipeline.syncOperations.context(handlerType: HTTPServerPipelineHandler.self)) ?? context
        let response = server.refusal(status, method: method, because: text)
        sender.write(wrapOutboundOut(.head(head(of: response, httpVersion: .http1_1, isKeepAlive: false))), promise: nil)
        if case .bytes(let bytes) = response.body { sender.write(wrapOutboundOut(.body(.byteBuffer(bytes))), promise: nil) }
        sender.write(wrapOutboundOut(.end(nil)), promise: nil)
        context.triggerUserOutboundEvent(ConnectionEvent.linger, promise: nil)
    }
}

/// An address without port, an IPv4-mapped one (RFC 4291, section 2.5.5.2) in its IPv4 form.
func addressText(_ address: SocketAddress) -> String? {
    guard let text = address.ipAddress else { return nil }
    return text.hasPrefix("::ffff:") && text.contains(".") ? String(text.dropFirst(7)) : text
}
