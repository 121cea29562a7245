// Starting and stopping a server around a test, and the clients that talk to it.

import Foundation
import Logging
import NIOCore
import NIOPosix
@testable import Transport

struct TestServer {
    var port: Int
    var responder: SampleResponder
    var server: HTTPServer
    var counters: HTTPServerCounters { server.counters }
}

func withServer<Result>(
    _ configure: (inout HTTPServerConfiguration) -> Void = { _ in }, _ body: (TestServer) async throws -> Result
) async throws -> Result {
    var configuration = HTTPServerConfiguration(host: "127.0.0.1", port: 0)
    configuration.lingerSeconds = 0.5
    configure(&configuration)
    let responder = SampleResponder()
    let server = HTTPServer(configuration: configuration, responder: responder, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let port = try await server.start()
    do {
        let result = try await body(TestServer(port: port, responder: responder, server: server))
        responder.waiting.releaseAll()
        await server.shutdown(drainSeconds: 0.2)
        return result
    } catch {
        responder.waiting.releaseAll()
        await server.shutdown(drainSeconds: 0.2)
        throw error
    }
}

/// A client that sends and receives plain bytes.
final class RawClient: Sendable {
    private let channel: any Channel
    private let inbox: NIOLoopBoundBox<Inbox>

    struct Inbox {
        var bytes: [UInt8] = []
        var isClosed = false
        var waiter: (isEnough: @Sendable ([UInt8]) -> Bool, promise: EventLoopPromise<[UInt8]>)?
    }

    private init(channel: any Channel, inbox: NIOLoopBoundBox<Inbox>) {
        self.channel = channel
        self.inbox = inbox
    }

    static func connect(port: Int, autoRead: Bool = true) async throws -> RawClient {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let inbox = NIOLoopBoundBox<Inbox>.makeBoxSendingValue(Inbox(), eventLoop: loop)
        let channel = try await ClientBootstrap(group: loop)
            .channelOption(.autoRead, value: autoRead)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Collector(inbox: inbox)) }
            }
            .connect(host: "127.0.0.1", port: port).get()
        return RawClient(channel: channel, inbox: inbox)
    }

    func send(_ text: String) async throws { try await send(Array(text.utf8)) }
    func send(_ bytes: [UInt8]) async throws { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get() }
    func sendIgnoringErrors(_ bytes: [UInt8]) async { try? await send(bytes) }

    /// All received so far once `isEnough` holds, or everything when the server closes.
    func receive(until isEnough: @escaping @Sendable ([UInt8]) -> Bool) async throws -> [UInt8] {
        try await channel.eventLoop.flatSubmit { [inbox, channel] in
            let promise = channel.eventLoop.makePromise(of: [UInt8].self)
            if isEnough(inbox.value.bytes) || inbox.value.isClosed {
                promise.succeed(inbox.value.bytes)
            } else {
                inbox.value.waiter = (isEnough, promise)
            }
            return promise.futureResult
        }.get()
    }

    func receiveText(until end: String) async throws -> String {
        String(decoding: try await receive { String(decoding: $0, as: UTF8.self).hasSuffix(end) }, as: UTF8.self)
    }

    /// Everything until the server closes.
    func receiveAll() async throws -> [UInt8] { try await receive { _ in false } }
    func receiveAllText() async throws -> String { String(decoding: try await receiveAll(), as: UTF8.self) }

    func close() async { try? await channel.close() }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        let inbox: NIOLoopBoundBox<Inbox>
        init(inbox: NIOLoopBoundBox<Inbox>) { self.inbox = inbox }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            inbox.value.bytes.append(contentsOf: unwrapInboundIn(data).readableBytesView)
            if let waiter = inbox.value.waiter, waiter.isEnough(inbox.value.bytes) {
                inbox.value.waiter = nil
                waiter.promise.succeed(inbox.value.bytes)
            }
        }

        func channelInactive(context: ChannelHandlerContext) {
            inbox.value.isClosed = true
            inbox.value.waiter?.promise.succeed(inbox.value.bytes)
            inbox.value.waiter = nil
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
