// Frames on their way from the codec to the channel. A part of its own because of what it spares: bodies are most of what goes
// between nodes, and their large pieces pass as they were appended.

package import NIOCore

/// Frames in order: large pieces of bodies as they are, all else copied together in between.
package struct HTTP2Output {
    /// From this size on a copy costs more than one buffer more in a write.
    private static let sharedBytesMin = 4096

    private var pieces: [ByteBuffer] = []
    /// What follows the last of them.
    private var tail = ByteBuffer()
    package private(set) var readableBytes = 0

    package init() {}

    mutating func write(_ bytes: UnsafeRawBufferPointer) {
        unsafe tail.writeBytes(bytes)
        readableBytes += bytes.count
    }

    mutating func write(_ piece: ByteBuffer) {
        readableBytes += piece.readableBytes
        guard piece.readableBytes >= Self.sharedBytesMin else {
            tail.writeImmutableBuffer(piece)
            return
        }
        endTail()
        pieces.append(piece)
    }

    /// All there is, to be written in this order. None of them is empty.
    package mutating func takePieces() -> [ByteBuffer] {
        endTail()
        defer { (pieces, readableBytes) = ([], 0) }
        return pieces
    }

    private mutating func endTail() {
        guard tail.readableBytes > 0 else { return }
        pieces.append(tail)
        tail = ByteBuffer()
    }
}
