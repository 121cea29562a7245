// Every value of the vectors that were verified by independent decoders.

import Bytes
import SFlow
import Testing

@Suite struct VectorTests {
    @Test func sizes() {
        let vectors = [Vector.v1, Vector.v2, Vector.v3, Vector.v4, Vector.v5, Vector.v6]
        #expect(vectors.map(\.count) == [292, 172, 180, 96, 296, 124])
        #expect(Vector.tcpHeader.count == 58)
        #expect(Vector.icmpHeader.count == 42)
    }

    @Test func v1CompactFlowAndCounters() throws {
        let recorder = try record(Vector.v1)
        let records = recorder.records
        let sample = FlowSample(
            sequenceNumber: 1001, dataSource: DataSource(classNumber: 0, index: 7), samplingRate: 1000,
            samplePool: 1_001_000, drops: 0, input: Interface(kind: .single, value: 7),
            output: Interface(kind: .single, value: 9), isACLTriggered: false)
        try #require(records.count == 3)
        #expect(
            recorder.events == [
                .datagram(
                    DatagramHeader(
                        agent: IPAddress(v4: 0xC000_0201), subAgent: 0, sequenceNumber: 42,
                        uptimeMilliseconds: 3_600_000, sampleCount: 2, firstSampleOffset: 28)),
                .flow(sample), .flowRecord(Tag(0, 1), records[0].body), .flowRecord(Tag(0, 1001), records[1].body),
                .endFlow,
                .counters(CounterSample(sequenceNumber: 55, dataSource: DataSource(classNumber: 0, index: 7))),
                .counterRecord(Tag(0, 1), records[2].body), .endCounters,
            ])
        #expect(sample.direction == .ingress)
        #expect(records.map(\.body.count) == [76, 16, 88])

