// Figures, printed and not asserted: `swift test -c release --filter PerformanceFigures`. Skipped in debug builds, whose
// figures mean nothing.

import Bytes
import Capture
import DatagramBuilding
import ExactStatistics
import Glibc
import Queries
import SFlow
import ShardEngine
import Testing

#if DEBUG
    private let isOptimised = false
#else
    private let isOptimised = true
#endif

@Suite(.enabled(if: isOptimised, "figures of debug builds mean nothing: skipped"), .serialized)
struct PerformanceFigures {
    private static let agents: UInt32 = 1_000, ports: UInt32 = 48

    /// Counter samples of all ports of an agent, eight a datagram.
    private static func counters(_ agent: UInt32, round: UInt32) -> [[UInt8]] {
        stride(from: 1, through: ports, by: 8).map { first in
            let samples = (first..<first + 8).map { port in
                Framed.counters(
                    round, DataSource(classNumber: 0, index: port),
                    [.interface(port, inOctets: UInt64(round) * 1_000_000, inPackets: round * 1_000), .record("ethernet_counters", [:])])
            }
            return Datagram(
                agent: IPAddress(v4: 0x0A00_0000 + agent), sequence: round * 6 + first / 8, uptime: round * 20_000, samples
            ).bytes
        }
    }

    /// Memory that the process occupies.
    private static var residentBytes: Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
        let pages = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self).split(separator: " ")
        return (pages.count > 1 ? Int(pages[1]) ?? 0 : 0) * sysconf(Int32(_SC_PAGESIZE))
    }

    private static func nanoseconds(_ body: () -> Void) -> Double {
        let elapsed = ContinuousClock().measure(body)
        return Double(elapsed.components.seconds) * 1e9 + Double(elapsed.components.attoseconds) * 1e-9
    }

    private static func ingest(_ datagrams: [[UInt8]], into shard: Shard, arrival: Int64) {
        for bytes in datagrams { shard.ingest(bytes.span.bytes, udpSource: IPAddress(v4: 1), arrival: arrival) }
    }

    @Test func countersAndQueries() throws {
        let shard = Shard()
        let round1 = PerformanceFigures.all(round: 1)
        let before = PerformanceFigures.residentBytes
        PerformanceFigures.ingest(round1, into: shard, arrival: 20_000_000_000)
        let sources = Int(PerformanceFigures.agents * PerformanceFigures.ports)
        print("memory: \((PerformanceFigures.residentBytes - before) / sources) bytes a data source (if_counters + ethernet)")
        var best = Double.infinity, decodeOnly = Double.infinity
        for round: UInt32 in 2...6 {
            let datagrams = PerformanceFigures.all(round: round)
            let resident = PerformanceFigures.residentBytes
            best = min(best, PerformanceFigures.nanoseconds {
                PerformanceFigures.ingest(datagrams, into: shard, arrival: Int64(round) * 20_000_000_000)
            })
            if round == 6 { print("steady state: \(PerformanceFigures.residentBytes - resident) bytes more after a round") }
            decodeOnly = min(decodeOnly, PerformanceFigures.nanoseconds { PerformanceFigures.decodeOnly(datagrams) })
        }
        print("counter sample: \(Int(best) / sources) ns, of which bare decode \(Int(decodeOnly) / sources) ns")
        #expect(shard.agents.count == Int(PerformanceFigures.agents))
        try queries(shard, at: Instant(nanoseconds: 6 * 20_000_000_000))
    }

    private static func all(round: UInt32) -> [[UInt8]] { (1...agents).flatMap { counters($0, round: round) } }

    private func queries(_ shard: Shard, at instant: Instant) throws {
        let query = MetricQuery(
            agents: .all, terms: try MetricTerm.list("max:ifinutilization,med:ifinutilization"), filter: .none)
        var best = Double.infinity, select = Double.infinity
        for _ in 0..<5 {
            var measurement = query.emptyMeasurement
            best = min(best, PerformanceFigures.nanoseconds { shard.measure(query, at: instant, into: &measurement) })
            select = min(select, PerformanceFigures.nanoseconds {
                _ = try? QuartileSelection.quartiles(of: [measurement.snapshots[0]])
            })
            #expect(measurement.partials[0].numbers.count == 48_000)
        }
        print("max and med over 48,000 data sources: \(Int(best / 1_000)) µs to measure, \(Int(select / 1_000)) µs to select")
        var newest: [String: Int64] = [:]
        print("newestArrivals: \(Int(PerformanceFigures.nanoseconds { shard.newestArrivals(at: instant, into: &newest) } / 1_000)) µs")
        for columns in ["ifinoctets,null:ifname", "ifindex,sort:ifinoctets:-10"] {
            var cursor = RowCursor(try RowQuery.table(agents: .all, columns: columns, filter: .none), at: instant)
            var rows = 0
            let time = PerformanceFigures.nanoseconds { while let page = cursor.next(in: [shard]) { rows += page.count } }
            print("table \(columns): \(rows) rows, \(Int(time / 1_000)) µs")
        }
    }

    /// Four agents, whose state the processor's caches hold, and, where somebody made that capture, a thousand.
    @Test(arguments: [Shared.capture("ecmp.pcap"), "/dev/shm/load.pcap"]) func flowSamples(path: String) throws {
        guard Shared.exists(path) else { return print("\(path) not found: skipped") }
        var reader = try DatagramReader(path: path)
        var datagrams: [(bytes: [UInt8], arrival: Int64)] = []
        while datagrams.count < 100_000, let datagram = try reader.next() {
            let bytes = reader.withPayload(of: datagram) { bytes in (0..<bytes.byteCount).map { (try? bytes.uint8(at: $0)) ?? 0 } }
            datagrams.append((bytes, datagram.arrivalNanoseconds))
        }
        // The first half makes the agents known; the second is measured.
        let half = datagrams.count / 2
        var shard = Shard()
        var total = Double.infinity, decode = Double.infinity
        var samples: UInt64 = 1
        for _ in 0..<3 {
            shard = Shard()
            func ingest(_ datagrams: ArraySlice<(bytes: [UInt8], arrival: Int64)>) {
                for datagram in datagrams {
                    shard.ingest(datagram.bytes.span.bytes, udpSource: IPAddress(v4: 1), arrival: datagram.arrival)
                }
            }
            ingest(datagrams[..<half])
            let before = shard.counters.flowSamples + shard.counters.counterSamples
            total = min(total, PerformanceFigures.nanoseconds { ingest(datagrams[half...]) })
            samples = shard.counters.flowSamples + shard.counters.counterSamples - before
            let second = datagrams[half...].map(\.bytes)
            decode = min(decode, PerformanceFigures.nanoseconds { PerformanceFigures.decodeOnly(second) })
        }
        let counters = shard.counters
        print(
            "\(path): \(datagrams.count) datagrams, \(counters.flowSamples) flow samples, \(counters.counterSamples) counter samples, \(shard.agents.count) agents")
        print("all samples: \(UInt64(total) / samples) ns a sample, bare decode \(UInt64(decode) / samples) ns")
    }

    private static func decodeOnly(_ datagrams: [[UInt8]]) {
        var visitor = CountingVisitor()
        for bytes in datagrams { try? decode(bytes.span.bytes, udpSource: IPAddress(v4: 1), into: &visitor) }
        blackHole = visitor.count
    }
}

