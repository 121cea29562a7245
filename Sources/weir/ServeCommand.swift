// `weir serve`: everything in one process. Reads downwards as the life of the server: start from the inside out, wait,
// stop from the outside in.

internal import Capture
internal import Coordinator
internal import Datagrams
internal import DefinitionStore
internal import Definitions
internal import Ingest
internal import Logging
internal import RestAPI
internal import Settings
internal import ShardEngine
internal import Worker

struct ServeCommand {
    private let settings: Settings
    private let logger: Logger

    init(_ settings: Settings) {
        self.settings = settings
        logger = makeLogger(settings)
    }

    func run() async throws {
        let ends = EndOfService()
        let clock = StateClock(settings.replay != nil && settings.replayPace == .fast ? .capture : .machine)
        let exports = flowExports(logger)
        let events = EventLog(eventsMax: settings.eventsMax, flowsMax: settings.flowsMax, exports: exports)
        let pool = makePool(events)
        let counters = IngestCounters()
        let definitions = try await startDefinitions(pool: pool, exports: exports)

        let http = PublicServer(
            settings,
            PublicServer.Sources(
                hosts: { pool.hosts }, clock: clock, events: events, definitions: definitions, ingest: { counters.snapshot }),
            logger: logger
        ) { context in
            [ClusterRoutes.single(context, shards: pool.shardCount) { await definitions.current.version }]
        }
        let port = try await http.start()
        let (source, sflow) = try DatagramSources(settings, logger: logger).open(into: pool, clock: clock, counters: counters) {
            report in Task { await finishReplay(report, pool: pool, counters: counters, ends: ends) }
        }
        say("ready role=serve http=\(port) sflow=\(sflow)\n")
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
        await http.stop()
        pool.stop()
        logger.notice("Stopped", metadata: ["datagrams": "\(counters.snapshot.datagramsReceived)"])
        if let error = reason.error { throw error }
    }

    /// While nothing arrives, nothing but the clock says that a logged flow has ended.
    private func tellTime(to pool: ExecutorPool, clock: StateClock) async {
        guard settings.replay == nil || settings.replayPace == .recorded else { return }
        while (try? await Task.sleep(for: .seconds(1))) != nil {
            await pool.advance(to: clock.now - arrivalDelayNanoseconds)
        }
    }

    private func makePool(_ events: EventLog) -> ExecutorPool {
        let executors = executorCount(settings)
        return ExecutorPool(
            executors: executors, shards: settings.shards > 0 ? settings.shards : executors, expiry: expiry(settings),
            catalogue: standardCatalogue(settings), events: events)
    }

    /// Definitions are in force when this returns.
    private func startDefinitions(pool: ExecutorPool, exports: FlowExports) async throws -> DefinitionService {
        var targets = pool.definitionTargets(catalogue: standardCatalogue(settings))
        targets.setExports = { exports.set($0) }
        let service = DefinitionService(
            targets: targets, store: try settings.dataDir.map { try DefinitionStore(directory: $0) },
            files: AddressFiles(addressPaths(settings)), reverseNames: reverseNames(settings),
            reservedMetricNames: Set(Catalogue.standard.names), report: reporter(logger))
        try await service.start(defineFile: settings.define)
        if settings.demo, await service.current.topology.isEmpty {
            let fabric = try FabricSimulator(FabricConfiguration()).topology()
            try await service.apply(.put(name: "", .topology(of: fabric)))
        }
        return service
    }

    /// The end of a replay: told when all of it has been taken in.
    private func finishReplay(
        _ report: ReplaySource.Report, pool: ExecutorPool, counters: IngestCounters, ends: EndOfService
    ) async {
        await pool.drain()
        // Nothing comes any more: what has ended by now is told now.
        if report.end == .hold { await pool.advance(to: report.time) }
        ends.replayed(report, datagrams: counters.snapshot.datagramsReceived)
    }
}

func expiry(_ settings: Settings) -> Expiry {
    Expiry(minimum: Int64(settings.metricsTimeoutMin * 1e9), maximum: Int64(settings.metricsTimeoutMax * 1e9))
}

/// Sends flow records to IPFIX collectors.
func flowExports(_ logger: Logger) -> FlowExports {
    FlowExports(now: { StateClock(.machine).now }) { message in
        logger.warning("Flow records do not reach a collector", metadata: ["what": "\(message)"])
    }
}

/// Tells the operator what of the configuration cannot be used.
func reporter(_ logger: Logger) -> @Sendable (String) -> Void {
    { logger.warning("Something configured cannot be used", metadata: ["what": "\($0)"]) }
}
