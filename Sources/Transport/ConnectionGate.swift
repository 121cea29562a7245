// The handler next to the socket: what concerns a connection whatever its protocol. It counts bytes, gives the tick,
// ends connections whose peer has stopped reading, and keeps refused ones open until the peer has read the refusal.

internal import NIOCore

final class ConnectionGate: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    private let server: ServerContext
    private var ticking: RepeatedTask?
    private var isLingering = false
    private var lingerDeadline: Scheduled<Void>?
    private var unsentBytes = 0
    private var stalledTicks = 0

    init(server: ServerContext) {
        self.server = server
    }

    func channelActive(context: ChannelHandlerContext) {
        let channel = context.channel
        ticking = context.eventLoop.scheduleRepeatedTask(initialDelay: server.timeouts.tick, delay: server.timeouts.tick) { _ in
            channel.pipeline.fireUserInboundEventTriggered(ConnectionEvent.tick)
        }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        ticking?.cancel()
        lingerDeadline?.cancel()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        server.load.add(received: unwrapInboundIn(data).readableBytes)
        if !isLingering { context.fireChannelRead(data) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if isLingering {
            context.read()
        } else {
            context.fireChannelReadComplete()
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        server.load.add(sent: unwrapOutboundIn(data).readableBytes)
        context.write(data, promise: promise)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ConnectionEvent.tick? = event as? ConnectionEvent { checkProgress(context) }
        context.fireUserInboundEventTriggered(event)
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard case ConnectionEvent.linger? = event as? ConnectionEvent else {
            return context.triggerUserOutboundEvent(event, promise: promise)
        }
        if !isLingering { linger(context) }
        promise?.succeed()
    }

    private func linger(_ context: ChannelHandlerContext) {
        isLingering = true
        // Kept when all that was written has been sent, which may take a slow reader long.
        let sent = context.eventLoop.makePromise(of: Void.self)
        let channel = context.channel
        let seconds = min(max(server.configuration.lingerSeconds, 0), 60)
        sent.futureResult.assumeIsolated().whenComplete { _ in
            guard channel.isActive else { return }
            self.lingerDeadline = channel.eventLoop.scheduleTask(in: .nanoseconds(Int64(seconds * 1e9))) { channel.close(promise: nil) }
        }
        context.flush()
        context.close(mode: .output, promise: sent)
        context.read()
    }

    /// A peer that takes none of what waits for it holds memory and a place: not for longer than an idle one may.
    private func checkProgress(_ context: ChannelHandlerContext) {
        let unsent = (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        stalledTicks = unsent > 0 && unsent == unsentBytes ? stalledTicks + 1 : 0
        unsentBytes = unsent
        if stalledTicks > server.timeouts.idleTicks {
            server.load.refuse(.timeout)
            context.close(promise: nil)
        }
    }
}

extension ChannelHandlerContext {
    /// Closes once everything written so far has been sent.
    func closeAfterFlush() {
        let channel = self.channel
        let sent = eventLoop.makePromise(of: Void.self)
        sent.futureResult.whenComplete { _ in channel.close(promise: nil) }
        writeAndFlush(NIOAny(IOData.byteBuffer(ByteBuffer())), promise: sent)
    }
}
