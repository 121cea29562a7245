// Numbering and waiting. The clock of the time-outs is the test's: time passes when it says so.

import Coordinator
import ShardEngine
import Synchronization
import Testing

/// Sleepers that are woken by hand.
private final class Sleepers: Sendable {
    private struct State {
        var sleeping: [Int: CheckedContinuation<Bool, Never>] = [:]
        var count = 0
        var cancelled: Set<Int> = []
    }

    private let state = Mutex(State())

    func sleep(_: Duration) async throws {
        let id = state.withLock { state in
            state.count += 1
            return state.count
        }
        let isWoken = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isCancelled = state.withLock { state in
                    if state.cancelled.contains(id) { return true }
                    state.sleeping[id] = continuation
                    return false
                }
                if isCancelled { continuation.resume(returning: false) }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                state.cancelled.insert(id)
                return state.sleeping.removeValue(forKey: id)
            }
            sleeper?.resume(returning: false)
        }
        if !isWoken { throw CancellationError() }
    }

    var count: Int { state.withLock { $0.sleeping.count } }

    func wake() {
        let sleeping = state.withLock { state in
            defer { state.sleeping = [:] }
            return state.sleeping.values.map { $0 }
        }
        for sleeper in sleeping { sleeper.resume(returning: true) }
    }
}

@Suite struct Rings {
    private func ring(_ count: Int, capacity: Int = 5) -> NumberedRing<Int> {
        var ring = NumberedRing<Int>(capacity: capacity)
        for number in 0..<count { ring.append(number * 10) }
        return ring
    }

    private func ids(_ ring: NumberedRing<Int>, after: Int64?, limit: Int? = nil, where isWanted: (Int) -> Bool = { _ in true }) -> [Int64] {
        let found = ring.newest(after: after, limit: limit, where: isWanted)
        #expect(found.allSatisfy { $0.record == Int($0.id) * 10 })
        return found.map(\.id)
    }

    @Test func newestFirst() {
        #expect(ids(ring(0), after: nil) == [])
        #expect(ids(ring(3), after: nil) == [2, 1, 0])
        #expect(ids(ring(3), after: -1) == [2, 1, 0])
        #expect(ids(ring(3), after: 0) == [2, 1])
        #expect(ids(ring(3), after: 2) == [])
        #expect(ids(ring(3), after: nil, limit: 2) == [2, 1])
        #expect(ids(ring(3), after: nil, limit: 0) == [])
        #expect(ids(ring(3), after: nil, limit: 1, where: { $0 < 20 }) == [1])
    }

    @Test func theOldestGo() {
        #expect(ids(ring(12), after: nil) == [11, 10, 9, 8, 7])
        #expect(ids(ring(12), after: 2) == [11, 10, 9, 8, 7])
        #expect(ids(ring(12), after: 9) == [11, 10])
        #expect(ring(12).nextID == 12)
        #expect(ids(ring(3, capacity: 0), after: nil) == [2])
    }

    /// A new leader that does not know which numbers its predecessor has given out begins far behind them.
    @Test func numbersMayJump() {
        var ring = ring(12)
        ring.nextID = 1_000
        for number in 1_000..<1_002 { ring.append(number * 10) }
        #expect(ids(ring, after: nil) == [1_001, 1_000, 11, 10, 9])
        #expect(ids(ring, after: 11) == [1_001, 1_000])
        #expect(ids(ring, after: 500) == [1_001, 1_000])
        #expect(ring.kept.map(\.id) == [9, 10, 11, 1_000, 1_001])
    }

    /// From a client that has seen an earlier run of the server.
    @Test func numbersThatWereNeverGivenOut() {
        #expect(ids(ring(3), after: 3) == [2, 1, 0])
        #expect(ids(ring(3), after: .max) == [2, 1, 0])
        #expect(ids(ring(3), after: .min) == [2, 1, 0])
        #expect(ids(ring(12), after: 12) == [11, 10, 9, 8, 7])
    }
}

@Suite struct Waiting {
    private let sleepers = Sleepers()
    private let log: RecordLog<Int>

    init() { log = RecordLog(capacity: 5, sleep: sleepers.sleep) }

    private func ask(_ after: Int64?, limit: Int? = nil, where isWanted: @escaping @Sendable (Int) -> Bool = { _ in true }) -> Task<[Int64], Never> {
        let log = log
        return Task {
            await log.records(.init(after: after, limit: limit, where: isWanted), timeout: .seconds(60)).map(\.id)
        }
    }

    /// Until so many wait, each with its time-out.
    private func waiting(_ count: Int) async { while log.waitingCount != count || sleepers.count != count { await Task.yield() } }

    @Test func whatIsThereIsAnsweredAtOnce() async {
        log.append([1, 2])
        #expect(await ask(-1).value == [1, 0])
        #expect(await ask(nil, limit: 1).value == [1])
        #expect(await ask(7).value == [1, 0])
    }

    @Test func withoutATimeoutNobodyWaits() async {
        #expect(await log.records(.init(after: nil, limit: nil), timeout: .zero).isEmpty)
    }

    @Test func theNextRecordAnswers() async {
        log.append([1])
        let all = [ask(0), ask(0, limit: 1), ask(0, where: { $0 > 10 })]
        await waiting(3)
        log.append([])
        log.append([2, 3])
        #expect(await all[0].value == [2, 1])
        #expect(await all[1].value == [2])
        await waiting(1)
        log.append([4, 50])
        #expect(await all[2].value == [4])
        await waiting(0)
    }

    @Test func nothingAfterTheTimeout() async {
        let one = ask(nil)
        await waiting(1)
        sleepers.wake()
        #expect(await one.value == [])
        log.append([1])
        #expect(log.waitingCount == 0)
    }

    @Test func aClientThatGoesAwayTakesItsQuestionBack() async {
        let one = ask(nil), other = ask(nil)
        await waiting(2)
        one.cancel()
        #expect(await one.value == [])
        await waiting(1)
        log.append([1])
        #expect(await other.value == [0])
    }

    @Test func oneThatIsGoneAlreadyDoesNotWait() async {
        let log = log
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return await log.records(.init(after: nil, limit: nil), timeout: .seconds(60)).map(\.id)
        }
        task.cancel()
        #expect(await task.value == [])
        #expect(log.waitingCount == 0)
    }

    @Test func afterTheEndNobodyWaits() async {
        let one = ask(nil)
        await waiting(1)
        log.close()
        #expect(await one.value == [])
        #expect(await ask(nil).value == [])
        log.append([1])
        #expect(await ask(-1).value == [0])
    }

    @Test func lostOnesAreCounted() {
        log.append([1, 2], lost: 3)
        log.append([], lost: 1)
        #expect(log.counters.generated == 6 && log.counters.lost == 4)
    }

    /// Many who ask and one who adds: nobody misses a record, nobody waits for ever.
    @Test func nobodyMissesARecord() async {
        let log = RecordLog<Int>(capacity: 10_000)
        await withTaskGroup(of: [Int64].self) { group in
            for _ in 0..<8 {
                group.addTask {
                    var seen: [Int64] = [], last: Int64 = -1
                    while last < 999 {
                        let answer = await log.records(.init(after: last, limit: nil), timeout: .seconds(60)).map(\.id)
                        seen += answer.reversed()
                        last = seen.last ?? -1
                    }
                    return seen
                }
            }
            for number in 0..<1_000 {
                log.append([number])
                if number % 7 == 0 { await Task.yield() }
            }
            for await seen in group { #expect(seen == Array(0..<1_000)) }
        }
    }
}
