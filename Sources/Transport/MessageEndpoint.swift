// One end of a message stream, where it meets its connection: the state of both directions. Event loop only; a
// MessageStream reaches it from the tasks, the connection's handler from below.
//
// Back-pressure: what has been received counts against the windows until it is taken. Bytes behind the first complete
// message that is small are kept as they came, so that a flood of tiny messages takes no more memory than the window says.

internal import NIOCore

final class MessageEndpoint {
    /// Bytes that may wait for the peer's window before a sender is made to wait.
    private static let unsentBytesMax = 64 * 1024
    /// Messages from this size on are taken apart as they come.
    private static let largeBytesMin = 4096

    let stream: Int32
    let limits: MessageStreamLimits
    let outcome = StreamOutcome()
    /// Nil when the stream is gone from the connection and all that came has been taken.
    private var driver: HTTP2Driver?
    private let counters: PeerCounters
    private let traffic: TrafficCounter

    // Sending.
    /// Header fields of the response that is still to be begun; nil at the client.
    private var pendingHead: HTTPHeaderFields?
    private(set) var hasFinished = false
    private(set) var hasEndedService = false
    private var senders: [MessageWaiter] = []
    /// The peer has closed the stream, after its last message.
    private var sendFailure: PeerError?

    // Receiving.
    private var decoder: MessageDecoder
    /// The next messages to be taken, all but the last of them large.
    private var ready: [FramedMessage] = []
    /// What came after them, if the last of them is small.
    private var unread = ByteBuffer()
    /// Bytes of the first of them, or of what the decoder holds, that no longer count against the windows.
    private var earlyBytes = 0
    private var receivers: [MessageWaiter] = []
    private var hasReceivedEnd = false
    /// Nobody will take messages any more.
    private var isDiscarding = false
    private(set) var failure: PeerError?
    /// The connection knows the stream no longer.
    private var isClosed = false

    /// - Parameter head: at a server, the response's header fields to begin with.
    init(
        driver: HTTP2Driver, stream: Int32, limits: MessageStreamLimits, head: HTTPHeaderFields?, counters: PeerCounters,
        path: String
    ) {
        self.driver = driver
        self.stream = stream
        self.limits = limits
        self.counters = counters
        traffic = counters.traffic(path: path)
        pendingHead = head
        decoder = MessageDecoder(messageBytesMax: limits.messageBytesMax)
        traffic.opened()
    }

    /// Whether the peer may still be told no.
    var canRefuse: Bool { pendingHead != nil && failure == nil }

    // MARK: From the tasks

    func sendHead(_ headers: HTTPHeaderFields = [:]) {
        guard var head = pendingHead, failure == nil, let driver else { return }
        pendingHead = nil
        for field in headers.fields { head.add(field.name, field.value) }
        driver.session.submitResponse(stream: stream, status: 200, headers: head, endsStream: false)
        driver.scheduleFlush()
    }

    func send(_ messages: [FramedMessage], _ waiter: MessageWaiter) {
        if let error = failure ?? sendFailure { return waiter.resume(.failure(error)) }
        guard !hasFinished, let driver else {
            return waiter.resume(.failure(PeerError(.closed, "this side of the stream has finished")))
        }
        if waiter.call.isCancelled { return waiter.resume(.failure(.callCancelled)) }
        sendHead()
        for message in messages {
            for piece in message.pieces() { driver.session.append(piece, to: stream) }
            traffic.sent(message)
        }
        driver.scheduleFlush()
        if driver.session.unsentBytes(stream: stream) <= Self.unsentBytesMax {
            waiter.resume(.success([]))
        } else {
            senders.append(waiter)
        }
    }

    func finish() {
        guard !hasFinished, failure == nil, sendFailure == nil, let driver else { return }
        sendHead()
        hasFinished = true
        driver.session.endBody(stream: stream)
        driver.scheduleFlush()
    }

    func take(_ waiter: MessageWaiter) {
        // Whoever waits for the client's messages wants the stream.
        sendHead()
        if waiter.call.isCancelled { return waiter.resume(.failure(.callCancelled)) }
        if let failure { return waiter.resume(.failure(failure)) }
        receivers.append(waiter)
        serveReceivers()
    }

    func giveUp(_ call: MessageCall) {
        func extract(_ waiters: inout [MessageWaiter]) -> MessageWaiter? {
            waiters.firstIndex { $0.call === call }.map { waiters.remove(at: $0) }
        }
        (extract(&receivers) ?? extract(&senders))?.resume(.failure(.callCancelled))
    }

    /// Nobody holds the stream any more.
    func abandon() {
        if hasFinished && hasReceivedEnd {
            discard()
        } else if !hasEndedService {
            fail(PeerError(.cancelled, "the stream was let go"))
        }
    }

    /// The server's task has done its work: what else the client sends is thrown away.
    func endService() {
        hasEndedService = true
        finish()
        discard()
    }

    /// The server says no, in a response of its own: for the connection this is no message stream any more.
    func endRefused() {
        isClosed = true
        traffic.closed()
        end(PeerError(.refused, "the stream was refused"))
    }

