// From flow records to collectors: which record goes where, and the books of it; then the service around it.

import Bytes
import Coordinator
import FlowExport
import FlowLanguage
import SFlow
import ShardEngine
import Testing

extension FlowDefinition {
    fileprivate static func exporting(_ keys: String = "ipprotocol", _ value: String = "frames", to collectors: [String]) -> Self {
        FlowDefinition(keys: [keys], value: value, ipfixCollectors: collectors)
    }
}

/// Of a flow of protocol 6. A number of one byte is packed as its tag and the byte.
private func record(_ name: String = "f", of definition: FlowDefinition, value: Double = 7, key: [UInt8] = [0x11, 6]) -> FlowRecord {
    FlowRecord(
        name: name, agent: IPAddress(v4: 0xC000_0201), source: .numbered(DataSource(classNumber: 0, index: 3)), flowKey: "6",
        value: value, values: [], start: 1_000_000, end: 2_000_000, isLogged: false,
        exported: ExportedFlow.layout(definition).map { ExportedFlow(layout: $0, key: key) })
}

@Suite struct FlowExporterTests {
    private final class Reports { var lines: [String] = [] }
    private let reports = Reports()
    private let collector: LoopbackSocket

    init() throws { collector = try #require(LoopbackSocket(isIPv6: false)) }

    private func exporter() -> FlowExporter { FlowExporter { [reports] in reports.lines.append($0) } }

    @Test func allCollectorsGetAllRecords() throws {
        let other = try #require(LoopbackSocket(isIPv6: false))
        let definition = FlowDefinition.exporting(to: [collector.name, other.name, collector.name])
        var exporter = exporter()
        exporter.set(["f": definition])
        exporter.send([FlowRecord](repeating: record(of: definition), count: 100), nowMilliseconds: 1000)
        let counters = exporter.counters
        #expect((counters.recordsEncoded, counters.recordsSent, counters.messagesFailed) == (100, 200, 0))
        for socket in [collector, other] {
            var decoder = IPFIXDecoder()
            var received: UInt32 = 0
            for _ in 0..<counters.messagesSent / 2 {
                let message = try decoder.decode(try #require(socket.receive()))
                #expect(message.sequence == received)
                #expect(message.records.allSatisfy { $0.number(2) == 7 && $0.number(4) == 6 && $0.number(152) == 1 })
                received += UInt32(message.records.count)
            }
            #expect(received == 100)
        }
    }

    @Test func recordsGoByDefinition() throws {
        let (first, second) = (FlowDefinition.exporting(to: [collector.name]), FlowDefinition.exporting("vlan", "bytes", to: [collector.name]))
        var exporter = exporter()
        exporter.set(["a": first, "b": second, "c": FlowDefinition(value: "bytes", log: true)])
        exporter.send([record("a", of: first), record("b", of: second), record("c", of: first)], nowMilliseconds: 1)
        var decoder = IPFIXDecoder()
        let messages = try (0..<2).map { _ in try decoder.decode(try #require(collector.receive())) }
        #expect(Set(messages.map(\.domain)).count == 2)
        #expect(messages.map { $0.records.map { $0.number(58) ?? 0 } } == [[0], [6]])
        #expect(exporter.counters.recordsUnknown == 1)
    }

    /// Sequence numbers go on as long as the fields stay; other fields are another stream.
    @Test func definitionsChange() throws {
        let definition = FlowDefinition.exporting(to: [collector.name])
        var decoder = IPFIXDecoder()
        var exporter = exporter()
        func sent(_ definition: FlowDefinition) throws -> DecodedMessage {
            exporter.send([record(of: definition)], nowMilliseconds: 1)
            return try decoder.decode(try #require(collector.receive()))
        }
        exporter.set(["f": definition])
        let first = try sent(definition)
        exporter.set(["f": definition, "g": .exporting(to: ["127.0.0.1:9"])])
        let second = try sent(definition)
        #expect((second.domain, second.sequence, second.templateCount) == (first.domain, 1, 0))
        // One more collector: it has no templates yet.
        let more = FlowDefinition.exporting(to: [collector.name, "127.0.0.1:9"])
        exporter.set(["f": more])
        let third = try sent(more)
        #expect((third.domain, third.sequence, third.templateCount) == (first.domain, 2, 2))
        let other = FlowDefinition.exporting("ip6nexthdr", to: [collector.name])
        exporter.set(["f": other])
        let fourth = try sent(other)
        #expect(fourth.domain != first.domain && fourth.sequence == 0 && fourth.records.first?.number(193) == 6)
        // What was on its way when the definition changed.
        exporter.send([record(of: definition)], nowMilliseconds: 1)
        exporter.set([:])
        exporter.send([record(of: other)], nowMilliseconds: 1)
        #expect((exporter.counters.recordsUnknown, exporter.counters.recordsEncoded) == (2, 4))
        #expect(exporter.counters.collectors == 0)
    }

    @Test func whatDoesNotFitIsCounted() throws {
        let definition = FlowDefinition.exporting(to: [collector.name])
        var exporter = exporter()
        exporter.set(["f": definition])
        exporter.send(
            [
                record(of: definition, value: -1), record(of: definition, value: .infinity), record(of: definition, value: 1e30),
                record(of: definition, value: .nan), record(of: definition, key: [0x12, 1, 0]), record(of: definition, key: []),
                record(of: definition, key: [0x60, 0, 1, 65]), record(of: definition, key: [0xFF]), record(of: definition, value: 0.4),
            ], nowMilliseconds: 1)
        #expect((exporter.counters.recordsUnfit, exporter.counters.recordsEncoded) == (8, 1))
    }

    @Test func troubleIsToldOnceAndDisturbsNobody() throws {
        let gone = try #require(LoopbackSocket(isIPv6: false)).name
        let definition = FlowDefinition.exporting(to: [gone, "collector.invalid", collector.name])
        var exporter = exporter()
        exporter.set(["f": definition])
        #expect(exporter.unconnected == [try CollectorAddress("collector.invalid")])
        for _ in 0..<5 {
            exporter.send([record(of: definition)], nowMilliseconds: 1)
            exporter.connect(
                try CollectorAddress("collector.invalid"),
                .failure(FlowExportError(reason: .collectorUnreachable, description: "no address")))
            #expect(collector.receive() != nil)
        }
        let counters = exporter.counters
        #expect((counters.collectors, counters.collectorsWithoutSocket) == (3, 1))
        #expect((counters.messagesSent, counters.messagesFailed, counters.refusals > 0) == (10, 5, true))
        #expect(reports.lines == ["no address", "nobody takes what is sent to collector \(gone)"])
        // Its name is found in the end: the next message has templates, for it has seen none.
        let late = try #require(LoopbackSocket(isIPv6: false))
        exporter.connect(
            try CollectorAddress("collector.invalid"),
            .success(try CollectorSocket(try CollectorAddress(late.name), asksNameService: false)))
        exporter.send([record(of: definition)], nowMilliseconds: 2)
        var decoder = IPFIXDecoder()
        let message = try decoder.decode(try #require(late.receive()))
        #expect((message.templateCount, message.sequence) == (2, 5))
    }

    /// What the flow language can say and what has an information element.
    @Test func layouts() {
        let definition = FlowDefinition(keys: ["ipsource, vlan", "priority"], value: " bytes", values: ["frames"], ipfixCollectors: ["h"])
        #expect(ExportedFlow.layout(definition) == "ipsource,vlan,priority bytes,frames")
        #expect(ExportedFlow.layout(FlowDefinition(value: "bytes", log: true)) == nil)
        #expect(ExportedKey.allCases.allSatisfy { FlowKeys.key(named: $0.rawValue) != nil })
    }
}

@Suite struct FlowExportsTests {
    @Test func theQueueIsBounded() throws {
        let collector = try #require(LoopbackSocket(isIPv6: false))
        let definition = FlowDefinition.exporting(to: [collector.name])
        let exports = FlowExports(queueMax: 10, now: { 0 }) { _ in }
        let records = [FlowRecord](repeating: record(of: definition), count: 30)
        // Before there is anything to export to.
        exports.offer(records)
        #expect(exports.counters.recordsDropped == 30)
        exports.set(["f": definition])
        exports.offer(records)
        exports.offer([FlowRecord](repeating: record(of: FlowDefinition(value: "frames")), count: 5))
        exports.stop()
        let counters = exports.counters
        #expect(counters.recordsReceived == 60 && counters.recordsWaiting == 0)
        #expect(counters.recordsDropped + counters.exporter.recordsEncoded == 60)
        #expect(counters.exporter.recordsEncoded == 10)
        // Nothing happens any more.
        exports.offer(records)
        exports.set([:])
        exports.stop()
        #expect(exports.counters.recordsDropped == 80)
    }

    /// With a name in it, so that both threads take part.
    @Test func recordsArrive() throws {
        let collector = try #require(LoopbackSocket(isIPv6: false))
        let port = try CollectorAddress(collector.name).port
        let definition = FlowDefinition.exporting(to: [collector.name, "localhost:\(port)"])
        let exports = FlowExports(now: { 5_000_000_000 }) { _ in }
        defer { exports.stop() }
        exports.set(["f": definition])
        var decoder = IPFIXDecoder()
        for number in 0..<20 as Range<UInt32> {
            exports.offer([record(of: definition)])
            // The name may have been found meanwhile; then the same comes twice.
            var message = try decoder.decode(try #require(collector.receive()))
            while message.sequence != number { message = try decoder.decode(try #require(collector.receive())) }
            #expect(message.exportSeconds == 5)
        }
    }
}
