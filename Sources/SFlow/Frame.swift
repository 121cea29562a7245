// Samples and records are framed alike: a tag, a length, a body. This file alone decides where a body ends, so that
// samples, records, nested samples and nested records all follow the same rules.

public import Bytes

/// One framed body: the bytes start..<end of the datagram.
///
/// ```
/// offset   +4       +8 = start             end = next frame
///   +-------+--------+------- ... -------+---+
///   |  tag  | length |  length bytes     |pad|
///   +-------+--------+------- ... -------+---+
/// ```
@usableFromInline
struct Frame {
    @usableFromInline
    enum Kind {
        case sample
        case record
    }

    /// Tag and length.
    @inlinable static var headBytes: Int { 8 }

    @usableFromInline let tag: Tag
    @usableFromInline let start: Int
    /// Of the body, and where the next frame begins: the declared length rounded up to a multiple of 4 where the
    /// parent has that many bytes, else the end of the parent.
    @usableFromInline let end: Int
    /// The declared length was no multiple of 4.
    @usableFromInline let isUnaligned: Bool

    @inlinable var byteCount: Int { end - start }

    /// - Parameter end: of the parent, at most the end of the bytes.
    /// Throws: the body as declared does not fit into the parent. Nothing behind it can be found then.
    @inlinable
    @inline(__always)
    init(_ bytes: RawSpan, at offset: Int, end parentEnd: Int, of kind: Kind) throws(DecodeError) {
        let available = parentEnd - offset - Frame.headBytes
        let tag: UInt32
        let length: Int
        do {
            tag = try bytes.uint32(at: offset)
            length = Int(try bytes.uint32(at: offset + 4))
        } catch {
            throw DecodeError(kind == .sample ? .sampleTruncated : .recordTruncated, at: offset)
        }
        guard length <= available else {
            throw DecodeError(kind == .sample ? .sampleTruncated : .recordTruncated, at: offset + 4)
        }
        self.tag = Tag(rawValue: tag)
        start = offset + Frame.headBytes
        end = start + min((length + 3) & ~3, available)
        isUnaligned = length & 3 != 0
    }
}

extension RawSpan {
    /// A word inside a part whose presence the caller has checked; absence is reported all the same, never trapped on.
    @inlinable
    @inline(__always)
    func word(at offset: Int) throws(DecodeError) -> UInt32 {
        do { return try uint32(at: offset) } catch { throw DecodeError(.fieldTruncated, at: offset) }
    }
}
