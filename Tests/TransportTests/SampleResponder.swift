// The responder that the tests ask: a few small resources and some awkward ones.

import NIOCore
import Synchronization
@testable import Transport

let bigText = String(repeating: "{\"agent\":\"10.0.0.1\",\"value\":123456},\n", count: 2000)

final class SampleResponder: HTTPResponder {
    /// Chunks handed out by `/endless` and `/megabytes`.
    let chunksPulled = Atomic<Int>(0)
    /// Requests for `/wait` that have begun; they end when told to or cancelled.
    let waiting = Waiters()
    /// Set when the task of a request was cancelled.
    let cancelled = Signal()

    func respond(to request: HTTPRequest) async -> HTTPResponse {
        switch request.path {
        case "/hello": text("hello world\n")
        case "/big": HTTPResponse(status: 200, headers: ["Content-Type": "application/json", "ETag": "\"v1\""], body: .bytes(ByteBuffer(string: bigText)))
        case "/picture": HTTPResponse(status: 200, headers: ["content-type": "image/png"], body: .bytes(ByteBuffer(string: bigText)))
        case "/encoded": HTTPResponse(status: 200, headers: ["content-encoding": "br"], body: .bytes(ByteBuffer(string: bigText)))
        case "/echo": echo(request)
        case "/none": HTTPResponse(status: 204, body: .bytes(ByteBuffer(string: "not to be seen")))
        case "/inject":
            HTTPResponse(status: 302, headers: ["location": "/a\r\nx-evil: 1", "bad name": "x", "connection": "upgrade", "content-length": "7"])
        case "/odd-status": HTTPResponse(status: 99)
        case "/stream": stream(chunks: 5, contentLength: nil) { "chunk \($0)\n" }
        case "/known-length": stream(chunks: 5, contentLength: 40) { "chunk \($0)\n" }
        case "/too-short": stream(chunks: 5, contentLength: 100) { "chunk \($0)\n" }
        case "/too-long": stream(chunks: 5, contentLength: 20) { "chunk \($0)\n" }
        case "/broken": HTTPResponse(status: 200, body: .stream(HTTPBodyStream { throw Broken() }))
        case "/megabytes": megabytes(Int(request.query ?? "") ?? 64)
        case "/large": HTTPResponse(status: 200, body: .bytes(ByteBuffer(repeating: 0x61, count: 32 * 1024 * 1024)))
        case "/wait": await wait()
        default: text("no such path", status: 404)
        }
    }

    struct Broken: Error {}

    private func text(_ text: String, status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, headers: ["content-type": "text/plain"], body: .bytes(ByteBuffer(string: text)))
    }

    private func echo(_ request: HTTPRequest) -> HTTPResponse {
        let lines = [
            request.method, request.path, request.query ?? "-", request.headers["x-test"] ?? "-",
            request.headers["host"] == nil ? "no host" : "host", String(buffer: request.body),
        ]
        return text(lines.joined(separator: "|"))
    }

    private func stream(chunks: Int, contentLength: Int?, _ chunk: @escaping @Sendable (Int) -> String) -> HTTPResponse {
        let next = Atomic<Int>(0)
        let box = Box(next)
        return HTTPResponse(status: 200, headers: ["content-type": "text/plain"], body: .stream(HTTPBodyStream(contentLength: contentLength) {
            let index = box.value.wrappingAdd(1, ordering: .relaxed).oldValue
            return index < chunks ? ByteBuffer(string: chunk(index)) : nil
        }))
    }

    /// A MiB a chunk, all the same memory.
    private func megabytes(_ count: Int) -> HTTPResponse {
        let chunk = ByteBuffer(repeating: 0x61, count: 1024 * 1024)
        let left = Box(Atomic<Int>(count))
        let lifetime = StreamLifetime(ended: cancelled)
        return HTTPResponse(status: 200, headers: ["content-type": "video/none"], body: .stream(HTTPBodyStream {
            lifetime.touch()
            guard left.value.wrappingSubtract(1, ordering: .relaxed).oldValue > 0 else { return nil }
            self.chunksPulled.wrappingAdd(1, ordering: .relaxed)
            return chunk
        }))
    }

    private func wait() async -> HTTPResponse {
        await withTaskCancellationHandler {
            await waiting.wait()
        } onCancel: {
            cancelled.fire()
            waiting.releaseAll()
        }
        return text("waited\n")
    }
}

/// Fires when the closure of a body stream is let go.
private final class StreamLifetime: Sendable {
    private let ended: Signal
    init(ended: Signal) { self.ended = ended }
    func touch() {}
    deinit { ended.fire() }
}

final class Box<Value: ~Copyable & Sendable>: Sendable {
    let value: Value
    init(_ value: consuming Value) { self.value = value }
}

/// Something that happens once and can be awaited.
final class Signal: Sendable {
    private struct State {
        var isFired = false
        var continuations: [CheckedContinuation<Void, Never>] = []
    }
    private let state = Mutex(State())

    func fire() {
        let continuations = state.withLock { state in
            state.isFired = true
            defer { state.continuations = [] }
            return state.continuations
        }
        for continuation in continuations { continuation.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isFired = state.withLock { state in
                if !state.isFired { state.continuations.append(continuation) }
                return state.isFired
            }
            if isFired { continuation.resume() }
        }
    }
}

/// Tasks that wait to be let go; tests await their arrival.
final class Waiters: Sendable {
    let arrived = Signal()
    private let released = Signal()

    func wait() async {
        arrived.fire()
        await released.wait()
    }

    func releaseAll() { released.fire() }
}
