// `weir coordinator`: answers queries from all workers of a cluster, and if the store lets it lead, decides who has what.

internal import Capture
internal import Cluster
internal import ClusterMember
internal import ClusterStore
internal import Coordinator
internal import Datagrams
internal import Definitions
internal import Ingest
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import Prometheus
internal import RestAPI
internal import Routing
internal import Settings
internal import ShardEngine
internal import Synchronization
internal import Transport

struct CoordinatorCommand {
    private let settings: Settings
    private let logger: Logger

    /// Shards of a cluster that does not say how many: enough for a thousand workers to be loaded alike.
    private static let shardCountStandard = 1_024

    init(_ settings: Settings) {
        self.settings = settings
        logger = makeLogger(settings)
    }

    func run() async throws {
        let ends = EndOfService()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let peers = PeerDialer(group: group, tls: peerTLS(settings), logger: logger)
        let store = try StoreAddress(settings.store).open(cluster: "weir", environment: Weir.environment())
        let exports = flowExports(logger)
        let events = EventLog(eventsMax: settings.eventsMax, flowsMax: settings.flowsMax, exports: exports)
        let view = ClusterView(clock: StateClock(.machine), peers: peers)
        let late = LateNode()
        let definitions = DefinitionService(
            targets: DefinitionService.Targets(
                setExports: { exports.set($0) }, spread: { await late.node?.spread($0) }),
            store: ClusterDefinitions(store: store), files: AddressFiles(addressPaths(settings)),
            reservedMetricNames: Set(Catalogue.standard.names), report: reporter(logger))

        let http = PublicServer(
            settings,
            PublicServer.Sources(
                hosts: { view.hosts }, clock: view.clock, events: events, definitions: definitions,
                ingest: { view.snapshot?.received ?? IngestCounters().snapshot }, cluster: view),
            logger: logger,
            wrap: { LeaderForwarding(responder: $0, node: { late.node }) { HTTPProblem($0, $1).response } }
        ) { _ in [ClusterRoutes.federated(view, indent: settings.httpJsonIndent), ClusterRoute.route(view)] }
        let cluster = ClusterPort(
            settings, role: "coordinator", streams: ClusterStreams(node: { late.node }, responder: http.router), peers: peers, logger: logger
        ) { view.map != nil }
        let clusterPort = try await cluster.start()
        let httpPort = try await http.start()

        let name = nodeName(settings, port: clusterPort)
        view.name = name
        let address = PeerAddress(host: settings.clusterAddress ?? machineName(), port: clusterPort)
        let node = CoordinatorNode(
            configuration(name: name, address), store: store, definitions: definitions,
            events: events, view: view, peers: peers, logger: logger)
        late.node = node
        let work = Task { await node.run() }
        say("ready role=coordinator name=\(name) http=\(httpPort) cluster=\(clusterPort)\n")

        let reason = await ends.wait()
        logger.notice("Stopping", metadata: ["reason": "\(reason)"])
        work.cancel()
        await work.value
        events.close()
        exports.stop()
        await http.stop()
        await cluster.stop()
        await view.close()
        await store.close()
        try await group.shutdownGracefully()
        logger.notice("Stopped")
    }

    private func configuration(name: String, _ address: PeerAddress) -> CoordinatorNode.Configuration {
        let shards = settings.shards > 0 ? settings.shards : CoordinatorCommand.shardCountStandard
        let expiry = expiry(settings)
        var terms = ClusterTerms(
            shardCount: shards, replicas: settings.replicas, expiryMinimum: expiry.minimum, expiryMaximum: expiry.maximum)
        terms.aliases = settings.metricsAlias
        return CoordinatorNode.Configuration(
            candidate: Candidate(name: name, address: "\(address)"),
            membership: Membership.Configuration(
                shardCount: shards, replicas: settings.replicas, minWorkers: settings.minWorkers),
            terms: terms, defineFile: settings.define,
            demoTopology: { try Definition.topology(of: FabricSimulator(FabricConfiguration()).topology()) })
    }
}

extension ClusterSnapshot {
    /// The books of all ingest nodes together.
    fileprivate var received: IngestCounters.Snapshot {
        let loads = members.filter { $0.join.role == .ingest }.map(\.heartbeat.load)
        return IngestCounters.Snapshot(
            datagramsReceived: loads.reduce(0) { $0 &+ $1.datagrams }, bytesReceived: loads.reduce(0) { $0 &+ $1.bytes },
            datagramsTruncated: 0, droppedByKernel: loads.reduce(0) { $0 &+ $1.droppedByKernel }, receiveErrors: 0)
    }
}

/// The node for those who are made before it.
private final class LateNode: Sendable {
    private let state = Mutex<CoordinatorNode?>(nil)

    var node: CoordinatorNode? {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}
