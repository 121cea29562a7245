// A datagram's way in: the books of its agent and its sub-agent first, which decide whether its samples count; then these.

package import Bytes
internal import SFlow

extension Shard {
    /// Datagrams that may be announced before the first of them is taken in.
    package static let datagramsAhead = SampleLookahead.datagramsMax

    /// Announces a datagram that is going to be taken in soon, after those announced before it to this shard or to others that
    /// share its memory: what it needs is fetched meanwhile, together with what they need.
    package func expect(_ bytes: RawSpan, udpSource: IPAddress) {
        guard let header = try? DatagramHeader(bytes, udpSource: udpSource) else { return }
        memory.ahead.expect(header, bytes, of: recentAgents.find(header.agent))
    }

    /// Begins to fetch what the announced datagrams need. Nothing to do when that has begun.
    package func fetchExpected() { memory.ahead.fetch() }

    /// Takes one datagram in. Never fails: what cannot be used is counted by reason.
    /// - Parameters:
    ///   - bytes: a UDP payload.
    ///   - udpSource: where it came from.
    ///   - arrival: when it arrived. Unit: nanoseconds since the Unix epoch. Times before it (a broken capture's) count as
    ///     its beginning: the difference of two times that are not negative never overflows.
    ///   - weight: how many datagrams it stands for, where others were left out on the way. Each of its flow samples,
    ///     notifications and named flows counts so often; counter samples tell totals, of which each holds for itself.
    package func ingest(_ bytes: RawSpan, udpSource: IPAddress, arrival: Int64, weight: UInt8 = 1) {
        let arrival = max(1, arrival)
        counters.note(datagramOf: bytes.byteCount)
        let header: DatagramHeader
        do {
            header = try DatagramHeader(bytes, udpSource: udpSource)
        } catch {
            counters.refused[error.reason, default: 0] &+= 1
            return
        }
        if !memory.ahead.begin() {
            memory.ahead.expect(header, bytes, of: recentAgents.find(header.agent))
            memory.ahead.fetch()
            _ = memory.ahead.begin()
        }
        guard let agent = openAgent(header.agent, arrival: arrival) else {
            counters.agentsRefused &+= 1
            return
        }
        let (verdict, run) = agent.book(header, udpSource: udpSource, byteCount: bytes.byteCount, arrival: arrival)
        guard verdict != .duplicate else {
            counters.duplicates &+= 1
            return
        }
        counters.accepted &+= 1
        if asksNames { names.begin(agent, arrival: arrival) }
        var visitor = DatagramIngest(
            shard: self, agent: agent, header, run: run, isLate: verdict == .late, arrival: arrival, weight: weight,
            memory.workspace.take() ?? IngestWorkspace())
        decodeSamples(bytes, header, into: &visitor)
        memory.workspace = visitor.finish()
    }

    /// The agent of a datagram: a known one, or a new one. An agent whose last metric has left starts anew, exactly as
    /// if it had been removed in between. nil when the shard is full.
    func openAgent(_ address: IPAddress, arrival: Int64) -> Agent? {
        if let agent = recentAgents.find(address)?.object ?? agents[address],
            agent.isVisible(asOf: arrival, expiry: expiry)
        {
            recentAgents.note(agent, of: agents.count)
            return agent
        }
        if let gone = agents[address] { closeLogs(of: gone) }
        guard agents.count < Shard.agentsMax || agents[address] != nil else { return nil }
        let agent = Agent(address: address, arrival: arrival)
        agents[address] = agent
        return agent
    }
}

extension Agent {
    /// Books a datagram, with its sub-agent and as a whole.
    /// - Returns: what its number says, and how often its sub-agent has restarted. Beyond the limit of sub-agents numbers
    ///   are not followed.
    fileprivate func book(
        _ header: DatagramHeader, udpSource: IPAddress, byteCount: Int, arrival: Int64
    ) -> (verdict: SequenceVerdict, run: UInt32) {
        var verdict = SequenceVerdict.inOrder
        var run: UInt32 = 0
        if let place = subAgents.firstIndex(where: { $0.number == header.subAgent }) ?? openSubAgent(header.subAgent) {
            (verdict, run) = subAgents[place].observe(header)
        }
        statistics.note(verdict, byteCount: byteCount, from: udpSource)
        lastArrival = max(lastArrival, arrival)
        if verdict != .late, verdict != .duplicate { uptimeMilliseconds = header.uptimeMilliseconds }
        return (verdict, run)
    }
}

extension SubAgent {
    fileprivate mutating func observe(_ header: DatagramHeader) -> (verdict: SequenceVerdict, run: UInt32) {
        let verdict = sequence.observe(header.sequenceNumber, uptimeMilliseconds: header.uptimeMilliseconds)
        if verdict == .restart { run &+= 1 }
        return (verdict, run)
    }
}