nonisolated(unsafe) private var blackHole = 0

/// As little as a visitor can do.
private struct CountingVisitor: DatagramVisitor {
    var count = 0

    mutating func beginDatagram(_ header: DatagramHeader) -> Bool { true }
    mutating func beginFlowSample(_ sample: FlowSample) -> Bool {
        count &+= Int(sample.samplePool)
        return true
    }
    mutating func flowRecord(_ layout: FlowLayoutID, _ body: RawSpan, in datagram: RawSpan) { count &+= body.byteCount }
    mutating func endFlowSample(in datagram: RawSpan) {}
    mutating func beginCounterSample(_ sample: CounterSample) -> Bool { true }
    mutating func counterRecord(_ layout: CounterLayoutID, _ body: RawSpan) { count &+= body.byteCount }
    mutating func endCounterSample() {}
    mutating func beginDiscardedPacket(_ sample: DiscardedPacket) -> Bool { true }
    mutating func endDiscardedPacket(in datagram: RawSpan) {}
    mutating func namedMetrics(_ body: RawSpan) {}
    mutating func namedFlow(_ body: RawSpan) {}
    mutating func unknownSample(_ tag: SFlow.Tag) {}
    mutating func unknownRecord(_ kind: RecordKind, _ tag: SFlow.Tag) {}
    mutating func fault(_ error: DecodeError) {}
}
