// Lengths, counts and nesting as real agents and hostile ones write them.

import Bytes
import SFlow
import Testing

@Suite struct FramingTests {
    @Test func fourBytesBehindTheLastRecord() throws {
        let bytes = WireBuilder.build { w in
            w.head(agent: "192.0.2.1", subAgent: 0, sequence: 1, uptime: 1, samples: 2)
            for _ in 0..<2 {
                w.framed(Tag(0, 1)) { s in
                    s.u32(1, 7, 100, 100, 0, 7, 9, 1)
                    s.framed(Tag(0, 1001)) { $0.u32(1, 0, 2, 0) }
                    s.u32(0)
                }
            }
        }
        let recorder = try record(bytes)
        #expect(recorder.records.count == 2)
        #expect(recorder.faults.isEmpty)
    }

    @Test func recordLengthIsRoundedUp() throws {
        let inner = WireBuilder.flow(records: 2) { s in
            s.u32(Tag(0, 1038).rawValue, 9, 5)
            s.raw(Array("hello\0\0\0".utf8))
            s.framed(Tag(0, 1036)) { $0.u32(4) }
        }
        let recorder = try record(inner)
        #expect(recorder.records.map(\.tag) == [Tag(0, 1038), Tag(0, 1036)])
        #expect(recorder.faults == [.recordLengthUnaligned])
        #expect(try walk(try flowLayout(0, 1038), recorder.records[0].body)["symbol"] == .text("hello"))
    }

    @Test func lastPaddingMayBeMissing() throws {
        let bytes = WireBuilder.flow(records: 1) { s in
            s.u32(Tag(0, 1038).rawValue, 9, 5)
            s.raw(Array("hello".utf8))
        }
        let recorder = try record(bytes)
        #expect(recorder.records.map(\.body.count) == [9])
        #expect(recorder.faults == [.sampleLengthUnaligned, .recordLengthUnaligned])
        #expect(try walk(try flowLayout(0, 1038), recorder.records[0].body)["symbol"] == .text("hello"))
    }

    @Test func shortRecordIsPassedOver() throws {
        let bytes = WireBuilder.counters(records: 3) { s in
            s.framed(Tag(0, 1)) { $0.u32(1, 2, 3) }
            s.framed(Tag(0, 2)) { _ in }
            s.framed(Tag(0, 1005)) { $0.text("eth0") }
        }
        let recorder = try record(bytes)
        #expect(recorder.records.map(\.tag) == [Tag(0, 1005)])
        #expect(recorder.faults == [.recordTooShort, .recordTooShort])
    }

    @Test func emptyUnknownRecordIsValid() throws {
        let recorder = try record(WireBuilder.counters(records: 1) { $0.framed(Tag(9999, 1)) { _ in } })
        #expect(recorder.events.contains(.unknownRecord(.counter, Tag(9999, 1))))
        #expect(recorder.faults.isEmpty)
    }

    @Test func shortSamplesArePassedOver() throws {
        let minimums: [(UInt32, Int)] = [(1, 32), (2, 12), (3, 44), (4, 16), (5, 32)]
        for (format, minimum) in minimums {
            let bytes = WireBuilder.build { w in
                w.head(agent: "192.0.2.1", subAgent: 0, sequence: 1, uptime: 1, samples: 3)
                w.framed(Tag(0, format)) { $0.raw([UInt8](repeating: 0, count: minimum - 4)) }
                w.framed(Tag(0, format)) { $0.raw([UInt8](repeating: 0, count: minimum)) }
                w.framed(Tag(0, 2)) { $0.u32(1, 7, 0) }
            }
            let recorder = try record(bytes)
            #expect(recorder.faults == [.sampleTooShort], "format \(format)")
            #expect(recorder.events.count == 6, "format \(format)")
        }
    }

