// The books of an agent: what came, what was lost, and how honestly it samples. One sFlow instance is one series of
// samples of one kind from one data source (wire-format 4.8).

package import SFlow
package import Bytes

/// One sub-agent's series of datagrams.
struct SubAgent: Sendable {
    let number: UInt32
    var sequence = DatagramSequence()
    /// Goes up with each restart: instances of an older run start over.
    var run: UInt32 = 0
}

package enum SampleKind: UInt8, Sendable, BitwiseCopyable { case flow, counter, notification }

package struct SampleInstance: Sendable, BitwiseCopyable {
    package struct Key: Equatable, Sendable, BitwiseCopyable {
        let subAgent: UInt32
        package let kind: SampleKind
        package let dataSource: DataSource
    }

    package let key: Key
    /// The data source's place in the agent's list.
    package let source: Int
    private var sequence = SampleSequence()
    private var run: UInt32 = 0

    package private(set) var samples: UInt64 = 0
    package private(set) var lost: UInt64 = 0
    package private(set) var duplicates: UInt64 = 0
    package private(set) var outOfOrder: UInt64 = 0
    /// Increase of the agent's own drop counter: samples or notifications that it could not send.
    package private(set) var drops: UInt64 = 0
    private var lastDrops: UInt32 = 0
    package private(set) var sampling = SamplingRate()

    init(key: Key, source: Int) {
        self.key = key
        self.source = source
    }

    /// Books a sample's number; the verdict says whether its contents count.
    mutating func observe(_ number: UInt32, subAgentRun: UInt32, datagramIsLate: Bool) -> SequenceVerdict {
        var verdict = sequence.observe(number, datagramIsLate: datagramIsLate, isNewRun: subAgentRun != run)
        run = subAgentRun
        // Whatever it counted before the agent started over is no start for differences.
        if verdict == .first, samples > 0 { verdict = .restart }
        samples &+= 1
        switch verdict {
        case .gap(let count): lost &+= UInt64(count)
        case .late:
            outOfOrder &+= 1
            if lost > 0 { lost -= 1 }
        case .duplicate: duplicates &+= 1
        case .first, .inOrder, .restart: break
        }
        if !sequence.isTracked { lost = 0 }
        return verdict
    }

    /// Books a flow sample: one access to the instance, because fetching it from memory costs more than everything else.
    mutating func observe(_ sample: FlowSample, subAgentRun: UInt32, datagramIsLate: Bool) {
        let verdict = observe(sample.sequenceNumber, subAgentRun: subAgentRun, datagramIsLate: datagramIsLate)
        observe(drops: sample.drops, after: verdict)
        sampling.observe(pool: sample.samplePool, rate: sample.samplingRate, after: verdict)
    }

    mutating func observe(_ sample: DiscardedPacket, subAgentRun: UInt32, datagramIsLate: Bool) {
        let verdict = observe(sample.sequenceNumber, subAgentRun: subAgentRun, datagramIsLate: datagramIsLate)
        observe(drops: sample.drops, after: verdict)
    }

    /// Books the running total of drops of a sample in order.
    private mutating func observe(drops total: UInt32, after verdict: SequenceVerdict) {
        switch verdict {
        case .inOrder, .gap: drops &+= UInt64(total &- lastDrops)
        case .first, .restart: break
        case .late, .duplicate: return
        }
        lastDrops = total
    }
}

/// How many packets one received sample really stands for: the growth of the sample pool a received sample, which also
/// makes up for samples lost on the way (wire-format 9.2).
package struct SamplingRate: Sendable, BitwiseCopyable {
    /// Samples after which what was seen before counts half.
    private static let memorySamples = 4_096.0

    /// As the last sample declares.
    package private(set) var declared: UInt32 = 0
    private var lastPool: UInt32 = 0
    private var pool = 0.0
    private var received = 0.0
    private var generated = 0.0

    /// Packets a sample received; the declared rate where the agent's pool is not credible (agents that leave it 0, or
    /// advance it by something else than the packets they saw): credible is within a factor of two of the declared rate.
    package var effective: Double {
        // An agent that declares 0 has no rate to compare with; without a pool either, a sample is one packet.
        let declared = Double(max(1, self.declared))
        guard received >= 1, generated >= 1 else { return declared }
        let perGenerated = pool / generated
        guard perGenerated >= declared / 2, perGenerated <= declared * 2 || self.declared == 0 else { return declared }
        return pool / received
    }

    mutating func observe(pool total: UInt32, rate: UInt32, after verdict: SequenceVerdict) {
        if rate != declared, verdict != .late, verdict != .duplicate {
            // What was seen at another rate says nothing about this one.
            (pool, received, generated) = (0, 0, 0)
            (lastPool, declared) = (total, rate)
            return
        }
        switch verdict {
        case .inOrder, .gap:
            pool += Double(total &- lastPool)
            received += 1
            if case .gap(let lost) = verdict { generated += Double(lost) }
            generated += 1
        case .late:
            received += 1
            return
        case .duplicate: return
        case .first, .restart: break
        }
        lastPool = total
        if received >= SamplingRate.memorySamples {
            pool /= 2
            received /= 2
            generated /= 2
        }
    }
}

/// Totals of an agent since it appeared.
package struct AgentStatistics: Sendable {
    package var datagrams: UInt64 = 0
    package var bytes: UInt64 = 0
    package var lost: UInt64 = 0
    package var outOfOrder: UInt64 = 0
    package var duplicates: UInt64 = 0
    package var restarts: UInt64 = 0
    /// Where the datagrams came from, in order of appearance; bounded.
    package var udpSources: [IPAddress] = []
    /// What was refused or repaired in its datagrams, by reason.
    package var faults: [DecodeError.Reason: UInt64] = [:]
    package var sourcesRefused: UInt64 = 0
    package var tablesRefused: UInt64 = 0
    package var customRefused: UInt64 = 0
    package var hostsRefused: UInt64 = 0

    mutating func noteSource(_ source: IPAddress) {
        guard udpSources.last != source, !udpSources.contains(source), udpSources.count < Limits.udpSourcesPerAgent else {
            return
        }
        udpSources.append(source)
    }

    mutating func observe(_ verdict: SequenceVerdict) {
        switch verdict {
        case .gap(let count): lost &+= UInt64(count)
        case .late:
            outOfOrder &+= 1
            if lost > 0 { lost -= 1 }
        case .duplicate: duplicates &+= 1
        case .restart: restarts &+= 1
        case .first, .inOrder: break
        }
    }
}
