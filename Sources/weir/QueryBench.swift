// `weir bench query`: REST requests answered from the tables of a capture, through everything but the socket.

internal import Coordinator
internal import Datagrams
internal import Glibc
internal import Ingest
internal import Logging
internal import NIOCore
internal import Prometheus
internal import Queries
internal import RestAPI
internal import Routing
internal import ShardEngine
internal import Transport
internal import Worker

struct QueryBench {
    private let load: BenchLoad

    /// Asked when no query is named.
    private static let usual = [
        "/metric/ALL/max:ifinutilization,med:ifinutilization/json",
        "/metric/ALL/sum:ifinoctets,avg:ifinoctets,sdev:ifinoctets/json",
        "/table/ALL/ifindex,sort:ifinutilization:-10/json",
        "/dump/ALL/ifinoctets/json",
        "/dump/ALL/ALL/json",
        "/prometheus/metrics/ALL/ifinoctets,ifoutoctets/txt",
        "/agents/json",
    ]

    init(_ load: BenchLoad) { self.load = load }

    func run(_ query: String?, seconds: Double) async throws -> [String] {
        let cores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        let pool = ExecutorPool(executors: cores, shards: cores, expiry: .standard, catalogue: .standard)
        let clock = StateClock(.capture)
        let counters = IngestCounters()
        var filler = BatchFiller(sink: pool, counters: counters)
        load.forEach { bytes, source, arrival in
            clock.advance(to: arrival)
            filler.add(bytes, udpSource: source, arrival: arrival)
        }
        filler.flush()
        await pool.drain()
        let context = APIContext(
            queries: QueryCoordinator(hosts: { [pool] in pool.hosts }, clock: clock, catalogue: .standard),
            events: EventLog(eventsMax: 1, flowsMax: 1), indent: 1, version: Weir.version, started: clock.now, ingest: { counters.snapshot }, http: { .none })
        let router = Router(
            RestAPI.routes(context) + PrometheusRoutes.routes(context, .init(prefix: "sflow_", showsTypes: false)),
            logger: Logger(label: "weir.bench"))
        var lines: [String] = []
        let queries = query.map { [$0] } ?? QueryBench.usual
        for query in queries {
            lines.append(try await measure(query, router, seconds: seconds / Double(queries.count)))
        }
        pool.stop()
        return lines
    }

    private func measure(_ query: String, _ router: Router, seconds: Double) async throws -> String {
        let parts = query.split(separator: "?", maxSplits: 1).map(String.init)
        let request = HTTPRequest(method: "GET", path: parts[0], query: parts.count > 1 ? parts[1] : nil)
        var milliseconds: [Double] = []
        var bytes = 0
        let start = (cpu: BenchResult.cpuSeconds(), wall: BenchResult.wallSeconds())
        repeat {
            let began = BenchResult.wallSeconds()
            bytes = try await answer(request, router)
            milliseconds.append((BenchResult.wallSeconds() - began) * 1_000)
        } while BenchResult.wallSeconds() - start.wall < seconds
        let cpu = (BenchResult.cpuSeconds() - start.cpu) * 1_000 / Double(milliseconds.count)
        milliseconds.sort()
        return "query=\(query) p50_ms=\(decimals(percentile(milliseconds, 50), 3))"
            + " p99_ms=\(decimals(percentile(milliseconds, 99), 3)) cpu_ms=\(decimals(cpu, 3)) bytes=\(bytes)"
            + " requests=\(milliseconds.count)\n"
    }

    private func answer(_ request: HTTPRequest, _ router: Router) async throws -> Int {
        let response = await router.respond(to: request)
        guard response.status == 200 else { throw CommandError("\(request.path) is answered with \(response.status)") }
        switch response.body {
        case .empty: return 0
        case .bytes(let buffer): return buffer.readableBytes
        case .stream(let stream):
            var bytes = 0
            while let piece = try await stream.next() { bytes += piece.readableBytes }
            return bytes
        }
    }

    private func percentile(_ sorted: [Double], _ percent: Int) -> Double {
        sorted[min(sorted.count - 1, sorted.count * percent / 100)]
    }
}
