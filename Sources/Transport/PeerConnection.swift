// One connection of a client: drives the codec, opens streams, notices when the peer is gone. It takes streams until the
// peer says GOAWAY or the connection breaks; PeerClient then makes another, while streams under way end on this one.

internal import Logging
internal import NIOCore
private import Synchronization

final class PeerConnection: ChannelInboundHandler, HTTP2Owner {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = IOData

    enum Stream {
        /// Waits for the response's head; or has it, a refusal, and collects the text of that.
        case opening(StreamOpening)
        case open(MessageEndpoint)
    }

    let configuration: PeerClient.Configuration
    let driver: HTTP2Driver
    /// Whether it takes new streams. Read from anywhere.
    let availability = Availability()
    var streams: [Int32: Stream] = [:]
    private(set) var remoteAddress: String?
    /// What streams are told when the connection ends.
    private(set) var ending: PeerError
    /// The connection broke, as opposed to the peer's ending it.
    private(set) var hasFailed = false
    /// A stream has been opened, or the peer has said in an orderly way that it takes none.
    var hasServed = false
    private let logger: Logger
    private var ticking: RepeatedTask?
    private var liveness: PeerLiveness

    init(_ configuration: PeerClient.Configuration, logger: Logger) throws(HTTP2Error) {
        self.configuration = configuration
        self.logger = logger
        ending = PeerError(.closed, "the connection to \(configuration.name) has ended")
        driver = HTTP2Driver(session: try HTTP2Session.client(limits: HTTP2Limits(configuration.limits)))
        liveness = PeerLiveness(
            intervalSeconds: configuration.limits.pingIntervalSeconds, timeoutSeconds: configuration.limits.pingTimeoutSeconds,
            tickSeconds: configuration.tickSeconds)
    }

    // MARK: The connection's life

    func handlerAdded(context: ChannelHandlerContext) {
        driver.attach(self, context)
        if context.channel.isActive { start(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        start(context)
        context.fireChannelActive()
    }

    private func start(_ context: ChannelHandlerContext) {
        guard ticking == nil else { return }
        remoteAddress = context.remoteAddress.flatMap(addressText)
        let time = TimeAmount.nanoseconds(Int64(configuration.tickSeconds * 1e9))
        let connection = NIOLoopBound(self, eventLoop: context.eventLoop)
        ticking = context.eventLoop.scheduleRepeatedTask(initialDelay: time, delay: time) { _ in connection.value.tick() }
        driver.flush()
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
        driver.detach()
    }

    private func end() {
        ticking?.cancel()
        ticking = nil
        driver.isClosing = true
        availability.isUp = false
        for id in Array(streams.keys) { close(stream: id, ending) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if isTLSFailure(error) {
            fail(context, PeerError(.tls, "no trust between this node and \(configuration.name): \(error)"))
        } else {
            fail(context, PeerError(.closed, "the connection to \(configuration.name) broke: \(error)"))
        }
    }

    private func fail(_ context: ChannelHandlerContext, _ error: PeerError) {
        if !hasFailed { ending = error }
        hasFailed = true
        logger.debug("connection given up", metadata: ["peer": "\(configuration.name)", "error": "\(error)"])
        // At once: TLS may take its time to close.
        end()
        context.close(promise: nil)
    }

    private func tick() {
        guard let context = driver.context else { return }
        switch liveness.tick() {
        case .wait: break
        case .ask:
            driver.session.ping(.liveness)
            driver.flush()
        case .giveUp: fail(context, PeerError(.timeout, "\(configuration.name) has stopped answering"))
        }
    }

    /// Takes no more streams, and ends with the last one.
    func retire() {
        guard availability.isUp else { return }
        availability.isUp = false
        driver.session.goAway()
        driver.scheduleFlush()
    }

    /// Ends with all its streams.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is ChannelShouldQuiesceEvent else { return context.fireUserInboundEventTriggered(event) }
        ending = PeerError(.closed, "the client was closed")
        retire()
        driver.flush()
        driver.isClosing = true
        context.closeAfterFlush()
    }

    // MARK: Bytes in and out. Unlike a server, a client always reads: were both to rest until they can write, they would
    // rest for ever.

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        liveness.received()
        do {
            try driver.receive(unwrapInboundIn(data))
        } catch {
            fail(context, PeerError(.protocolError, "\(configuration.name) does not speak HTTP/2 (\(error.reason.rawValue))"))
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        driver.flush()
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        driver.flush()
        context.fireChannelWritabilityChanged()
    }

    func handle(_ event: HTTP2Event) {
        switch event {
        case .headers(let id, let fields, let isOversized): receiveHead(fields, isOversized: isOversized, stream: id)
        case .data(let id, let bytes): receive(bytes, stream: id)
        case .messageEnd(let id): endMessage(stream: id)
        case .bodyDrained(let id), .responseSent(let id): if case .open(let endpoint)? = streams[id] { endpoint.drained() }
        case .streamClosed(let id, let code): close(stream: id, code == 0 ? nil : PeerError(resetCode: code))
        case .pingAcknowledged(.liveness): liveness.acknowledged()
        case .pingAcknowledged(.shutdown): break
        case .goAway:
            availability.isUp = false
            hasServed = true
        case .connectionError(let code):
            ending = PeerError(.protocolError, "HTTP/2 connection error \(code) with \(configuration.name)")
            availability.isUp = false
        }
    }

    /// Whether a connection takes new streams.
    final class Availability: Sendable {
        private let state = Atomic<Bool>(true)
        var isUp: Bool {
            get { state.load(ordering: .acquiring) }
            set { state.store(newValue, ordering: .releasing) }
        }
    }
}
