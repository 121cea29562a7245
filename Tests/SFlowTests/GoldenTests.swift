// The captures against what sflowtool, an independent decoder, makes of them: every datagram, sample, record and field.
//
// Not compared, and why:
// - what sflowtool reads out of packet headers (`SflowtoolNames.dissected`): this module does not dissect them;
// - the words for record and sample types (`flowSampleType`, `extendedType`, `sampleType`): they repeat the tags;
// - whether a sample was compact or expanded (`sampleType_tag`): both give the same values here, on purpose;
// - the contents of records that sflowtool does not know (`SflowtoolNames.unknownFlowRecords`, unknown tags): it prints
//   no more than their tags, which are compared;
// - the times of receipt of a datagram: they are the capture's, not the datagram's.
// Markers for "not available" are compared as the numbers they are on the wire: sflowtool does not tell them apart.

import Bytes
import Foundation
import SFlow
import Testing

@Suite(.enabled(if: Captures.isPresent, "shared captures not found: skipped"))
struct GoldenTests {
    @Test(arguments: Captures.names)
    func everyField(name: String) throws {
        let datagrams = try Captures.datagrams(name)
        let decoded = try Captures.decoded(name)
        #expect(datagrams.count == decoded.count)
        var comparison = Comparison()
        for (index, (bytes, json)) in zip(datagrams, decoded).enumerated() {
            comparison.place = "datagram \(index)"
            comparison.compare(bytes, json)
            if comparison.differences.count > 20 { break }
        }
        #expect(comparison.differences == [])
        #expect(comparison.comparedCount > 10 * datagrams.count)
        #expect(comparison.refusedCount == (name == "tcpdump-counters" ? 5 : 0))
    }
}

/// A sample as the recorder's events give it.
private struct RecordedSample {
    var fields: [String: String]
    /// A nil body: unknown to this module.
    var records: [(kind: RecordKind, tag: Tag, body: [UInt8]?)] = []
    var isDiscard = false
}

private struct Comparison {
    var place = ""
    var differences: [String] = []
    var comparedCount = 0
    var refusedCount = 0

    mutating func compare(_ bytes: [UInt8], _ json: [String: Any]) {
        let recorder: Recorder
        do { recorder = try record(bytes) } catch {
            refusedCount += 1
            if json["samples"] != nil || error.reason != .foreignVersion { note("refused: \(error)") }
            return
        }
        if !recorder.isBalanced { note("\(recorder.violations)") }
        if !recorder.faults.isEmpty { note("faults \(recorder.faults)") }
        guard case .datagram(let header)? = recorder.events.first else { return note("no datagram") }
        expect("datagramVersion", "5", json)
        expect("datagramSize", "\(bytes.count)", json)
        expect("agent", Comparison.text(header.agent), json)
        expect("agentSubId", "\(header.subAgent)", json)
        expect("packetSequenceNo", "\(header.sequenceNumber)", json)
        expect("sysUpTime", "\(header.uptimeMilliseconds)", json)
        expect("samplesInPacket", "\(header.sampleCount)", json)
        let samples = Comparison.samples(recorder.events)
        let theirs = json["samples"] as? [[String: Any]] ?? []
        guard samples.count == theirs.count else { return note("\(samples.count) samples for \(theirs.count)") }
        let datagram = place
        for (index, (ours, their)) in zip(samples, theirs).enumerated() {
            place = "\(datagram) sample \(index)"
            compare(ours, their)
        }
    }

    private mutating func compare(_ sample: RecordedSample, _ json: [String: Any]) {
        for (key, value) in sample.fields { expect(key, value, json) }
        let known = Set(sample.fields.keys).union(["sampleType", "sampleType_tag", "elements"])
        for key in json.keys where !known.contains(key) { note("sample has no \(key)") }
        let elements = json["elements"] as? [[String: Any]] ?? []
        guard elements.count == sample.records.count else {
            return note("\(sample.records.count) records for \(elements.count)")
        }
        let samplePlace = place
        for (record, element) in zip(sample.records, elements) {
            place = "\(samplePlace) \(record.kind) \(record.tag)"
            compare(record, sample.isDiscard ? Comparison.withoutPrefix("discarded_", element) : element)
        }
    }

    private mutating func compare(_ record: (kind: RecordKind, tag: Tag, body: [UInt8]?), _ json: [String: Any]) {
        let tagKey = record.kind == .flow ? "flowBlock_tag" : "counterBlock_tag"
        expect(tagKey, record.tag.description, json)
        let isUnknownToThem = record.kind == .flow && SflowtoolNames.unknownFlowRecords.contains(record.tag)
        guard let body = record.body, !isUnknownToThem else {
            if json.count != 1 { note("sflowtool knows \(record.tag)") }
            return
        }
        let layout = record.kind == .flow ? FlowLayoutID(record.tag)?.layout : CounterLayoutID(record.tag)?.layout
        guard let layout, let fields = try? walk(layout, body) else { return note("rejected") }
        let names = record.kind == .flow ? SflowtoolNames.flow(record.tag) : SflowtoolNames.counter(record.tag)
        var expected = names.derived(fields, body)
        for field in fields.fields {
            let root = String(field.path.prefix { $0 != "[" })
            if names.consumed.contains(root) { continue }
            let key = names.keys[root] ?? names.prefix + root
            guard field.value != .absent else { continue }
            if names.optionalFields.contains(root), json[key] == nil { continue }
            expected[key] = Comparison.text(field.value, layout.field(named: root)?.type, body)
        }
        for (key, value) in expected { expect(key, value, json) }
        if record.tag == Tag(0, 2001) { compareAdapters(fields, json) }
        let known = Set(expected.keys).union(names.ignoredKeys).union(SflowtoolNames.titles).union([tagKey])
        for key in json.keys where !known.contains(key) { note("record has no \(key)") }
    }

