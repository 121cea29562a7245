// The mutations of vector V1 whose outcome is known, one by one.

import Bytes
import SFlow
import Testing

@Suite struct MutationTests {
    private let complete: [Tag] = [Tag(0, 1), Tag(0, 1001), Tag(0, 1)]

    @Test func everyTruncation() {
        for length in 0..<Vector.v1.count {
            let cut = Array(Vector.v1[..<length])
            guard let recorder = try? record(cut) else {
                #expect(length < 28, "refused at \(length)")
                continue
            }
            #expect(length >= 28)
            #expect(recorder.isBalanced, "length \(length): \(recorder.violations)")
            #expect(!recorder.faults.isEmpty, "length \(length)")
            let flows = recorder.events.filter { if case .flow = $0 { true } else { false } }
            #expect(flows.count == (length >= 176 ? 1 : 0), "length \(length)")
            #expect(recorder.records.count == (length >= 176 ? 2 : 0), "length \(length)")
        }
    }

    @Test func sampleCountLies() throws {
        let recorder = try record(Vector.v1.with(0xFFFF_FFFF, at: 0x18))
        #expect(recorder.records.map(\.tag) == complete)
        #expect(recorder.faults == [.sampleCountExceedsBytes])
        let one = try record(Vector.v1.with(3, at: 0x18))
        #expect(one.records.map(\.tag) == complete)
        #expect(one.faults == [.sampleCountExceedsBytes])
        let fewer = try record(Vector.v1.with(1, at: 0x18))
        #expect(fewer.records.map(\.tag) == [Tag(0, 1), Tag(0, 1001)])
        #expect(fewer.faults == [.trailingBytes])
        #expect(try record(Vector.v1.with(0, at: 0x18)).records.isEmpty)
    }

    @Test(arguments: [0xFFFF_FFFF, 0x7FFF_FFFF, 0xFFFF_FFFC, 268] as [UInt32])
    func sampleLongerThanTheDatagram(length: UInt32) throws {
        let recorder = try record(Vector.v1.with(length, at: 0x20))
        #expect(recorder.records.isEmpty)
        #expect(recorder.events.last == .fault(.sampleTruncated, 0x20))
        #expect(recorder.faults.count == 1)
    }

    @Test func sampleLengthIsRoundedUp() throws {
        let recorder = try record(Vector.v1.with(139, at: 0x20))
        #expect(recorder.records.map(\.tag) == complete)
        #expect(recorder.faults == [.sampleLengthUnaligned])
    }

    @Test func sampleLengthZero() throws {
        let recorder = try record(Vector.v1.with(0, at: 0x20))
        // Then 0x3e9, 7 are read as tag and length; 8 bytes later 0x000f4628, 0 end in orderly errors.
        #expect(recorder.faults.first == .sampleTooShort)
        #expect(recorder.events.contains(.unknownSample(Tag(rawValue: 0x3E9))))
        #expect(recorder.isBalanced)
    }

    @Test func recordCountLies() throws {
        let recorder = try record(Vector.v1.with(0xFFFF_FFFF, at: 0x40))
        #expect(recorder.records.map(\.tag) == complete)
        #expect(recorder.faults == [.recordCountExceedsBytes])
        let one = try record(Vector.v1.with(3, at: 0x40))
        #expect(one.records.map(\.tag) == complete)
        #expect(one.faults == [.recordCountExceedsBytes])
    }

    @Test func recordLongerThanTheSample() throws {
        let recorder = try record(Vector.v1.with(0x50, at: 0x48))
        #expect(recorder.records.map(\.tag) == [Tag(0, 1), Tag(0, 1)])
        #expect(recorder.faults == [.recordTruncated])
        let header = try #require(recorder.records.first)
        #expect(header.body.count == 0x50)
        let read = try readHeader(header.body)
        #expect(read.headerRange == 16..<74)
        #expect(!read.isClamped)
    }

    @Test(arguments: [
        (0, 16..<16, false), (0xFFFF_FFFF, 16..<76, true), (0x1000, 16..<76, true),
    ] as [(UInt32, Range<Int>, Bool)])
    func headerLength(length: UInt32, range: Range<Int>, isClamped: Bool) throws {
        let recorder = try record(Vector.v1.with(length, at: 0x58))
        #expect(recorder.records.map(\.tag) == complete)
        #expect(recorder.faults == (isClamped ? [.headerClamped] : []))
        let header = try #require(recorder.records.first)
        let read = try readHeader(header.body)
        #expect(read.headerRange == range)
        #expect(read.isClamped == isClamped)
    }

    @Test func rateZeroIsHandedOn() throws {
        #expect(try flowSample(Vector.v1.with(0, at: 0x2C)).sample.samplingRate == 0)
    }

    @Test(arguments: [
        (0x8000_0000, .multiple, 0, 0), (0x8000_0007, .multiple, 7, 0), (0x4000_0102, .discarded, 258, 0),
        (0x3FFF_FFFF, .internal, 0, 0), (0xC000_0001, .unknown, 0xC000_0001, 1), (0, .unknown, 0, 0),
    ] as [(UInt32, Interface.Kind, UInt32, Int)])
    func output(word: UInt32, kind: Interface.Kind, value: UInt32, faults: Int) throws {
        let (sample, recorder) = try flowSample(Vector.v1.with(word, at: 0x3C))
        #expect(sample.output == Interface(kind: kind, value: value))
        #expect(recorder.faults == Array(repeating: .badInterfaceFormat, count: faults))
    }

    @Test(arguments: [(0x4000_0102, 258), (0x8000_0000, 0), (0xC000_0001, 0xC000_0001)] as [(UInt32, UInt32)])
    func inputHasNoOtherFormat(word: UInt32, value: UInt32) throws {
        let (sample, recorder) = try flowSample(Vector.v1.with(word, at: 0x38))
        #expect(sample.input == Interface(kind: .unknown, value: value))
        #expect(recorder.faults == [.badInterfaceFormat])
        #expect(sample.direction == .unknown)
    }

    @Test func unknownSampleIsPassedOver() throws {
        let recorder = try record(Vector.v1.with(0x270F_0005, at: 0x1C))
        #expect(recorder.events.dropFirst().first == .unknownSample(Tag(0x270F0, 5)))
        #expect(recorder.records.map(\.tag) == [Tag(0, 1)])
        #expect(recorder.faults.isEmpty)
    }

    @Test func addressTypes() {
        #expect(refusal(Vector.v1.with(3, at: 4)) == .badAddressType)
        #expect(refusal(Vector.v1.with(0xFFFF_FFFF, at: 4)) == .badAddressType)
        // Type 0: everything is read 4 bytes earlier and fits nowhere, but nothing is lost of the agent.
        #expect(refusal(Vector.v1.with(0, at: 4)) == nil)
    }

    @Test func version4IsRefused() {
        #expect(refusal(Vector.v1.with(4, at: 0)) == .unsupportedVersion)
    }

    private func flowSample(_ bytes: [UInt8]) throws -> (sample: FlowSample, recorder: Recorder) {
        let recorder = try record(bytes)
        let samples: [FlowSample] = recorder.events.compactMap { if case .flow(let sample) = $0 { sample } else { nil } }
        return (try #require(samples.first), recorder)
    }
}
