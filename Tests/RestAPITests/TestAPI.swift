// The API as `weir serve` puts it together, over shards that have taken in a small fabric, on a clock that stands still.

import Bytes
import Coordinator
import DatagramBuilding
import Datagrams
import Ingest
import Logging
import NIOCore
import Prometheus
import RestAPI
import Routing
import ShardEngine
import Synchronization
import Transport
import WebUI
import Worker

struct TestAPI: Sendable {
    let routes: [Route]
    let router: Router
    /// nil when there is no server: then only calls are possible.
    let port: Int?
    let events: EventLog
    let definitions: DefinitionService
    let scraped: ScrapedFlows
    /// The time by which unused definitions of scrapes go.
    let wallTime: WallTime
    /// Takes more datagrams in; time goes on to their arrival.
    let send: @Sendable ([Datagram], _ arrival: Int64) async -> Void

    /// Seconds between the last datagram and now.
    static let age: Int64 = 2
    static let start: Int64 = 1_700_000_000_000_000_000
    static let second: Int64 = 1_000_000_000

    struct Configuration: Sendable {
        var shards = 2
        var indent = 1
        var allowedOrigin: String?
        var prometheus = PrometheusRoutes.Configuration(prefix: "sflow_", showsTypes: false)
        var flows: [ActiveFlow] = []
        var thresholds: [ActiveThreshold] = []
        /// Fills the shards; returns the time of the last datagram.
        var feed: @Sendable (inout BatchFiller) throws -> Int64 = feedFabric
    }
}

/// A clock that goes when it is told to.
final class WallTime: Sendable {
    private let time = Mutex(ContinuousClock.now)

    var now: ContinuousClock.Instant { time.withLock { $0 } }
    func advance(seconds: Double) { time.withLock { $0 += .seconds(seconds) } }
}

/// Sets everything up, runs the body, and takes everything down.
func withAPI<Result>(
    _ ways: [Way] = [.call], _ configure: (inout TestAPI.Configuration) -> Void = { _ in },
    _ body: (TestAPI) async throws -> Result
) async throws -> Result {
    var configuration = TestAPI.Configuration()
    configure(&configuration)
    let events = EventLog(eventsMax: 1_000, flowsMax: 1_000)
    let pool = ExecutorPool(
        executors: 2, shards: configuration.shards, expiry: Expiry(minimum: 60 * TestAPI.second, maximum: 600 * TestAPI.second),
        catalogue: .standard, events: events)
    defer { pool.stop() }
    let counters = IngestCounters()
    let clock = StateClock(.capture)
    await pool.setFlows(configuration.flows)
    await pool.setThresholds(configuration.thresholds)
    var filler = BatchFiller(sink: pool, counters: counters)
    clock.advance(to: try configuration.feed(&filler) + TestAPI.age * TestAPI.second)
    filler.flush()
    await pool.drain()

    let context = APIContext(
        queries: QueryCoordinator(hosts: { [pool] in pool.hosts }, clock: clock, catalogue: .standard), events: events,
        indent: configuration.indent, version: "0.1-1", started: StateClock(.machine).now, ingest: { [counters] in counters.snapshot }, http: { .none })
    let definitions = DefinitionService(
        targets: .init(setTopology: pool.setTopology, setFlows: pool.setFlows),
        reservedMetricNames: Set(Catalogue.standard.names)
    ) { _ in }
    let wallTime = WallTime()
    let scraped = ScrapedFlows(definitions) { wallTime.now }
    var routes = RestAPI.routes(context) + PrometheusRoutes.routes(context, configuration.prometheus)
    routes += ExportRoutes.routes(context, configuration.prometheus, scraped) + TopologyRoutes.routes(context, definitions)
    routes.append(ClusterRoutes.single(context, shards: pool.shardCount) { 7 })
    routes += WebUI.routes(redirect: "./html/index.html")
    routes.append(OpenAPIDocument.route(describing: routes, version: context.version))
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let router = Router(routes, allowedOrigin: configuration.allowedOrigin, logger: logger)
    let api = { [routes] (port: Int?) in
        TestAPI(
            routes: routes, router: router, port: port, events: events, definitions: definitions, scraped: scraped,
            wallTime: wallTime
        ) { datagrams, arrival in
            var filler = BatchFiller(sink: pool, counters: counters)
            for datagram in datagrams {
                filler.add(datagram.bytes.span.bytes, udpSource: datagram.agent, arrival: arrival)
            }
            filler.flush()
            await pool.drain()
            clock.advance(to: arrival)
        }
    }
    guard ways.contains(where: { $0 != .call }) else { return try await body(api(nil)) }
    var server = HTTPServerConfiguration(host: "127.0.0.1", port: 0)
    server.errorResponse = { HTTPProblem($0, $1).response }
    let http = HTTPServer(configuration: server, responder: router, logger: logger)
    let port = try await http.start()
    do {
        let result = try await body(api(port))
        await http.shutdown(drainSeconds: 0.2)
        return result
    } catch {
        await http.shutdown(drainSeconds: 0.2)
        throw error
    }
}