    /// Ends both directions, here and at the peer.
    func fail(_ error: PeerError) {
        guard failure == nil, let driver else { return }
        driver.session.reset(stream: stream, code: error.resetCode)
        driver.scheduleFlush()
        end(error)
    }

    // MARK: From the connection

    func receive(_ bytes: ByteBuffer) {
        traffic.received(bytes: bytes.readableBytes)
        if isDiscarding || failure != nil {
            // The connection must flow for the sake of the other streams.
            driver?.session.consume(stream: stream, streamBytes: 0, connectionBytes: bytes.readableBytes)
            return
        }
        if unread.readableBytes == 0 {
            unread = bytes
        } else {
            unread.writeImmutableBuffer(bytes)
        }
        serveReceivers()
    }

    func receiveEnd() {
        hasReceivedEnd = true
        serveReceivers()
    }

    /// All that was queued is on its way.
    func drained() {
        let waiters = senders
        senders = []
        for waiter in waiters { waiter.resume(.success([])) }
    }

    /// The connection knows the stream no longer. If the peer had sent all it wanted, that can still be taken.
    /// - Parameter reason: nil after an orderly end, or when the peer merely wants no more.
    func close(_ reason: PeerError?) {
        isClosed = true
        traffic.closed()
        let isServed = hasEndedService && reason == nil
        let error = reason ?? PeerError(.closed, "the peer has ended the stream")
        if failure == nil, !hasReceivedEnd, !isServed { end(error) }
        if failure != nil { return driver = nil }
        if !hasFinished || reason != nil {
            counters.failed(error.reason)
            sendFailure = error
            for waiter in senders { waiter.resume(.failure(error)) }
            senders = []
        }
        if isServed { hasReceivedEnd = true }
        serveReceivers()
    }

    // MARK: Within

    private func end(_ error: PeerError) {
        failure = error
        counters.failed(error.reason)
        discard()
        let waiters = senders + receivers
        (senders, receivers) = ([], [])
        for waiter in waiters { waiter.resume(.failure(error)) }
        outcome.value = .failed(error)
        if isClosed { driver = nil }
    }

    private func discard() {
        isDiscarding = true
        let heldBytes = ready.reduce(0) { $0 + $1.framedBytes } + unread.readableBytes + decoder.bufferedBytes - earlyBytes
        driver?.session.consume(stream: stream, streamBytes: 0, connectionBytes: heldBytes)
        driver?.scheduleFlush()
        ready = []
        unread = ByteBuffer()
        decoder = MessageDecoder(messageBytesMax: limits.messageBytesMax)
        earlyBytes = 0
    }

    private func serveReceivers() {
        var offence = decode()
        while !receivers.isEmpty, !ready.isEmpty {
            let waiter = receivers.removeFirst()
            waiter.resume(.success(takeReady(bytesMax: waiter.bytesMax, &offence)))
        }
        if let offence { return fail(offence) }
        guard ready.isEmpty else { return }
        if hasReceivedEnd { return serveEnd() }
        // A message may be larger than the window: while somebody waits for it, it gets through.
        guard !receivers.isEmpty, decoder.bufferedBytes > earlyBytes else { return }
        giveBack(decoder.bufferedBytes - earlyBytes)
        earlyBytes = decoder.bufferedBytes
    }

    private func serveEnd() {
        guard decoder.bufferedBytes == 0 else {
            return fail(PeerError(.protocolError, "the peer's messages end within one"))
        }
        let waiters = receivers
        receivers = []
        for waiter in waiters { waiter.resume(.success([])) }
        if isClosed {
            outcome.value = .drained
            driver = nil
        }
    }

    /// Takes apart what has come, up to the end of the first small message.
    /// - Returns: why it cannot be taken apart any further.
    private func decode() -> PeerError? {
        defer { reclaimUnread() }
        do {
            while ready.last.map({ $0.framedBytes >= Self.largeBytesMin }) ?? true, let message = try decoder.decode(&unread) {
                ready.append(message)
            }
            return nil
        } catch {
            return error
        }
    }

    /// The next message, and others that are there, as long as they have no more than `bytesMax` together.
    private func takeReady(bytesMax: Int, _ offence: inout PeerError?) -> [FramedMessage] {
        var taken: [FramedMessage] = []
        var byteCount = 0
        while let message = ready.first, taken.isEmpty || byteCount + message.framedBytes <= bytesMax {
            ready.removeFirst()
            byteCount += message.framedBytes
            taken.append(message)
            traffic.receivedMessage()
            if ready.isEmpty, offence == nil { offence = decode() }
        }
        giveBack(byteCount - earlyBytes)
        earlyBytes = 0
        return taken
    }

    /// Lets the peer send as many bytes more.
    private func giveBack(_ count: Int) {
        driver?.session.consume(stream: stream, streamBytes: count, connectionBytes: count)
        driver?.scheduleFlush()
    }

    private func reclaimUnread() {
        if unread.readableBytes == 0 {
            unread = ByteBuffer()
        } else if unread.readerIndex > unread.readableBytes {
            unread.discardReadBytes()
        }
    }
}

extension PeerError {
    static let callCancelled = PeerError(.cancelled, "the calling task was cancelled")
}
