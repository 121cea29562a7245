// The parts of one process: executors, and the coordinator that asks them.

import Bytes
import Cluster
import Coordinator
import DatagramBuilding
import Datagrams
import Queries
import SFlow
import ShardEngine
import Worker

struct Process {
    let pool: ExecutorPool
    let coordinator: QueryCoordinator
    let clock = StateClock(.capture)
    let events = EventLog(eventsMax: 100_000, flowsMax: 100_000)
    private let batches = BatchPool(batches: 3, capacityBytes: 256 << 10, envelopesPerBatch: 64)

    init(executors: Int, shards: Int) {
        pool = ExecutorPool(executors: executors, shards: shards, expiry: .standard, catalogue: .standard, events: events)
        coordinator = QueryCoordinator(hosts: { [pool] in Process.hosts(of: pool) }, clock: clock, catalogue: .standard)
    }

    func stop() { pool.stop() }

    /// Hands datagrams over in batches, as a source does.
    func feed(_ arrivals: [Arrival]) {
        var batch: DatagramBatch?
        var filledBytes = 0
        func flush() {
            if let full = batch { pool.accept(full) }
            (batch, filledBytes) = (nil, 0)
        }
        for arrival in arrivals {
            if filledBytes + arrival.bytes.count > 256 << 10 || batch.map({ $0.envelopes.count == 64 }) == true { flush() }
            let open = batch ?? batches.take()
            batch = open
            for (offset, byte) in arrival.bytes.enumerated() { open.writableBytes[filledBytes + offset] = byte }
            open.envelopes.append(
                Envelope(
                    offset: filledBytes, byteCount: arrival.bytes.count, udpSource: arrival.datagram.agent, arrival: arrival.time,
                    shard: Int(arrival.datagram.agent.stableHash % UInt64(pool.shardCount))))
            filledBytes += arrival.bytes.count
            clock.advance(to: arrival.time)
        }
        flush()
    }

    /// As many hosts as executors, as if they were workers: what they say is merged by the coordinator.
    private static func hosts(of pool: ExecutorPool) -> HostSet {
        let count = pool.executors.count
        return HostSet(
            hosts: (0..<count).map { pool.host(for: ShardSet(stride(from: $0, to: pool.shardCount, by: count))) },
            shardCount: pool.shardCount)
    }

    func metrics(_ terms: String, at now: Int64, filter: RowFilter = .none) async throws -> [MetricAnswer] {
        try await coordinator.metrics(
            MetricQuery(agents: .all, terms: try MetricTerm.list(terms), filter: filter), at: Instant(nanoseconds: now))
    }

    func rows(_ query: RowQuery, at now: Int64) async throws -> [Row] {
        var merged = try await coordinator.rows(query, at: Instant(nanoseconds: now))
        var rows: [Row] = []
        while let row = try await merged.next() { rows.append(row) }
        return rows
    }

    func table(_ columns: String, at now: Int64) async throws -> [Row] {
        try await rows(try RowQuery.table(agents: .all, columns: columns, filter: .none), at: now)
    }

    /// Every kind of answer as text, for comparing processes bit by bit (numbers print so that they read back the same).
    func everything(at now: Int64) async throws -> [String] {
        let instant = Instant(nanoseconds: now)
        var lines: [String] = []
        let filters = [RowFilter.none, try RowFilter([(name: "ifname", pattern: "swp*"), (name: "ifspeed", pattern: "1e10")])]
        let terms = SameAnswer.metrics.flatMap { metric in Statistic.allCases.map { "\($0.rawValue):\(metric)" } } + ["max:2.ifspeed"]
        for filter in filters {
            for answer in try await metrics(terms.joined(separator: ","), at: now, filter: filter) {
                lines.append(
                    "\(answer.term.text) \(String(describing: answer.value)) \(answer.tally) \(String(describing: answer.place)) \(String(describing: answer.quartiles))")
            }
        }
        for columns in [
            "ifinoctets,null:ifname", "ifname,sort:ifinoctets:-7", "sort:ifspeed", "2.1.load_one,null:3.ifname", "hits,null:level",
            "null:host_name,sort:ifoperstatus:30",
        ] {
            for row in try await table(columns, at: now) { lines.append("\(columns): \(row)") }
        }
        for row in try await rows(RowQuery(agents: .all, columns: .all, filter: .none), at: now) { lines.append("dump: \(row)") }
        for agent in try await coordinator.agents(.all, at: instant) {
            let faults = agent.statistics.faults.map { "\($0.key) \($0.value)" }.sorted()
            var statistics = agent.statistics
            statistics.faults = [:]
            lines.append("\(agent.address) \(String(describing: agent.hostName)) \(statistics) \(faults)")
            lines.append("\(agent.flow) \(agent.counter) \(agent.notification)")
            lines.append("\(agent.firstArrival) \(agent.lastArrival) \(agent.uptimeMilliseconds)")
        }
        for source in try await coordinator.dataSources(.all, at: instant) { lines.append("\(source)") }
        for (name, arrival) in try await coordinator.newestArrivals(at: instant).sorted(by: { $0.key < $1.key }) {
            lines.append("\(name) \(arrival)")
        }
        let books = try await coordinator.books(at: instant)
        let counters = books.counters
        lines.append(
            "\(books.agentCount) \(counters.datagrams) \(counters.bytes) \(counters.accepted) \(counters.duplicates) \(counters.refusedTotal) \(counters.flowSamples) \(counters.counterSamples) \(counters.namedSamples)")
        return lines
    }
}
