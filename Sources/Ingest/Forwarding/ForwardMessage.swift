// A message for a worker in the making: written once, into the memory that it is sent from. Apart from its layout
// (`EnvelopeMessage`), which knows nothing of the transport's buffers.

internal import Datagrams
internal import NIOCore

struct ForwardMessage: Sendable {
    private var bytes: ByteBuffer
    private(set) var count = 0

    /// - Parameter byteCount: what the header and the datagrams are going to take at most.
    init(byteCount: Int = EnvelopeMessage.headerBytes) {
        bytes = ByteBufferAllocator().buffer(capacity: byteCount)
        bytes.writeRepeatingByte(0, count: EnvelopeMessage.headerBytes)
    }

    var byteCount: Int { bytes.readableBytes }

    mutating func add(_ payload: RawSpan, _ envelope: Envelope) {
        let byteCount = EnvelopeMessage.byteCount(of: envelope)
        bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: byteCount) { room in
            EnvelopeMessage.write(payload, envelope, to: room)
            return byteCount
        }
        count += 1
    }

    /// The message as it is sent. In place: a copy of this value would mean a copy of the message.
    mutating func finish(_ header: EnvelopeMessage.Header) -> ByteBuffer {
        var header = header
        header.count = count
        bytes.withUnsafeMutableReadableBytes { EnvelopeMessage.write(header, to: $0) }
        return bytes
    }
}
