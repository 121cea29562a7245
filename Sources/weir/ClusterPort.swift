// The cluster port of a node: streams between nodes, and for probes and scrapers a few plain paths. Never the public port.

internal import ClusterMember
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
    ///   - peers: of the process; streams that come in here count there, too.
    ///   - isReady: whether the node does its work.
    init(
        _ settings: Settings, role: String, streams: (any StreamAcceptor)?, peers: PeerDialer, logger: Logger,
        isReady: @escaping @Sendable () -> Bool
    ) {
        self.settings = settings
        self.logger = logger
        var configuration = HTTPServerConfiguration(host: settings.clusterHostname, port: 0)
        configuration.port = settings.clusterPort ?? (role == "coordinator" ? 7343 : 0)
        configuration.streams = streams
        configuration.tls = peers.tls
        configuration.peerCounters = peers.counters
        configuration.errorResponse = { HTTPProblem($0, $1).response }
        let late = LateServer()
        let routes = ClusterPort.probes(isReady) + [StreamRoute.route(peers.counters, server: { late.counters })]
        server = HTTPServer(configuration: configuration, responder: Router(routes, logger: logger), logger: logger)
        late.set(server)
    }

    /// - Returns: the port.
    func start() async throws -> Int {
        let port = try await server.start()
        logger.notice("Listening, cluster port \(port)")
        return port
    }

    func stop() async { await server.shutdown(drainSeconds: ClusterPort.drainSeconds) }

    private static func probes(_ isReady: @escaping @Sendable () -> Bool) -> [Route] {
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

/// What the settings say about TLS between nodes; nil for none.
func peerTLS(_ settings: Settings) -> PeerTLS? {
    guard let certificate = settings.clusterTLSCert, let key = settings.clusterTLSKey, let roots = settings.clusterTLSCA
    else { return nil }
    return PeerTLS(certificatePath: certificate, keyPath: key, trustRootsPath: roots)
}
