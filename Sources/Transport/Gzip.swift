// gzip (RFC 1952) by zlib, streaming in both directions. The only file that touches zlib: z_stream holds raw pointers
// and must not move, so each codec owns one on the heap and frees it when it ends.

private import CZlib
package import NIOCore

package struct GzipError: Error, Hashable, Sendable {
    package enum Reason: String, CaseIterable, Sendable {
        /// Not gzip, damaged, or more bytes after the end.
        case corrupt
        /// More output than the caller allows.
        case outputTooLarge
        case outOfMemory
    }
    package var reason: Reason
}

/// zlib's option for window size 32 KiB with a gzip header and trailer (zlib.h, deflateInit2).
private let gzipWindowBits: Int32 = 15 + 16
/// Room made for output in one step.
private let stepBytes = 16 * 1024

/// Compresses one gzip member.
@safe package struct GzipCompressor: ~Copyable {
    package enum Flush: Sendable {
        /// zlib may keep bytes back for better compression.
        case none
        /// All input so far can be decompressed from the output so far. Costs about 5 bytes.
        case sync
        /// Ends the member. Nothing may follow.
        case finish
    }

    private let stream: UnsafeMutablePointer<z_stream>

    /// - Parameter level: 0 … 9; out of range counts as the nearest. Takes about 256 KiB while it lives.
    package init(level: Int = 1) throws(GzipError) {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        // 8 is zlib's default memory level.
        guard unsafe weir_deflate_init(stream, Int32(min(max(level, 0), 9)), gzipWindowBits, 8) == Z_OK else {
            unsafe stream.deallocate()
            throw GzipError(reason: .outOfMemory)
        }
    }

    deinit {
        unsafe deflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// Appends what `input` compresses to.
    package mutating func compress(_ input: ByteBuffer, flush: Flush, into output: inout ByteBuffer) {
        let mode = switch flush {
        case .none: Z_NO_FLUSH
        case .sync: Z_SYNC_FLUSH
        case .finish: Z_FINISH
        }
        unsafe input.withUnsafeReadableBytes { bytes in
            // In bounds: zlib reads avail_in bytes at next_in, both of this buffer, and only within this closure. A
            // ByteBuffer holds less than 4 GiB, so its size fits.
            unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
            unsafe stream.pointee.avail_in = UInt32(bytes.count)
            var outputIsFull = true
            while outputIsFull {
                outputIsFull = unsafe step(stream, limit: stepBytes, into: &output) { unsafe deflate($0, mode) }.outputIsFull
            }
            unsafe stream.pointee.next_in = nil
        }
    }
}

/// Decompresses one gzip member, whatever its pieces, up to a bound: a kilobyte of hostile input can stand for a megabyte.
@safe package struct GzipDecompressor: ~Copyable {
    /// Whether the end of the member, with its checksum, has been seen and found right.
    package private(set) var isFinished = false
    private var remainingOutputBytes: Int
    private let stream: UnsafeMutablePointer<z_stream>

    /// - Parameter maxOutputBytes: of the whole member. Takes about 44 KiB while it lives.
    package init(maxOutputBytes: Int) throws(GzipError) {
        remainingOutputBytes = maxOutputBytes
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        guard unsafe weir_inflate_init(stream, gzipWindowBits) == Z_OK else {
            unsafe stream.deallocate()
            throw GzipError(reason: .outOfMemory)
        }
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// Appends what `input` stands for. After an error the decompressor is of no further use.
    package mutating func decompress(_ input: ByteBuffer, into output: inout ByteBuffer) throws(GzipError) {
        if isFinished {
            guard input.readableBytes == 0 else { throw GzipError(reason: .corrupt) }
            return
        }
        let result: Result<Void, GzipError> = unsafe input.withUnsafeReadableBytes { bytes in
            // In bounds: as in the compressor.
            unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
            unsafe stream.pointee.avail_in = UInt32(bytes.count)
            defer { unsafe stream.pointee.next_in = nil }
            return inflateAll(into: &output)
        }
        try result.get()
    }

    private mutating func inflateAll(into output: inout ByteBuffer) -> Result<Void, GzipError> {
        while true {
            // One byte over the bound may be made, so that output of exactly the bound still reaches its end.
            let limit = min(stepBytes, remainingOutputBytes + 1)
            let (code, made, outputIsFull) = unsafe step(stream, limit: limit, into: &output) { unsafe inflate($0, Z_NO_FLUSH) }
            remainingOutputBytes -= made
            guard remainingOutputBytes >= 0 else { return .failure(GzipError(reason: .outputTooLarge)) }
            switch code {
            case Z_STREAM_END:
                isFinished = true
                return unsafe stream.pointee.avail_in == 0 ? .success(()) : .failure(GzipError(reason: .corrupt))
            case Z_OK where outputIsFull: continue
            case Z_OK, Z_BUF_ERROR: return .success(())   // wants more input
            case Z_MEM_ERROR: return .failure(GzipError(reason: .outOfMemory))
            default: return .failure(GzipError(reason: .corrupt))
            }
        }
    }
}

/// Lets zlib write up to `limit` bytes at the end of `output`.
private func step(
    _ stream: UnsafeMutablePointer<z_stream>, limit: Int, into output: inout ByteBuffer,
    _ run: (UnsafeMutablePointer<z_stream>) -> Int32
) -> (code: Int32, made: Int, outputIsFull: Bool) {
    var code = Z_OK
    let made = unsafe output.writeWithUnsafeMutableBytes(minimumWritableBytes: limit) { room in
        // In bounds: zlib writes at most avail_out bytes at next_out; the room is at least `limit`, as just asked.
        unsafe stream.pointee.next_out = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
        unsafe stream.pointee.avail_out = UInt32(limit)
        code = unsafe run(stream)
        let left = Int(unsafe stream.pointee.avail_out)
        unsafe stream.pointee.next_out = nil
        return limit - left
    }
    return (code, made, made == limit)
}
