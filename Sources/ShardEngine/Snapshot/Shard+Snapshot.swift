// A shard's whole state as bytes, for moving it to another process: everything that a later answer, event or record can
// depend on, and nothing else. Two shards that were fed the same datagrams have the same bytes, whatever process they are
// in, so a hash of them tells whether a move has worked.
//
//     header   0, digests of catalogue and definitions, the shard's books, when keys were seen, the number of agents
//     agent    1, one agent's state; in the order of their addresses
//
// What is left out follows from what is there: the places of things in memory, hashes (their seeds differ between
// processes), sums and bounds that only save time. What has been reported and not taken yet (`takeOutbox`) stays behind: it
// is its reporter's to deliver.

package import Bytes
internal import Wire

extension Shard {
    /// Ends and removes what has ended. To be called before states are compared, with the same instants: shards do this now and
    /// then by themselves, and what they have not removed yet would tell them apart.
    /// - Parameters:
    ///   - advanced: as of which flows end; no later datagram comes before. Unit: nanoseconds since the Unix epoch.
    ///   - swept: as of which expired values are removed.
    package func settle(advanced: Int64, swept: Int64) {
        advance(to: advanced)
        removeExpired(asOf: swept)
    }

    /// A hash of the whole state.
    package var stateHash: UInt64 { ShardSnapshot(of: self).hash }
}

/// A shard as it is: no datagram may come between the pieces of one snapshot.
package struct ShardSnapshot {
    private let shard: Shard
    private let definitions: SnapshotDefinitions
    /// In the order of their pieces.
    package let agents: [IPAddress]

    package init(of shard: Shard) {
        self.shard = shard
        definitions = SnapshotDefinitions(shard)
        agents = shard.agents.keys.sorted()
    }

    /// All pieces, the header first.
    package var pieces: [[UInt8]] { [header] + agents.compactMap { piece(of: $0) } }

    package var header: [UInt8] {
        var writer = WireWriter()
        writer.write(SnapshotPiece.header)
        writer.write(unsigned: UInt64(definitions.digests.count))
        for digest in definitions.digests { writer.write(word: digest) }
        writer.write(shard.counters)
        writer.write(shard.arrivalsOfKeys)
        writer.write(signed: shard.keysLooked)
        writer.write(unsigned: UInt64(agents.count))
        return writer.bytes
    }

    /// An agent's piece; nil for one that is not in the shard.
    package func piece(of address: IPAddress) -> [UInt8]? {
        guard let agent = shard.agents[address] else { return nil }
        var writer = WireWriter(reservingBytes: 1 << 14)
        writer.write(SnapshotPiece.agent)
        agent.write(into: &writer, of: shard, definitions)
        return writer.bytes
    }

    /// 64 bits of FNV-1a over the pieces one after another.
    package static func hash(of pieces: [[UInt8]]) -> UInt64 {
        var digest = SnapshotDigest()
        for piece in pieces { digest.add(piece) }
        return digest.value
    }

    /// The same of the pieces as they would be now.
    package var hash: UInt64 {
        var digest = SnapshotDigest(header)
        for address in agents { if let piece = piece(of: address) { digest.add(piece) } }
        return digest.value
    }

    /// The same of one agent's piece; nil for an agent that is not in the shard.
    package func hash(of address: IPAddress) -> UInt64? { piece(of: address).map { SnapshotDigest($0).value } }
}

enum SnapshotPiece: UInt8, WireCodable { case header, agent }
