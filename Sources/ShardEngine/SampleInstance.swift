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

/// What every sample of a series reads and writes. 64 bytes, so that it is one cache line of a slab: fetching that costs
/// more than everything that is done with it.
struct SampleSeries: Sendable, BitwiseCopyable {
    var sampling = SamplingRate()
    var samples: UInt64 = 0
    var sequence = SampleSequence()
    /// The data source's place in the agent's list.
    let source: UInt16
    private let subAgent: UInt32
    private let dataSource: DataSource
    var run: UInt32 = 0
    var lastDrops: UInt32 = 0
    private let kind: SampleKind

    init(key: SampleInstance.Key, source: Int) {
        // Exact: an agent has at most `Limits.sourcesPerAgent`.
        self.source = UInt16(truncatingIfNeeded: source)
        subAgent = key.subAgent
        dataSource = key.dataSource
        kind = key.kind
    }

    var key: SampleInstance.Key { SampleInstance.Key(subAgent: subAgent, kind: kind, dataSource: dataSource) }

    /// False once the numbers have proved not to be one series.
    var isTracked: Bool { sequence.isTracked }

    /// Books a sample's number; the verdict says whether its contents count.
    @inline(__always)
    mutating func observe(_ number: UInt32, subAgentRun: UInt32, datagramIsLate: Bool) -> SequenceVerdict {
        var verdict = sequence.observe(number, datagramIsLate: datagramIsLate, isNewRun: subAgentRun != run)
        run = subAgentRun
        // Whatever it counted before the agent started over is no start for differences.
        if verdict == .first, samples > 0 { verdict = .restart }
        samples &+= 1
        return verdict
    }

    /// Books the running total of drops of a sample. Its increase, 0 where there is none to be told.
    @inline(__always)
    mutating func observe(drops total: UInt32, after verdict: SequenceVerdict) -> UInt32 {
        let before = lastDrops
        switch verdict {
        case .inOrder, .gap:
            lastDrops = total
            return total &- before
        case .first, .restart:
            lastDrops = total
            return 0
        case .late, .duplicate: return 0
        }
    }

    /// Books the sample pool and the rate of a flow sample.
    /// - Parameter missed: see ``SampleLosses``.
    @inline(__always)
    mutating func observe(pool: UInt32, rate: UInt32, after verdict: SequenceVerdict, missed: inout Double) {
        sampling.observe(pool: pool, rate: rate, after: verdict, missed: &missed)
    }
}

/// The rest of a series' books, which samples in good order leave as it is.
struct SampleLosses: Sendable, BitwiseCopyable {
    var lost: UInt64 = 0
    var duplicates: UInt64 = 0
    var outOfOrder: UInt64 = 0
    /// Increase of the agent's own drop counter: samples or notifications that it could not send.
    var drops: UInt64 = 0
    /// Samples that the agent generated and that did not come, in the memory of the sampling rate; may be a fraction, as
    /// what was seen before counts less.
    var missed = 0.0

    var isNone: Bool { lost | duplicates | outOfOrder | drops == 0 && missed == 0 }

    /// Books what a number says.
    /// - Parameter isTracked: of the series, after the number.
    mutating func note(_ verdict: SequenceVerdict, isTracked: Bool) {
        switch verdict {
        case .gap(let count): lost &+= UInt64(count)
        case .late:
            outOfOrder &+= 1
            if lost > 0 { lost -= 1 }
        case .duplicate: duplicates &+= 1
        case .first, .inOrder, .restart: break
        }
        if !isTracked { lost = 0 }
    }
}

