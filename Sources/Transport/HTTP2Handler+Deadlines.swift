// What a server's HTTP/2 connection does when a tick passes: ends what has stood still for too long.

internal import NIOCore

extension HTTP2Handler {
    func tick(_ context: ChannelHandlerContext) {
        headerTicks = session.isReceivingHeaders ? headerTicks + 1 : 0
        idleTicks = streams.isEmpty ? idleTicks + 1 : 0
        if headerTicks > server.timeouts.headerTicks {
            server.load.refuse(.timeout)
            return context.close(promise: nil)
        }
        if idleTicks == server.timeouts.idleTicks + 1 { session.goAway() }
        for id in Array(streams.keys) { tick(stream: id) }
        if streams.values.contains(where: \.isMessages) { checkLiveness(context) }
        driver.flush()
    }

    /// A client with a stream of messages may be silent for days, but not dead.
    private func checkLiveness(_ context: ChannelHandlerContext) {
        switch liveness.tick() {
        case .wait: break
        case .ask: session.ping(.liveness)
        case .giveUp:
            server.load.refuse(.timeout)
            ending = PeerError(.timeout, "the peer has stopped answering")
            // At once: TLS may take its time to close.
            abandonAll()
            context.close(promise: nil)
        }
    }

    private func tick(stream id: Int32) {
        guard let stream = streams[id] else { return }
        switch stream.phase {
        case .receiving:
            streams[id]?.ageTicks += 1
            if stream.ageTicks >= server.timeouts.bodyTicks { refuse(408, stream: id) }
        case .refused:
            // The client should stop by itself when it sees the refusal. Telling it at once (RFC 9113, section 8.1) makes
            // some, curl 7.88 for one, report a broken stream instead of the refusal.
            streams[id]?.ageTicks += 1
            if stream.ageTicks >= server.timeouts.lingerTicks { session.reset(stream: id, code: .noError) }
        case .messages: break
        case .answering:
            let unsent = session.unsentBytes(stream: id)
            let isStalled = unsent > 0 && unsent == stream.unsentBytes
            streams[id]?.ageTicks = isStalled ? stream.ageTicks + 1 : 0
            streams[id]?.unsentBytes = unsent
            if isStalled, stream.ageTicks >= server.timeouts.idleTicks {
                server.load.refuse(.timeout)
                session.reset(stream: id, code: .cancel)
            }
        }
    }
}
