// Bounds-checked big-endian reads from bytes that came from outside.
//
// Everything on the wire (sFlow's XDR, Ethernet, IP) is big-endian and may start at any offset, so every read is
// unaligned. Each checks its own bounds and throws; none traps. This file is the only place where the pure modules
// touch memory without the compiler's help.

/// A read past the end of the bytes at hand.
public struct OutOfBounds: Error, Hashable, Sendable {
    /// Where the read would have started, in bytes from the start of the span.
    public let offset: Int

    @inlinable
    public init(offset: Int) { self.offset = offset }
}

extension RawSpan {
    /// One byte.
    @inlinable
    public func uint8(at offset: Int) throws(OutOfBounds) -> UInt8 { try load(at: offset) }

    /// Two bytes, high byte first.
    @inlinable
    public func uint16(at offset: Int) throws(OutOfBounds) -> UInt16 { UInt16(bigEndian: try load(at: offset)) }

    /// Four bytes, high byte first.
    @inlinable
    public func uint32(at offset: Int) throws(OutOfBounds) -> UInt32 { UInt32(bigEndian: try load(at: offset)) }

    /// Eight bytes, high byte first.
    @inlinable
    public func uint64(at offset: Int) throws(OutOfBounds) -> UInt64 { UInt64(bigEndian: try load(at: offset)) }

    /// Six bytes of a MAC address, high byte first.
    @inlinable
    public func mac(at offset: Int) throws(OutOfBounds) -> MACAddress {
        let high = UInt64(try uint16(at: offset))
        let low = UInt64(try uint32(at: offset + 2))
        return MACAddress(high << 32 | low)
    }

    /// Four bytes of an IPv4 address.
    @inlinable
    public func ipv4(at offset: Int) throws(OutOfBounds) -> IPAddress { IPAddress(v4: try uint32(at: offset)) }

    /// Sixteen bytes of an IPv6 address.
    @inlinable
    public func ipv6(at offset: Int) throws(OutOfBounds) -> IPAddress {
        IPAddress(v6High: try uint64(at: offset), low: try uint64(at: offset + 8))
    }

    /// The bytes as text. Invalid UTF-8 is repaired, control characters become U+FFFD, so that the result can be
    /// shown and sent on; `limit` is in bytes of the input. Throws when `count` bytes are not there.
    public func text(at offset: Int, count: Int, limit: Int = 255) throws(OutOfBounds) -> String {
        guard offset >= 0, count >= 0, offset <= byteCount, count <= byteCount - offset else {
            throw OutOfBounds(offset: offset)
        }
        let kept = extracting(offset..<(offset + Swift.min(count, limit)))
        // In bounds: `kept` was cut by the checked range above.
        let text = unsafe kept.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
        guard text.unicodeScalars.contains(where: \.isControl) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { $0.isControl ? "\u{FFFD}" : $0 }))
    }

    /// Whether the bytes of `range` are the same as `other`'s first ones. False when either is too short.
    @inlinable
    public func equals(_ other: [UInt8], at offset: Int) -> Bool {
        guard offset >= 0, offset <= byteCount, other.count <= byteCount - offset else { return false }
        for index in other.indices {
            guard let byte = try? uint8(at: offset + index), byte == other[index] else { return false }
        }
        return true
    }

    /// Sound for fixed-width integers only, which have no invalid bit patterns; the guard proves the bounds.
    @inlinable
    @inline(__always)
    func load<Value: FixedWidthInteger & BitwiseCopyable>(at offset: Int) throws(OutOfBounds) -> Value {
        guard offset >= 0, offset <= byteCount &- MemoryLayout<Value>.size else { throw OutOfBounds(offset: offset) }
        return unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: Value.self)
    }
}

extension Unicode.Scalar {
    /// C0 and C1 control characters and DEL: never part of a name, and able to confuse a terminal or a log.
    fileprivate var isControl: Bool { value < 0x20 || (0x7F...0x9F).contains(value) }
}
