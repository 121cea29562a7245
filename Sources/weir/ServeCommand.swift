// `weir serve`: everything in one process. Reads downwards as the life of the server: start from the inside out, wait,
// stop from the outside in.

internal import Bytes
internal import Capture
internal import Coordinator
internal import Datagrams
internal import DefinitionStore
internal import Glibc
internal import Ingest
internal import Logging
internal import Prometheus
internal import RestAPI
internal import Routing
internal import Settings
internal import ShardEngine
internal import Synchronization
internal import Transport
internal import WebUI
internal import Worker

struct ServeCommand {
    private let settings: Settings
    private let logger: Logger

    /// Requests under way when the server is told to stop may take this long.
    private static let drainSeconds = 5.0
    /// Between two looks at the databases of addresses.
    private static let filePauseSeconds = 60
    /// Between two looks for flows that nobody scrapes any more.
    private static let scrapePauseSeconds = 10
    /// From the stamp of a datagram's arrival to its executor it takes less. Unit: nanoseconds.
    private static let clockDelay: Int64 = 2_000_000_000

    init(_ settings: Settings) {
        self.settings = settings
        logger = makeLogger(settings)
    }

    func run() async throws {
        let ends = EndOfService()
        let clock = StateClock(settings.replay != nil && settings.replayPace == .fast ? .capture : .machine)
        let exports = FlowExports(now: { StateClock(.machine).now }) { [logger] message in
            logger.warning("Flow records do not reach a collector", metadata: ["what": "\(message)"])
        }
        let events = EventLog(eventsMax: settings.eventsMax, flowsMax: settings.flowsMax, exports: exports)
        let pool = makePool(events)
        let counters = IngestCounters()

        let definitions = try await startDefinitions(pool: pool, exports: exports)
        let fileWatch = Task {
            await definitions.watchFiles { try await Task.sleep(for: .seconds(ServeCommand.filePauseSeconds)) }
        }
        defer { fileWatch.cancel() }
        let scraped = ScrapedFlows(definitions)
        let scrapeWatch = Task {
            while (try? await Task.sleep(for: .seconds(ServeCommand.scrapePauseSeconds))) != nil {
                await scraped.removeUnused()
            }
        }
        defer { scrapeWatch.cancel() }
        let http = try await startHTTP(
            pool: pool, clock: clock, events: events, counters: counters, definitions: definitions, scraped: scraped)
        let (source, sflow) = try openSource(pool: pool, clock: clock, counters: counters, ends: ends)
        say("ready role=serve http=\(http.port) sflow=\(sflow)\n")
        source.start()
        let ticking = Task { await tellTime(to: pool, clock: clock) }

        let reason = await ends.wait()
        logger.notice("Stopping", metadata: ["reason": "\(reason)"])
        source.stop()
        ticking.cancel()
        await ticking.value
        await pool.drain()
        events.close()
        exports.stop()
        await http.server.shutdown(drainSeconds: ServeCommand.drainSeconds)
        pool.stop()
        logger.notice("Stopped", metadata: ["datagrams": "\(counters.snapshot.datagramsReceived)"])
    }

    /// While nothing arrives, nothing but the clock says that a logged flow has ended.
    private func tellTime(to pool: ExecutorPool, clock: StateClock) async {
        guard settings.replay == nil || settings.replayPace == .recorded else { return }
        while (try? await Task.sleep(for: .seconds(1))) != nil {
            await pool.advance(to: clock.now - ServeCommand.clockDelay)
        }
    }

    // MARK: Parts

    private var catalogue: Catalogue { Catalogue.standard.adding(aliases: settings.metricsAlias) }

    private func makePool(_ events: EventLog) -> ExecutorPool {
        let cores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        let executors = settings.executors > 0 ? settings.executors : cores
        let second = 1e9
        return ExecutorPool(
            executors: executors, shards: settings.shards > 0 ? settings.shards : executors,
            expiry: Expiry(
                minimum: Int64(settings.metricsTimeoutMin * second), maximum: Int64(settings.metricsTimeoutMax * second)),
            catalogue: catalogue, events: events)
    }

    /// Definitions are in force when this returns.
    private func startDefinitions(pool: ExecutorPool, exports: FlowExports) async throws -> DefinitionService {
        let logger = logger
        let service = DefinitionService(
            targets: DefinitionService.Targets(
                setTopology: pool.setTopology, setFlows: pool.setFlows,
                setThresholds: { [catalogue] definitions in
                    await pool.setThresholds(
                        definitions.sorted { $0.key < $1.key }.map {
                            ActiveThreshold(name: $0.key, $0.value, in: catalogue)
                        })
                },
                setExports: { exports.set($0) }),
            store: try settings.dataDir.map { try DefinitionStore(directory: $0) },
            files: AddressFiles(
                AddressFiles.Paths(
                    countries: settings.geoCountry, systems: settings.geoAsn, vendors: settings.ouiNames)),
            reservedMetricNames: Set(Catalogue.standard.names)
        ) { message in
            logger.warning("Something configured cannot be used", metadata: ["what": "\(message)"])
        }
        try await service.start(defineFile: settings.define)
        return service
    }

