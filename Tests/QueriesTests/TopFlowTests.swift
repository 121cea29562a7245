// The largest flows of many hosts, found in rounds: always those that merging everything and sorting finds, to the last bit,
// and with few flows moved.

import Bytes
import DatagramBuilding
import SeededRandom
import SFlow
import Testing
import Wire

@testable import Queries
@testable import ShardEngine

/// Flows over hosts, and what the slow way makes of them.
private struct Split {
    var hosts: [FlowPartial]
    var random: SeededGenerator

    /// Few flows at many places, many at few; values equal or nearly so, of very different sizes, some negative.
    init(seed: UInt64, mode: ActiveFlowsQuery.Mode) {
        random = SeededGenerator(seed: seed)
        let hostCount = Int.random(in: 1...9, using: &random), flowCount = Int.random(in: 0...200, using: &random)
        let style = Int.random(in: 0..<5, using: &random)
        hosts = Array(repeating: [:], count: hostCount)
        for flow in 0..<flowCount {
            let key = [UInt8(0x12), UInt8(flow >> 8), UInt8(flow & 255)]
            for _ in 0..<Int.random(in: 1...12, using: &random) {
                let host = Int.random(in: 0..<hostCount, using: &random)
                // An agent has one host only.
                let agent = UInt32(host + hostCount * Int.random(in: 0..<3, using: &random))
                let reading = FlowReading(
                    key: key, value: value(style), ingressShare: random.chance(3) ? .random(in: 0...1, using: &random) : random.chance(2) ? 0 : 1,
                    arrival: .random(in: 0...9, using: &random), values: [Double(flow)])
                let place = Place(
                    agent: IPAddress(v4: agent), source: .numbered(DataSource(classNumber: 0, index: .random(in: 1...1_000_000, using: &random))))
                hosts[host][key, default: FlowTally(mode)].add(reading, at: place, keepsRates: mode.keepsRates)
            }
        }
    }

    private mutating func value(_ style: Int) -> Double {
        switch style {
        case 0: Double(Int.random(in: 0...4, using: &random))
        case 1: 1 + Double(Int.random(in: 0...3, using: &random)) * 0x1p-52
        case 2: Double.random(in: -100...1_000, using: &random)
        case 3: Double.random(in: 0...1, using: &random) * Double(sign: .plus, exponent: .random(in: -60...60, using: &random), significand: 1)
        default: 0.1 * Double(Int.random(in: 1...3, using: &random))
        }
    }

    func slowAnswer(_ query: ActiveFlowsQuery) -> [String] {
        var all = FlowPartial()
        for host in hosts { for (key, tally) in host { all[key, default: FlowTally(query.mode)].merge(tally) } }
        let valued = all.map { (key: $0.key, value: $0.value.value(query.mode), tally: $0.value) }.filter { $0.value >= query.minValue }
        let sorted = valued.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key.lexicographicallyPrecedes($1.key) }
        return sorted.prefix(query.maxFlows).map { text($0.key, $0.value, $0.tally) }
    }
}

private func text(_ key: [UInt8], _ value: Double, _ tally: FlowTally) -> String {
    "\(key) \(value) ×\(tally.count) \(String(describing: tally.best))"
}

/// The fast way, with every message as bytes.
private struct Conversation {
    var answer: [String] = []
    var rounds = 0
    var messages = 0
    /// Flows in all answers.
    var entries = 0

    init(_ query: ActiveFlowsQuery, _ hosts: [FlowPartial], entriesMax: Int) throws {
        let snapshots = hosts.map { FlowSnapshot($0, mode: query.mode) }
        var selection = TopFlowSelection(query, hostCount: hosts.count, entriesMax: entriesMax)
        while true {
            switch selection.next {
            case .ask(let questions):
                #expect(!questions.isEmpty && Set(questions.map(\.host)).count == questions.count)
                var partials: [TopFlowPartial] = []
                for question in questions {
                    let request = try TopFlowRequest(wireBytes: question.request.wireBytes)
                    #expect(request == question.request)
                    let partial = try snapshots[question.host].answer(request)
                    switch partial {
                    case .ranked(let flows, _):
                        entries += flows.count
                        #expect(flows.count <= entriesMax)
                    case .tallies(let tallies):
                        entries += tallies.count
                        #expect(tallies.count <= entriesMax)
                    }
                    let bytes = partial.wireBytes
                    partials.append(try TopFlowPartial(wireBytes: bytes))
                    #expect(partials.last?.wireBytes == bytes)
                }
                rounds += 1
                messages += questions.count
                try selection.receive(partials)
            case .done(let flows):
                answer = flows.map { text($0.key, $0.value, $0.tally) }
                return
            }
        }
    }
}