/// Two leaves with names, whose ports have names and rates, and an IPv6 agent without. Rates are of ten seconds.
///
/// | agent | port | speed | in, octets/s | in, % |
/// |---|---|---|---|---|
/// | 10.0.0.1 leaf1 | 1 swp1 | 1 Gbit/s | 125,000 | 0.1 |
/// | | 2 swp2 | 10 Gbit/s | 12,500,000 | 1 |
/// | 10.0.0.2 leaf2.example | 1 swp1 | 1 Gbit/s | 50,000,000 | 40 |
/// | 2001:DB8::3 | 7 | unknown | 1,000 | |
@Sendable func feedFabric(_ filler: inout BatchFiller) throws -> Int64 {
    var leaf1 = TestAgent(IPAddress(v4: 0x0A00_0001)), leaf2 = TestAgent(IPAddress(v4: 0x0A00_0002))
    var third = TestAgent(IPAddress(v6High: 0x2001_0DB8_0000_0000, low: 3))
    var arrival = TestAPI.start
    for round in 1...2 as ClosedRange<UInt64> {
        arrival = TestAPI.start + Int64(round) * 10 * TestAPI.second
        let uptime = UInt32(round) * 10_000
        func add(_ bytes: [UInt8], _ agent: TestAgent) {
            filler.add(bytes.span.bytes, udpSource: agent.address, arrival: arrival)
        }
        add(
            leaf1.datagram(
                uptime: uptime,
                [
                    .init(index: 1, name: "swp1", speed: 1_000_000_000, inOctets: 1_250_000 * round, outOctets: 10_000 * round),
                    .init(index: 2, name: "swp2", speed: 10_000_000_000, inOctets: 125_000_000 * round, outOctets: 0),
                ], host: "leaf1", load: 0.5), leaf1)
        add(
            leaf2.datagram(
                uptime: uptime,
                [.init(index: 1, name: "swp1", speed: 1_000_000_000, inOctets: 500_000_000 * round, outOctets: 20_000 * round)],
                host: "leaf2.example", load: 1.5), leaf2)
        add(third.datagram(uptime: uptime, [.init(index: 7, speed: 0, inOctets: 10_000 * round, outOctets: 0)]), third)
        add(leaf2.datagram(uptime: uptime, custom: "app", [("app-load", 1), ("app_load", 2), ("requests", 9)]), leaf2)
    }
    return arrival
}

/// A thousand agents with four ports each.
@Sendable func feedManyAgents(_ filler: inout BatchFiller) throws -> Int64 {
    for number in 1...1_000 as ClosedRange<UInt32> {
        var agent = TestAgent(IPAddress(v4: 0x0A01_0000 + number))
        let ports = (1...4 as ClosedRange<UInt32>).map {
            TestAgent.Interface(index: $0, name: "swp\($0)", speed: 1_000_000_000, inOctets: 0, outOctets: 0)
        }
        filler.add(agent.datagram(uptime: 1, ports).span.bytes, udpSource: agent.address, arrival: TestAPI.start)
    }
    return TestAPI.start
}