/// One sFlow instance as queries see it.
package struct SampleInstance: Sendable, BitwiseCopyable {
    package struct Key: Equatable, Sendable, BitwiseCopyable {
        let subAgent: UInt32
        package let kind: SampleKind
        package let dataSource: DataSource

        // Written out: the one that the compiler makes compares data sources by a call.
        package static func == (a: Key, b: Key) -> Bool {
            a.dataSource.index == b.dataSource.index && a.dataSource.classNumber == b.dataSource.classNumber
                && a.kind == b.kind && a.subAgent == b.subAgent
        }
    }

    let series: SampleSeries
    let losses: SampleLosses

    package var key: Key { series.key }
    /// The data source's place in the agent's list.
    package var source: Int { Int(series.source) }
    package var samples: UInt64 { series.samples }
    package var lost: UInt64 { losses.lost }
    package var duplicates: UInt64 { losses.duplicates }
    package var outOfOrder: UInt64 { losses.outOfOrder }
    /// Increase of the agent's own drop counter: samples or notifications that it could not send.
    package var drops: UInt64 { losses.drops }
    /// As the last sample declares: one packet in so many.
    package var declaredSamplingRate: UInt32 { series.sampling.declared }
    /// How many packets one received sample really stands for.
    package var effectiveSamplingRate: Double { series.sampling.effective(missed: losses.missed) }
}

/// How many packets one received sample really stands for: the growth of the sample pool a received sample, which also
/// makes up for samples lost on the way (wire-format 9.2).
struct SamplingRate: Sendable, BitwiseCopyable {
    /// Samples after which what was seen before counts half.
    private static let memorySamples = 4_096.0

    var pool = 0.0
    var received = 0.0
    /// As the last sample declares.
    var declared: UInt32 = 0
    var lastPool: UInt32 = 0

    /// Packets a sample received; the declared rate where the agent's pool is not credible (agents that leave it 0, or
    /// advance it by something else than the packets they saw): credible is within a factor of two of the declared rate.
    func effective(missed: Double) -> Double {
        let generated = received + missed
        // An agent that declares 0 has no rate to compare with; without a pool either, a sample is one packet.
        let declared = Double(max(1, self.declared))
        guard received >= 1, generated >= 1 else { return declared }
        let perGenerated = pool / generated
        guard perGenerated >= declared / 2, perGenerated <= declared * 2 || self.declared == 0 else { return declared }
        return pool / received
    }

    @inline(__always)
    mutating func observe(pool total: UInt32, rate: UInt32, after verdict: SequenceVerdict, missed: inout Double) {
        if rate != declared, verdict != .late, verdict != .duplicate {
            // What was seen at another rate says nothing about this one.
            (pool, received, missed) = (0, 0, 0)
            (lastPool, declared) = (total, rate)
            return
        }
        switch verdict {
        case .inOrder, .gap:
            pool += Double(total &- lastPool)
            received += 1
            if case .gap(let lost) = verdict { missed += Double(lost) }
        case .late:
            received += 1
            missed -= 1
            return
        case .duplicate: return
        case .first, .restart: break
        }
        lastPool = total
        if received >= SamplingRate.memorySamples {
            pool /= 2
            received /= 2
            missed /= 2
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
    /// Where the last datagram came from; spares a look at all of them.
    var lastSource: IPAddress?
    /// Where the datagrams came from, in order of appearance; bounded.
    package var udpSources: [IPAddress] = []
    /// What was refused or repaired in its datagrams, by reason.
    package var faults: [DecodeError.Reason: UInt64] = [:]
    package var sourcesRefused: UInt64 = 0
    package var tablesRefused: UInt64 = 0
    package var customRefused: UInt64 = 0
    package var hostsRefused: UInt64 = 0
    package var adaptersRefused: UInt64 = 0

    /// Books a datagram.
    mutating func note(_ verdict: SequenceVerdict, byteCount: Int, from udpSource: IPAddress) {
        observe(verdict)
        datagrams &+= 1
        bytes &+= UInt64(byteCount)
        noteSource(udpSource)
    }

    private mutating func noteSource(_ source: IPAddress) {
        guard source != lastSource else { return }
        lastSource = source
        guard !udpSources.contains(source), udpSources.count < Limits.udpSourcesPerAgent else { return }
        udpSources.append(source)
    }

    private mutating func observe(_ verdict: SequenceVerdict) {
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
