// What every store promises, tried on each: a directory, a real etcd, a Kubernetes API of our own.

import ClusterStore
import Foundation
import Testing

@Suite(.serialized) struct ConformanceTests {
    @Test(arguments: StoreKind.testable) func writesHappenOnlyAtTheExpectedRevision(kind: StoreKind) async throws {
        let plant = try await kind.plant()
        let (one, other) = (try plant.store(time: .real), try plant.store(time: .real))
        #expect(try await one.read("map") == nil)
        let first = try await one.write("map", Array("first".utf8), expecting: nil)
        #expect(try await other.read("map") == StoredValue(bytes: Array("first".utf8), revision: first))
        await expectFault(.conflict) { () throws(StoreFault) in try await other.write("map", [1], expecting: nil) }
        let second = try await other.write("map", [], expecting: first)
        #expect(second != first)
        #expect(try await one.read("map") == StoredValue(bytes: [], revision: second))
        await expectFault(.conflict) { () throws(StoreFault) in try await one.write("map", [2], expecting: first) }
        // The same content again is a write all the same: nobody else may take it for theirs.
        await expectFault(.conflict) { () throws(StoreFault) in try await one.write("map", [], expecting: first) }
        let large = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) }
        let third = try await one.write("map", large, expecting: second)
        #expect(try await other.read("map") == StoredValue(bytes: large, revision: third))
        #expect(try await other.read("definitions") == nil)
        for key in ["", "Map", "a/b", "..", "-a", String(repeating: "k", count: 65)] {
            await expectFault(.rejected) { () throws(StoreFault) in try await one.read(key) }
            await expectFault(.rejected) { () throws(StoreFault) in try await one.write(key, [], expecting: nil) }
        }
        await one.close()
        await other.close()
    }

    @Test(arguments: StoreKind.testable) func manyWritersLoseNothing(kind: StoreKind) async throws {
        let plant = try await kind.plant()
        let stores = try (0..<2).map { _ in try plant.store(time: .real) }
        let (writers, rounds) = (4, 8)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<writers {
                group.addTask {
                    let store = stores[writer % stores.count]
                    for _ in 0..<rounds {
                        while try await !ConformanceTests.increment("count", in: store) {}
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await stores[0].read("count")?.bytes == Array("\(writers * rounds)".utf8))
        for store in stores { await store.close() }
    }

    /// Whether nobody was faster.
    private static func increment(_ key: String, in store: any ClusterStore) async throws(StoreFault) -> Bool {
        let old = try await store.read(key)
        let count = old.flatMap { Int(String(decoding: $0.bytes, as: UTF8.self)) } ?? 0
        do throws(StoreFault) {
            _ = try await store.write(key, Array("\(count + 1)".utf8), expecting: old?.revision)
            return true
        } catch {
            if error.reason == .conflict { return false }
            throw error
        }
    }

    @Test(arguments: StoreKind.testable) func watchersSeeTheLastValue(kind: StoreKind) async throws {
        let plant = try await kind.plant()
        let (writer, reader) = (try plant.store(time: .real), try plant.store(time: .real))
        let seen = Collected<StoreUpdate>()
        let watch = Task { for await update in reader.watch("map") { seen.append(update) } }
        try await eventually("the watch starts") { seen.all == [.value(nil)] }
        var revision: Revision?
        for round in 1...3 {
            for number in 1...10 { revision = try await writer.write("map", [UInt8(round), UInt8(number)], expecting: revision) }
            let last = StoreUpdate.value(StoredValue(bytes: [UInt8(round), 10], revision: try #require(revision)))
            try await eventually("the last value of round \(round)", seconds: 3) { seen.all.last == last }
        }
        // Each once, in the order in which they were written.
        let numbers = seen.all.compactMap { update -> Int? in
            if case .value(let value?) = update { Int(value.bytes[0]) * 100 + Int(value.bytes[1]) } else { nil }
        }
        #expect(zip(numbers, numbers.dropFirst()).allSatisfy(<), "\(numbers)")
        watch.cancel()
        await watch.value
        await writer.close()
        await reader.close()
    }

    @Test(arguments: StoreKind.testable) func oneLeadsAtATime(kind: StoreKind) async throws {
        let plant = try await kind.plant()
        let names = ["ada", "bob", "cleo"]
        let times = names.map { _ in ProcessTime(haste: plant.haste) }
        var stores: [String: any ClusterStore] = [:]
        for (name, time) in zip(names, times) { stores[name] = try plant.store(time: time.time) }
        let contest = Contest()
        var tasks: [String: Task<Void, Never>] = [:]
        for (name, store) in stores { tasks[name] = contest.join(name, store) }

        // Whoever resigns is followed at once, by another.
        var (leader, term) = try await contest.agreement("the first")
        for round in 1...3 {
            contest.leave(leader)
            tasks[leader]?.cancel()
            await tasks[leader]?.value
            let next = try await contest.agreement("after resignation \(round)", seconds: 5)
            #expect(next.leader != leader && next.term > term)
            tasks[leader] = contest.join(leader, try #require(stores[leader]))
            (leader, term) = try await contest.agreement("the same with one more candidate")
            #expect((leader, term) == next)
        }

        // Whoever is killed says nothing; the lease has to end first. Files are tried with a real process, below.
        if kind != .file {
            let killed = ContinuousClock.now
            contest.leave(leader)
            times[try #require(names.firstIndex(of: leader))].kill()
            let next = try await contest.agreement("after a killed leader")
            #expect(next.leader != leader && next.term > term)
            #expect((ContinuousClock.now - killed) * plant.haste < plant.failoverMax)
        }
        contest.check()
        for task in tasks.values { task.cancel() }
        for task in tasks.values { await task.value }
        for store in stores.values { await store.close() }
    }
}

/// What came so far.
final class Collected<Element: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var elements: [Element] = []

    func append(_ element: Element) { lock.withLock { elements.append(element) } }
    var all: [Element] { lock.withLock { elements } }
}

/// That something fails, and why.
func expectFault<Value>(
    _ reason: StoreFault.Reason, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws(StoreFault) -> Value
) async {
    do throws(StoreFault) {
        let value = try await body()
        Issue.record("\(value) instead of \(reason)", sourceLocation: sourceLocation)
    } catch {
        #expect(error.reason == reason, "\(error)", sourceLocation: sourceLocation)
        #expect(!error.message.contains("\n"), sourceLocation: sourceLocation)
    }
}
