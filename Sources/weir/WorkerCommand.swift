// `weir worker`: keeps some of a cluster's shards. It listens for ingest nodes and coordinators, joins, and does what the
// leading coordinator says until it is told to stop; then it hands its shards over first.

internal import ClusterMember
internal import Cluster
internal import Coordinator
internal import Glibc
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import Settings
internal import ShardEngine
internal import Synchronization
internal import Transport
internal import Worker

struct WorkerCommand {
    private let settings: Settings
    private let logger: Logger

    /// How long a worker that was told to stop waits for others to take its shards.
    private static let drainSeconds = 20.0
    private static let lingerSeconds = 0.5

    init(_ settings: Settings) {
        self.settings = settings
        logger = makeLogger(settings)
    }

    func run() async throws {
        let ends = EndOfService()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let peers = PeerDialer(group: group, tls: peerTLS(settings), logger: logger)
        let incarnation = UInt64.random(in: 1...UInt64.max)
        let node = WorkerNode(parts(incarnation, peers), logger: logger)
        let cluster = ClusterPort(settings, role: "worker", streams: node, peers: peers, logger: logger) { node.isServing }
        let port = try await cluster.start()

        let join = Join(
            role: .worker, name: nodeName(settings, port: port), incarnation: incarnation, port: port, epoch: 0,
            version: Weir.version)
        let link = MemberLink(
            MemberLink.Configuration(coordinators: settings.coordinator.map { PeerAddress(host: $0.host, port: $0.port) }, join: join),
            peers: peers, logger: logger)
        node.report(over: link)
        let membership = Task { await link.run(node) }
        say("ready role=worker name=\(join.name) cluster=\(port)\n")

        let reason = await ends.wait()
        logger.notice("Stopping", metadata: ["reason": "\(reason)"])
        await node.drain(atMost: .seconds(WorkerCommand.drainSeconds))
        // Questions that were asked before everybody knew are answered still.
        try? await Task.sleep(for: .seconds(WorkerCommand.lingerSeconds))
        membership.cancel()
        await membership.value
        await cluster.stop()
        node.stop()
        try await group.shutdownGracefully()
        logger.notice("Stopped")
    }

    private func parts(_ incarnation: UInt64, _ peers: PeerDialer) -> WorkerNode.Parts {
        let service = Mutex<DefinitionService?>(nil)
        let (settings, logger) = (settings, logger)
        return WorkerNode.Parts(
            incarnation: incarnation, executors: executorCount(settings), catalogue: .standard, peers: peers
        ) { document, pool, catalogue in
            // One service for the one pool that a worker ever has.
            let definitions = service.withLock { service in
                if let service { return service }
                let made = DefinitionService(
                    targets: pool.definitionTargets(catalogue: catalogue), files: AddressFiles(addressPaths(settings)),
                    reverseNames: reverseNames(settings), reservedMetricNames: Set(Catalogue.standard.names)
                ) { logger.warning("Something configured cannot be used", metadata: ["what": "\($0)"]) }
                service = made
                return made
            }
            try await definitions.adopt(document)
        }
    }
}

/// Threads that own shards.
func executorCount(_ settings: Settings) -> Int {
    settings.executors > 0 ? settings.executors : max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
}

func addressPaths(_ settings: Settings) -> AddressFiles.Paths {
    AddressFiles.Paths(countries: settings.geoCountry, systems: settings.geoAsn, vendors: settings.ouiNames)
}

func reverseNames(_ settings: Settings) -> ReverseNameDirectory {
    ReverseNameDirectory(servers: settings.dnsServers.map { (address: $0.host, port: $0.port) })
}

/// The name of a node that was given none: unique on a machine, and the same again when it is started on the same port.
func nodeName(_ settings: Settings, port: Int) -> String { settings.name ?? "\(machineName())-\(port)" }

func machineName() -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

extension ExecutorPool {
    /// Puts definitions in force in the shards of this process.
    func definitionTargets(catalogue: Catalogue) -> DefinitionService.Targets {
        DefinitionService.Targets(
            setTopology: setTopology, setFlows: setFlows,
            setThresholds: { [self] definitions in
                await setThresholds(
                    definitions.sorted { $0.key < $1.key }.map { ActiveThreshold(name: $0.key, $0.value, in: catalogue) })
            })
    }
}
