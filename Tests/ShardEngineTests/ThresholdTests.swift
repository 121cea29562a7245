// Thresholds one rule at a time.

import Bytes
import DatagramBuilding
import Definitions
import FlowLanguage
import SFlow
import ShardEngine
import Testing

@Suite struct ThresholdsWhenTimeGoesBack {
    /// A capture whose times fall by years, or a clock that was set: a rate as of long before its samples is no number.
    @Test(arguments: [1_000 * second, 1_699_999_999 * second], [0.1, 600]) func byHowever(much jump: Int64, t: Double) throws {
        let shard = Shard()
        shard.setFlows([try .named("f", FlowDefinition(keys: ["ipsource"], value: "bytes", t: t))])
        shard.setThresholds([false, true].map { ActiveThreshold(name: "\($0)", metric: "f", level: 1, byFlow: $0) })
        let sender = Sender(shard: shard)
        for number in 1...10 as ClosedRange<UInt32> {
            sender.send(after: 0.1, .packet(number, from: number % 3))
            sender.wait(Double(jump) * (number % 2 == 0 ? 1e-9 : -1e-9))
            let view = try #require(sender.view())
            for source in view.agent.sources.indices {
                view.forEachMetric(source: source) { _, reading in
                    if case .number(let value) = reading.value { #expect(value.isFinite) }
                }
            }
        }
    }
}

@Suite struct Thresholds {
    let sender = Sender()

    private func set(_ thresholds: ActiveThreshold...) { sender.shard.setThresholds(thresholds) }

    private func taken() -> [ThresholdEvent] { sender.shard.takeOutbox().events }

    private func speed(_ speed: UInt64, _ port: UInt32 = 4, after seconds: Double = 20) -> Int {
        sender.counters(after: seconds, of: .port(port), .interface(port, speed: speed))
        return taken().count
    }

    @Test func theLevelItselfIsNotAboveIt() {
        set(ActiveThreshold(name: "x", metric: "ifspeed", level: 1_000))
        #expect(speed(1_000) == 0)
        #expect(speed(1_001) == 1)
        #expect(speed(2_000) == 0)
        #expect(speed(1_000) == 0)
        #expect(speed(1_001) == 1)
    }

    @Test func eachDataSourceAndAgentHasItsOwnState() {
        set(ActiveThreshold(name: "x", metric: "ifspeed", level: 1_000))
        #expect(speed(2_000, 4) == 1)
        #expect(speed(2_000, 5, after: 0.1) == 1)
        sender.agent = IPAddress(v4: 0x0A00_0002)
        #expect(speed(2_000, 5) == 1)
        #expect(speed(2_000, 5) == 0)
    }

    @Test func belowForTheWholeTimeout() {
        set(ActiveThreshold(name: "x", metric: "ifspeed", level: 1_000, timeoutSeconds: 30))
        #expect(speed(2_000) == 1)
        #expect(speed(500) == 0)
        #expect(speed(2_000) == 0)
        #expect(speed(500) == 0)
        #expect(speed(500) == 0)
        #expect(speed(2_000, after: 10) == 1)
    }

    @Test func aMetricThatIsGoneIsBelow() {
        set(ActiveThreshold(name: "x", metric: "ifspeed", level: 1_000, timeoutSeconds: 100))
        #expect(speed(2_000) == 1)
        #expect(speed(2_000) == 0)
        // Gone 100 s later, armed 100 s after that; the agent stays.
        func passes(_ seconds: Int) { for _ in 0..<seconds / 10 { sender.send(after: 10) } }
        passes(190)
        #expect(speed(2_000, after: 9.9) == 0)
        // Of one sample it is not known how often they come: gone 600 s later.
        passes(690)
        #expect(speed(2_000, after: 9.9) == 0)
        passes(700)
        #expect(speed(2_000, after: 0.1) == 1)
    }

    @Test func filtersLookAtTheRow() {
        let filter = RowFilter(grouping: [("ifspeed", "10000"), ("ifname", "swp*")], in: .standard)
        set(ActiveThreshold(name: "x", metric: "ifindex", level: 0, filter: filter))
        sender.counters(.interface(4, speed: 10_000))
        #expect(taken().isEmpty)
        sender.counters(.interface(4, speed: 9_000), .portName("swp4"))
        #expect(taken().isEmpty)
        // The name comes after the counters in the same sample.
        sender.counters(of: .port(5), .interface(5, speed: 10_000), .portName("swp5"))
        #expect(taken().count == 1)
        // A state stays triggered though the filter holds no longer.
        sender.counters(of: .port(5), .interface(5, speed: 9_000), .portName("swp5"))
        sender.counters(of: .port(5), .interface(5, speed: 10_000), .portName("swp5"))
        #expect(taken().isEmpty)
    }

