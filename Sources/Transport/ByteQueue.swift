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

    /// Moves as many bytes as there are and fit. Returns their number.
    mutating func read(into room: UnsafeMutableRawBufferPointer) -> Int {
        var filled = 0
        while filled < room.count, first < pieces.count {
            let count = min(room.count - filled, pieces[first].readableBytes)
            unsafe pieces[first].readWithUnsafeReadableBytes { bytes in
                // In bounds: `count` is at most what either side has left.
                unsafe UnsafeMutableRawBufferPointer(rebasing: room[filled...])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
                return count
            }
            filled += count
            if pieces[first].readableBytes == 0 { dropFirst() }
        }
        readableBytes -= filled
        return filled
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
