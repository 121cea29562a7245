// How messages lie in the body of an HTTP/2 stream, as in gRPC (PROTOCOL-HTTP2, "Length-Prefixed-Message"):
//
//     ┌────────┬────────────────────┬─────────┐
//     │ 1 byte │ 4 bytes            │         │
//     │ 0 or 1 │ length, big-endian │ payload │   0: plain, 1: one gzip member
//     └────────┴────────────────────┴─────────┘
//
// Pure: bytes in, messages out, whatever pieces they come in.

internal import NIOCore

/// A message as it lay in the stream.
struct FramedMessage: Sendable {
    static let headerBytes = 5

    var isCompressed: Bool
    var payload: ByteBuffer
    /// Its size in the stream.
    var framedBytes: Int { Self.headerBytes + payload.readableBytes }

    /// What goes into the stream: small messages in one piece, large ones without a copy.
    func pieces() -> [ByteBuffer] {
        let isSmall = payload.readableBytes <= 4096
        var header = ByteBuffer()
        header.reserveCapacity(isSmall ? framedBytes : Self.headerBytes)
        header.writeInteger(UInt8(isCompressed ? 1 : 0))
        header.writeInteger(UInt32(clamping: payload.readableBytes))
        guard isSmall else { return [header, payload] }
        header.writeImmutableBuffer(payload)
        return [header]
    }
}

/// Assembles one message after the other.
struct MessageDecoder {
    /// Memory taken on the strength of a claim alone. What a longer message needs is taken as it comes.
    private static let reserveBytesMax = 512 * 1024

    private let messageBytesMax: Int
    /// The header's bytes so far, the last one lowest.
    private var header: UInt64 = 0
    private var headerCount = 0
    private var payload = ByteBuffer()

    init(messageBytesMax: Int) {
        self.messageBytesMax = messageBytesMax
    }

    /// Bytes of a message that is not complete.
    var bufferedBytes: Int { headerCount + payload.readableBytes }

    /// Takes bytes off `input` up to the end of a message. Nil when there are not enough for one; then all are taken.
    /// After an error the decoder is of no further use.
    mutating func decode(_ input: inout ByteBuffer) throws(PeerError) -> FramedMessage? {
        while headerCount < FramedMessage.headerBytes {
            guard let byte = input.readInteger(as: UInt8.self) else { return nil }
            header = header << 8 | UInt64(byte)
            headerCount += 1
            if headerCount == FramedMessage.headerBytes { try checkHeader() }
        }
        let missingCount = claimedBytes - payload.readableBytes
        if let piece = input.readSlice(length: min(missingCount, input.readableBytes)) { payload.writeImmutableBuffer(piece) }
        guard payload.readableBytes == claimedBytes else { return nil }
        let message = FramedMessage(isCompressed: header >> 32 == 1, payload: payload)
        (header, headerCount, payload) = (0, 0, ByteBuffer())
        return message
    }

    private var claimedBytes: Int { Int(header & 0xffff_ffff) }

    private mutating func checkHeader() throws(PeerError) {
        guard header >> 32 <= 1 else { throw PeerError(.protocolError, "a message begins with \(header >> 32) instead of 0 or 1") }
        guard claimedBytes <= messageBytesMax else {
            throw PeerError(.messageTooLarge, "a message of \(claimedBytes) bytes is over the limit of \(messageBytesMax)")
        }
        payload.reserveCapacity(min(claimedBytes, Self.reserveBytesMax))
    }
}