    @Test func formsGiveTheSameDataSource() throws {
        let bytes = WireBuilder.build { w in
            w.head(agent: "192.0.2.1", subAgent: 0, sequence: 1, uptime: 1, samples: 4)
            w.framed(Tag(0, 1)) { $0.u32(1, 0x0300_0007, 100, 100, 0, 7, 9, 0) }
            w.framed(Tag(0, 3)) { $0.u32(1, 3, 7, 100, 100, 0, 0, 7, 0, 9, 0) }
            w.framed(Tag(0, 2)) { $0.u32(1, 0x0300_0007, 0) }
            w.framed(Tag(0, 4)) { $0.u32(1, 3, 7, 0) }
        }
        let events = try record(bytes).events
        try #require(events.count == 9)
        #expect(events[1] == events[3])
        #expect(events[5] == events[7])
    }

    @Test func limitsOfSamplesAndRecords() throws {
        let many = WireBuilder.build { w in
            w.head(agent: "192.0.2.1", subAgent: 0, sequence: 1, uptime: 1, samples: 5000)
            for _ in 0..<5000 { w.u32(0x270F_0001, 0) }
        }
        let samples = try record(many)
        #expect(samples.events.count == 2 + Limits.samplesPerDatagram)
        #expect(samples.faults == [.tooManySamples])
        let records = try record(
            WireBuilder.flow(records: 2000) { s in
                for _ in 0..<2000 { s.framed(Tag(0, 1036)) { $0.u32(1) } }
            })
        #expect(records.records.count == Limits.recordsPerSample)
        #expect(records.faults == [.tooManyRecords])
    }

    @Test func accessListSampleHoldsOne() throws {
        let inner = { (w: inout WireBuilder) in
            w.framed(Tag(0, 1)) { s in
                s.u32(1, 7, 100, 100, 0, 7, 9, 1)
                s.framed(Tag(0, 1036)) { $0.u32(4) }
            }
        }
        let bytes = WireBuilder.build { w in
            w.head(agent: "192.0.2.1", subAgent: 0, sequence: 1, uptime: 1, samples: 4)
            w.framed(Tag(1991, 1)) { s in
                s.u32(2, 10)
                inner(&s)
            }
            w.framed(Tag(1991, 1)) { s in
                s.u32(2, 10)
                s.framed(Tag(1991, 1)) { t in
                    t.u32(2, 10)
                    inner(&t)
                }
            }
            w.framed(Tag(1991, 1)) { $0.u32(2, 10, 1, 100) }
            inner(&w)
        }
        let recorder = try record(bytes)
        let triggered: [Bool] = recorder.events.compactMap { if case .flow(let s) = $0 { s.isACLTriggered } else { nil } }
        #expect(triggered == [true, false])
        #expect(recorder.faults == [.nestedTooDeep, .sampleTruncated])
        #expect(recorder.isBalanced)
    }

    @Test func expandedInterfaces() throws {
        func output(_ format: UInt32, _ value: UInt32) throws -> (Interface, [DecodeError.Reason]) {
            let recorder = try record(
                WireBuilder.build { w in
                    w.head(agent: "192.0.2.1", subAgent: 0, sequence: 1, uptime: 1, samples: 1)
                    w.framed(Tag(0, 3)) { $0.u32(1, 0, 9, 100, 100, 0, 0, 7, format, value, 0) }
                })
            let samples: [FlowSample] = recorder.events.compactMap { if case .flow(let s) = $0 { s } else { nil } }
            return (try #require(samples.first).output, recorder.faults)
        }
        #expect(try output(0, 0xFFFF_FFFF) == (Interface(kind: .internal, value: 0), []))
        #expect(try output(0, 0x3FFF_FFFF) == (Interface(kind: .internal, value: 0), []))
        #expect(try output(0, 0x4B00_0800) == (Interface(kind: .single, value: 0x4B00_0800), []))
        #expect(try output(0, 0) == (Interface.unknown, []))
        #expect(try output(1, 256) == (Interface(kind: .discarded, value: 256), []))
        #expect(try output(2, 0) == (Interface(kind: .multiple, value: 0), []))
        #expect(try output(3, 5) == (Interface(kind: .unknown, value: 5), [.badInterfaceFormat]))
        #expect(try output(3, 0) == (Interface(kind: .unknown, value: 0), [.badInterfaceFormat]))
    }
}