    @Test func customMetrics() {
        set(ActiveThreshold(name: "x", metric: "level", level: 0.5))
        sender.send(.custom("app", [("level", .double(0.6)), ("other", .double(9))]))
        #expect(taken().map { "\($0.source) \($0.value)" } == ["app 0.6"])
        sender.send(.custom("app", [("level", .text("high"))]))
        sender.send(.custom("app", [("level", .double(0.7))]))
        #expect(taken().count == 1)
    }

    @Test func namesWithNumbersAndAliases() throws {
        let catalogue = Catalogue.standard.adding(aliases: ["velocity": "ifspeed"])
        sender.shard.setThresholds([ActiveThreshold(name: "x", metric: "velocity", level: 1, in: catalogue)])
        #expect(speed(2) == 1)
        set(ActiveThreshold(name: "x", metric: "nothing", level: 1))
        #expect(speed(2) == 0)
    }

    @Test func aChangedDefinitionStartsAnew() {
        set(ActiveThreshold(name: "x", metric: "ifspeed", level: 1_000), ActiveThreshold(name: "y", metric: "ifspeed", level: 1_000))
        #expect(speed(2_000) == 2)
        set(ActiveThreshold(name: "y", metric: "ifspeed", level: 1_000), ActiveThreshold(name: "x", metric: "ifspeed", level: 1_500))
        sender.counters(.interface(4, speed: 2_000))
        #expect(taken().map(\.threshold) == ["x"])
        set()
        #expect(speed(1) == 0)
        set(ActiveThreshold(name: "y", metric: "ifspeed", level: 1_000))
        #expect(speed(2_000) == 1)
    }

    @Test func fromDefinitions() {
        let filter = [ThresholdDefinition.FilterTerm(name: "ifname", patterns: ["swp1", "swp2"])]
        let definition = ThresholdDefinition(metric: "ifspeed", value: 9, filter: filter, byFlow: true, timeout: 0.2)
        let pairs = [(name: "ifname", pattern: "swp1"), (name: "ifname", pattern: "swp2")]
        #expect(
            ActiveThreshold(name: "x", definition, in: .standard)
                == ActiveThreshold(
                    name: "x", metric: "ifspeed", level: 9, filter: RowFilter(grouping: pairs, in: .standard), byFlow: true,
                    timeoutSeconds: 0.2))
    }

    // MARK: Flows

    private func setFlow(_ definition: FlowDefinition) throws { sender.shard.setFlows([try .named("f", definition)]) }

    private func packet(_ from: UInt32, rate: UInt32, after seconds: Double = 0.1) -> [String] {
        sender.send(after: seconds, .packet(from: from, rate: rate))
        return taken().map { $0.flowKey ?? "none" }
    }

    @Test func withoutByFlowAnotherFlowIsNoNews() throws {
        try setFlow(FlowDefinition(keys: ["ipsource"], value: "frames"))
        set(
            ActiveThreshold(name: "one", metric: "f", level: 400),
            ActiveThreshold(name: "each", metric: "f", level: 400, byFlow: true))
        #expect(packet(1, rate: 1_000) == ["0.0.0.1", "0.0.0.1"])
        #expect(packet(2, rate: 5_000) == ["0.0.0.2"])
        #expect(packet(3, rate: 10).isEmpty)
        // All have decayed: 5000/2·e^(−x/2) ≤ 400.
        #expect(packet(2, rate: 1_000, after: 4) == ["0.0.0.2", "0.0.0.2"])
    }

    @Test func aSampleOfASmallFlowDoesNotHideTheLargest() throws {
        try setFlow(FlowDefinition(keys: ["ipsource"], value: "frames", values: ["bytes", "count:ipsource"]))
        set(ActiveThreshold(name: "x", metric: "f", level: 400))
        sender.send(.packet(from: 1, bytes: 60, rate: 1_000))
        let event = try #require(taken().first)
        #expect(event.value == 500 && event.values == [30_000, 1])
        set(ActiveThreshold(name: "x", metric: "f", level: 300))
        sender.send(after: 0.1, .packet(from: 2))
        #expect(taken().map(\.flowKey) == ["0.0.0.1"])
    }

    /// Rates so large that flows end before they have decayed to the level: then the last of them counts.
    @Test func flowsThatEndOneAfterTheOther() throws {
        try setFlow(FlowDefinition(keys: ["ipsource"], value: "frames", t: 0.1))
        set(ActiveThreshold(name: "x", metric: "f", level: 1e-12))
        #expect(packet(1, rate: 1_000_000) == ["0.0.0.1"])
        #expect(packet(2, rate: 1, after: 1.5).isEmpty)
        // The first one ended 0.6 s ago, the second one ends in 0.9 s.
        #expect(packet(3, rate: 1, after: 1.1).isEmpty)
        #expect(packet(3, rate: 1, after: 2.1) == ["0.0.0.3"])
    }

