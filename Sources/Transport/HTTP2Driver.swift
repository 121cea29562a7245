// What a server's and a client's HTTP/2 connection have in common: bytes from the channel go into the codec, frames go
// out as fast as the channel takes them, events go to the owner.

internal import NIOCore

/// Whose connection it is. Called on its event loop.
protocol HTTP2Owner: AnyObject {
    func handle(_ event: HTTP2Event)
}

final class HTTP2Driver {
    let session: HTTP2Session
    /// Nil before the connection is part of a pipeline and after.
    private(set) var context: ChannelHandlerContext?
    /// Neither reads nor writes any more.
    var isClosing = false
    private weak var owner: (any HTTP2Owner)?
    private var isFlushing = false
    private var isFlushScheduled = false

    init(session: HTTP2Session) {
        self.session = session
    }

    func attach(_ owner: any HTTP2Owner, _ context: ChannelHandlerContext) {
        self.owner = owner
        self.context = context
    }

    func detach() {
        owner = nil
        context = nil
    }

    func receive(_ bytes: ByteBuffer) throws(HTTP2Error) {
        guard !isClosing else { return }
        try session.receive(bytes)
        deliverEvents()
    }

    /// Sends soon, together with what else is submitted until then.
    func scheduleFlush() {
        guard !isFlushScheduled, let context else { return }
        isFlushScheduled = true
        context.eventLoop.assumeIsolated().execute {
            self.isFlushScheduled = false
            self.flush()
        }
    }

    /// Moves frames from the session to the channel while it takes them. Handling what became of them may submit more.
    func flush() {
        guard let context, !isFlushing, !isClosing else { return }
        isFlushing = true
        var hasWritten = true
        while hasWritten, context.channel.isWritable, !isClosing {
            var output = HTTP2Output()
            guard session.writeOutput(into: &output, limitBytes: session.limits.writeBytes) else {
                isClosing = true
                context.close(promise: nil)
                break
            }
            hasWritten = output.readableBytes > 0
            for piece in output.takePieces() { context.write(NIOAny(IOData.byteBuffer(piece)), promise: nil) }
            if hasWritten { context.flush() }
            deliverEvents()
        }
        isFlushing = false
        if session.isFinished, !isClosing {
            isClosing = true
            context.closeAfterFlush()
        }
    }

    private func deliverEvents() {
        for event in session.takeEvents() { owner?.handle(event) }
    }
}
