// The rule of leases, on simulated time: requests and answers are late or lost, candidates stall, and at any time at most
// one believes that it leads.

import SeededRandom
@testable import ClusterStore
import Testing

@Suite struct TenureTests {
    /// A store with leases, candidates that take turns, and messages between them, in steps of 10 ms.
    private struct Simulation {
        static let lease = 3_000
        static let belief = 2_500
        enum Message {
            case request(candidate: Int, sentAt: Int)
            case answer(candidate: Int, standing: ElectionTurn.Standing)
        }

        var random: SeededGenerator
        var now = 0
        var tenures: [Tenure]
        var believes: [Bool]
        var nextTurn: [Int]
        var stalledUntil: [Int]
        var messages: [(at: Int, message: Message)] = []
        var holder: (candidate: Int, end: Int, term: Int64)?
        var lastTerm: Int64 = 0
        var leaderships = 0

        init(seed: UInt64, candidates: Int) {
            random = SeededGenerator(seed: seed)
            tenures = Array(repeating: Tenure(), count: candidates)
            believes = Array(repeating: false, count: candidates)
            nextTurn = (0..<candidates).map { $0 * 37 }
            stalledUntil = Array(repeating: 0, count: candidates)
        }

        func duration(_ milliseconds: Int) -> Duration { .milliseconds(milliseconds) }

        mutating func hear(_ candidate: Int, _ news: Leadership?) {
            guard let news else { return }
            if case .leading = news {
                leaderships += believes[candidate] ? 0 : 1
                believes[candidate] = true
            } else {
                believes[candidate] = false
            }
        }

        mutating func send(_ message: Message) {
            switch random.next() % 10 {
            case 0: break  // lost
            case 1, 2: messages.append((now + Int(random.next() % 3_000), message))
            default: messages.append((now + Int(random.next() % 100), message))
            }
        }

        mutating func receive(_ message: Message) {
            switch message {
            case .request(let candidate, let sentAt):
                if let held = holder, held.end <= now { holder = nil }
                if holder == nil || holder?.candidate == candidate {
                    if holder == nil { lastTerm += 1 }
                    holder = (candidate, now + Simulation.lease, lastTerm)
                    send(.answer(candidate: candidate, standing: .mine(term: lastTerm, until: duration(sentAt + Simulation.belief))))
                } else {
                    send(.answer(candidate: candidate, standing: .others(leader: nil, term: lastTerm)))
                }
            case .answer(let candidate, let standing):
                hear(candidate, tenures[candidate].take(standing, now: duration(now)))
            }
        }

        mutating func step() {
            now += 10
            for candidate in tenures.indices {
                hear(candidate, tenures[candidate].expire(now: duration(now)))
                if random.next() % 2_000 == 0 { hear(candidate, tenures[candidate].fail(StoreFault(.timeout, ""))) }
                if random.next() % 5_000 == 0 { stalledUntil[candidate] = now + Int(random.next() % 10_000) }
                if nextTurn[candidate] <= now, stalledUntil[candidate] <= now {
                    nextTurn[candidate] = now + 1_000
                    send(.request(candidate: candidate, sentAt: now))
                }
            }
            let due = messages.filter { $0.at <= now }
            messages.removeAll { $0.at <= now }
            for (_, message) in due { receive(message) }
        }
    }

    @Test(arguments: 0..<40) func neverTwoBelieve(seed: UInt64) {
        var simulation = Simulation(seed: seed, candidates: 3)
        for _ in 0..<20_000 {
            simulation.step()
            let believers = simulation.believes.count { $0 }
            #expect(believers <= 1, "seed \(seed), \(simulation.now) ms")
            if believers > 1 { return }
        }
        #expect(simulation.leaderships > 1, "seed \(seed)")
    }

    @Test func everyChangeIsToldOnce() {
        var tenure = Tenure()
        let fault = StoreFault(.unreachable, "gone")
        #expect(tenure.fail(fault) == .unknown(fault))
        #expect(tenure.fail(StoreFault(.timeout, "other")) == nil)
        #expect(tenure.take(.others(leader: nil, term: 3), now: .zero) == .following(leader: nil, term: 3))
        #expect(tenure.take(.others(leader: nil, term: 3), now: .zero) == nil)
        #expect(tenure.take(.mine(term: 4, until: .seconds(2)), now: .zero) == .leading(term: 4))
        #expect(tenure.take(.mine(term: 4, until: .seconds(3)), now: .seconds(1)) == nil)
        // A leader's failed renewal says nothing until its time is over.
        #expect(tenure.fail(fault) == nil)
        #expect(tenure.expire(now: .milliseconds(2_999)) == nil)
        #expect(tenure.expire(now: .seconds(3)).map(isUnknown) == true)
        #expect(tenure.expire(now: .seconds(4)) == nil)
        // An answer that comes after its time is none.
        #expect(tenure.take(.mine(term: 4, until: .seconds(4)), now: .seconds(4)) == nil)
        #expect(tenure.take(.mine(term: 4, until: .seconds(6)), now: .seconds(5)) == .leading(term: 4))
        // Nor does it prolong what it answers late.
        #expect(tenure.take(.mine(term: 4, until: .seconds(6)), now: .seconds(7)).map(isUnknown) == true)
    }

    private func isUnknown(_ leadership: Leadership) -> Bool {
        if case .unknown = leadership { true } else { false }
    }
}
