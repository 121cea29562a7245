// Statistics over data sources.

import Bytes
import DatagramBuilding
import ExactStatistics
import Queries
import SeededRandom
import SFlow
import ShardEngine
import Testing

extension Quartiles {
    init?(of snapshot: ValueSnapshot) throws {
        guard let quartiles = try QuartileSelection.quartiles(of: [snapshot]) else { return nil }
        self = quartiles
    }
}

@Suite struct MetricQueries {
    @Test func everyStatistic() throws {
        let fabric = Fabric()
        for (agent, value) in zip(1...5 as ClosedRange<UInt32>, [2.0, 4, 4, 8, 10]) {
            fabric.gauge(agent, "app", "m", value, age: Int64(agent))
        }
        let names = Statistic.allCases.map { "\($0.rawValue):m" }.joined(separator: ",")
        let answers = try fabric.measure(names)
        let expected: [Statistic: Double] = [
            .max: 10, .min: 2, .any: 2, .sum: 28, .avg: 5.6, .var: 8.64, .med: 4, .q1: 4, .q2: 4, .q3: 8, .iqr: 4,
        ]
        for answer in answers where answer.term.statistic != .sdev {
            #expect(answer.value == expected[answer.term.statistic].map(MetricValue.number), "\(answer.term.text)")
        }
        for answer in answers {
            #expect(answer.tally.count == 5)
            #expect(Fabric.instant.age(of: answer.tally.newest) == 1_000)
            #expect(Fabric.instant.age(of: answer.tally.oldest) == 5_000)
            #expect((answer.place != nil) == answer.term.statistic.isSelecting)
            #expect((answer.quartiles != nil) == answer.term.statistic.isQuartile)
        }
        #expect(answers.first?.place?.place == Place(agent: IPAddress(v4: 5), source: .named("app")))
    }

    @Test func tiesGoToTheSmallestPlace() throws {
        let fabric = Fabric()
        for agent: UInt32 in [3, 1, 2] {
            fabric.gauge(agent, "b", "m", 7)
            fabric.gauge(agent, "a", "m", agent == 1 ? -0.0 : 0, sequence: 2)
        }
        let answers = try fabric.measure("max:m,min:m,any:m")
        #expect(answers.map { $0.place?.place.agent } == Array(repeating: IPAddress(v4: 1), count: 3))
        #expect(answers.map { $0.place?.place.source.description } == ["b", "a", "a"])
    }

    @Test func textsCountForSelectionsOnly() throws {
        let fabric = Fabric()
        fabric.ports(1, 1...3)
        let answers = try fabric.measure("max:ifname,min:ifname,sum:ifname,med:ifname")
        #expect(answers.map(\.value) == [.text("swp3"), .text("swp1"), nil, nil])
        #expect(answers.map(\.tally.count) == [3, 3, 0, 0])
    }

    @Test func numbersComeBeforeTexts() throws {
        let fabric = Fabric()
        fabric.send(1, [.custom("a", [("m", .text("0"))]), .custom("b", [("m", .gauge32(9))])])
        let answers = try fabric.measure("max:m,min:m,avg:m")
        #expect(answers.map(\.value) == [.text("0"), .number(9), .number(9)])
    }

    @Test func certainSourcesAndFilters() throws {
        let fabric = Fabric()
        fabric.ports(1, 1...4)
        fabric.ports(2, 1...4)
        fabric.host(2, "leaf2.example", load: 1.5)
        func value(_ term: String, agents: AgentSelector = .all, _ filter: (String, String)...) throws -> MetricAnswer? {
            try fabric.measure(term, agents: agents, filter: RowFilter(filter.map { (name: $0.0, pattern: $0.1) })).first
        }
        #expect(try value("sum:ifspeed")?.value == .number(20_000))
        #expect(try value("sum:4.ifspeed")?.value == .number(8_000))
        #expect(try value("sum:99.ifspeed")?.tally.count == 0)
        #expect(try value("sum:ifspeed", ("ifname", "swp2"), ("ifname", "swp3"))?.value == .number(10_000))
        #expect(try value("sum:ifspeed", ("ifname", "swp*"), ("ifspeed", "1e3"))?.value == .number(2_000))
        #expect(try value("sum:ifspeed", ("os_name", "linux"))?.value == nil, "rows do not inherit")
        #expect(try value("max:load_one", ("os_name", "linux"))?.value == .number(1.5))
        for name in ["leaf2", "leaf2.example", "0.0.0.2", "::ffff:0.0.0.2"] {
            #expect(try value("sum:ifspeed", agents: AgentSelector(name))?.value == .number(10_000), "\(name)")
        }
        for name in ["leaf", "0.0.0.9", "EDGE"] { #expect(try value("sum:ifspeed", agents: AgentSelector(name))?.value == nil) }
    }

    /// Equality has to fit the order, or a maximum depends on who is asked first.
    @Test func twoSpellingsAreTwoTexts() {
        let (one, other) = (MetricValue.text("e\u{301}"), MetricValue.text("\u{E9}"))
        #expect(one != other)
        #expect(one < other)
        #expect(Set([one, other, one]).count == 2)
        #expect(MetricValue.number(0) == .number(-0.0))
    }

    @Test func nothingAtAll() throws {
        for answer in try Fabric().measure("max:a,sum:a,med:a,avg:a,sdev:a") {
            #expect(answer.value == nil)
            #expect(answer.tally.count == 0)
            #expect(answer.place == nil)
        }
    }

    /// However values are spread over partials and in whatever order these are merged, every bit is the same.
    @Test(arguments: 0..<20 as Range<UInt64>) func mergingIsCommutativeAndAssociative(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let parts = Int.random(in: 1...6, using: &random)
        let whole = Fabric(), split = Fabric(shards: parts)
        let texts = ["e\u{301}", "\u{E9}", "a", "b", ""]
        for agent: UInt32 in 1...40 {
            let value: Framed.Custom =
                random.chance(4)
                ? .text(texts.randomElement(using: &random) ?? "")
                : .double([0, -0.0, 1e300, -1e300, 0.1, .random(in: -1...1, using: &random)].randomElement(using: &random) ?? 0)
            for fabric in [whole, split] { fabric.send(agent, [.custom("app", [("m", value)])]) }
        }
        let query = MetricQuery(agents: .all, terms: try MetricTerm.list("max:m,sum:m"), filter: .none)
        func partial(_ shard: Shard) -> MetricPartial {
            var measurement = query.emptyMeasurement
            shard.measure(query, at: Fabric.instant, into: &measurement)
            return measurement.partials[0]
        }
        let expected = partial(whole.shards[0])
        var pool = split.shards.map(partial)
        while pool.count > 1 {
            var first = pool.remove(at: Int.random(in: 0..<pool.count, using: &random))
            first.merge(pool.remove(at: Int.random(in: 0..<pool.count, using: &random)))
            pool.append(first)
        }
        let merged = pool[0]
        #expect(merged.all == expected.all, "seed \(seed)")
        #expect(merged.numbers == expected.numbers, "seed \(seed)")
        #expect(merged.maximum == expected.maximum, "seed \(seed)")
        #expect(merged.minimum == expected.minimum, "seed \(seed)")
        #expect(merged.any == expected.any, "seed \(seed)")
        #expect(merged.moments == expected.moments, "seed \(seed)")
    }
}