    private mutating func compareAdapters(_ fields: FieldCollector, _ json: [String: Any]) {
        let adapters = json["adaptor_list"] as? [[String: Any]] ?? []
        var expected: [(String, String)] = []
        for (index, adapter) in adapters.enumerated() {
            expected.append(("adapters[\(index)].ifIndex", adapter["ifIndex"] as? String ?? "?"))
            let macs = adapter["mac_list"] as? [String] ?? []
            if adapter["MACs"] as? String != "\(macs.count)" { note("adapter \(index): \(adapter)") }
            for (number, mac) in macs.enumerated() { expected.append(("adapters[\(index)].macs[\(number)]", mac)) }
        }
        let ours = fields.fields.map { ($0.path, Comparison.text($0.value, nil, [])) }
        comparedCount += ours.count
        if !ours.elementsEqual(expected, by: ==) { note("adapters \(ours) for \(expected)") }
    }

    private mutating func expect(_ key: String, _ value: String, _ json: [String: Any]) {
        comparedCount += 1
        let their = json[key] as? String
        if their != value { note("\(key): \(value) for \(their ?? "nothing")") }
    }

    private mutating func note(_ text: String) { differences.append("\(place): \(text)") }
}

extension Comparison {
    static func withoutPrefix(_ prefix: String, _ json: [String: Any]) -> [String: Any] {
        let pairs = json.map { key, value in
            (key.hasPrefix(prefix) ? String(key.dropFirst(prefix.count)) : key, value)
        }
        return Dictionary(pairs) { first, _ in first }
    }

    static func samples(_ events: [Event]) -> [RecordedSample] {
        var samples: [RecordedSample] = []
        for event in events {
            switch event {
            case .flow(let s):
                samples.append(
                    RecordedSample(fields: [
                        "sampleSequenceNo": "\(s.sequenceNumber)", "sourceId": text(s.dataSource),
                        "meanSkipCount": "\(s.samplingRate)", "samplePool": "\(s.samplePool)", "dropEvents": "\(s.drops)",
                        "inputPort": text(s.input), "outputPort": text(s.output),
                    ]))
            case .counters(let s):
                samples.append(
                    RecordedSample(fields: ["sampleSequenceNo": "\(s.sequenceNumber)", "sourceId": text(s.dataSource)]))
            case .discard(let s):
                samples.append(
                    RecordedSample(
                        fields: [
                            "sampleSequenceNo": "\(s.sequenceNumber)", "sourceId": text(s.dataSource),
                            "dropEvents": "\(s.drops)", "inputPort": "\(s.inputIndex)", "outputPort": "\(s.outputIndex)",
                            "discardCode": "\(s.reason)", "discardReason": DiscardReason.name(s.reason),
                        ], isDiscard: true))
            case .unknownSample(let tag):
                samples.append(RecordedSample(fields: ["sampleType_tag": tag.description]))
            case .flowRecord(let tag, let body): samples[samples.count - 1].records.append((.flow, tag, body))
            case .counterRecord(let tag, let body): samples[samples.count - 1].records.append((.counter, tag, body))
            case .unknownRecord(let kind, let tag): samples[samples.count - 1].records.append((kind, tag, nil))
            default: break
            }
        }
        return samples
    }

    static func text(_ source: DataSource) -> String { "\(source.classNumber):\(source.index)" }

    static func text(_ interface: Interface) -> String {
        switch interface.kind {
        case .unknown, .single: "\(interface.value)"
        case .discarded: "dropCode \(interface.value)"
        case .multiple: "multiple \(interface.value)"
        case .internal: "1073741823"
        }
    }

    /// IPv6 in eight groups of four lower-case digits.
    static func text(_ address: IPAddress) -> String {
        guard address.isIPv6 else { return address.description }
        let hex = [address.high, address.low].map { half -> String in
            let digits = String(half, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
        return stride(from: 0, to: 32, by: 4).map { start in String(hex.dropFirst(start).prefix(4)) }.joined(separator: ":")
    }

    static func text(_ value: FieldValue, _ type: FieldType?, _ body: [UInt8]) -> String {
        switch value {
        case .unsigned(let number): "\(number)"
        case .signed(let number): "\(number)"
        case .float(let number): String(format: type == .percent ? "%.2f" : "%.3f", number)
        case .mac(let mac): mac.description.lowercased()
        case .address(let address): address.map { text($0) } ?? "-"
        case .text(let text): text
        case .dataSource(let source): text(source)
        case .bytes(let range):
            body[range].enumerated().map { index, byte in
                ([4, 6, 8, 10].contains(index) ? "-" : "") + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }.joined()
        case .absent: ""
        }
    }
}
