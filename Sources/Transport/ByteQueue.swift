// Bytes that wait to be framed: the pieces as they were appended, so that a large one is not copied once more.

internal import NIOCore

struct ByteQueue {
    private var pieces: [ByteBuffer] = []
    /// Index of the first piece that is not used up.
    private var first = 0
    private(set) var readableBytes = 0

    mutating func append(_ piece: ByteBuffer) {
        guard piece.readableBytes > 0 else { return }
        pieces.append(piece)
        readableBytes += piece.readableBytes
    }

    /// Moves as many bytes as there are, at most `count`.
    mutating func move(_ count: Int, to output: inout HTTP2Output) {
        var left = min(count, readableBytes)
        readableBytes -= left
        while left > 0, let piece = pieces[first].readSlice(length: min(left, pieces[first].readableBytes)) {
            left -= piece.readableBytes
            output.write(piece)
            if pieces[first].readableBytes == 0 { dropFirst() }
        }
    }

    private mutating func dropFirst() {
        pieces[first] = ByteBuffer()
        first += 1
        if first == pieces.count || first >= 64 && first >= pieces.count / 2 {
            pieces.removeFirst(first)
            first = 0
        }
    }
}
