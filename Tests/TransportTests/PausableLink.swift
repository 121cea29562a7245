// A link between two nodes that a test can pause and cut: what a stopped process or a pulled cable looks like from the
// other end.

import NIOCore
import NIOPosix
@testable import Transport

final class PausableLink: Sendable {
    private struct Ends {
        var channels: [any Channel] = []
    }

    private let listener: any Channel
    private let ends: NIOLoopBoundBox<Ends>
    let port: Int

    private init(listener: any Channel, ends: NIOLoopBoundBox<Ends>) {
        self.listener = listener
        self.ends = ends
        port = listener.localAddress?.port ?? 0
    }

    /// A port that leads to `target`.
    static func start(to target: Int) async throws -> PausableLink {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let ends = NIOLoopBoundBox<Ends>.makeBoxSendingValue(Ends(), eventLoop: loop)
        let listener = try await ServerBootstrap(group: loop)
            .childChannelInitializer { near in
                ClientBootstrap(group: loop).connect(host: "127.0.0.1", port: target).flatMapThrowing { far in
                    try near.pipeline.syncOperations.addHandler(Forwarder(to: far))
                    try far.pipeline.syncOperations.addHandler(Forwarder(to: near))
                    ends.value.channels += [near, far]
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return PausableLink(listener: listener, ends: ends)
    }

    /// Nothing passes any more, and nobody is told.
    func pause() async throws {
        try await forEach { $0.setOption(.autoRead, value: false) }
    }

    func cut() async throws {
        try await forEach { $0.close() }
    }

    func stop() async {
        try? await listener.close()
        try? await cut()
    }

    private func forEach(_ action: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>) async throws {
        try await listener.eventLoop.flatSubmit { [ends, listener] in
            EventLoopFuture.andAllComplete(ends.value.channels.map(action), on: listener.eventLoop)
        }.get()
    }

    private final class Forwarder: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let other: any Channel

        init(to other: any Channel) { self.other = other }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            other.writeAndFlush(unwrapInboundIn(data), promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) { other.close(promise: nil) }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}

/// A port where whoever connects gets `bytes` and no more.
func withRawServer<Result>(sending bytes: [UInt8], _ body: (Int) async throws -> Result) async throws -> Result {
    let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .childChannelInitializer { channel in
            channel.eventLoop.makeSucceededVoidFuture().map {
                channel.eventLoop.execute { channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil) }
            }
        }
        .bind(host: "127.0.0.1", port: 0).get()
    let result: Swift.Result<Result, any Error>
    do { result = .success(try await body(listener.localAddress?.port ?? 0)) } catch { result = .failure(error) }
    try await listener.close()
    return try result.get()
}
