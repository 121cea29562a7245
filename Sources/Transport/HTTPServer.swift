// The server as its owner sees it: start, shut down, read the counters. One port, HTTP/1.1 and HTTP/2.
//
// A connection's pipeline, from the socket: with TLS NIOSSLServerHandler → TLSGate, then ConnectionGate →
// ProtocolSniffer, which gives way to either HTTPResponseEncoder, HTTPRequestDecoder, HTTPServerPipelineHandler,
// HTTP1Handler, or HTTP2Handler. Both end in an Exchange per request: a task that runs HTTPSemantics around the responder.
// Where the configuration names a StreamAcceptor, HTTP2Handler hands its streams over as message streams instead: a
// MessageEndpoint each, and a task.

package import Logging
private import NIOCore
private import NIOPosix
private import NIOSSL
private import Synchronization

package final class HTTPServer: Sendable {
    private struct Running {
        var group: MultiThreadedEventLoopGroup
        var listener: any Channel
    }

    private enum State {
        case new
        case starting
        case running(Running)
        case stopped
    }

    private let server: ServerContext
    private let connections = ConnectionRegistry()
    private let state = Mutex(State.new)

    package init(configuration: HTTPServerConfiguration, responder: any HTTPResponder, logger: Logger) {
        server = ServerContext(configuration: configuration, responder: responder, logger: logger)
    }

    package var counters: HTTPServerCounters { server.load.snapshot }

    /// Listens. A server starts once.
    /// - Returns: the port, which the system chose if the configuration says 0.
    /// - Throws: ``HTTPServerError``.
    package func start() async throws(HTTPServerError) -> Int {
        let isFirst = state.withLock { state in
            guard case .new = state else { return false }
            state = .starting
            return true
        }
        guard isFirst else { throw HTTPServerError(reason: .alreadyStarted, description: "the HTTP server was started before") }
        do throws(PeerError) {
            _ = try server.tls?.current()
        } catch {
            state.withLock { $0 = .stopped }
            throw HTTPServerError(reason: .tls, description: error.message)
        }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, server.configuration.eventLoopThreads))
        let (server, connections) = (server, connections)
        do {
            let listener = try await listen(server.configuration, group: group) { channel in
                guard connections.insert(channel) else { throw ConnectionRefused() }
                guard server.load.openConnection(limit: server.configuration.maxConnections) else {
                    server.load.refuse(.tooManyConnections)
                    throw ConnectionRefused()
                }
                channel.closeFuture.whenComplete { _ in server.load.closeConnection() }
                if let tls = server.tls {
                    let handlers: [any ChannelHandler] = [NIOSSLServerHandler(context: try tls.current()), TLSGate(server: server)]
                    try channel.pipeline.syncOperations.addHandlers(handlers)
                }
                try channel.pipeline.syncOperations.addHandlers([ConnectionGate(server: server), ProtocolSniffer(server: server)])
            }
            state.withLock { $0 = .running(Running(group: group, listener: listener)) }
            return listener.localAddress?.port ?? server.configuration.port
        } catch {
            state.withLock { $0 = .stopped }
            try? await group.shutdownGracefully()
            throw error
        }
    }

    /// Stops accepting, lets requests under way finish, tells clients not to send more on their connections, and after
    /// `drainSeconds` at the latest closes them. Without effect unless running.
    package func shutdown(drainSeconds: Double) async {
        let running = state.withLock { state -> Running? in
            guard case .running(let running) = state else { return nil }
            state = .stopped
            return running
        }
        guard let running else { return }
        try? await running.listener.close()
        connections.drain()
        let loop = running.group.next()
        let drainTime = TimeAmount.nanoseconds(Int64(min(max(drainSeconds, 0), 3600) * 1e9))
        await connections.waitUntilEmpty(atMost: drainTime, on: loop)
        connections.closeAll()
        await connections.waitUntilEmpty(atMost: .seconds(1), on: loop)
        // Cancelled responders still report to their event loop. One that takes no notice keeps the threads.
        let quiet = loop.makePromise(of: Void.self)
        let deadline = loop.scheduleTask(in: .seconds(5)) { quiet.fail(ExchangeOver()) }
        server.load.whenQuiet(quiet)
        do {
            try await quiet.futureResult.get()
            deadline.cancel()
            try await running.group.shutdownGracefully()
        } catch {
            server.logger.warning("responders go on after shutdown", metadata: ["count": "\(counters.requestsInFlight)"])
        }
    }
}

/// Closes a connection before it has a pipeline.
private struct ConnectionRefused: Error {}
