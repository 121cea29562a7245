// A long answer, sent while it is made: rows are pulled as fast as the client reads, and no more than a piece is in memory.

package import Coordinator
package import NIOCore
package import Queries
package import Transport

/// Turns rows into the pieces of a body.
package actor RowStream<Format: RowFormat> {
    private var rows: MergedRows?
    private var format: Format
    private var hasBegun = false

    package init(_ rows: MergedRows, format: Format) {
        self.rows = rows
        self.format = format
    }

    /// A piece is sent when it has this many bytes.
    private static var pieceBytes: Int { 32 << 10 }

    package nonisolated var body: HTTPBodyStream { HTTPBodyStream { [self] in try await next() } }

    private func next() async throws -> ByteBuffer? {
        guard var rows else { return nil }
        self.rows = nil
        if !hasBegun { format.begin() }
        hasBegun = true
        while format.byteCount < Self.pieceBytes {
            guard let row = try await rows.next() else {
                format.end()
                return format.byteCount > 0 ? format.take() : nil
            }
            format.write(row)
        }
        self.rows = rows
        return format.take()
    }
}

/// How rows look in an answer.
package protocol RowFormat: Sendable {
    mutating func begin()
    mutating func write(_ row: Row)
    mutating func end()
    /// Bytes written and not taken.
    var byteCount: Int { get }
    mutating func take() -> ByteBuffer
}
