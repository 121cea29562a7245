// Input nobody meant well with: nothing may trap, every begin has its end, and every walk comes to one.

import Bytes
import SeededRandom
import SFlow
import Testing

/// Does with arbitrary bytes everything that the module can do with them; also the body of a fuzz target.
/// Returns what was wrong with the module's own behaviour, not with the bytes.
func exercise(_ bytes: [UInt8]) -> String? {
    var fast: DecodeError?
    var agent: IPAddress?
    do { agent = try readAgent(bytes.span.bytes, udpSource: testSource) } catch { fast = error }
    var recorder = Recorder()
    var full: DecodeError?
    do { try decode(bytes.span.bytes, udpSource: testSource, into: &recorder) } catch { full = error }
    guard fast == full else { return "fast path says \(String(describing: fast)), decoder \(String(describing: full))" }
    guard recorder.isBalanced else { return "unbalanced: \(recorder.violations)" }
    if full != nil { return recorder.events.isEmpty ? nil : "events of a refused datagram" }
    guard case .datagram(let header)? = recorder.events.first, header.agent == agent else { return "agents differ" }
    var glance = FlowSourceGlance(header)
    var glimpsed = 0
    while glance.next(in: bytes.span.bytes) != nil { glimpsed += 1 }
    guard glimpsed <= bytes.count / 8 else { return "\(glimpsed) samples glimpsed in \(bytes.count) bytes" }
    // At least 8 bytes a sample or record, at most a few events each.
    guard recorder.events.count <= 3 + bytes.count else { return "\(recorder.events.count) events of \(bytes.count) bytes" }
    for event in recorder.events {
        switch event {
        case .flowRecord(let tag, let body): if let wrong = exercise(FlowLayoutID(tag)?.layout, body) { return wrong }
        case .counterRecord(let tag, let body): if let wrong = exercise(CounterLayoutID(tag)?.layout, body) { return wrong }
        case .namedMetrics(let body): _ = try? NamedMetricReader.read(body.span.bytes)
        case .namedFlow(let body): _ = try? NamedFlowReader.read(body.span.bytes)
        case .fault(_, let offset) where !(0...bytes.count).contains(offset): return "fault at \(offset)"
        default: break
        }
    }
    return nil
}

private func exercise(_ layout: RecordLayout?, _ body: [UInt8]) -> String? {
    guard let layout else { return "a record without a layout" }
    if layout.tag == Tag(0, 1), let header = try? readHeader(body), header.headerRange.upperBound > body.count {
        return "header outside the record"
    }
    guard let collector = try? walk(layout, body) else { return nil }
    if !collector.isBalanced { return "unbalanced lists in \(layout.name)" }
    for field in collector.fields {
        if case .bytes(let range) = field.value, range.upperBound > body.count { return "\(field.path) outside the record" }
    }
    return nil
}

@Suite struct HostileTests {
    static let interesting: [UInt32] = [
        0, 1, 2, 3, 4, 5, 7, 8, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0xFFFF_FFFC, 0xFFFF, 1003, 1016, 2000, 2003,
        Tag(1991, 1).rawValue, Tag(4300, 1002).rawValue, Tag(4300, 1003).rawValue,
    ]

    static func mutate(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var copy = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) where copy.count >= 4 {
            switch Int.random(in: 0..<4, using: &random) {
            case 0: copy[Int.random(in: 0..<copy.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            case 1: copy = Array(copy[..<Int.random(in: 0...copy.count, using: &random)])
            case 2:
                let word = interesting.randomElement(using: &random) ?? 0
                copy = copy.with(word, at: Int.random(in: 0..<(copy.count / 4), using: &random) * 4)
            default:
                let start = Int.random(in: 0..<copy.count, using: &random)
                copy.removeSubrange(start..<min(copy.count, start + Int.random(in: 1...8, using: &random)))
            }
        }
        return copy
    }

    @Test func randomBytes() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for round in 0..<4000 {
            let count = Int.random(in: 0...400, using: &random)
            var bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            if round % 2 == 0, count >= 28 { bytes = bytes.with(5, at: 0).with(UInt32(round / 2 % 3), at: 4) }
            let wrong = exercise(bytes)
            #expect(wrong == nil, "seed \(seed), round \(round)")
        }
    }

    @Test func wordsThatLookLikeTags() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for round in 0..<2000 {
            let bytes = WireBuilder.build { w in
                w.head(agent: "192.0.2.1", subAgent: 0, sequence: 1, uptime: 1, samples: 20)
                for _ in 0..<Int.random(in: 0...200, using: &random) {
                    let isTag = Bool.random(using: &random)
                    let small = UInt32.random(in: 0...64, using: &random)
                    w.u32(isTag ? Self.interesting.randomElement(using: &random) ?? 0 : small)
                }
            }
            let wrong = exercise(bytes)
            #expect(wrong == nil, "seed \(seed), round \(round)")
        }
    }

    /// Every layout over random bodies of every length around its own.
    @Test func randomBodies() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for layout in FlowLayouts.all + CounterLayouts.all {
            for length in 0..<(layout.minimumBytes + 40) {
                let isSmall = Bool.random(using: &random)
                let body = (0..<length).map { offset -> UInt8 in
                    guard isSmall else { return UInt8.random(in: 0...255, using: &random) }
                    return offset % 4 == 3 ? UInt8.random(in: 0...6, using: &random) : 0
                }
                let wrong = exercise(layout, body)
                #expect(wrong == nil, "seed \(seed), \(layout.name), \(body)")
            }
        }
    }

    @Test func mutatedVectors() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for vector in [Vector.v1, Vector.v2, Vector.v3, Vector.v4] {
            for length in 0...vector.count {
                let wrong = exercise(Array(vector[..<length]))
                #expect(wrong == nil, "cut to \(length)")
            }
            for round in 0..<2000 {
                let wrong = exercise(Self.mutate(vector, &random))
                #expect(wrong == nil, "seed \(seed), round \(round)")
            }
        }
    }

    @Test(
        .enabled(if: Captures.isPresent, "shared captures not found: skipped"),
        arguments: Captures.names + ["malformed-a"])
    func mutatedCaptures(name: String) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let datagrams = try Captures.datagrams(name)
        #expect(!datagrams.isEmpty)
        for bytes in name == "malformed-a" ? datagrams : [] {
            let wrong = exercise(bytes)
            #expect(wrong == nil)
        }
        for round in 0..<400 {
            let bytes = Self.mutate(datagrams.randomElement(using: &random) ?? [], &random)
            let wrong = exercise(bytes)
            #expect(wrong == nil, "seed \(seed), round \(round)")
        }
    }
}
