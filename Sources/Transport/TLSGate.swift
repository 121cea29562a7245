// The handler behind a server's TLS: counts and names those who do not get in.

internal import Logging
internal import NIOCore

final class TLSGate: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let server: ServerContext
    /// One refusal may be told as more than one error.
    private var hasRefused = false

    init(server: ServerContext) {
        self.server = server
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if isTLSFailure(error), !hasRefused {
            hasRefused = true
            server.load.refuse(.tls)
            server.configuration.peerCounters.failed(.tls)
            server.name(peer: context.remoteAddress.flatMap(addressText), "TLS refused: \(error)")
        }
        context.close(promise: nil)
    }
}
