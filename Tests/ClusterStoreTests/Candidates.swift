// Candidates of an election that write down when they led, and the check that never two did.

import ClusterStore
import Foundation
import Testing

final class Contest: Sendable {
    struct Reign {
        let name: String
        let term: Int64
        let start: ContinuousClock.Instant
        var end: ContinuousClock.Instant?
    }

    private struct State {
        var reigns: [Reign] = []
        var latest: [String: Leadership] = [:]
        var said: [String: [Leadership]] = [:]
    }

    private final class Box: @unchecked Sendable {
        let lock = NSLock()
        var state = State()
    }

    private let box = Box()

    private func with<Value>(_ body: (inout State) -> Value) -> Value { box.lock.withLock { body(&box.state) } }

    /// A task that takes part until it is cancelled.
    func join(_ name: String, _ store: any ClusterStore) -> Task<Void, Never> {
        Task {
            for await leadership in store.campaign(Candidate(name: name, address: "\(name):7343")) {
                record(name, leadership)
            }
        }
    }

    private func record(_ name: String, _ leadership: Leadership) {
        with { state in
            state.latest[name] = leadership
            state.said[name, default: []].append(leadership)
            end(name, &state)
            if case .leading(let term) = leadership {
                state.reigns.append(Reign(name: name, term: term, start: .now))
            }
        }
    }

    private func end(_ name: String, _ state: inout State) {
        if let index = state.reigns.lastIndex(where: { $0.name == name && $0.end == nil }) { state.reigns[index].end = .now }
    }

    /// For one that is killed, or about to resign: it leads no more, and cannot say so.
    func leave(_ name: String) {
        with { state in
            end(name, &state)
            state.latest[name] = nil
        }
    }

    func latest(_ name: String) -> Leadership? { with { $0.latest[name] } }
    func said(_ name: String) -> [Leadership] { with { $0.said[name] ?? [] } }

    /// Who leads just now, as all candidates see it; nil while they do not agree.
    var agreed: (leader: String, term: Int64)? {
        with { state in
            let leaders = state.latest.compactMap { name, leadership -> (String, Int64)? in
                if case .leading(let term) = leadership { (name, term) } else { nil }
            }
            guard leaders.count == 1, let (leader, term) = leaders.first else { return nil }
            let expected = Leadership.following(leader: Candidate(name: leader, address: "\(leader):7343"), term: term)
            let others = state.latest.filter { $0.key != leader }
            return others.allSatisfy { $0.value == expected } ? (leader, term) : nil
        }
    }

    func agreement(_ what: String, seconds: Double = 15) async throws -> (leader: String, term: Int64) {
        try await eventually("agreement: \(what)", seconds: seconds) { agreed }
    }

    /// At any time at most one led, and terms grew with every change.
    func check(sourceLocation: SourceLocation = #_sourceLocation) {
        let reigns = with { $0.reigns }.sorted { $0.start < $1.start }
        for (earlier, later) in zip(reigns, reigns.dropFirst()) {
            let end = earlier.end ?? .now
            #expect(end <= later.start, "\(earlier) overlaps \(later)", sourceLocation: sourceLocation)
            if earlier.name != later.name {
                #expect(earlier.term < later.term, "\(earlier), \(later)", sourceLocation: sourceLocation)
            } else {
                #expect(earlier.term <= later.term, "\(earlier), \(later)", sourceLocation: sourceLocation)
            }
        }
    }
}
