/// Reads the encoded forms of this module front to back. Bytes from another node are hostile: every read says nil
/// rather than going past the end.
struct ByteReader {
    private let bytes: [UInt8]
    private var offset = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { offset == bytes.count }

    mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count <= bytes.count - offset else { return nil }
        defer { offset += count }
        return bytes[offset..<(offset + count)]
    }

    /// An unsigned integer of `byteCount` (at most 8) bytes, least significant first.
    mutating func integer(byteCount: Int) -> UInt64? {
        take(byteCount)?.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}

extension [UInt8] {
    /// The lowest `byteCount` bytes of `value`, least significant first.
    mutating func append(_ value: UInt64, byteCount: Int) {
        for index in 0..<byteCount { append(UInt8(truncatingIfNeeded: value >> UInt64(8 * index))) }
    }
}
