// Packing and unpacking of messages. Runs in the task that sends or receives, not on the network threads: gzip takes
// milliseconds for a megabyte.

internal import NIOCore

extension FramedMessage {
    /// Below this a message fits one packet anyway.
    private static let compressionBytesMin = 1024

    /// - Throws: ``PeerError`` `messageTooLarge`; what the peer would refuse is not sent.
    init(_ message: ByteBuffer, compress: Bool, messageBytesMax: Int) throws(PeerError) {
        guard message.readableBytes <= messageBytesMax else {
            let text = "a message of \(message.readableBytes) bytes is over the limit of \(messageBytesMax)"
            throw PeerError(.messageTooLarge, text)
        }
        self.init(isCompressed: false, payload: message)
        guard compress, message.readableBytes >= Self.compressionBytesMin else { return }
        // Without memory for the compressor the plain message goes out: correct, only larger.
        guard var compressor = try? GzipCompressor(level: 1) else { return }
        var packed = ByteBuffer()
        packed.reserveCapacity(message.readableBytes / 4)
        compressor.compress(message, flush: .finish, into: &packed)
        if packed.readableBytes < message.readableBytes { self.init(isCompressed: true, payload: packed) }
    }

    /// The message as it was before compression, if that is not over `messageBytesMax`.
    func unpacked(messageBytesMax: Int) throws(PeerError) -> ByteBuffer {
        guard isCompressed else { return payload }
        do throws(GzipError) {
            var decompressor = try GzipDecompressor(maxOutputBytes: messageBytesMax)
            var plain = ByteBuffer()
            try decompressor.decompress(payload, into: &plain)
            guard decompressor.isFinished else { throw GzipError(reason: .corrupt) }
            return plain
        } catch {
            switch error.reason {
            case .outputTooLarge: throw PeerError(.messageTooLarge, "a message unpacks to more than \(messageBytesMax) bytes")
            case .corrupt: throw PeerError(.protocolError, "a message is not the gzip it claims to be")
            case .outOfMemory: throw PeerError(.closed, "no memory to unpack a message")
            }
        }
    }
}