    @Test func distinctValuesAreForgottenInTime() throws {
        try setFlow(FlowDefinition(keys: ["ipdestination"], value: "count:ipsource", t: 1))
        set(ActiveThreshold(name: "scan", metric: "f", level: 5, timeoutSeconds: 0.5))
        func scan() -> Int {
            (1...8).map { packet(UInt32($0), rate: 1, after: 0.01).count }.reduce(0, +)
        }
        #expect(scan() == 1)
        #expect(scan() == 0)
        sender.wait(4)
        #expect(scan() == 1)
    }

    @Test func wholeAgents() throws {
        try setFlow(FlowDefinition(keys: [], value: "frames", aggMode: "AGENT"))
        set(ActiveThreshold(name: "x", metric: "f", level: 700))
        sender.send(.packet(at: .port(4), from: 1, rate: 1_000))
        #expect(taken().isEmpty)
        sender.send(after: 0.01, .packet(at: .port(5), from: 1, rate: 1_000))
        #expect(taken().map { "\($0.source) '\($0.flowKey ?? "none")'" } == ["0 ''"])
    }

    @Test func aChangedFlowDefinitionForgets() throws {
        try setFlow(FlowDefinition(keys: ["ipsource"], value: "frames"))
        set(ActiveThreshold(name: "x", metric: "f", level: 1, timeoutSeconds: 1_000))
        #expect(packet(1, rate: 1_000).count == 1)
        try setFlow(FlowDefinition(keys: ["ipsource"], value: "frames"))
        #expect(packet(1, rate: 1_000).isEmpty)
        try setFlow(FlowDefinition(keys: ["ipsource"], value: "frames", t: 1))
        #expect(packet(1, rate: 1_000).count == 1)
    }

    /// The flow's place in the table is lost to others, its state is not.
    @Test func evictionIsNoRearming() throws {
        try setFlow(FlowDefinition(keys: ["ipsource"], value: "frames"))
        set(ActiveThreshold(name: "x", metric: "f", level: 100, byFlow: true, timeoutSeconds: 60))
        #expect(packet(1, rate: 1_000).count == 1)
        for other in 100..<200 as Range<UInt32> { _ = packet(other, rate: 2_000, after: 0.001) }
        #expect(packet(1, rate: 1_000, after: 0.5).isEmpty)
    }

    @Test func statesAreBounded() throws {
        try setFlow(FlowDefinition(keys: ["ipsource"], value: "frames"))
        set(ActiveThreshold(name: "x", metric: "f", level: 0, byFlow: true, timeoutSeconds: 1_000))
        var events = 0
        for other in 0..<17_000 as Range<UInt32> { events += packet(other, rate: 10, after: 0).count }
        #expect(events == 16_384)
        // They are armed again in time, and then there is room.
        sender.send(after: 30, .packet(from: 1))
        for _ in 0..<22 { sender.send(after: 50, .packet(from: 1)) }
        _ = taken()
        #expect(packet(99_999, rate: 10).count == 1)
    }

    @Test func cleaningUpChangesNothing() throws {
        for cleans in [false, true] {
            let sender = Sender()
            sender.shard.setThresholds([ActiveThreshold(name: "x", metric: "ifspeed", level: 1_000, timeoutSeconds: 300)])
            var counts: [Int] = []
            for (pause, speed) in [(20, 2_000), (20, 500), (200, 500), (90, 2_000), (20, 500), (301, 2_000)] as [(Double, UInt64)] {
                sender.counters(after: pause, .interface(4, speed: speed))
                if cleans { sender.shard.removeExpired(asOf: sender.now) }
                counts.append(sender.shard.takeOutbox().events.count)
            }
            #expect(counts == [1, 0, 0, 1, 0, 1])
        }
    }

    @Test func anOutboxThatNobodyTakesIsBounded() {
        set(ActiveThreshold(name: "x", metric: "level", level: 0))
        for number in 0..<70_000 {
            sender.send(after: 0.001, .custom("app", [("level", .double(number % 2 == 0 ? 1 : -1))]))
        }
        for _ in 0..<35_000 * 2 { sender.send(after: 0.001, .custom("a", [("level", .double(1))]), .custom("a", [("level", .double(-1))])) }
        let outbox = sender.shard.takeOutbox()
        #expect(outbox.events.count == 65_536)
        #expect(outbox.eventsLost == 35_000 + 70_000 - 65_536)
        #expect(sender.shard.takeOutbox().isEmpty)
    }
}
