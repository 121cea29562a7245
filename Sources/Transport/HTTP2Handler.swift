// A server's HTTP/2 connection: drives the codec with the channel's bytes, assembles requests, answers by exchanges. An
// exchange's number is its stream's.

private import Logging
internal import NIOCore

final class HTTP2Handler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    /// A stream from its request's header fields to its end.
    struct ActiveStream {
        enum Phase {
            case receiving
            case answering(Task<Void, Never>)
            /// Refused: the rest of its request is thrown away.
            case refused
        }
        var phase = Phase.receiving
        var request: HTTPRequest
        var ticket: RequestTicket?
        /// The task waits for the stream's windows to take its last chunk.
        var ready: EventLoopPromise<Void>?
        /// Ticks in the phase; while answering, ticks in which the peer took nothing of `unsentBytes`.
        var ageTicks = 0
        var unsentBytes = 0
        /// Size of the body given to the responder.
        var answeringBodyBytes = 0
    }

    /// Bytes of one write: enough to make system calls rare, little to buffer for a slow reader.
    private static let writeBytes = 64 * 1024

    let server: ServerContext
    let session: HTTP2Session
    var streams: [Int32: ActiveStream] = [:]
    /// Body bytes with responders now. Over the limit for one body, the connection's window stays shut for what is
    /// received (``withheldBytes``) until responders finish: they do not depend on input, so this cannot lock up.
    var answeringBodyBytes = 0
    var withheldBytes = 0

    var context: ChannelHandlerContext?
    private var remoteAddress: String?
    private var isDraining = false
    private var isClosing = false
    private var isFlushing = false
    private var isFlushScheduled = false
    private var isReadHeld = false
    var idleTicks = 0
    var headerTicks = 0
    private var outputCapacityBytes = 1024

    init(server: ServerContext) throws(HTTP2Error) {
        self.server = server
        var limits = HTTP2Limits()
        limits.maxConcurrentStreams = server.configuration.maxStreamsPerConnection
        limits.maxHeaderBytes = server.configuration.maxHeaderBytes
        limits.maxHeaderFields = server.configuration.maxHeaderFields
        session = try HTTP2Session.server(limits: limits)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        remoteAddress = context.remoteAddress.flatMap(addressText)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        abandonAll()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        isClosing = true
        abandonAll()
        context.fireChannelInactive()
    }

    private func abandonAll() {
        for id in Array(streams.keys) { close(stream: id) }
    }

    // MARK: Bytes in and out

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isClosing else { return }
        do {
            try session.receive(unwrapInboundIn(data))
            handleEvents()
        } catch {
            server.load.refuse(.malformed)
            server.logger.debug("HTTP/2 connection ended", metadata: ["reason": "\(error.reason.rawValue)"])
            isClosing = true
            context.triggerUserOutboundEvent(ConnectionEvent.linger, promise: nil)
            abandonAll()
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        flush()
        context.fireChannelReadComplete()
    }

    /// A peer that does not read what it asked for is not read either: that bounds what it can make us queue.
    func read(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            context.read()
        } else {
            isReadHeld = true
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        flush()
        if isReadHeld, context.channel.isWritable {
            isReadHeld = false
            context.read()
        }
        context.fireChannelWritabilityChanged()
    }

    /// Sends soon, together with what other exchanges submit until then.
    func scheduleFlush() {
        guard !isFlushScheduled, let context else { return }
        isFlushScheduled = true
        context.eventLoop.assumeIsolated().execute {
            self.isFlushScheduled = false
            self.flush()
        }
    }

    /// Moves frames from the session to the channel while it takes them. Handling what became of them may submit more.
    func flush() {
        guard let context, !isFlushing, !isClosing else { return }
        isFlushing = true
        var hasWritten = true
        while hasWritten, context.channel.isWritable, !isClosing {
            var output = context.channel.allocator.buffer(capacity: outputCapacityBytes)
            guard session.writeOutput(into: &output, limitBytes: Self.writeBytes) else {
                isClosing = true
                context.close(promise: nil)
                break
            }
            hasWritten = output.readableBytes > 0
            if hasWritten {
                outputCapacityBytes = max(1024, output.readableBytes)
                context.writeAndFlush(wrapOutboundOut(.byteBuffer(output)), promise: nil)
            }
            handleEvents()
        }
        isFlushing = false
        if session.isFinished, !isClosing {
            isClosing = true
            context.closeAfterFlush()
        }
    }

    private func handleEvents() {
        for event in session.takeEvents() {
            switch event {
            case .headers(let id, let fields, let isOversized): open(stream: id, fields, isOversized: isOversized)
            case .data(let id, let bytes): receive(bytes, stream: id)
            case .messageEnd(let id): answer(stream: id)
            case .bodyDrained(let id):
                let ready = streams[id]?.ready
                streams[id]?.ready = nil
                ready?.succeed()
            case .responseSent: server.load.messageSent()
            case .streamClosed(let id, _): close(stream: id)
            case .pingAcknowledged: if isDraining { session.goAway() }
            case .connectionError(let code):
                server.load.refuse(.malformed)
                server.logger.debug("HTTP/2 connection error", metadata: ["code": "\(code)"])
            }
        }
    }

    func makeRequest(method: String, target: RequestTarget, headers: HTTPHeaderFields) -> HTTPRequest {
        HTTPRequest(
            method: method, path: target.path, query: target.query, headers: headers, version: .http2,
            remoteAddress: remoteAddress)
    }

    // MARK: Time and the end

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent {
            isDraining = true
            session.announceShutdown()
            flush()
        } else if case ConnectionEvent.tick? = event as? ConnectionEvent {
            tick(context)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }
}