@Suite struct TopFlows {
    @Test(arguments: ActiveFlowsQuery.Mode.allCases) func asTheSlowWayFindsThem(mode: ActiveFlowsQuery.Mode) throws {
        let first = UInt64.random(in: 0...(.max >> 1))
        for seed in first..<first + 40 {
            var split = Split(seed: seed, mode: mode)
            let hostCount = split.hosts.count
            for maxFlows in [0, 1, 3, Int.random(in: 1...50, using: &split.random), 1_000] {
                let all = split.slowAnswer(ActiveFlowsQuery(agents: .all, flow: "f", maxFlows: 1_000, minValue: -1e9, mode: mode))
                let values = all.compactMap { $0.split(separator: "] ").last?.split(separator: " ").first.flatMap { Double($0) } }
                for minValue in [0, values.randomElement(using: &split.random) ?? 1, -1e9] {
                    let query = ActiveFlowsQuery(agents: .all, flow: "f", maxFlows: maxFlows, minValue: minValue, mode: mode)
                    let entriesMax = split.random.chance(3) ? Int.random(in: 1...20, using: &split.random) : TopFlowLimits.entriesMax
                    let fast = try Conversation(query, split.hosts, entriesMax: entriesMax)
                    let sentence = Comment(rawValue: "seed \(seed), \(mode), \(hostCount) hosts, \(maxFlows) flows from \(minValue), \(entriesMax) a message")
                    try #require(fast.answer == split.slowAnswer(query), sentence)
                    guard entriesMax == TopFlowLimits.entriesMax else { continue }
                    // All fits into one page a round.
                    let rounds = hostCount == 1 ? 1 : mode.bound == .largest ? 2 : 4
                    #expect(fast.rounds <= rounds && fast.messages <= rounds * hostCount, sentence)
                    if maxFlows == 0 { #expect(fast.messages == 0) }
                    if hostCount == 1 || mode.bound == .largest {
                        #expect(fast.entries <= maxFlows * hostCount * (hostCount == 1 ? 1 : 2), sentence)
                    }
                }
            }
        }
    }

    /// Ten hosts of 20,000 flows, the largest of which are everywhere: sizes as those of real traffic, 1/rank.
    @Test(arguments: ActiveFlowsQuery.Mode.allCases) func movesFew(mode: ActiveFlowsQuery.Mode) throws {
        var random = SeededGenerator(seed: 7)
        let hosts: [FlowPartial] = (0..<10).map { host in
            var flows = FlowPartial()
            for flow in 1...20_000 where flow < 1_000 || flow % 10 == host {
                let key = [UInt8(0x13), UInt8(flow >> 16), UInt8(flow >> 8 & 255), UInt8(flow & 255)]
                let reading = FlowReading(
                    key: key, value: 1e9 / Double(flow) * .random(in: 0.5...1.5, using: &random), ingressShare: 1, arrival: 1, values: [])
                let place = Place(agent: IPAddress(v4: UInt32(host)), source: .named("1"))
                flows[key, default: FlowTally(mode)].add(reading, at: place, keepsRates: mode.keepsRates)
            }
            return flows
        }
        let query = ActiveFlowsQuery(agents: .all, flow: "f", maxFlows: 100, mode: mode)
        let conversation = try Conversation(query, hosts, entriesMax: TopFlowLimits.entriesMax)
        let total = hosts.reduce(0) { $0 + $1.count }
        #expect(conversation.answer.count == 100)
        // Ten lists of 100 flows are the first round; of the rest of 29,000 few more are needed.
        #expect(conversation.messages <= 40)
        // The least of a flow says little about where it is large: more flows may still win.
        #expect(conversation.entries <= total / (mode == .min ? 10 : 15), "\(mode): \(conversation.entries) of \(total)")
    }

    @Test func theFirstRoundIsEnoughForOneHost() throws {
        let split = Split(seed: 3, mode: .sum)
        let hosts = [split.hosts.max { $0.count < $1.count } ?? [:], [:], [:]]
        let query = ActiveFlowsQuery(agents: .all, flow: "f", maxFlows: 5, mode: .sum)
        #expect(try Conversation(query, hosts, entriesMax: 100).rounds == 1)
        #expect(try Conversation(query, [], entriesMax: 100).answer.isEmpty)
    }
}

@Suite struct HostileTopFlows {
    private let query = ActiveFlowsQuery(agents: .all, flow: "f", maxFlows: 2, mode: .sum)

