// Promise P1 inside one process: however agents are spread over shards and shards over threads, every answer is the same
// to the last bit, and it is the one that the slow reference works out.

import Bytes
import Coordinator
import DatagramBuilding
import Datagrams
import ExactStatistics
import Queries
import SFlow
import ShardEngine
import Testing
import Worker

@Suite struct SameAnswer {
    static let metrics = [
        "ifinoctets", "ifinucastpkts", "ifinerrors", "ifspeed", "ifinutilization", "ifoperstatus", "iftype", "ifname", "host_name",
        "os_name", "load_one", "load_one_per_cpu", "cpu_num", "hits", "level", "ifindex", "nothing",
    ]

    @Test(arguments: 0..<3 as Range<UInt64>) func overAnySplit(seed: UInt64) async throws {
        let layouts: [(executors: Int, shards: Int)] = [(1, 1), (1, 2), (2, 2), (3, 7)]
        let processes = layouts.map { Process(executors: $0.executors, shards: $0.shards) }
        defer { for process in processes { process.stop() } }
        var stream = StreamGenerator(seed: seed, agents: 50)
        var reference = SlowReference()
        // The last pause lets most values expire; then the agents come back.
        for seconds in [20, 100, 40, 400, 30] {
            let arrivals = stream.seconds(seconds)
            for arrival in arrivals { reference.take(arrival) }
            let now = arrivals.last?.time ?? 0
            for process in processes {
                process.feed(arrivals)
                await process.pool.drain()
            }
            let answers = try await processes[0].everything(at: now)
            for (process, layout) in zip(processes, layouts).dropFirst() {
                let others = try await process.everything(at: now)
                for (one, other) in zip(answers, others) where one != other {
                    Issue.record("seed \(seed), \(layout): \(one) but \(other)")
                    return
                }
                #expect(answers.count == others.count)
            }
            try await compare(processes[3], reference, at: now, "seed \(seed)")
        }
    }

    private func compare(_ process: Process, _ reference: SlowReference, at now: Int64, _ note: String) async throws {
        for metric in SameAnswer.metrics {
            let values = reference.values(of: metric, at: now)
            let answers = try await process.metrics(Statistic.allCases.map { "\($0.rawValue):\(metric)" }.joined(separator: ","), at: now)
            let numbers = values.compactMap(\.value.number)
            let expected = SlowAnswer(values.map { ($0.place, $0.value) })
            for answer in answers {
                let name = Comment(rawValue: "\(note) \(answer.term.text)")
                #expect(answer.tally.count == (answer.term.statistic.isSelecting ? values.count : numbers.count), name)
                switch answer.term.statistic {
                case .max: #expect(answer.place?.place == expected.maximum, name)
                case .min: #expect(answer.place?.place == expected.minimum, name)
                case .any: #expect(answer.place?.place == values.first?.place, name)
                case .sum: #expect(isNear(answer.value, numbers.isEmpty ? nil : numbers.reduce(0, +), numbers), name)
                case .avg:
                    #expect(isNear(answer.value, numbers.isEmpty ? nil : numbers.reduce(0, +) / Double(numbers.count), numbers), name)
                case .var, .sdev: #expect((answer.value == nil) == numbers.isEmpty, name)
                case .med, .q2: #expect(answer.value == expected.quartile(2), name)
                case .q1: #expect(answer.value == expected.quartile(1), name)
                case .q3: #expect(answer.value == expected.quartile(3), name)
                case .iqr: #expect((answer.value == nil) == numbers.isEmpty, name)
                }
                if let place = answer.place {
                    let value = values.first { $0.place == place.place }?.value
                    #expect(value?.arrival == place.reading.arrival, name)
                    #expect(place.reading.value == (value?.text).map(MetricValue.text) ?? .number(value?.number ?? .nan), name)
                }
            }
            // Each value for itself.
            let rows = try await process.table(metric, at: now)
            #expect(rows.map(\.place) == values.map(\.place), "\(note) \(metric)")
            for (row, value) in zip(rows, values) {
                let expected = value.value.text.map(MetricValue.text) ?? .number(value.value.number ?? .nan)
                #expect(row.cells[0]?.reading == Reading(value: expected, arrival: value.value.arrival), "\(note) \(metric) \(row.place)")
            }
        }
        var newest: [String: Int64] = [:]
        for row in try await process.rows(RowQuery(agents: .all, columns: .all, filter: .none), at: now) {
            for case let cell? in row.cells { newest[cell.name] = max(newest[cell.name] ?? .min, cell.reading.arrival) }
        }
        #expect(try await process.coordinator.newestArrivals(at: Instant(nanoseconds: now)) == newest)
        let agents = try await process.coordinator.agents(.all, at: Instant(nanoseconds: now))
        let alive = reference.agents.filter { reference.isAlive($0.value, at: now) }
        #expect(agents.map(\.address) == alive.keys.sorted())
        for agent in agents {
            #expect(Int(agent.statistics.datagrams) == alive[agent.address]?.datagrams)
            #expect(Int(agent.statistics.duplicates) == alive[agent.address]?.duplicates)
        }
    }

    private func isNear(_ value: MetricValue?, _ expected: Double?, _ numbers: [Double]) -> Bool {
        guard case .number(let number)? = value, let expected else { return value == nil && expected == nil }
        return abs(number - expected) <= 1e-12 * (numbers.map(abs).max() ?? 0) * Double(numbers.count)
    }
}

/// Maximum, minimum and quartiles from a sorted array.
private struct SlowAnswer {
    private let sorted: [Double]
    let maximum: Place?, minimum: Place?

    init(_ values: [(Place, SlowReference.Value)]) {
        sorted = values.compactMap(\.1.number).sorted()
        func rank(_ value: SlowReference.Value) -> (Int, Double, String) {
            value.text.map { (1, 0, $0) } ?? (0, value.number ?? 0, "")
        }
        var (largest, smallest): ((Place, SlowReference.Value)?, (Place, SlowReference.Value)?)
        // In order of places: the first of equal ones stands.
        for value in values {
            if largest.map({ rank($0.1) < rank(value.1) }) ?? true { largest = value }
            if smallest.map({ rank(value.1) < rank($0.1) }) ?? true { smallest = value }
        }
        (maximum, minimum) = (largest?.0, smallest?.0)
    }

    func quartile(_ k: Int) -> MetricValue? {
        guard !sorted.isEmpty else { return nil }
        let position = k * (sorted.count - 1)
        let (low, quarters) = (position / 4, position % 4)
        if quarters == 0 || sorted[low] == sorted[low + 1] { return .number(sorted[low]) }
        let fraction = Double(quarters) / 4
        return .number(sorted[low] + (sorted[low + 1] - sorted[low]) * fraction)
    }
}
