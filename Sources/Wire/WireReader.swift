// Reads what another node wrote. Its bytes are as hostile as any: nothing is believed before it was checked against the bytes
// that are there, and every refusal is an error.

package struct WireError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Reason: String, CaseIterable, Sendable {
        /// The message ends within a value.
        case truncated
        /// A list claims more values than the rest of the message can hold.
        case countExceedsBytes
        /// A value that its type does not have.
        case badValue
        /// The message goes on after its last value.
        case trailingBytes
    }

    package let reason: Reason
    /// Unit: bytes from the start of the message.
    package let offset: Int

    package init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    package var description: String { "\(reason.rawValue) at byte \(offset)" }
}

package struct WireReader: Sendable {
    private let bytes: [UInt8]
    package private(set) var offset = 0

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    package var remainingCount: Int { bytes.count - offset }

    package func fault(_ reason: WireError.Reason) -> WireError { WireError(reason, at: offset) }

    package mutating func byte() throws(WireError) -> UInt8 {
        guard offset < bytes.count else { throw fault(.truncated) }
        defer { offset += 1 }
        return bytes[offset]
    }

    package mutating func unsigned() throws(WireError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            let next = try byte()
            let part = UInt64(next & 0x7f)
            // The tenth byte has room for one bit only.
            guard shift < 63 || part <= 1 else { throw fault(.badValue) }
            value |= part << shift
            if next < 0x80 { return value }
        }
        throw fault(.badValue)
    }

    package mutating func signed() throws(WireError) -> Int64 {
        let value = try unsigned()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    /// An integer that fits `type`.
    package mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type = Value.self) throws(WireError) -> Value {
        let value = try Value.isSigned ? Value(exactly: signed()) : Value(exactly: unsigned())
        guard let value else { throw fault(.badValue) }
        return value
    }

    package mutating func word() throws(WireError) -> UInt64 {
        guard remainingCount >= 8 else { throw fault(.truncated) }
        var word: UInt64 = 0
        for place in 0..<8 { word |= UInt64(bytes[offset + place]) << UInt64(8 * place) }
        offset += 8
        return word
    }

    package mutating func number() throws(WireError) -> Double { Double(bitPattern: try word()) }

    /// A number that is neither infinite nor NaN.
    package mutating func finiteNumber() throws(WireError) -> Double {
        let value = try number()
        guard value.isFinite else { throw fault(.badValue) }
        return value
    }

    /// A list of such.
    package mutating func finiteNumbers() throws(WireError) -> [Double] {
        let count = try count(minimumBytes: 8)
        var numbers: [Double] = []
        numbers.reserveCapacity(count)
        for _ in 0..<count { numbers.append(try finiteNumber()) }
        return numbers
    }

    /// A number of things, which its type keeps as an Int: not negative, and so small that no honest sum of such overflows.
    package mutating func quantity() throws(WireError) -> Int {
        let value = try unsigned()
        guard value <= 1 << 40 else { throw fault(.badValue) }
        return Int(value)
    }

    /// The number of values of a list, each of which takes at least `minimumBytes` (1 or more).
    package mutating func count(minimumBytes: Int = 1) throws(WireError) -> Int {
        let claim = try unsigned()
        guard claim <= UInt64(remainingCount / minimumBytes) else { throw fault(.countExceedsBytes) }
        return Int(claim)
    }

    package mutating func byteArray() throws(WireError) -> [UInt8] {
        let count = try count()
        defer { offset += count }
        return Array(bytes[offset..<(offset + count)])
    }

    package mutating func text() throws(WireError) -> String {
        let count = try count()
        guard let text = String(validating: bytes[offset..<(offset + count)], as: UTF8.self) else { throw fault(.badValue) }
        offset += count
        return text
    }

    package mutating func value<Value: WireCodable>(_ type: Value.Type = Value.self) throws(WireError) -> Value {
        try Value(from: &self)
    }

    /// To be called after the last value.
    package func finish() throws(WireError) {
        guard remainingCount == 0 else { throw fault(.trailingBytes) }
    }
}
