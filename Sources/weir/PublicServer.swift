// What people and tools see: the REST API, Prometheus' paths and the pages on one port, over whatever hosts answer the queries.
// The same for a single process and for a coordinator.

internal import Coordinator
internal import Datagrams
internal import Ingest
internal import Logging
internal import Prometheus
internal import Queries
internal import RestAPI
internal import Routing
internal import Settings
internal import ShardEngine
internal import Synchronization
internal import Transport
internal import WebUI

final class PublicServer: Sendable {
    /// What the answers come from.
    struct Sources: Sendable {
        var hosts: @Sendable () -> HostSet
        var clock: StateClock
        var events: EventLog
        var definitions: DefinitionService
        var ingest: @Sendable () -> IngestCounters.Snapshot
        /// Of a coordinator.
        var cluster: ClusterView?
    }

    /// Answers requests without a socket, too.
    let router: Router
    private let settings: Settings
    private let logger: Logger
    private let server: HTTPServer
    private let definitions: DefinitionService
    private let scraped: ScrapedFlows
    private let watches = Mutex<[Task<Void, Never>]>([])

    /// Requests under way when the server is told to stop may take this long.
    private static let drainSeconds = 5.0
    /// Between two looks at the databases of addresses.
    private static let filePauseSeconds = 60
    /// Between two looks for flows that nobody scrapes any more.
    private static let scrapePauseSeconds = 10

    /// - Parameters:
    ///   - wrap: what stands between the port and the router.
    ///   - clusterRoutes: `/cluster/json`, and what else only one of the two ways to run has.
    init(
        _ settings: Settings, _ sources: Sources, logger: Logger, wrap: (Router) -> any HTTPResponder = { $0 },
        clusterRoutes: (APIContext) -> [Route]
    ) {
        self.settings = settings
        self.logger = logger
        definitions = sources.definitions
        scraped = ScrapedFlows(sources.definitions)
        let late = LateServer()
        var context = APIContext(
            queries: QueryCoordinator(hosts: sources.hosts, clock: sources.clock, catalogue: standardCatalogue(settings)),
            events: sources.events, indent: settings.httpJsonIndent, version: Weir.version,
            started: StateClock(.machine).now, ingest: sources.ingest, http: { late.counters })
        context.cluster = sources.cluster
        router = Router(
            PublicServer.routes(settings, context, definitions, scraped, clusterRoutes(context)), allowedOrigin: settings.httpCors,
            logsRequests: settings.httpLog, logger: logger)
        var configuration = HTTPServerConfiguration(host: settings.httpHostname, port: settings.httpPort)
        configuration.errorResponse = { HTTPProblem($0, $1).response }
        server = HTTPServer(configuration: configuration, responder: wrap(router), logger: logger)
        late.set(server)
    }

    /// - Returns: the port.
    func start() async throws -> Int {
        let (definitions, scraped) = (definitions, scraped)
        watches.withLock { watches in
            watches.append(
                Task {
                    await definitions.watchFiles { try await Task.sleep(for: .seconds(PublicServer.filePauseSeconds)) }
                })
            watches.append(
                Task {
                    while (try? await Task.sleep(for: .seconds(PublicServer.scrapePauseSeconds))) != nil {
                        await scraped.removeUnused()
                    }
                })
        }
        let port = try await server.start()
        logger.notice("Listening, HTTP port \(port)")
        return port
    }

    func stop() async {
        for watch in watches.withLock({ $0 }) { watch.cancel() }
        await server.shutdown(drainSeconds: PublicServer.drainSeconds)
    }

    private static func routes(
        _ settings: Settings, _ context: APIContext, _ definitions: DefinitionService, _ scraped: ScrapedFlows, _ cluster: [Route]
    ) -> [Route] {
        var routes: [Route] = []
        if settings.httpRest {
            routes += cluster
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
}

/// Names of metrics as queries may use them.
func standardCatalogue(_ settings: Settings) -> Catalogue { Catalogue.standard.adding(aliases: settings.metricsAlias) }

/// The HTTP server for those who are made before it.
final class LateServer: Sendable {
    private let server = Mutex<HTTPServer?>(nil)

    func set(_ server: HTTPServer) { self.server.withLock { $0 = server } }
    var counters: HTTPServerCounters { server.withLock { $0 }?.counters ?? .none }
}
