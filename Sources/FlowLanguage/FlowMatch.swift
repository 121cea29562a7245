// The outcome of an evaluation, and the memory it takes. One for each executor, filled again for each sample.

internal import Bytes

/// A number that a sample has for one value of a definition.
package struct FlowOperand: Hashable, Sendable, BitwiseCopyable {
    /// Not scaled. Not meant for `count:`.
    package var number: Double
    /// Of `count:`, a hash of the operand's value: equal values have equal hashes. 0 for others.
    package var hash: UInt64
    /// Seed of those hashes. No secret: how many different values there are is estimated from hashes, and the estimate must
    /// be the same in every process. Hashes of keys, which decide where things lie in tables, have a seed that is.
    static let hashSeed: UInt64 = 0
    /// False where the sample has no such value. Only further values can be absent.
    package var isPresent: Bool
}

/// A packed key's beginning and its hash: all that a table needs of a key of up to sixteen bytes.
package struct FlowKeyHead: Sendable, BitwiseCopyable {
    /// Seeded by the environment.
    package let hash: UInt64
    /// The first eight bytes and the next eight, the first one highest; zero where there are none.
    package let start: UInt64, next: UInt64
    /// Of the whole key.
    package let byteCount: Int

    @inline(__always)
    package init(hash: UInt64, start: UInt64, next: UInt64, byteCount: Int) {
        self.hash = hash
        self.start = start
        self.next = next
        self.byteCount = byteCount
    }
}

/// What a sample is for a definition: its key, its numbers.
package struct FlowMatch: ~Copyable, Sendable {
    var key = FixedBytes(capacity: FlowLimits.packedKeyBytes)
    var scratch = Scratch()
    package internal(set) var head = FlowKeyHead(hash: 0, start: 0, next: 0, byteCount: 0)
    package internal(set) var value = FlowOperand(number: 0, hash: 0, isPresent: false)
    /// The definition's `values`; the first ``valueCount`` are meant.
    package internal(set) var values: [FlowOperand]
    package internal(set) var valueCount = 0
    /// Packets or transactions that the sample stands for: rates are `value.number` times this.
    package internal(set) var scale: UInt32 = 1

    package init() {
        values = Array(
            repeating: FlowOperand(number: 0, hash: 0, isPresent: false), count: FlowLimits.values)
    }

    /// A hash of the key, seeded by the environment.
    package var hash: UInt64 { head.hash }

    /// Bytes of the packed key; 0 for a definition without keys.
    package var keyByteCount: Int { key.count }

    /// Lends the packed key.
    package borrowing func withKey<Result>(_ body: (RawSpan) -> Result) -> Result { key.withBytes(body) }

    /// A copy of the packed key.
    package var keyBytes: [UInt8] { (0..<key.count).map { key[$0] } }
}

/// Working memory of an evaluation.
struct Scratch: ~Copyable, Sendable {
    /// Texts that expressions make.
    var text = FixedBytes(capacity: FlowLimits.scratchBytes)
    /// A component to be looked up.
    var probe = FixedBytes(capacity: FlowLimits.packedKeyBytes + 64)
    var otherProbe = FixedBytes(capacity: FlowLimits.packedKeyBytes + 64)
    var patterns = PatternScratch()
}
