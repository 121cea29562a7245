// What the two named samples (4300:1002 and 4300:1003) have in common: names that come from the network and become
// metric names, and values without a length of their own.

import Bytes

/// Reads names and values one after another.
struct NamedCursor {
    var offset = 0
    /// The first entry that was left out, or where the sample stops making sense.
    var fault: DecodeError?

    /// Letters, digits, "-" and "_", 1 to 64 bytes. Nil, with the fault noted, for any other; the cursor is
    /// behind it then all the same.
    /// Throws when the name is not there.
    mutating func readName(_ body: RawSpan) throws(DecodeError) -> String? {
        let start = offset
        let range = try readOpaque(body)
        guard (1...Limits.nameBytes).contains(range.count),
            range.allSatisfy({ NamedCursor.isNameByte(body, $0) })
        else {
            note(.badName, at: start)
            return nil
        }
        do { return try body.text(at: range.lowerBound, count: range.count) } catch {
            throw DecodeError(.fieldTruncated, at: start)
        }
    }

    /// Text up to 255 bytes; nil, with the fault noted, beyond.
    mutating func readText(_ body: RawSpan) throws(DecodeError) -> String? {
        let start = offset
        let range = try readOpaque(body)
        guard range.count <= Limits.textBytes else {
            note(.valueTooLong, at: start)
            return nil
        }
        do { return try body.text(at: range.lowerBound, count: range.count) } catch {
            throw DecodeError(.fieldTruncated, at: start)
        }
    }

    mutating func readWord(_ body: RawSpan) throws(DecodeError) -> UInt32 {
        let value = try body.word(at: offset)
        offset += 4
        return value
    }

    mutating func readLongWord(_ body: RawSpan) throws(DecodeError) -> UInt64 {
        let value = try body.longWord(at: offset)
        offset += 8
        return value
    }

    mutating func readFloat(_ body: RawSpan) throws(DecodeError) -> Double? {
        finite(Double(Float(bitPattern: try readWord(body))), at: offset - 4)
    }

    mutating func readDouble(_ body: RawSpan) throws(DecodeError) -> Double? {
        finite(Double(bitPattern: try readLongWord(body)), at: offset - 8)
    }

    mutating func note(_ reason: DecodeError.Reason, at offset: Int) {
        if fault == nil { fault = DecodeError(reason, at: offset) }
    }

    private mutating func finite(_ value: Double, at offset: Int) -> Double? {
        guard value.isFinite else {
            note(.valueNotFinite, at: offset)
            return nil
        }
        return value
    }

    private mutating func readOpaque(_ body: RawSpan) throws(DecodeError) -> Range<Int> {
        let start = offset
        let count = Int(try readWord(body))
        guard count <= body.byteCount - offset else { throw DecodeError(.fieldTruncated, at: start) }
        let range = offset..<(offset + count)
        offset = min(offset + (count + 3) & ~3, body.byteCount)
        return range
    }

    private static func isNameByte(_ body: RawSpan, _ offset: Int) -> Bool {
        guard let byte = try? body.uint8(at: offset) else { return false }
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            return true
        default: return false
        }
    }
}

extension NamedCursor {
    /// The name of a data source, which does not start with a digit.
    mutating func readDataSourceName(_ body: RawSpan) throws(DecodeError) -> String {
        guard let name = try readName(body), let first = name.utf8.first, !(0x30...0x39).contains(first) else {
            throw DecodeError(.badName, at: 0)
        }
        return name
    }

    /// The number of entries as claimed, no more than can be there. An entry takes 12 bytes or more: name length, name
    /// or type, value.
    mutating func readCount(_ body: RawSpan) throws(DecodeError) -> Int {
        let start = offset
        let claimed = Int(try readWord(body))
        let possible = (body.byteCount - offset) / 12
        if claimed > possible { note(.arrayCountExceedsBytes, at: start) }
        return min(claimed, possible)
    }
}
