// An election, the same way for every store: turn after turn a candidate renews what it holds, or looks whether it can
// have it. What it may say of itself follows from answers and times alone (`Tenure`, tested without a store).
//
// A lease counts from the moment its renewal was *sent*: whatever happened to the request on its way, the store cannot
// have started counting earlier. An independent watchdog ends a tenure in time, even while a request hangs.
// (Gray and Cheriton, "Leases", SOSP 1989, section 3.)

internal import Synchronization

/// One candidate's part in an election. Turns come one after the other.
protocol Election: Sendable {
    /// Renews or tries to win.
    func turn() async throws(StoreFault) -> ElectionTurn
    /// Lets go of what it holds, so that another need not wait.
    func resign() async
}

struct ElectionTurn: Sendable {
    enum Standing: Sendable {
        /// `until`: when this must no longer be believed; nil where nothing but this process can end it.
        case mine(term: Int64, until: Duration?)
        case others(leader: Candidate?, term: Int64)
    }
    let standing: Standing
    /// Until the next turn.
    let pause: Duration
}

/// What a candidate may believe, from the answers and the clock.
struct Tenure {
    private var said: Leadership?
    private(set) var end: Duration?

    /// Each returns what to tell, or nil when that is nothing new.
    mutating func take(_ standing: ElectionTurn.Standing, now: Duration) -> Leadership? {
        switch standing {
        case .mine(let term, let until):
            if let until, until <= now { return expire(now: now) ?? say(.unknown(Tenure.late)) }
            end = until
            return say(.leading(term: term))
        case .others(let leader, let term):
            end = nil
            return say(.following(leader: leader, term: term))
        }
    }

    /// A turn that failed changes nothing for a leader: its lease goes on.
    mutating func fail(_ fault: StoreFault) -> Leadership? {
        switch said {
        case .leading?: nil
        // One loss is told once, whatever the reasons that follow.
        case .unknown?: nil
        case .following?, nil: say(.unknown(fault))
        }
    }

    mutating func expire(now: Duration) -> Leadership? {
        guard let end, end <= now else { return nil }
        self.end = nil
        return say(.unknown(Tenure.late))
    }

    private mutating func say(_ leadership: Leadership) -> Leadership? {
        if leadership == said { return nil }
        said = leadership
        return leadership
    }

    private static let late = StoreFault(.timeout, "the store did not renew the lease of this leader in time")
}

extension Election {
    func leadership(time: StoreTime) -> AsyncStream<Leadership> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            let task = Task {
                let campaign = Campaign(election: self, time: time) { continuation.yield($0) }
                await campaign.run()
                // This task is cancelled by now, which a last request must not be.
                await Task { await resign() }.value
                continuation.finish()
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }
}

private final class Campaign<Part: Election>: Sendable {
    private static var failedPause: Duration { .milliseconds(300) }
    /// How long the watchdog sleeps while there is nothing to watch: shorter than any tenure that begins meanwhile.
    private static var watchPause: Duration { .milliseconds(200) }

    private let election: Part
    private let time: StoreTime
    private let yield: @Sendable (Leadership) -> Void
    private let tenure = Mutex(Tenure())

    init(election: Part, time: StoreTime, yield: @escaping @Sendable (Leadership) -> Void) {
        (self.election, self.time, self.yield) = (election, time, yield)
    }

    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.takeTurns() }
            group.addTask { await self.watch() }
        }
    }

    private func takeTurns() async {
        while !Task.isCancelled {
            do throws(StoreFault) {
                let turn = try await election.turn()
                tell { $0.take(turn.standing, now: $1) }
                await time.sleep(turn.pause)
            } catch {
                if Task.isCancelled { return }
                tell { tenure, _ in tenure.fail(error) }
                await time.sleep(Campaign.failedPause)
            }
        }
    }

    private func watch() async {
        while !Task.isCancelled {
            let end = tenure.withLock { $0.end }
            let pause = end.map { $0 - time.now() } ?? Campaign.watchPause
            await time.sleep(max(pause, .zero))
            tell { $0.expire(now: $1) }
        }
    }

    /// Under the lock, so that what is told comes in the order in which it became true.
    private func tell(_ change: (inout Tenure, Duration) -> Leadership?) {
        tenure.withLock { tenure in
            if let news = change(&tenure, time.now()) { yield(news) }
        }
    }
}
