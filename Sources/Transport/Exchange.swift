// One request and its answer: runs the responder in a task and carries its response to the connection, in the same way
// for both protocols. A connection's state lives on its event loop; the task reaches it only by hopping there.

internal import Logging
internal import NIOCore

/// A connection as the task of an exchange sees it. All calls on the connection's event loop. An exchange that is over is
/// passed over in silence (its promise fails): the client may have gone at any moment.
protocol ExchangeHost: AnyObject {
    /// The head and the body, which is not a stream.
    func sendWhole(_ response: HTTPResponse, exchange: Int)
    /// The head of a streamed response. `ready` is kept as soon as a chunk is wanted.
    func sendHead(_ response: HTTPResponse, exchange: Int, ready: EventLoopPromise<Void>)
    /// `ready` is kept as soon as another chunk is wanted.
    func sendChunk(_ chunk: ByteBuffer, exchange: Int, ready: EventLoopPromise<Void>)
    func sendEnd(exchange: Int)
    /// The body cannot be completed: the client must notice.
    func breakOff(exchange: Int)
}

struct Exchange: Sendable {
    let id: Int
    let host: NIOLoopBound<any ExchangeHost>
    let semantics: HTTPSemantics
    /// Held until the responder is done, even if the client has gone: what it occupies is occupied.
    let ticket: RequestTicket
    let logger: Logger

    func start(_ request: HTTPRequest) -> Task<Void, Never> {
        Task {
            defer { withExtendedLifetime(ticket) {} }
            let response = await semantics.respond(to: request)
            if case .stream(let stream) = response.body {
                await send(response, streaming: stream)
            } else {
                host.eventLoop.execute { host.value.sendWhole(response, exchange: id) }
            }
        }
    }

    private struct WrongLength: Error {}

    private func send(_ response: HTTPResponse, streaming stream: HTTPBodyStream) async {
        do {
            var missingBytes = stream.contentLength
            try await step { $0.sendHead(response, exchange: id, ready: $1) }
            while let chunk = try await stream.next() {
                try Task.checkCancellation()
                // An empty chunk would end a chunked body.
                guard chunk.readableBytes > 0 else { continue }
                if let missing = missingBytes {
                    guard chunk.readableBytes <= missing else { throw WrongLength() }
                    missingBytes = missing - chunk.readableBytes
                }
                try await step { $0.sendChunk(chunk, exchange: id, ready: $1) }
            }
            guard missingBytes ?? 0 == 0 else { throw WrongLength() }
            host.eventLoop.execute { host.value.sendEnd(exchange: id) }
        } catch {
            logger.debug("response broken off", metadata: ["error": "\(error)"])
            host.eventLoop.execute { host.value.breakOff(exchange: id) }
        }
    }

    private func step(_ action: @escaping @Sendable (any ExchangeHost, EventLoopPromise<Void>) -> Void) async throws {
        let ready = host.eventLoop.makePromise(of: Void.self)
        host.eventLoop.execute { action(host.value, ready) }
        try await ready.futureResult.get()
    }
}

/// The exchange that a promise belonged to is over.
struct ExchangeOver: Error {}
