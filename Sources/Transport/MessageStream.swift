// A message stream as the roles of a cluster see it, at either end. The state lives with the connection, on its event
// loop (MessageEndpoint); this is the way there from any task, and where messages are packed and unpacked.

package import NIOCore
private import Synchronization

/// One duplex stream of messages between two nodes: an HTTP/2 stream whose request body and response body both carry
/// messages (framing: FramedMessage). Letting go of it cancels what has not ended.
package final class MessageStream: Sendable {
    /// Of the request, without a query: `/weir/member`.
    package let path: String
    /// At the client: of the response; at the server: of the request.
    package let headers: HTTPHeaderFields
    /// Without port.
    package let remoteAddress: String?
    /// The highest version that both sides speak.
    package let protocolVersion: Int

    private let endpoint: NIOLoopBound<MessageEndpoint>
    private let outcome: StreamOutcome
    private let messageBytesMax: Int

    /// On the endpoint's event loop.
    init(
        _ endpoint: MessageEndpoint, eventLoop: any EventLoop, path: String, headers: HTTPHeaderFields, remoteAddress: String?,
        protocolVersion: Int
    ) {
        self.endpoint = NIOLoopBound(endpoint, eventLoop: eventLoop)
        self.path = path
        self.headers = headers
        self.remoteAddress = remoteAddress
        self.protocolVersion = protocolVersion
        outcome = endpoint.outcome
        messageBytesMax = endpoint.limits.messageBytesMax
    }

    deinit {
        perform { $0.abandon() }
    }

    /// Server side: sends the response's head now instead of with the first message sent, or asked for.
    package func accept(headers: HTTPHeaderFields = [:]) {
        perform { $0.sendHead(headers) }
    }

    /// Queues a message; suspends while the peer's window is full. Messages arrive in the order of the calls. A call that is
    /// cancelled may have sent its message or not.
    /// - Parameter compress: with gzip level 1, from 1 KiB on, if that makes it smaller.
    package func send(_ message: ByteBuffer, compress: Bool = false) async throws(PeerError) {
        try await send([message], compress: compress)
    }

    /// Queues several messages at once, which costs one change of threads instead of one for each.
    package func send(_ messages: [ByteBuffer], compress: Bool = false) async throws(PeerError) {
        var framed: [FramedMessage] = []
        for message in messages {
            framed.append(try FramedMessage(message, compress: compress, messageBytesMax: messageBytesMax))
        }
        if case .drained? = outcome.value { throw PeerError(.closed, "the stream has ended") }
        _ = try await wait { [framed] endpoint, waiter in endpoint.send(framed, waiter) }
    }

    /// The next message; nil when the peer has sent its last. Taking a message lets the peer send more.
    package func receive() async throws(PeerError) -> ByteBuffer? { try await receive(bytesMax: 0).first }

    /// The next message, and those that are there behind it, as long as they have no more than `bytesMax` together; none when
    /// the peer has sent its last.
    package func receive(bytesMax: Int) async throws(PeerError) -> [ByteBuffer] {
        let framed = try await wait(bytesMax: bytesMax) { endpoint, waiter in endpoint.take(waiter) }
        do {
            var messages: [ByteBuffer] = []
            for message in framed { messages.append(try message.unpacked(messageBytesMax: messageBytesMax)) }
            return messages
        } catch {
            perform { $0.fail(error) }
            throw error
        }
    }

    /// No more messages from this side. Those sent so far still arrive.
    package func finish() {
        perform { $0.finish() }
    }

    /// Ends both directions at once. Calls under way and later ones throw, here and at the peer.
    package func cancel() {
        perform { $0.fail(PeerError(.cancelled, "the stream was cancelled")) }
    }

    // MARK: Reaching the event loop

    private func perform(_ action: @escaping @Sendable (MessageEndpoint) -> Void) {
        // An event loop may be gone once its connections are.
        if outcome.value != nil { return }
        endpoint.eventLoop.execute { [endpoint] in action(endpoint.value) }
    }

    private func wait(
        bytesMax: Int = 0, _ action: @escaping @Sendable (MessageEndpoint, MessageWaiter) -> Void
    ) async throws(PeerError) -> [FramedMessage] {
        let call = MessageCall()
        switch outcome.value {
        case .drained?: return []
        case .failed(let error)?: throw error
        case nil: break
        }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                endpoint.eventLoop.execute { [endpoint] in
                    action(endpoint.value, MessageWaiter(call: call, bytesMax: bytesMax, continuation: continuation))
                }
            }
        } onCancel: {
            call.cancel()
            perform { $0.giveUp(call) }
        }
        return try result.get()
    }
}

/// One call of ``MessageStream/send(_:compress:)`` or ``MessageStream/receive()``, to find it again when its task is
/// cancelled. The flag is for the case that this happens before the call has reached the event loop.
final class MessageCall: Sendable {
    private let state = Atomic<Bool>(false)

    var isCancelled: Bool { state.load(ordering: .relaxed) }

    func cancel() { state.store(true, ordering: .relaxed) }
}

struct MessageWaiter {
    let call: MessageCall
    /// Of a receiver, how much it takes at once beside the first message.
    let bytesMax: Int
    /// Messages for a receiver; none at the end.
    let continuation: CheckedContinuation<Result<[FramedMessage], PeerError>, Never>

    func resume(_ result: Result<[FramedMessage], PeerError>) { continuation.resume(returning: result) }
}

/// How a stream has ended, once nothing is left of it at its connection: then nobody needs to ask there.
final class StreamOutcome: Sendable {
    enum Value {
        /// Both sides have finished, and all messages are taken.
        case drained
        case failed(PeerError)
    }

    private let state = Mutex<Value?>(nil)

    /// The first one set stays.
    var value: Value? {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = $0 ?? newValue } }
    }
}
