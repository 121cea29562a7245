// Compressing response bodies. Runs in the task of the request, not on the network threads: a 64 KiB chunk takes half a
// millisecond.

private import NIOCore
private import Synchronization

extension HTTPResponse {
    /// Compresses the body where that pays and the client wants it, and marks the response as depending on the wish.
    ///
    /// Left alone: bodies below the minimum, already encoded ones, parts of a range (their offsets mean the plain form),
    /// types that are compressed by nature, and `Cache-Control: no-transform`.
    mutating func compress(ifWantedBy requestHeaders: HTTPHeaderFields, configuration: HTTPServerConfiguration) {
        guard isCompressible(minimumBytes: configuration.compressionMinimumBytes) else { return }
        if !headers.contains(token: "accept-encoding", in: "vary") { headers.add("vary", "Accept-Encoding") }
        guard acceptsGzip(requestHeaders) else { return }
        // Without memory for the compressor the plain body goes out: correct, only larger.
        guard let compressor = try? GzipCompressor(level: configuration.compressionLevel) else { return }
        switch body {
        case .empty: return
        case .bytes(let plain):
            var compressor = compressor
            var packed = ByteBuffer()
            packed.reserveCapacity(plain.readableBytes / 4)
            compressor.compress(plain, flush: .finish, into: &packed)
            body = .bytes(packed)
        case .stream(let plain):
            let gzip = GzipBody(plain: plain, compressor: compressor)
            body = .stream(HTTPBodyStream { try await gzip.next() })
        }
        headers["content-encoding"] = "gzip"
        // The compressed form is another representation: a strong validator must not stand for both.
        if let tag = headers["etag"], tag.hasPrefix("\"") { headers["etag"] = "W/" + tag }
    }

    private func isCompressible(minimumBytes: Int) -> Bool {
        switch body {
        case .empty: return false
        case .bytes(let bytes) where bytes.readableBytes < minimumBytes: return false
        case .stream(let stream) where (stream.contentLength ?? .max) < minimumBytes: return false
        default: break
        }
        return status != 206 && headers["content-encoding"] == nil && headers["content-range"] == nil
            && !headers.contains(token: "no-transform", in: "cache-control")
            && !isCompressedType(headers["content-type"] ?? "")
    }
}

/// Media types whose bytes do not shrink any further.
private func isCompressedType(_ contentType: String) -> Bool {
    let type = contentType.prefix { $0 != ";" && $0 != " " }.lowercased()
    if type.hasPrefix("image/") { return !type.hasSuffix("+xml") }
    return type.hasPrefix("video/") || type.hasPrefix("audio/") || type.hasPrefix("font/woff")
        || ["application/gzip", "application/zip", "application/zstd"].contains(type)
}

/// A stream's compressed form. Each chunk is flushed, so that a slow stream of events arrives event by event.
private final class GzipBody: Sendable {
    private struct State: ~Copyable {
        var compressor: GzipCompressor
        var hasEnded = false
    }

    private let plain: HTTPBodyStream
    // Pulls never overlap, so the lock is never waited for; it is what lets the state be shared with the closure.
    private let state: Mutex<State>

    init(plain: HTTPBodyStream, compressor: consuming sending GzipCompressor) {
        self.plain = plain
        state = Mutex(State(compressor: compressor))
    }

    func next() async throws -> ByteBuffer? {
        if state.withLock({ $0.hasEnded }) { return nil }
        let chunk = try await plain.next()
        return state.withLock { state in
            var packed = ByteBuffer()
            state.compressor.compress(chunk ?? ByteBuffer(), flush: chunk == nil ? .finish : .sync, into: &packed)
            state.hasEnded = chunk == nil
            return packed
        }
    }
}
