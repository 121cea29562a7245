// A server's HTTP/2 connection: drives the codec with the channel's bytes, assembles requests, answers by exchanges. An
// exchange's number is its stream's.

private import Logging
internal import NIOCore

final class HTTP2Handler: ChannelDuplexHandler, HTTP2Owner {
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
            /// Handed over as a stream of messages; the task serves it.
            case messages(MessageEndpoint, Task<Void, Never>)
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

        var isMessages: Bool {
            if case .messages = phase { true } else { false }
        }
    }

    let server: ServerContext
    let driver: HTTP2Driver
    var streams: [Int32: ActiveStream] = [:]
    /// Body bytes with responders now. Over the limit for one body, the connection's window stays shut for what is
    /// received (``withheldBytes``) until responders finish: they do not depend on input, so this cannot lock up.
    var answeringBodyBytes = 0
    var withheldBytes = 0

    private(set) var remoteAddress: String?
    private var isDraining = false
    private var isReadHeld = false
    var idleTicks = 0
    var headerTicks = 0
    var liveness: PeerLiveness
    /// What streams are told when the connection ends.
    var ending = PeerError(.closed, "the connection has ended")

    var session: HTTP2Session { driver.session }
    var context: ChannelHandlerContext? { driver.context }

    init(server: ServerContext) throws(HTTP2Error) {
        self.server = server
        let configuration = server.configuration
        var limits = configuration.streams == nil ? HTTP2Limits() : HTTP2Limits(configuration.messageStreams)
        limits.maxConcurrentStreams = configuration.maxStreamsPerConnection
        limits.maxHeaderBytes = configuration.maxHeaderBytes
        limits.maxHeaderFields = configuration.maxHeaderFields
        driver = HTTP2Driver(session: try HTTP2Session.server(limits: limits))
        liveness = PeerLiveness(
            intervalSeconds: configuration.messageStreams.pingIntervalSeconds,
            timeoutSeconds: configuration.messageStreams.pingTimeoutSeconds, tickSeconds: server.timeouts.tickSeconds)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        driver.attach(self, context)
        remoteAddress = context.remoteAddress.flatMap(addressText)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        abandonAll()
        driver.detach()
    }

    func channelInactive(context: ChannelHandlerContext) {
        driver.isClosing = true
        abandonAll()
        context.fireChannelInactive()
    }

    func abandonAll() {
        for id in Array(streams.keys) { close(stream: id, ending) }
    }

    // MARK: Bytes in and out

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        liveness.received()
        do {
            try driver.receive(unwrapInboundIn(data))
        } catch {
            server.load.refuse(.malformed)
            server.logger.debug("HTTP/2 connection ended", metadata: ["reason": "\(error.reason.rawValue)"])
            driver.isClosing = true
            ending = PeerError(.protocolError, "the peer does not speak HTTP/2 (\(error.reason.rawValue))")
            nameOffence()
            context.triggerUserOutboundEvent(ConnectionEvent.linger, promise: nil)
            abandonAll()
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        driver.flush()
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
        driver.flush()
        if isReadHeld, context.channel.isWritable {
            isReadHeld = false
            context.read()
        }
        context.fireChannelWritabilityChanged()
    }

    func handle(_ event: HTTP2Event) {
        switch event {
        case .headers(let id, let fields, let isOversized): open(stream: id, fields, isOversized: isOversized)
        case .data(let id, let bytes): receive(bytes, stream: id)
        case .messageEnd(let id): endRequest(stream: id)
        case .bodyDrained(let id): bodyDrained(stream: id)
        case .responseSent(let id): responseSent(stream: id)
        case .streamClosed(let id, let code): close(stream: id, code == 0 ? nil : PeerError(resetCode: code))
        case .pingAcknowledged(.liveness): liveness.acknowledged()
        case .pingAcknowledged(.shutdown): if isDraining { session.goAway() }
        case .goAway: break   // a client that will open no more streams
        case .connectionError(let code):
            server.load.refuse(.malformed)
            ending = PeerError(.protocolError, "HTTP/2 connection error \(code)")
            nameOffence()
            server.logger.debug("HTTP/2 connection error", metadata: ["code": "\(code)"])
        }
    }

    /// Between nodes nonsense is worth a word; on a public port it is daily bread.
    private func nameOffence() {
        if server.configuration.streams != nil { server.name(peer: remoteAddress, ending.message) }
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
            driver.flush()
        } else if case ConnectionEvent.tick? = event as? ConnectionEvent {
            tick(context)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }
}
