// A worker's shards as a query sees them: each question is a stream to the worker, open for as long as the question has rounds.

internal import Cluster
internal import ClusterMember
internal import ExactStatistics
internal import NIOCore
internal import Queries
internal import ShardEngine
internal import Synchronization
internal import Transport
internal import Wire

struct RemoteShardHost: ShardHost {
    let client: PeerClient
    /// Of the worker, for people.
    let name: String
    let shards: ShardSet
    let epoch: UInt64
    /// Those who can answer for some of the shards instead.
    let replicas: [RemoteShardHost]

    var shardCount: Int { shards.count }
    var alternatives: [any ShardHost] { replicas }

    /// A round of an answer takes milliseconds; a worker that needs longer than this is not waited for.
    private static let deadline = Duration.seconds(3)

    func measure(_ query: MetricQuery, at instant: Instant) async throws -> any Measurement {
        let (stream, partials): (MessageStream, [MetricPartial]) = try await open(.measure(query), at: instant)
        guard query.isAnswered(by: partials) else { throw unavailable("answers something else") }
        return RemoteMeasurement(host: self, stream: stream, partials: partials)
    }

    func rows(_ query: RowQuery, at instant: Instant) -> any RowSource {
        RemoteRowSource(host: self, question: .rows(query), instant: instant)
    }

    func agents(_ selector: AgentSelector, at instant: Instant) async throws -> [AgentSummary] {
        try await ask(.agents(selector), at: instant)
    }

    func dataSources(_ selector: AgentSelector, at instant: Instant) async throws -> [DataSourceSummary] {
        try await ask(.dataSources(selector), at: instant)
    }

    func newestArrivals(at instant: Instant) async throws -> [String: Int64] {
        try await ask(.newestArrivals, at: instant, as: Arrivals.self).byName
    }

    func flows(_ query: ActiveFlowsQuery, at instant: Instant) async throws -> (any FlowMeasurement)? {
        let (stream, found): (MessageStream, FlowsFound) = try await open(.flows(query), at: instant)
        return found.keySeparator.map { RemoteFlowMeasurement(host: self, stream: stream, keySeparator: $0) }
    }

    func flowLocations(_ query: FlowLocationQuery, at instant: Instant) async throws -> [FlowLocation]? {
        try await ask(.flowLocations(query), at: instant)
    }

    func keyArrivals() async throws -> [String: Int64] {
        try await ask(.keyArrivals, at: Instant(nanoseconds: 0), as: Arrivals.self).byName
    }

    func ports(of selector: AgentSelector, at instant: Instant) async throws -> [PortSummary] {
        try await ask(.ports(selector), at: instant)
    }

    func hosts(_ query: HostQuery, at instant: Instant) async throws -> [HostLocation] {
        try await ask(.hosts(query), at: instant)
    }

    func books(at instant: Instant) async throws -> ShardBooks { try await ask(.books, at: instant) }

    // MARK: Streams

    private func ask<Part: WireCodable & Sendable>(
        _ question: Question, at instant: Instant, as type: Part.Type = Part.self
    ) async throws -> Part {
        try await open(question, at: instant).1
    }

    /// Asks, and takes the first part of the answer.
    private func open<Part: WireCodable & Sendable>(
        _ question: Question, at instant: Instant
    ) async throws -> (MessageStream, Part) {
        try await inTime {
            let stream = try await openStream(question, at: instant)
            guard let part: Part = try await receive(from: stream) else { throw unavailable("ended its answer") }
            return (stream, part)
        }
    }

    fileprivate func openStream(_ question: Question, at instant: Instant) async throws -> MessageStream {
        let stream = try await client.open(ClusterPath.ask)
        try await stream.send(Ask(epoch: epoch, shards: shards, instant: instant, question: question))
        return stream
    }

    fileprivate func receive<Part: WireCodable & Sendable>(from stream: MessageStream) async throws -> Part? {
        switch try await stream.receive(Answer<Part>.self) {
        case .part(let part)?: return part
        case .refused(let why)?: throw unavailable(why)
        case .older(let epoch)?:
            throw HostUnavailable(host: name, why: "has map \(epoch), and was asked by map \(self.epoch)", newerEpoch: epoch)
        case nil: return nil
        }
    }

    /// One more round on an open stream.
    fileprivate func next<Part: WireCodable & Sendable>(
        _ stream: MessageStream, _ request: some WireCodable & Sendable
    ) async throws -> Part {
        try await inTime {
            try await stream.send(request)
            guard let part: Part = try await receive(from: stream) else { throw unavailable("ended its answer") }
            return part
        }
    }

    /// Whatever goes wrong on the way is the same for a query: this host has no answer.
    fileprivate func inTime<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        do {
            return try await withThrowingTaskGroup(of: Value.self) { group in
                group.addTask { try await body() }
                group.addTask {
                    try await Task.sleep(for: RemoteShardHost.deadline)
                    throw unavailable("does not answer in time")
                }
                defer { group.cancelAll() }
                guard let value = try await group.next() else { throw unavailable("has no answer") }
                return value
            }
        } catch let error as PeerError {
            throw unavailable(error.description)
        }
    }

    fileprivate func unavailable(_ why: String) -> HostUnavailable { HostUnavailable(host: name, why: why) }
}

private struct RemoteMeasurement: Measurement {
    let host: RemoteShardHost
    let stream: MessageStream
    let partials: [MetricPartial]

    func select(metric: Int, _ request: SelectionRequest) async throws -> SelectionPartial {
        try await host.next(stream, SelectionAsk(metric: metric, request: request))
    }
}

private struct RemoteFlowMeasurement: FlowMeasurement {
    let host: RemoteShardHost
    let stream: MessageStream
    let keySeparator: String

    func answer(_ request: TopFlowRequest) async throws -> TopFlowPartial { try await host.next(stream, request) }
}

/// Pages as the worker sends them, as fast as they are taken: the stream's windows hold it back.
private actor RemoteRowSource: RowSource {
    private let host: RemoteShardHost
    private let question: Question
    private let instant: Instant
    private var stream: MessageStream?

    init(host: RemoteShardHost, question: Question, instant: Instant) {
        self.host = host
        self.question = question
        self.instant = instant
    }

    func next() async throws -> [Row]? {
        let (host, question, instant, known) = (host, question, instant, stream)
        let (stream, page): (MessageStream, [Row]?) = try await host.inTime {
            let stream = if let known { known } else { try await host.openStream(question, at: instant) }
            return (stream, try await host.receive(from: stream))
        }
        self.stream = stream
        return page
    }
}
