// The cluster port of a node: streams between nodes, and for probes and scrapers a few plain paths. Never the public port.

internal import Logging
internal import NIOCore
internal import Prometheus
internal import Routing
internal import Settings
internal import Transport

struct ClusterPort {
    private let settings: Settings
    private let logger: Logger
    private let server: HTTPServer

    /// Streams under way when the node stops may take this long.
    private static let drainSeconds = 2.0

    /// - Parameters:
    ///   - counters: of the process's streams; those that come in here count there, too.
    ///   - isReady: whether the node does its work.
    init(
        _ settings: Settings, role: String, streams: (any StreamAcceptor)?, counters: PeerCounters, logger: Logger,
        isReady: @escaping @Sendable () -> Bool
    ) {
        self.settings = settings
        self.logger = logger
        var configuration = HTTPServerConfiguration(host: settings.clusterHostname, port: 0)
        configuration.port = settings.clusterPort ?? (role == "coordinator" ? 7343 : 0)
        configuration.streams = streams
        configuration.peerCounters = counters
        configuration.errorResponse = { HTTPProblem($0, $1).response }
        let routes = ClusterPort.routes(isReady) + [StreamRoute.route(counters)]
        server = HTTPServer(configuration: configuration, responder: Router(routes, logger: logger), logger: logger)
    }

    /// - Returns: the port.
    func start() async throws -> Int {
        let port = try await server.start()
        logger.notice("Listening, cluster port \(port)")
        return port
    }

    func stop() async { await server.shutdown(drainSeconds: ClusterPort.drainSeconds) }

    private static func routes(_ isReady: @escaping @Sendable () -> Bool) -> [Route] {
        @Sendable func text(_ status: Int, _ text: String) -> HTTPResponse {
            HTTPResponse(
                status: status, headers: ["content-type": "text/plain"], body: .bytes(ByteBuffer(string: text + "\n")))
        }
        return [
            Route(.get, "/healthz", group: "Server", summary: "Whether the process answers", answer: .text(example: "ok")) { _ in text(200, "ok") },
            Route(.get, "/readyz", group: "Server", summary: "Whether the node does its work", answer: .text(example: "ready")) { _ in
                isReady() ? text(200, "ready") : text(503, "not ready: it has no shards yet, or no map")
            },
        ]
    }
}
