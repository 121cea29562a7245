// Agents found again without asking the table of all agents: most datagrams come from agents that have just sent others.
// What is found here is also what can be fetched ahead, since nothing of the agent itself is touched.

internal import Bytes

/// One agent for each of a number of places that addresses are spread over. Only a memory of the shard's table of agents,
/// which has to be told of every change to it. Complexity: O(1).
struct RecentAgents: ~Copyable {
    private struct Entry: BitwiseCopyable {
        var address = IPAddress(v4: 0)
        /// Of an earlier generation is as good as none.
        var generation: UInt32 = 0
        var agent: Uncounted<Agent>?
    }

    private static let placesMax = 4096
    /// Lines of an agent that each of its datagrams touches.
    private static let objectBytes = 320

    private var entries = Slab<Entry>()
    private var generation: UInt32 = 1

    func find(_ address: IPAddress) -> Uncounted<Agent>? {
        guard entries.count > 0 else { return nil }
        let entry = entries[place(of: address)]
        guard entry.generation == generation, entry.address.low == address.low, entry.address.high == address.high,
            entry.address.isIPv6 == address.isIPv6
        else { return nil }
        return entry.agent
    }

    /// - Parameter agentCount: how many there are: so many places are enough.
    mutating func note(_ agent: Agent, of agentCount: Int) {
        if entries.count < min(agentCount, RecentAgents.placesMax) {
            var count = max(16, entries.count)
            while count < min(agentCount, RecentAgents.placesMax) { count *= 2 }
            entries = Slab(repeating: Entry(), count: 2 * count)
        }
        entries[place(of: agent.address)] = Entry(address: agent.address, generation: generation, agent: Uncounted(agent))
    }

    /// For every change of the table of agents: what was noted before does not count any more.
    mutating func forget() {
        guard entries.count > 0 else { return }
        if generation == .max {
            entries = Slab()
            generation = 0
        }
        generation += 1
    }

    /// Begins to fetch an agent.
    static func prefetch(_ agent: Uncounted<Agent>) {
        agent.prefetch(byteCount: objectBytes)
    }

    /// Agents choose their addresses; ones that share a place cost each other a look into the table.
    private func place(of address: IPAddress) -> Int {
        Int(truncatingIfNeeded: ((address.low ^ address.high) &* 0x9E37_79B9_7F4A_7C15) >> 40) & (entries.count - 1)
    }
}
