// The client's side of message streams: one node as another sees it. Connects when a stream is wanted, and again when
// the connection has gone; streams share the connection.

package import Logging
package import NIOCore
private import NIOPosix
private import NIOSSL
private import Synchronization

package final class PeerClient: Sendable {
    /// A connection as any task may hold it.
    private struct Link: Sendable {
        var connection: NIOLoopBound<PeerConnection>
        var availability: PeerConnection.Availability
    }

    private enum State {
        case idle
        case connecting(EventLoopFuture<Link>)
        case connected(Link)
        case closed
    }

    private let configuration: Configuration
    private let group: any EventLoopGroup
    private let logger: Logger
    private let state = Mutex(State.idle)
    private let connections = ConnectionRegistry()
    private let tls: PeerTLSContexts?

    package init(_ configuration: Configuration, group: any EventLoopGroup, logger: Logger) {
        self.configuration = configuration
        self.group = group
        self.logger = logger
        tls = configuration.tls.map { PeerTLSContexts($0, side: .client, logger: logger) }
    }

    deinit {
        // Streams may go on without the client that opened them.
        if case .connected(let link) = state.withLock({ $0 }) {
            link.connection.eventLoop.execute { link.connection.value.retire() }
        }
    }

    /// Opens a message stream: connects if need be, and waits until the peer has said yes.
    ///
    /// One attempt, apart from a peer that closes the connection in an orderly way at that very moment: when to try again
    /// is the caller's affair (``ReconnectDelay``).
    /// - Parameter headers: sent beside our own; names in lower case.
    /// - Throws: ``PeerError``; `refused` with the peer's words when it says no.
    package func open(_ path: String, headers: HTTPHeaderFields = [:]) async throws(PeerError) -> MessageStream {
        do throws(PeerError) {
            var attempts = 0
            while true {
                let link = try await connect()
                attempts += 1
                switch await open(path, headers, on: link) {
                case .opened(let stream): return stream
                case .failed(let error): throw error
                case .retry(let error): if attempts == 3 { throw error }
                }
            }
        } catch {
            configuration.counters.failed(error.reason)
            throw error
        }
    }

    private func open(_ path: String, _ headers: HTTPHeaderFields, on link: Link) async -> StreamOpening.Result {
        let call = MessageCall()
        let connection = link.connection
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                connection.eventLoop.execute { connection.value.open(path, headers, call, continuation) }
            }
        } onCancel: {
            call.cancel()
            connection.eventLoop.execute { connection.value.giveUp(call) }
        }
    }

    /// Ends all streams and connections. Nothing can be opened afterwards.
    package func close() async {
        state.withLock { $0 = .closed }
        connections.drain()
        let loop = group.next()
        await connections.waitUntilEmpty(atMost: .seconds(1), on: loop)
        connections.closeAll()
        await connections.waitUntilEmpty(atMost: .seconds(1), on: loop)
    }

    // MARK: Connecting

    /// The connection there is, or a new one, for which all who want it wait together.
    private func connect() async throws(PeerError) -> Link {
        enum Step {
            case use(Link), wait(EventLoopFuture<Link>), make(EventLoopPromise<Link>), refuse
        }
        let step = state.withLock { state -> Step in
            switch state {
            case .closed: return .refuse
            case .connecting(let future): return .wait(future)
            case .connected(let link) where link.availability.isUp: return .use(link)
            case .idle, .connected:
                let promise = group.next().makePromise(of: Link.self)
                state = .connecting(promise.futureResult)
                return .make(promise)
            }
        }
        do {
            switch step {
            case .use(let link): return link
            case .wait(let future): return try await future.get()
            case .make(let promise):
                makeConnection(promise)
                return try await promise.futureResult.get()
            case .refuse: throw PeerError(.closed, "the client was closed")
            }
        } catch {
            throw unreachable(error)
        }
    }

    private func makeConnection(_ promise: EventLoopPromise<Link>) {
        promise.futureResult.whenComplete { result in
            self.state.withLock { state in
                guard case .connecting = state else { return }
                if case .success(let link) = result { state = .connected(link) } else { state = .idle }
            }
        }
        let time = TimeAmount.nanoseconds(Int64(min(max(configuration.connectTimeoutSeconds, 0.001), 3600) * 1e9))
        promise.completeWithTask { [self] in
            try await ClientBootstrap(group: group)
                .connectTimeout(time)
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .connect(host: configuration.host, port: configuration.port) { channel in
                    channel.eventLoop.makeCompletedFuture { try self.prepare(channel) }
                }
        }
    }

    private func prepare(_ channel: any Channel) throws -> Link {
        guard connections.insert(channel) else { throw PeerError(.closed, "the client was closed") }
        if let tls {
            try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: tls.current(), serverHostname: nil))
        }
        let connection = try PeerConnection(configuration, logger: logger)
        try channel.pipeline.syncOperations.addHandler(connection)
        return Link(connection: NIOLoopBound(connection, eventLoop: channel.eventLoop), availability: connection.availability)
    }

    private func unreachable(_ error: any Error) -> PeerError {
        // NIO wraps the error of each address it tried.
        let cause = (error as? NIOConnectionError)?.connectionErrors.first?.error ?? error
        if let cause = cause as? PeerError { return cause }
        if case .connectTimeout? = cause as? ChannelError { return PeerError(.unreachable, "\(configuration.name) does not answer") }
        return PeerError(.unreachable, "cannot connect to \(configuration.name): \(cause)")
    }
}
