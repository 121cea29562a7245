/// The form in which shards send their sums. It is canonical: equal sums have equal bytes, whatever terms they came
/// from and in whatever order, so that answers may be compared and hashed as bytes.
///
///     kind    1 byte    0 zero, 1 positive, 2 negative, 3 +infinity, 4 -infinity, 5 NaN
///     then, for kinds 1 and 2 only:
///     offset  2 bytes   place of the lowest byte below, counted in bytes from 2^-2148
///     count   2 bytes   number of bytes below, at least 1
///     bytes   count     the magnitude; neither the first nor the last byte is 0
///
/// Integers and the magnitude are least significant byte first. A sum takes at most 541 bytes, usually under 20.
extension ExactSum {
    private enum Kind: UInt8 {
        case zero, positive, negative, positiveInfinity, negativeInfinity, notANumber
    }

    /// 32 bits for every chunk: no sum of fewer than 2^63 terms needs more.
    private static let magnitudeByteCountMax = chunkCount * 4

    package var encoded: [UInt8] {
        var bytes: [UInt8] = []
        encode(into: &bytes)
        return bytes
    }

    /// Nil unless the bytes are exactly what `encoded` gives for some sum.
    package init?(encoded bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        self.init(from: &reader)
        guard reader.isAtEnd else { return nil }
    }

    func encode(into bytes: inout [UInt8]) {
        switch special {
        case .positiveInfinity: bytes.append(Kind.positiveInfinity.rawValue)
        case .negativeInfinity: bytes.append(Kind.negativeInfinity.rawValue)
        case .notANumber: bytes.append(Kind.notANumber.rawValue)
        case .none:
            let (isNegative, magnitude) = signAndMagnitude()
            guard !magnitude.isZero else {
                bytes.append(Kind.zero.rawValue)
                return
            }
            let offset = magnitude.trailingZeroBitCount / 8
            let end = (magnitude.bitWidth + 7) / 8
            bytes.append((isNegative ? Kind.negative : Kind.positive).rawValue)
            bytes.append(UInt64(offset), byteCount: 2)
            bytes.append(UInt64(end - offset), byteCount: 2)
            for index in offset..<end { bytes.append(UInt8(truncatingIfNeeded: magnitude.word(at: 8 * index))) }
        }
    }

    init?(from reader: inout ByteReader) {
        guard let byte = reader.integer(byteCount: 1), let kind = Kind(rawValue: UInt8(byte)) else { return nil }
        switch kind {
        case .zero: self.init()
        case .positiveInfinity: self.init(special: .positiveInfinity)
        case .negativeInfinity: self.init(special: .negativeInfinity)
        case .notANumber: self.init(special: .notANumber)
        case .positive, .negative:
            guard let offset = reader.integer(byteCount: 2), let count = reader.integer(byteCount: 2),
                Int(offset) + Int(count) <= ExactSum.magnitudeByteCountMax,
                let bytes = reader.take(Int(count)), let first = bytes.first, first != 0, bytes.last != 0
            else { return nil }
            var chunks = InlineArray<134, Int64>(repeating: 0)
            for (index, byte) in zip(Int(offset)..., bytes) {
                chunks[index / 4] |= Int64(byte) << Int64(8 * (index % 4))
            }
            self.init(isNegative: kind == .negative, magnitude: chunks)
        }
    }
}
