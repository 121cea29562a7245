// Types that travel between nodes. Fields are written and read in one order; a type says so once, in two functions that stand
// below each other.

package import Bytes

package protocol WireCodable {
    func encode(into writer: inout WireWriter)
    /// - Throws: when the bytes are no such value.
    init(from reader: inout WireReader) throws(WireError)
}

extension WireCodable {
    /// A message by itself.
    package var wireBytes: [UInt8] {
        var writer = WireWriter()
        encode(into: &writer)
        return writer.bytes
    }

    /// - Throws: when the bytes are no such value, or more than one.
    package init(wireBytes bytes: [UInt8]) throws(WireError) {
        var reader = WireReader(bytes)
        self = try reader.value()
        try reader.finish()
    }
}

extension WireCodable where Self: RawRepresentable, RawValue == UInt8 {
    package func encode(into writer: inout WireWriter) { writer.write(byte: rawValue) }

    package init(from reader: inout WireReader) throws(WireError) {
        let byte = try reader.byte()
        guard let value = Self(rawValue: byte) else { throw reader.fault(.badValue) }
        self = value
    }
}

/// By name: cases may be added and moved without another meaning for what an older node sends.
extension WireCodable where Self: RawRepresentable, RawValue == String {
    package func encode(into writer: inout WireWriter) { writer.write(text: rawValue) }

    package init(from reader: inout WireReader) throws(WireError) {
        let name = try reader.text()
        guard let value = Self(rawValue: name) else { throw reader.fault(.badValue) }
        self = value
    }
}

extension Bool: WireCodable {
    package func encode(into writer: inout WireWriter) { writer.write(byte: self ? 1 : 0) }

    package init(from reader: inout WireReader) throws(WireError) {
        switch try reader.byte() {
        case 0: self = false
        case 1: self = true
        default: throw reader.fault(.badValue)
        }
    }
}

extension Int: WireCodable {
    package func encode(into writer: inout WireWriter) { writer.write(signed: Int64(self)) }
    package init(from reader: inout WireReader) throws(WireError) { self = try reader.integer() }
}

extension Int64: WireCodable {
    package func encode(into writer: inout WireWriter) { writer.write(signed: self) }
    package init(from reader: inout WireReader) throws(WireError) { self = try reader.signed() }
}

extension UInt32: WireCodable {
    package func encode(into writer: inout WireWriter) { writer.write(unsigned: UInt64(self)) }
    package init(from reader: inout WireReader) throws(WireError) { self = try reader.integer() }
}

extension UInt64: WireCodable {
    package func encode(into writer: inout WireWriter) { writer.write(unsigned: self) }
    package init(from reader: inout WireReader) throws(WireError) { self = try reader.unsigned() }
}

extension Double: WireCodable {
    package func encode(into writer: inout WireWriter) { writer.write(number: self) }
    package init(from reader: inout WireReader) throws(WireError) { self = try reader.number() }
}

extension String: WireCodable {
    package func encode(into writer: inout WireWriter) { writer.write(text: self) }
    package init(from reader: inout WireReader) throws(WireError) { self = try reader.text() }
}

extension Optional: WireCodable where Wrapped: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(self != nil)
        if let value = self { writer.write(value) }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        self = try reader.value(Bool.self) ? try reader.value(Wrapped.self) : nil
    }
}

/// Values of at least one byte each; a list of empty values cannot be told from a false claim.
extension Array: WireCodable where Element: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(unsigned: UInt64(count))
        for element in self { writer.write(element) }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        let count = try reader.count()
        self = []
        // A claim of many small values must not reserve memory for as many large ones.
        reserveCapacity(Swift.min(count, 1024))
        for _ in 0..<count { append(try reader.value()) }
    }
}

/// Equal dictionaries have equal bytes.
extension Dictionary: WireCodable where Key: WireCodable & Comparable, Value: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(unsigned: UInt64(count))
        for (key, value) in sorted(by: { $0.key < $1.key }) {
            writer.write(key)
            writer.write(value)
        }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        let count = try reader.count(minimumBytes: 2)
        self = [:]
        var last: Key?
        for _ in 0..<count {
            let key = try reader.value(Key.self)
            if let last, last >= key { throw reader.fault(.badValue) }
            self[key] = try reader.value(Value.self)
            last = key
        }
    }
}

extension IPAddress: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(isIPv6)
        if isIPv6 { writer.write(high) }
        writer.write(low)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        if try reader.value() {
            self.init(v6High: try reader.value(), low: try reader.value())
        } else {
            self.init(v4: try reader.integer())
        }
    }
}