    private func startHTTP(
        pool: ExecutorPool, clock: StateClock, events: EventLog, counters: IngestCounters, definitions: DefinitionService,
        scraped: ScrapedFlows
    ) async throws -> (server: HTTPServer, port: Int) {
        var configuration = HTTPServerConfiguration(host: settings.httpHostname, port: settings.httpPort)
        configuration.errorResponse = { HTTPProblem($0, $1).response }
        let late = LateServer()
        let queries = QueryCoordinator(
            hosts: pool.hosts, clock: clock, catalogue: catalogue)
        let context = APIContext(
            queries: queries, events: events, indent: settings.httpJsonIndent, version: Weir.version,
            started: StateClock(.machine).now, ingest: counters, http: { late.counters })
        let router = Router(
            routes(context, definitions, scraped), allowedOrigin: settings.httpCors, logsRequests: settings.httpLog, logger: logger)
        let server = HTTPServer(configuration: configuration, responder: router, logger: logger)
        late.set(server)
        let port = try await server.start()
        logger.notice("Listening, HTTP port \(port)")
        return (server, port)
    }

    private func routes(_ context: APIContext, _ definitions: DefinitionService, _ scraped: ScrapedFlows) -> [Route] {
        var routes: [Route] = []
        if settings.httpRest {
            routes += RestAPI.routes(context) + TopologyRoutes.routes(context, definitions)
            routes += DefinitionRoutes.routes(
                definitions,
                DefinitionRoutes.Configuration(isReadOnly: settings.httpReadonly, indent: settings.httpJsonIndent))
            let prometheus = PrometheusRoutes.Configuration(
                prefix: settings.prometheusMetricPrefix, showsTypes: settings.prometheusType)
            routes += PrometheusRoutes.routes(context, prometheus)
            routes += ExportRoutes.routes(context, prometheus, scraped)
        }
        if settings.httpHtml { routes += WebUI.routes(redirect: settings.httpHtmlRedirect) }
        if settings.httpRest { routes.append(OpenAPIDocument.route(describing: routes, version: Weir.version)) }
        return routes
    }

    private func openSource(
        pool: ExecutorPool, clock: StateClock, counters: IngestCounters, ends: EndOfService
    ) throws -> (any DatagramSource, String) {
        if let path = settings.replay {
            let replay = try ReplaySource(
                replayConfiguration(path), sink: pool, clock: clock, counters: counters
            ) { report in
                Task { await finishReplay(report, pool: pool, counters: counters, ends: ends) }
            }
            return (replay, "none")
        }
        if settings.demo {
            return (try DemoSource(FabricConfiguration(), sink: pool, counters: counters), "none")
        }
        var configuration = UDPReceiver.Configuration(
            address: settings.sflowAddress.flatMap { IPAddress($0) }, port: settings.sflowPort)
        configuration.sockets = settings.sflowSockets
        configuration.receiveBufferBytes = settings.sflowRcvbuf
        let receiver = try UDPReceiver(configuration, sink: pool, counters: counters)
        if receiver.receiveBufferBytes < settings.sflowRcvbuf {
            logger.warning(
                "The receive buffer is smaller than asked for: raise net.core.rmem_max, or grant CAP_NET_ADMIN",
                metadata: ["granted": "\(receiver.receiveBufferBytes)", "asked": "\(settings.sflowRcvbuf)"])
        }
        logger.notice("Listening, sFlow port \(receiver.port)")
        return (receiver, "\(receiver.port)")
    }

    private func replayConfiguration(_ path: String) -> ReplaySource.Configuration {
        let pace: ReplaySource.Pace =
            switch settings.replayPace {
            case .recorded: .recorded
            case .fast: .fast
            }
        let end: ReplaySource.End =
            switch settings.replayEnd {
            case .loop: .loop
            case .hold: .hold
            case .exit: .exit
            }
        return ReplaySource.Configuration(path: path, pace: pace, end: end)
    }

    /// The end of a replay: told when all of it has been taken in.
    private func finishReplay(
        _ report: ReplaySource.Report, pool: ExecutorPool, counters: IngestCounters, ends: EndOfService
    ) async {
        await pool.drain()
        // Nothing comes any more: what has ended by now is told now.
        if report.end == .hold { await pool.advance(to: report.time) }
        if let error = report.error { complain("\(error)") }
        let refused = report.frames.frames - report.frames.datagrams - report.frames.fragmentsHeld
        say(
            "replayed file=\(report.path) packets=\(report.frames.frames) datagrams=\(counters.snapshot.datagramsReceived)"
                + " refused=\(refused) fragments=\(report.frames.fragmentsHeld) at=\(report.time / 1_000_000)\n")
        if report.end == .exit { ends.end("the capture is through") }
    }
}

/// The HTTP server for those who are made before it.
private final class LateServer: Sendable {
    private let server = Mutex<HTTPServer?>(nil)

    func set(_ server: HTTPServer) { self.server.withLock { $0 = server } }
    var counters: HTTPServerCounters { server.withLock { $0 }?.counters ?? .none }
}
