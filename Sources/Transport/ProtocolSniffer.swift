// Both protocols on one port: the first bytes tell which one a client speaks (RFC 9113, section 3.3, prior knowledge).
// The handler installs the protocol's handlers, passes on what it has read and leaves.

private import Logging
internal import NIOCore
internal import NIOHTTP1

final class ProtocolSniffer: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// RFC 9113, section 3.4.
    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    private let server: ServerContext
    private var received = ByteBuffer()
    private var waitedTicks = 0

    init(server: ServerContext) {
        self.server = server
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var piece = unwrapInboundIn(data)
        if received.readableBytes == 0 { waitedTicks = 0 }
        received.writeBuffer(&piece)
        let compared = min(received.readableBytes, Self.preface.count)
        guard received.readableBytesView.prefix(compared).elementsEqual(Self.preface.prefix(compared)) else {
            return hand(to: http1Handlers(), context)
        }
        guard compared == Self.preface.count else { return }
        do {
            hand(to: [try HTTP2Handler(server: server)], context)
        } catch {
            server.logger.warning("no HTTP/2 session", metadata: ["error": "\(error)"])
            context.close(promise: nil)
        }
    }

    private func http1Handlers() -> [any ChannelHandler] {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = server.configuration.maxHeaderBytes
        limits.maxHeaderListSize = server.configuration.maxHeaderBytes
        limits.maxHeaderFieldCount = server.configuration.maxHeaderFields
        // Framing is set by our own handler, which knows of HEAD; the encoder would put an end mark after its empty body.
        var encoding = HTTPResponseEncoder.Configuration()
        encoding.automaticallySetFramingHeaders = false
        return [
            HTTPResponseEncoder(configuration: encoding),
            ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: limits)),
            HTTPServerPipelineHandler(),
            HTTP1Handler(server: server),
        ]
    }

    private func hand(to handlers: [any ChannelHandler], _ context: ChannelHandlerContext) {
        do {
            try context.pipeline.syncOperations.addHandlers(handlers, position: .after(self))
            context.fireChannelRead(wrapInboundOut(received))
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
        } catch {
            context.close(promise: nil)   // the channel has closed meanwhile
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent { return context.close(promise: nil) }
        guard case ConnectionEvent.tick? = event as? ConnectionEvent else {
            return context.fireUserInboundEventTriggered(event)
        }
        // Without a byte the client may wait as between requests; a beginning must be followed up like header fields.
        waitedTicks += 1
        let isSilent = received.readableBytes == 0
        if waitedTicks > (isSilent ? server.timeouts.idleTicks : server.timeouts.headerTicks) {
            if !isSilent { server.load.refuse(.timeout) }
            context.close(promise: nil)
        }
    }
}
