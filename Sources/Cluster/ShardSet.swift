// Some of a cluster's shards, a bit each: which are asked, answered, missing.

package import Wire

package struct ShardSet: Hashable, Sendable {
    private var words: [UInt64] = []

    package init() {}

    package init(_ shards: some Sequence<Int>) { for shard in shards { insert(shard) } }

    package mutating func insert(_ shard: Int) {
        precondition(shard >= 0 && shard < ClusterLimits.shardsMax, "BUG: no such shard")
        if shard / 64 >= words.count { words += Array(repeating: 0, count: shard / 64 + 1 - words.count) }
        words[shard / 64] |= 1 << UInt64(shard % 64)
    }

    package func contains(_ shard: Int) -> Bool {
        shard >= 0 && shard / 64 < words.count && words[shard / 64] & 1 << UInt64(shard % 64) != 0
    }

    package var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }
    package var isEmpty: Bool { words.isEmpty }

    package func union(_ other: ShardSet) -> ShardSet { ShardSet(shards + other.shards) }

    package func subtracting(_ other: ShardSet) -> ShardSet { ShardSet(shards.lazy.filter { !other.contains($0) }) }

    /// Ascending.
    package var shards: [Int] {
        words.indices.flatMap { word in
            (0..<64).lazy.filter { words[word] & 1 << UInt64($0) != 0 }.map { word * 64 + $0 }
        }
    }
}

extension ShardSet: WireCodable {
    package func encode(into writer: inout WireWriter) { writer.write(words) }

    package init(from reader: inout WireReader) throws(WireError) {
        words = try reader.value()
        // One form only: equal sets have equal bytes.
        guard words.count <= ClusterLimits.shardsMax / 64, words.last != 0 else { throw reader.fault(.badValue) }
    }
}

/// Bounds of a cluster.
package enum ClusterLimits {
    /// Above it a map no longer fits what stores keep in one value; 1,024 spread a thousand workers' load well enough.
    package static let shardsMax = 16_384
    package static let workersMax = 1_024
    /// Ingest nodes and workers together.
    package static let membersMax = 4_096
    /// Length of a node's name. Unit: bytes.
    package static let nameBytesMax = 253
}
