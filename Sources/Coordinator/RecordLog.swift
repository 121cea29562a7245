// A ring of numbered records and those who wait for the next one. Nobody polls: whoever adds records answers those whose
// question they answer, and a time-out or a client that goes away takes its question back.

internal import Synchronization

package final class RecordLog<Record: Sendable>: Sendable {
    package typealias Answer = [Numbered<Record>]
    package typealias Sleep = @Sendable (Duration) async throws -> Void

    package struct Counters: Sendable, Hashable {
        /// Records that were made, and those of them that were lost before they had a number.
        package var generated: UInt64 = 0
        package var lost: UInt64 = 0

        package init(generated: UInt64 = 0, lost: UInt64 = 0) {
            self.generated = generated
            self.lost = lost
        }
    }

    private let state: Mutex<State>
    private let sleep: Sleep

    private struct State {
        var ring: NumberedRing<Record>
        var counters = Counters()
        var waiting: [UInt64: Waiting] = [:]
        /// Those who are about to wait and have not given up.
        var arriving: Set<UInt64> = []
        var nextWaiting: UInt64 = 0
        var isClosed = false
    }

    private struct Waiting {
        let question: Question
        let continuation: CheckedContinuation<Answer, Never>
    }

    /// What records are asked for.
    package struct Question: Sendable {
        let after: Int64?
        let limit: Int?
        let isWanted: @Sendable (Record) -> Bool

        package init(after: Int64?, limit: Int?, where isWanted: @escaping @Sendable (Record) -> Bool = { _ in true }) {
            self.after = after
            self.limit = limit
            self.isWanted = isWanted
        }

        fileprivate func answer(_ ring: NumberedRing<Record>) -> Answer {
            ring.newest(after: after, limit: limit, where: isWanted)
        }
    }

    /// - Parameters:
    ///   - capacity: records that are kept.
    ///   - sleep: waits so long, or throws when the task is cancelled.
    package init(capacity: Int, sleep: @escaping Sleep = { try await Task.sleep(for: $0) }) {
        state = Mutex(State(ring: NumberedRing(capacity: capacity)))
        self.sleep = sleep
    }

    package var counters: Counters { state.withLock { $0.counters } }

    /// How many are waiting.
    package var waitingCount: Int { state.withLock { $0.waiting.count } }

    package var nextID: Int64 { state.withLock { $0.ring.nextID } }

    /// Those that are kept, oldest first.
    package var kept: [Numbered<Record>] { state.withLock { $0.ring.kept } }

    // MARK: Adding

    /// The next record gets this number.
    package func goOn(at id: Int64) { state.withLock { $0.ring.nextID = id } }

    /// Forgets what is kept and counted.
    package func clear() {
        state.withLock { state in
            state.ring.clear()
            state.counters = Counters()
        }
    }

    /// Numbers records and answers those who waited for them.
    package func append(_ records: [Record], lost: UInt64 = 0) {
        let answered = state.withLock { state -> [(CheckedContinuation<Answer, Never>, Answer)] in
            state.counters.generated &+= UInt64(records.count) &+ lost
            state.counters.lost &+= lost
            for record in records { state.ring.append(record) }
            guard !records.isEmpty else { return [] }
            return state.waiting.compactMap { id, waiting in
                // Before the records there were none that answer the question: what it finds is new.
                guard records.contains(where: waiting.question.isWanted) else { return nil }
                let answer = waiting.question.answer(state.ring)
                guard !answer.isEmpty else { return nil }
                state.waiting[id] = nil
                return (waiting.continuation, answer)
            }
        }
        for (continuation, answer) in answered { continuation.resume(returning: answer) }
    }

    /// Answers all who wait with nothing, and nobody waits any more.
    package func close() {
        let waiting = state.withLock { state in
            state.isClosed = true
            defer { state.waiting = [:] }
            return state.waiting.values.map(\.continuation)
        }
        for continuation in waiting { continuation.resume(returning: []) }
    }

    // MARK: Asking

    /// The records asked for, newest first: at once if there are any, else the first that come. Nothing after the timeout,
    /// or when the task is cancelled.
    package func records(_ question: Question, timeout: Duration) async -> Answer {
        guard timeout > .zero else { return state.withLock { question.answer($0.ring) } }
        let id = state.withLock { state in
            state.nextWaiting += 1
            state.arriving.insert(state.nextWaiting)
            return state.nextWaiting
        }
        return await withTaskCancellationHandler {
            await withTaskGroup(of: Void.self, returning: Answer.self) { group in
                // Ends with the answer, which cancels it.
                group.addTask { [self] in
                    do { try await sleep(timeout) } catch { return }
                    giveUp(id)
                }
                defer { group.cancelAll() }
                return await wait(id, question)
            }
        } onCancel: { [self] in giveUp(id) }
    }

    private func wait(_ id: UInt64, _ question: Question) async -> Answer {
        await withCheckedContinuation { continuation in
            let answer = state.withLock { state -> Answer? in
                let isArriving = state.arriving.remove(id) != nil
                let answer = question.answer(state.ring)
                guard answer.isEmpty, isArriving, !state.isClosed else { return answer }
                state.waiting[id] = Waiting(question: question, continuation: continuation)
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    private func giveUp(_ id: UInt64) {
        let waiting = state.withLock { state in
            state.arriving.remove(id)
            return state.waiting.removeValue(forKey: id)
        }
        waiting?.continuation.resume(returning: [])
    }
}