    private func tally(_ value: Double, keepsRates: Bool = true) -> FlowTally {
        var tally = FlowTally()
        let reading = FlowReading(key: [], value: value, ingressShare: 1, arrival: 1, values: [])
        tally.add(reading, at: Place(agent: IPAddress(v4: 1), source: .named("a")), keepsRates: keepsRates)
        return tally
    }

    private func expect(_ partials: [TopFlowPartial], _ reason: TopFlowError.Reason, host: Int? = 0) {
        var selection = TopFlowSelection(query, hostCount: 2)
        #expect(throws: TopFlowError(reason, host: host)) { try selection.receive(partials) }
    }

    @Test func answersThatFitNoRequest() {
        let empty = TopFlowPartial.ranked([], remaining: 0)
        let (one, two, three) = (RankedFlow(key: [1], tally: tally(1)), RankedFlow(key: [2], tally: tally(2)), RankedFlow(key: [3], tally: tally(3)))
        expect([empty], .answerDoesNotFitRequest, host: nil)
        expect([.tallies([]), empty], .answerDoesNotFitRequest)
        expect([.ranked([three, two, one], remaining: 0), empty], .answerDoesNotFitRequest)
        expect([.ranked([one, two], remaining: 0), empty], .notInOrder)
        expect([.ranked([one, one], remaining: 0), empty], .notInOrder)
        expect([empty, .ranked([RankedFlow(key: [1], tally: tally(-1))], remaining: 0)], .notInOrder, host: 1)
        expect([.ranked([RankedFlow(key: [1], tally: FlowTally())], remaining: 0), empty], .badTally)
        expect([.ranked([RankedFlow(key: [1], tally: tally(0, keepsRates: false))], remaining: 0), empty], .badTally)
    }

    @Test func requestsThatNoCoordinatorMakes() throws {
        let snapshot = FlowSnapshot([[1]: tally(1)], mode: .sum)
        for request in [
            TopFlowRequest.ranked(from: -1, count: 1, atLeast: 0), .ranked(from: 0, count: 0, atLeast: 0),
            .ranked(from: 0, count: .max, atLeast: 0), .tallies(Array(repeating: [1], count: 5_000)),
        ] {
            #expect(throws: TopFlowError(.limitExceeded)) { try snapshot.answer(request) }
        }
        guard case .ranked(let flows, let remaining) = try snapshot.answer(.ranked(from: .max, count: 1, atLeast: 0)) else { return }
        #expect(flows.isEmpty && remaining == 0)
    }

    @Test func talliesOutOfBounds() {
        for value in [Double.infinity, .nan, 1e201] {
            #expect(throws: WireError.self) { try FlowTally(wireBytes: tally(value).wireBytes) }
        }
        #expect(throws: WireError.self) { try FlowTally(wireBytes: FlowTally().wireBytes) }
        #expect(throws: WireError.self) {
            try TopFlowRequest(wireBytes: TopFlowRequest.ranked(from: 0, count: 1, atLeast: .nan).wireBytes)
        }
    }

    @Test func brokenAnswersNeverTrap() throws {
        let seed = UInt64.random(in: 0...(.max))
        var random = SeededGenerator(seed: seed)
        for mode in ActiveFlowsQuery.Mode.allCases {
            let split = Split(seed: 11, mode: mode)
            let query = ActiveFlowsQuery(agents: .all, flow: "f", maxFlows: 5, mode: mode)
            for _ in 0..<20 {
                var selection = TopFlowSelection(query, hostCount: split.hosts.count, entriesMax: 16)
                let snapshots = split.hosts.map { FlowSnapshot($0, mode: mode) }
                while case .ask(let questions) = selection.next {
                    let partials = questions.compactMap { question -> TopFlowPartial? in
                        guard let partial = try? snapshots[question.host].answer(question.request) else { return nil }
                        var bytes = partial.wireBytes
                        bytes[.random(in: bytes.indices, using: &random)] = .random(in: 0...255, using: &random)
                        return (try? TopFlowPartial(wireBytes: bytes)) ?? partial
                    }
                    do { try selection.receive(partials) } catch { break }
                }
            }
        }
    }
}
