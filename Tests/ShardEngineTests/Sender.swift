// One agent and the shard that it sends to, on a clock that the test moves.

import Bytes
import DatagramBuilding
import SFlow
import ShardEngine

final class Sender {
    let shard: Shard
    var agent = IPAddress(v4: 0x0A00_0001)
    /// Of the last datagram.
    private(set) var sequence: UInt32 = 0
    private(set) var uptime: UInt32 = 100_000
    /// Unit: nanoseconds since the Unix epoch.
    private(set) var now: Int64 = 1_700_000_000_000_000_000
    private var sampleSequence: UInt32 = 0
    /// Datagrams that each one stands for.
    var weight: UInt8 = 1

    init(shard: Shard = Shard()) { self.shard = shard }

    /// Lets time pass.
    func wait(_ seconds: Double) { now += Int64(seconds * 1e9) }

    /// Sends a datagram `after` so many seconds; uptime goes with the time, or by `uptimeSeconds`, or to `uptime`.
    func send(
        after seconds: Double = 20, uptimeSeconds: Double? = nil, uptime: UInt32? = nil, sequence: UInt32? = nil,
        subAgent: UInt32 = 0, _ samples: Framed...
    ) {
        wait(seconds)
        self.uptime = uptime ?? self.uptime &+ UInt32((uptimeSeconds ?? seconds) * 1000)
        self.sequence = sequence ?? self.sequence &+ 1
        sendRaw(Datagram(agent: agent, subAgent: subAgent, sequence: self.sequence, uptime: self.uptime, samples))
    }

    /// Sends a datagram as it is, now.
    func sendRaw(_ datagram: Datagram) { send(bytes: datagram.bytes) }

    func send(bytes: [UInt8]) {
        shard.ingest(bytes.span.bytes, udpSource: IPAddress(v4: 0xC000_0201), arrival: now, weight: weight)
    }

    /// Sends one counter sample with the next sample number.
    func counters(
        after seconds: Double = 20, uptimeSeconds: Double? = nil, uptime: UInt32? = nil,
        of source: DataSource = .port(4), _ records: Framed...
    ) {
        sampleSequence &+= 1
        send(after: seconds, uptimeSeconds: uptimeSeconds, uptime: uptime, .counters(sampleSequence, source, records))
    }

    func view() -> AgentView? {
        shard.agents[agent].map { AgentView($0, at: Instant(nanoseconds: now), of: shard) }
    }

    func reading(_ metric: String, at source: SourceName) -> Reading? {
        guard let view = view(), let place = view.agent.source(named: source) else { return nil }
        return view.reading(of: MetricName(metric), source: place)
    }

    func number(_ metric: String, at source: DataSource = .port(4)) -> Double? {
        guard case .number(let number)? = reading(metric, at: .numbered(source))?.value else { return nil }
        return number
    }

    func text(_ metric: String, at source: DataSource = .port(4)) -> String? {
        guard case .text(let text)? = reading(metric, at: .numbered(source))?.value else { return nil }
        return text
    }

    func custom(_ metric: String, _ source: String = "app") -> MetricValue? { reading(metric, at: .named(source))?.value }

    /// Everything that queries see, as text, for comparing two shards.
    static func contents(of shard: Shard, at now: Int64) -> [String] {
        var lines: [String] = []
        for agent in shard.agents.values.sorted(by: { $0.address < $1.address }) {
            let view = AgentView(agent, at: Instant(nanoseconds: now), of: shard)
            guard view.isVisible else { continue }
            lines.append("\(agent.address) \(agent.statistics.datagrams) \(agent.statistics.lost) \(agent.statistics.duplicates)")
            for source in view.agent.sortedSources {
                view.forEachMetric(source: source) { name, reading in
                    lines.append("\(agent.address) \(agent.sources[source]) \(name) \(reading.value) \(reading.arrival)")
                }
            }
        }
        return lines
    }
}

extension DataSource {
    static func port(_ index: UInt32) -> DataSource { DataSource(classNumber: 0, index: index) }
    static let machine = DataSource(classNumber: 2, index: 1)
    static func guest(_ index: UInt32) -> DataSource { DataSource(classNumber: 3, index: index) }
}
