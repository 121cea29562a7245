// Fields that snapshots of a shard are made of, beyond those that all messages have: each with the bounds that a shard's own
// state keeps to, because what is restored is from outside.

internal import FlowLanguage
internal import Wire

extension WireWriter {
    /// NaN has one form.
    mutating func write(numberOrNaN value: Double) { write(number: value.isNaN ? .nan : value) }
}

extension WireReader {
    mutating func numberOrNaN() throws(WireError) -> Double {
        let value = try number()
        guard !value.isNaN || value.bitPattern == Double.nan.bitPattern else { throw fault(.badValue) }
        return value
    }

    /// A finite number, 0 or more.
    mutating func amount() throws(WireError) -> Double {
        let value = try finiteNumber()
        guard value.sign == .plus else { throw fault(.badValue) }
        return value
    }

    /// A time that is not later than `newest`, or a length that is not longer. Unit: nanoseconds.
    mutating func time(until newest: Int64) throws(WireError) -> Int64 {
        let time = try time()
        guard time <= newest else { throw fault(.badValue) }
        return time
    }

    /// A place in a list of `count`.
    mutating func place(below count: Int) throws(WireError) -> Int {
        let place = try unsigned()
        guard place < UInt64(count) else { throw fault(.badValue) }
        return Int(place)
    }

    /// The number of values of a list that has at most `limit`.
    mutating func count(minimumBytes: Int, limit: Int) throws(WireError) -> Int {
        let count = try count(minimumBytes: minimumBytes)
        guard count <= limit else { throw fault(.badValue) }
        return count
    }

    /// The packed key of a flow.
    mutating func flowKey() throws(WireError) -> [UInt8] {
        let key = try byteArray()
        guard key.count <= FlowLimits.packedKeyBytes else { throw fault(.badValue) }
        return key
    }
}

/// A hash that is the same in every process: FNV-1a with 64 bits (Fowler, Noll, Vo). It tells states apart that should be
/// the same; it is no defence against somebody who forges one.
struct SnapshotDigest {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    init() {}

    init(_ bytes: [UInt8]) { add(bytes) }

    mutating func add(_ bytes: [UInt8]) {
        for byte in bytes { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    }
}
