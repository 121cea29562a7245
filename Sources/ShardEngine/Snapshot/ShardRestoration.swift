// Taking a snapshot in, piece by piece as it arrives.

internal import Bytes
internal import FlowLanguage
package import Wire

/// Fills an empty shard, in which the definitions and the topology of the snapshot's shard are in force already. Flow
/// definitions and thresholds must be the very same: a snapshot from a shard with others is refused, and taken anew when all
/// have them. (Of another topology only where agents stand in it is looked up again.)
package struct ShardRestoration {
    private let shard: Shard
    private let definitions: SnapshotDefinitions
    /// nil before the header.
    private var agentsLeft: Int?
    private var last: IPAddress?
    /// Reused.
    private var scratch: FlowMatchBox

    /// - Parameter shard: an empty one, which nobody else changes before the snapshot is complete.
    package init(into shard: Shard) {
        precondition(shard.agents.isEmpty, "BUG: a snapshot is restored into an empty shard")
        self.shard = shard
        definitions = SnapshotDefinitions(shard)
        scratch = FlowMatchBox()
    }

    /// Whether all pieces have come.
    package var isComplete: Bool { agentsLeft == 0 }

    /// Takes the next piece.
    /// - Throws: when it is not that. Then the shard is empty again, and nothing more can be taken.
    package mutating func take(_ piece: [UInt8]) throws(WireError) {
        do {
            var reader = WireReader(piece)
            switch try reader.value(SnapshotPiece.self) {
            case .header: try takeHeader(&reader)
            case .agent: try takeAgent(&reader)
            }
            try reader.finish()
        } catch {
            shard.clear()
            agentsLeft = 0
            throw error
        }
    }

    private mutating func takeHeader(_ reader: inout WireReader) throws(WireError) {
        guard agentsLeft == nil else { throw reader.fault(.badValue) }
        let count = try reader.count(minimumBytes: 8)
        guard count == definitions.digests.count else { throw reader.fault(.badValue) }
        for digest in definitions.digests where try reader.word() != digest { throw reader.fault(.badValue) }
        shard.counters = try reader.value()
        let arrivals = try reader.value([String: Int64].self)
        for (name, time) in arrivals {
            guard time > 0, let place = FlowKeys.all.firstIndex(where: { $0.name == name }) else { throw reader.fault(.badValue) }
            shard.keyArrivals[place] = time
        }
        shard.keysLooked = try reader.time()
        let agents = try reader.unsigned()
        guard agents <= UInt64(Shard.agentsMax) else { throw reader.fault(.badValue) }
        agentsLeft = Int(agents)
    }

    private mutating func takeAgent(_ reader: inout WireReader) throws(WireError) {
        guard let left = agentsLeft, left > 0 else { throw reader.fault(.badValue) }
        let address = try reader.value(IPAddress.self)
        if let last, last >= address { throw reader.fault(.badValue) }
        let agent = try Agent(address: address, from: &reader, of: shard, definitions, &scratch.match)
        try reader.finish()
        shard.agents[address] = agent
        (agentsLeft, last) = (left - 1, address)
    }
}

/// Working memory: a flow's key is hashed in it.
private final class FlowMatchBox {
    var match = FlowMatch()
}

extension Shard {
    /// Forgets everything but what is in force.
    fileprivate func clear() {
        forgetAgents()
        counters = ShardCounters()
    }

    /// Forgets what agents have told; the books stay, since they are about this process. For a shard that another worker owns
    /// now: were it to come back, old values must not stand beside new ones.
    package func forgetAgents() {
        agents = [:]
        keyArrivals = Array(repeating: 0, count: FlowKeys.all.count)
        keysLooked = 0
    }
}