        let header = try readHeader(records[0].body)
        #expect(
            header == SampledHeader(protocolNumber: 1, frameLength: 1522, stripped: 4, headerRange: 16..<74, isClamped: false))
        #expect(Array(records[0].body[header.headerRange]) == Vector.tcpHeader)

        let vlans = try walk(try flowLayout(0, 1001), records[1].body)
        #expect(
            vlans.fields.map(\.value) == [.unsigned(100), .unsigned(3), .unsigned(100), .unsigned(3)])
        #expect(vlans.fields.map(\.path) == ["src_vlan", "src_priority", "dst_vlan", "dst_priority"])
        #expect(vlans.fields.allSatisfy { !$0.isUnknown })
    }

    @Test func v1InterfaceCounters() throws {
        let records = try record(Vector.v1).records
        try #require(records.count == 3)
        let fields = try walk(try counterLayout(0, 1), records[2].body).fields
        let unavailable = UInt64(UInt32.max)
        #expect(
            fields == [
                known("ifIndex", 7), known("ifType", 6), known("ifSpeed", 10_000_000_000), known("ifDirection", 1),
                known("ifStatus", 3), known("ifInOctets", 123_456_789_012), known("ifInUcastPkts", 1000),
                known("ifInMulticastPkts", 10), unknown("ifInBroadcastPkts", unavailable), known("ifInDiscards", 1),
                known("ifInErrors", 2), unknown("ifInUnknownProtos", unavailable),
                known("ifOutOctets", 987_654_321_098), known("ifOutUcastPkts", 2000), known("ifOutMulticastPkts", 20),
                unknown("ifOutBroadcastPkts", unavailable), known("ifOutDiscards", 3), known("ifOutErrors", 4),
                known("ifPromiscuousMode", 2),
            ])
    }

    @Test func v2ExpandedFlow() throws {
        let recorder = try record(Vector.v2)
        let records = recorder.records
        try #require(records.count == 1)
        let sample = FlowSample(
            sequenceNumber: 9, dataSource: DataSource(classNumber: 0, index: 1_258_293_248), samplingRate: 4096,
            samplePool: 40960, drops: 5, input: Interface(kind: .single, value: 1_258_293_248),
            output: Interface(kind: .discarded, value: 258), isACLTriggered: false)
        #expect(
            recorder.events == [
                .datagram(
                    DatagramHeader(
                        agent: IPAddress(v6High: 0x2001_0DB8_0000_0000, low: 1), subAgent: 3, sequenceNumber: 7,
                        uptimeMilliseconds: 1000, sampleCount: 1, firstSampleOffset: 40)),
                .flow(sample), .unknownRecord(.flow, Tag(9999, 77)), .flowRecord(Tag(0, 4), records[0].body), .endFlow,
            ])
        #expect(sample.direction == .ingress)
        #expect(DiscardReason.name(sample.output.value) == "acl")
        let fields = try walk(try flowLayout(0, 4), records[0].body).fields
        #expect(
            fields == [
                known("length", 1280), known("protocol", 17),
                CollectedField(path: "src_ip", value: .address(IPAddress("2001:db8:1::5")), isUnknown: false),
                CollectedField(path: "dst_ip", value: .address(IPAddress("2001:db8:2::6")), isUnknown: false),
                known("src_port", 53), known("dst_port", 40000), known("tcp_flags", 0), known("priority", 0),
            ])
    }

    @Test func v3DiscardedPacket() throws {
        let recorder = try record(Vector.v3)
        let records = recorder.records
        try #require(records.count == 3)
        let sample = DiscardedPacket(
            sequenceNumber: 3, dataSource: DataSource(classNumber: 0, index: 0), drops: 12, inputIndex: 7,
            outputIndex: 0, reason: 257)
        #expect(
            recorder.events == [
                .datagram(
                    DatagramHeader(
                        agent: IPAddress(v4: 0xC000_0201), subAgent: 100_000, sequenceNumber: 8,
                        uptimeMilliseconds: 3_601_000, sampleCount: 1, firstSampleOffset: 28)),
                .discard(sample), .flowRecord(Tag(0, 1), records[0].body), .flowRecord(Tag(0, 1038), records[1].body),
                .flowRecord(Tag(0, 1042), records[2].body), .endDiscard,
            ])
        #expect(DiscardReason.name(sample.reason) == "ttl_exceeded")
        let header = try readHeader(records[0].body)
        #expect(
            header == SampledHeader(protocolNumber: 1, frameLength: 102, stripped: 4, headerRange: 16..<58, isClamped: false))
        #expect(Array(records[0].body[header.headerRange]) == Vector.icmpHeader)
        #expect(try walk(try flowLayout(0, 1038), records[1].body)["symbol"] == .text("ip_forward"))
        #expect(try walk(try flowLayout(0, 1042), records[2].body)["reason"] == .text("IP_INHDR"))
    }

    @Test func v4NamedMetrics() throws {
        let recorder = try record(Vector.v4)
        try #require(recorder.events.count == 3)
        #expect(recorder.events[1] == .unknownSample(Tag(9999, 5)))
        guard case .namedMetrics(let body) = recorder.events[2] else {
            Issue.record("no named metrics")
            return
        }
        let metrics = try NamedMetricReader.read(body.span.bytes)
        #expect(
            metrics
                == NamedMetrics(
                    dataSource: "app1",
                    metrics: [
                        NamedMetrics.Metric(name: "reqs", value: .counter(77, bits: 32)),
                        NamedMetrics.Metric(name: "load", value: .float(1.5)),
                    ], fault: nil))
    }

    @Test func olderVersionsAreRefused() {
        #expect(refusal(Vector.v5) == .unsupportedVersion)
        #expect(refusal(Vector.v6) == .unsupportedVersion)
    }
}

func known(_ path: String, _ value: UInt64) -> CollectedField {
    CollectedField(path: path, value: .unsigned(value), isUnknown: false)
}

func unknown(_ path: String, _ value: UInt64) -> CollectedField {
    CollectedField(path: path, value: .unsigned(value), isUnknown: true)
}
