// Tags, data sources, directions and reason codes.

import Bytes
import SFlow
import Testing

@Suite struct BasicTests {
    @Test func tags() {
        #expect(Tag(4300, 1002).rawValue == 0x010C_C3EA)
        #expect(Tag(1991, 1).rawValue == 0x007C_7001)
        #expect(Tag(rawValue: 0x010C_C3EB).description == "4300:1003")
        #expect(Tag(0, 1).description == "0:1")
        #expect(Tag(0xFFFFF, 0xFFF).enterprise == 0xFFFFF)
        #expect(Tag(0, 0xFFF) < Tag(1, 0))
    }

    @Test func dataSourceText() {
        for source in [
            DataSource(classNumber: 0, index: 4), DataSource(classNumber: 2, index: 1),
            DataSource(classNumber: 255, index: UInt32.max), DataSource(classNumber: 0, index: 0),
        ] {
            #expect(DataSource(source.description) == source)
        }
        #expect(DataSource(classNumber: 0, index: 4).description == "4")
        #expect(DataSource(classNumber: 2, index: 1).description == "2.1")
        for text in ["", ".", "1.", ".1", "1.2.3", "+1", "-1", "01", "1.02", "0.4", "4294967296", " 1", "x"] {
            #expect(DataSource(text) == nil, "\(text)")
        }
    }

    @Test func directions() {
        func direction(_ source: DataSource, _ input: UInt32, _ output: UInt32) -> Direction {
            FlowSample(
                sequenceNumber: 0, dataSource: source, samplingRate: 1, samplePool: 0, drops: 0,
                input: Interface(plain: input), output: Interface(plain: output), isACLTriggered: false
            ).direction
        }
        let seven = DataSource(classNumber: 0, index: 7)
        #expect(direction(seven, 7, 9) == .ingress)
        #expect(direction(seven, 9, 7) == .egress)
        #expect(direction(seven, 7, 7) == .ingress)
        #expect(direction(seven, 1, 2) == .unknown)
        #expect(direction(DataSource(classNumber: 0, index: 0), 0, 0) == .unknown)
        #expect(direction(DataSource(classNumber: 2, index: 7), 7, 9) == .unknown)
    }

    @Test func discardReasons() {
        #expect(DiscardReason.name(0) == "net_unreachable")
        #expect(DiscardReason.name(12) == "dst_host_tos_unreacheable")
        #expect(DiscardReason.name(15) == "precedence_cutoff")
        #expect(DiscardReason.name(16) == "reason_16")
        #expect(DiscardReason.name(255) == "reason_255")
        #expect(DiscardReason.name(256) == "unknown")
        #expect(DiscardReason.name(303) == "split_horizon")
        #expect(DiscardReason.name(372) == "bgp_flowspec")
        #expect(DiscardReason.name(373) == "reason_373")
        #expect(DiscardReason.name(UInt32.max) == "reason_4294967295")
        for code in Array(0..<16) + Array(256..<373) as [UInt32] {
            #expect(DiscardReason.code(DiscardReason.name(code)) == code)
        }
        #expect(DiscardReason.code("nonsense") == nil)
    }

    @Test func reasonsAreMetricLabels() {
        for reason in DecodeError.Reason.allCases {
            #expect(reason.rawValue.utf8.allSatisfy { $0 == UInt8(ascii: "_") || (0x61...0x7A).contains($0) })
        }
    }
}
