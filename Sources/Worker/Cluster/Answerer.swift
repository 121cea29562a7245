// Answers a coordinator's question from this worker's shards. The stream stays open for as long as the question has further
// rounds; what was measured is kept until it ends.

internal import Cluster
internal import ClusterMember
internal import Logging
internal import Queries
internal import Transport
internal import Wire

struct Answerer {
    let stream: MessageStream
    let running: RunningShards
    let logger: Logger

    /// A map that the coordinator knows already is on its way here, too. Unit: milliseconds.
    private static let mapWaitMilliseconds = 1_000

    func answer() async throws {
        guard let ask: Ask = try await stream.receive() else { return }
        await waitForMap(ask.epoch)
        if running.answerable(ask.shards, epoch: ask.epoch) == ask.shards {
            return try await answer(ask, from: running.pool.host(for: ask.shards))
        }
        let epoch = running.epoch
        guard ask.epoch < epoch else { return try await refuse("not all of these shards are here (epoch \(epoch))") }
        if running.noteOlderQuestion(by: ask.epoch) {
            logger.info(
                "Asked by an older shard map",
                metadata: ["peer": "\(stream.remoteAddress ?? "?")", "epoch": "\(ask.epoch)", "own": "\(epoch)"])
        }
        try await stream.send(Answer<Bool>.older(workerEpoch: epoch))
    }

    private func waitForMap(_ epoch: UInt64) async {
        let deadline = ContinuousClock.now + .milliseconds(Answerer.mapWaitMilliseconds)
        while running.epoch < epoch, ContinuousClock.now < deadline, (try? await Task.sleep(for: .milliseconds(5))) != nil {}
    }

    private func answer(_ ask: Ask, from host: LocalShardHost) async throws {
        switch ask.question {
        case .measure(let query): try await measure(query, ask, host)
        case .rows(let query):
            let rows = host.rows(query, at: ask.instant)
            while let page = try await rows.next() { try await send(page) }
        case .agents(let selector): try await send(host.agents(selector, at: ask.instant))
        case .dataSources(let selector): try await send(host.dataSources(selector, at: ask.instant))
        case .newestArrivals: try await send(Arrivals(byName: host.newestArrivals(at: ask.instant)))
        case .flows(let query): try await findFlows(query, ask, host)
        case .flowLocations(let query): try await send(host.flowLocations(query, at: ask.instant))
        case .keyArrivals: try await send(Arrivals(byName: host.keyArrivals()))
        case .ports(let selector): try await send(host.ports(of: selector, at: ask.instant))
        case .hosts(let query): try await send(host.hosts(query, at: ask.instant))
        case .books: try await send(host.books(at: ask.instant))
        }
    }

    private func measure(_ query: MetricQuery, _ ask: Ask, _ host: LocalShardHost) async throws {
        let measurement = await host.measure(query, at: ask.instant)
        try await send(measurement.partials)
        while let step: SelectionAsk = try await stream.receive() {
            guard measurement.partials.indices.contains(step.metric) else { return try await refuse("no such metric was measured") }
            try await send(try await measurement.select(metric: step.metric, step.request))
        }
    }

    private func findFlows(_ query: ActiveFlowsQuery, _ ask: Ask, _ host: LocalShardHost) async throws {
        let found = await host.flows(query, at: ask.instant)
        try await send(FlowsFound(keySeparator: found?.keySeparator))
        guard let found else { return }
        while let request: TopFlowRequest = try await stream.receive() { try await send(try await found.answer(request)) }
    }

    private func send(_ part: some WireCodable & Sendable) async throws {
        try await stream.send(Answer.part(part), compress: true)
    }

    private func refuse(_ why: String) async throws { try await stream.send(Answer<Bool>.refused(why)) }
}
