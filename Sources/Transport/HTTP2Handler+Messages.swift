// The message streams of a server's HTTP/2 connection: from the request's header fields to the task that serves it.

private import Logging
internal import NIOCore

extension HTTP2Handler {
    /// The header fields of a POST have come. False when it is an ordinary request.
    /// - Parameter isAskedFor: the client wants a message stream, and will not end its request to hear that it cannot have it.
    func openMessages(stream id: Int32, path: String, isAskedFor: Bool) -> Bool {
        if let acceptor = server.configuration.streams, acceptor.accepts(path: path) {
            serveMessages(stream: id, acceptor)
        } else if isAskedFor {
            refuse(StreamRefusal(status: 404, message: "no message streams at \(path)"), stream: id)
        } else {
            return false
        }
        return true
    }

    private func serveMessages(stream id: Int32, _ acceptor: any StreamAcceptor) {
        guard let context, let request = streams[id]?.request else { return }
        guard let ticket = RequestTicket(load: server.load, configuration: server.configuration) else {
            return refuse(503, stream: id)
        }
        let limits = server.configuration.messageStreams
        let version: Int
        do throws(StreamRefusal) {
            version = try PeerProtocol.choose(offered: request.headers[PeerProtocol.headerName], spoken: limits.protocolVersions)
        } catch {
            return refuse(error, stream: id)
        }
        let endpoint = MessageEndpoint(
            driver: driver, stream: id, limits: limits, head: ["server": "weir", PeerProtocol.headerName: "\(version)"],
            counters: server.configuration.peerCounters, path: request.path)
        let stream = MessageStream(
            endpoint, eventLoop: context.eventLoop, path: request.path, headers: request.headers, remoteAddress: remoteAddress,
            protocolVersion: version)
        session.takeTurns(stream: id)
        let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
        let task = Task {
            let result = await serve(stream, acceptor)
            withExtendedLifetime(ticket) {
                handler.eventLoop.execute { handler.value.endService(stream: id, result) }
            }
        }
        streams[id]?.phase = .messages(endpoint, task)
    }

    func responseSent(stream id: Int32) {
        server.load.messageSent()
        guard case .messages(let messages, _)? = streams[id]?.phase else { return }
        messages.drained()
        // The client may still be sending to a task that has gone (RFC 9113, section 8.1).
        if messages.hasEndedService { session.reset(stream: id, code: .noError) }
    }

    func close(_ messages: MessageEndpoint, _ task: Task<Void, Never>, _ error: PeerError?) {
        // First: a task that merely sees its call fail might be through before it could be cancelled.
        if error != nil { task.cancel() }
        messages.close(error)
        if messages.failure != nil { task.cancel() }
        if let failure = messages.failure { name(failure) }
    }

    private func name(_ failure: PeerError) {
        guard [.protocolError, .messageTooLarge].contains(failure.reason) else { return }
        server.name(peer: remoteAddress, failure.message)
    }

    private func endService(stream id: Int32, _ result: Result<Void, any Error>) {
        // Framed well, but nonsense to the task, which may have cancelled the stream already.
        if case .failure(let failure as PeerError) = result { name(failure) }
        guard case .messages(let messages, _)? = streams[id]?.phase else { return }
        switch result {
        case .success: messages.endService()
        case .failure(let refusal as StreamRefusal) where messages.canRefuse: refuse(refusal, stream: id)
        case .failure(let error):
            let metadata: Logger.Metadata = ["error": "\(error)", "peer": "\(remoteAddress ?? "")"]
            server.logger.debug("message stream ended by an error", metadata: metadata)
            messages.fail(error as? PeerError ?? PeerError(.closed, "the stream's task failed"))
        }
    }

    private func refuse(_ refusal: StreamRefusal, stream id: Int32) {
        if case .messages(let messages, _)? = streams[id]?.phase {
            messages.endRefused()
        } else {
            server.configuration.peerCounters.failed(.refused)
        }
        let body = ByteBuffer(string: refusal.message)
        let response = HTTPResponse(
            status: min(max(refusal.status, 400), 599),
            headers: ["server": "weir", "content-type": "text/plain", "content-length": "\(body.readableBytes)"], body: .bytes(body))
        refuse(response, stream: id)
    }
}

/// Outside the handler: a task must not capture it.
private func serve(_ stream: MessageStream, _ acceptor: any StreamAcceptor) async -> Result<Void, any Error> {
    do {
        return .success(try await acceptor.serve(stream))
    } catch {
        return .failure(error)
    }
}
