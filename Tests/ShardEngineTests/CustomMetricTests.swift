// Metrics that software on a host names itself (sample 4300:1002).

import DatagramBuilding
import SFlow
import ShardEngine
import Testing

@Suite struct CustomMetricsOfHosts {
    let sender = Sender()

    @Test func allTypes() {
        for round: UInt32 in 0...1 {
            sender.send(
                .custom("app", [
                    ("text", .text("on")), ("c32", .counter32(.max - 9 &+ round * 20)), ("c64", .counter64(UInt64(round) << 40)),
                    ("g32", .gauge32(7)), ("g64", .gauge64(1 << 40)), ("float", .float(0.5)), ("double", .double(-0.25)),
                ]))
        }
        #expect(sender.custom("text") == .text("on"))
        #expect(sender.custom("c32") == .number(1))
        #expect(sender.custom("c64") == .number(Double(1 << 40) / 20))
        #expect(sender.custom("g32") == .number(7))
        #expect(sender.custom("g64") == .number(Double(1 << 40)))
        #expect(sender.custom("float") == .number(0.5))
        #expect(sender.custom("double") == .number(-0.25))
    }

    @Test func badNamesAndValuesAreLeftOut() {
        sender.send(.custom("app", [("ok", .gauge32(1)), ("not ok", .gauge32(2)), ("nan", .double(.nan)), ("last", .gauge32(3))]))
        sender.send(.custom("4app", [("ok", .gauge32(1))]))
        #expect(sender.custom("ok") == .number(1))
        #expect(sender.custom("nan") == nil)
        #expect(sender.custom("last") == .number(3))
        #expect(sender.shard.counters.faults[.badName] == 2)
    }

    @Test func resetsAndRestarts() {
        func hits(_ total: UInt64, uptime: UInt32? = nil) { sender.send(uptime: uptime, .custom("app", [("hits", .counter64(total))])) }
        hits(1_000)
        #expect(sender.custom("hits") == nil)
        hits(1_200)
        #expect(sender.custom("hits") == .number(10))
        hits(5)
        #expect(sender.custom("hits") == .number(10), "the old rate stays")
        hits(25)
        #expect(sender.custom("hits") == .number(1))
        hits(9_999, uptime: 0)
        #expect(sender.custom("hits") == .number(1))
        hits(10_039)
        #expect(sender.custom("hits") == .number(2))
    }

    @Test func aLateDatagramOnlyFillsGaps() {
        func datagram(_ sequence: UInt32, _ metrics: [(String, Framed.Custom)]) -> Datagram {
            Datagram(sequence: sequence, uptime: 1_000 * sequence, [.custom("app", metrics)])
        }
        sender.sendRaw(datagram(1, [("hits", .counter32(100))]))
        sender.wait(2)
        sender.sendRaw(datagram(3, [("hits", .counter32(300))]))
        #expect(sender.custom("hits") == .number(100))
        sender.wait(1)
        sender.sendRaw(datagram(2, [("hits", .counter32(200)), ("other", .gauge32(1))]))
        #expect(sender.custom("hits") == .number(100))
        #expect(sender.custom("other") == .number(1))
        sender.wait(1)
        sender.sendRaw(datagram(4, [("hits", .counter32(400))]))
        #expect(sender.custom("hits") == .number(50))
    }

    @Test func namesAndSourcesAreBounded() {
        let names = (0..<300).map { ("m\($0)", Framed.Custom.gauge32(1)) }
        sender.send(.custom("app", names))
        #expect(sender.view()?.agent.statistics.customRefused == 44)
        for index in 1..<300 { sender.send(after: 0.01, .custom("app\(index)", [("m", .gauge32(1))])) }
        #expect(sender.view()?.agent.statistics.customRefused == 88)
        #expect(sender.custom("m", "app255") != nil)
        #expect(sender.custom("m", "app256") == nil)
    }

    /// Whether expired ones have been removed must not show: neither in what is refused nor in what is taken.
    @Test(arguments: [false, true]) func expiredOnesMakeRoom(isSwept: Bool) {
        for index in 0..<256 { sender.send(after: 0.01, .custom("old\(index)", [("m", .gauge32(1))])) }
        sender.wait(400)
        sender.send(.custom("old0", [("m", .gauge32(1))]))
        sender.wait(250)
        if isSwept { sender.shard.removeExpired(asOf: sender.now) }
        for index in 0..<256 { sender.send(after: 0.01, .custom("new\(index)", [("m", .gauge32(1))])) }
        #expect(sender.view()?.agent.statistics.customRefused == 1)
        for index in 1..<10 { sender.send(after: 0.01, .custom("old\(index)", [("m", .gauge32(1))])) }
        #expect(sender.view()?.agent.statistics.customRefused == 10)
    }
}
