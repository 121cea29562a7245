// Who asks by a map that others have replaced meanwhile: is told so, learns the new map, asks again, and gets everything.

import Cluster
import Coordinator
import Datagrams
import ExactStatistics
import Queries
import ShardEngine
import Synchronization
import Testing
@testable import Worker

/// Answers one question, if it is asked by the right map.
private struct Host: ShardHost {
    let shardCount: Int
    let isAskedBy: UInt64
    let ownEpoch: UInt64
    let name: String

    func keyArrivals() async throws -> [String: Int64] {
        if isAskedBy < ownEpoch { throw HostUnavailable(host: name, why: "test", newerEpoch: ownEpoch) }
        return [name: 1]
    }

    private var other: HostUnavailable { HostUnavailable(host: name, why: "not asked here") }
    func measure(_ query: MetricQuery, at instant: Instant) async throws -> any Measurement { throw other }
    func rows(_ query: RowQuery, at instant: Instant) -> any RowSource { NoRows() }
    func agents(_ selector: AgentSelector, at instant: Instant) async throws -> [AgentSummary] { throw other }
    func dataSources(_ selector: AgentSelector, at instant: Instant) async throws -> [DataSourceSummary] { throw other }
    func newestArrivals(at instant: Instant) async throws -> [String: Int64] { throw other }
    func flows(_ query: ActiveFlowsQuery, at instant: Instant) async throws -> (any FlowMeasurement)? { throw other }
    func flowLocations(_ query: FlowLocationQuery, at instant: Instant) async throws -> [FlowLocation]? { throw other }
    func ports(of selector: AgentSelector, at instant: Instant) async throws -> [PortSummary] { throw other }
    func hosts(_ query: HostQuery, at instant: Instant) async throws -> [HostLocation] { throw other }
    func books(at instant: Instant) async throws -> ShardBooks { throw other }
}

private struct NoRows: RowSource {
    func next() async throws -> [Row]? { nil }
}

@Suite struct OlderMapTests {
    /// Two hosts; the second has a newer map, by which it has lost its shards to the first.
    @Test func theCoordinatorAsksAgainByTheNewMap() async throws {
        let questions = Atomic<Int>(0)
        let coordinator = QueryCoordinator(
            hosts: {
                // The map comes while the coordinator waits for it.
                let count = questions.add(1, ordering: .relaxed).newValue
                guard count > 3 else {
                    return HostSet(
                        hosts: [
                            Host(shardCount: 1, isAskedBy: 4, ownEpoch: 4, name: "a"),
                            Host(shardCount: 1, isAskedBy: 4, ownEpoch: 5, name: "b"),
                        ], shardCount: 2, epoch: 4)
                }
                return HostSet(hosts: [Host(shardCount: 2, isAskedBy: 5, ownEpoch: 5, name: "a")], shardCount: 2, epoch: 5)
            }, clock: StateClock(.machine), catalogue: .standard)
        let completeness = Completeness()
        let answer = try await Completeness.$current.withValue(completeness) { try await coordinator.keyArrivals() }
        #expect(answer == ["a": 1])
        #expect(completeness.share?.isComplete == true)
    }

    /// A map that never comes, because the store cannot be reached: the answer is there all the same, and says what it lacks.
    @Test func aMapThatDoesNotComeHoldsNobodyUp() async throws {
        let coordinator = QueryCoordinator(
            hosts: {
                HostSet(
                    hosts: [
                        Host(shardCount: 1, isAskedBy: 4, ownEpoch: 4, name: "a"), Host(shardCount: 1, isAskedBy: 4, ownEpoch: 5, name: "b"),
                    ], shardCount: 2, epoch: 4)
            }, clock: StateClock(.machine), catalogue: .standard)
        let completeness = Completeness()
        let answer = try await Completeness.$current.withValue(completeness) { try await coordinator.keyArrivals() }
        #expect(answer == ["a": 1])
        #expect(completeness.share?.answered == 1)
    }

    @Test func theWorkerNamesEachOlderMapOnce() async {
        let pool = ExecutorPool(executors: 1, shards: 4, expiry: .standard, catalogue: .standard, events: nil)
        defer { pool.stop() }
        let running = RunningShards(pool: pool, incarnation: 1)
        var map = ShardMap(
            epoch: 7, shardCount: 4, replicas: 1, workers: [ShardMap.Worker(name: "a", incarnation: 1, address: "127.0.0.1:1")])
        map.owners[2].primary = 0
        _ = await running.adopt(map)
        #expect(running.epoch == 7)
        #expect(running.answerable(ShardSet([1, 2]), epoch: 7) == ShardSet([2]))
        #expect([3, 3, 2, 5, 5].map { running.noteOlderQuestion(by: $0) } == [true, false, false, true, false])
        #expect(running.olderQuestionCount == 5)
    }
}
