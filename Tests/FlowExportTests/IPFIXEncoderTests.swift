// Records through the encoder and the test's own decoder.

import Bytes
import FlowExport
import SeededRandom
import Testing

@Suite struct IPFIXEncoderTests {
    private let now: UInt64 = 1_750_000_000_123
    private let record = FlowExportRecord(
        agent: IPAddress(v4: 0xC000_0201), keys: [.address(IPAddress(v4: 0x0A00_0001)), .number(443)], values: [1500],
        startMilliseconds: 1_750_000_000_000, endMilliseconds: 1_750_000_000_100)

    private func encoder(_ policy: IPFIXPolicy = IPFIXPolicy(), firstSequence: UInt32 = 0) throws -> IPFIXEncoder {
        let template = try IPFIXTemplate(keys: ["ipsource", "tcpdestinationport"], values: ["bytes"])
        return IPFIXEncoder(template: template, observationDomain: 42, policy: policy, firstSequence: firstSequence)
    }

    /// One message field by field, from RFC 7011 section 3.
    @Test func bytesOfOneMessage() throws {
        var encoder = try encoder()
        let batch = encoder.encode([record], nowMilliseconds: now)
        let common: [UInt8] = [0, 8, 0, 4, 0, 183, 0, 2, 0, 1, 0, 8, 0, 152, 0, 8, 0, 153, 0, 8]
        let templates: [UInt8] =
            [0, 2, 0, 60] + [1, 0, 0, 6] + common + [0, 130, 0, 4] + [1, 1, 0, 6] + common + [0, 131, 0, 16]
        var data: [UInt8] = [1, 0, 0, 38, 10, 0, 0, 1, 1, 187] + Expected.bytes(1500, count: 8)
        data += Expected.bytes(record.startMilliseconds, count: 8) + Expected.bytes(record.endMilliseconds, count: 8)
        data += [192, 0, 2, 1]
        let header: [UInt8] =
            [0, 10, 0, 114] + Expected.bytes(1_750_000_000, count: 4) + [0, 0, 0, 0] + [0, 0, 0, 42]
        #expect(batch.messages.map(\.bytes) == [header + templates + data])
        #expect(batch.messages.map(\.recordCount) == [1])
        #expect(batch.refusedCount == 0)
    }

    @Test func noRecordsNoMessage() throws {
        var encoder = try encoder()
        #expect(encoder.encode([], nowMilliseconds: now).messages.isEmpty)
    }

    /// Any keys and values, any number of records: every record comes back, in order, and the numbering is without gap.
    @Test func randomRecordsRoundTrip() throws {
        let seed: UInt64 = 4739
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let keys = ExportedKey.allCases.filter { _ in Bool.random(using: &random) }.shuffled(using: &random)
            let values: [ExportedValue] = [[.bytes], [.frames], [.frames, .bytes]].randomElement(using: &random) ?? []
            let template = try IPFIXTemplate(keys: keys.map(\.rawValue), values: values.map(\.rawValue))
            var policy = IPFIXPolicy()
            policy.messageBytesMax = Int.random(in: 512...1400, using: &random)
            policy.templateMessages = Int.random(in: 1...5, using: &random)
            let first = UInt32.max - UInt32.random(in: 0...50, using: &random)
            var encoder = IPFIXEncoder(template: template, observationDomain: 9, policy: policy, firstSequence: first)
            var decoder = IPFIXDecoder()
            var sequence = first
            for batchNumber in 0..<4 {
                let made = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                    FlowExportRecord.random(template, using: &random)
                }
                let batch = encoder.encode(made.map(\.record), nowMilliseconds: now + UInt64(batchNumber) * 1000)
                var decoded: [DecodedRecord] = []
                for message in batch.messages {
                    let content = try decoder.decode(message.bytes)
                    #expect(message.bytes.count <= policy.messageBytesMax)
                    #expect(content.sequence == sequence)
                    #expect(content.domain == 9)
                    #expect(content.exportSeconds == 1_750_000_000 + UInt32(batchNumber))
                    #expect(content.records.count == message.recordCount)
                    sequence &+= UInt32(message.recordCount)
                    decoded += content.records
                }
                #expect(decoded.map(\.content) == made.map(\.content))
                #expect(batch.refusedCount == 0)
            }
        }
    }

    @Test func templatesAgainAfterMessages() throws {
        var policy = IPFIXPolicy()
        policy.templateMessages = 3
        var encoder = try encoder(policy)
        var decoder = IPFIXDecoder()
        let counts = try (0..<7).map { _ in
            try encoder.encode([record], nowMilliseconds: now).messages.map {
                try decoder.decode($0.bytes).templateCount
            }
        }
        #expect(counts == [[2], [0], [0], [2], [0], [0], [2]])
    }

    @Test func templatesAgainAfterTime() throws {
        var encoder = try encoder()
        var decoder = IPFIXDecoder()
        let times: [UInt64] = [0, 59_999, 60_000, 60_001, 120_000, 5, 6]
        let counts = try times.map { time in
            try encoder.encode([record], nowMilliseconds: now + time).messages.map {
                try decoder.decode($0.bytes).templateCount
            }
        }
        // The clock goes back before the sixth.
        #expect(counts == [[2], [0], [2], [0], [2], [2], [0]])
    }

    /// The largest batch with the widest record: messages stay below the limit and hold as many as fit.
    @Test func messagesAreFilled() throws {
        let template = try IPFIXTemplate(keys: ExportedKey.allCases.map(\.rawValue), values: ["bytes", "frames"])
        var random = SeededGenerator(seed: 1)
        let records = (0..<1000).map { _ in
            var record = FlowExportRecord.random(template, using: &random).record
            record.agent = IPAddress(v6High: 1, low: 1)
            return record
        }
        var encoder = IPFIXEncoder(template: template, observationDomain: 1)
        let batch = encoder.encode(records, nowMilliseconds: now)
        let sizes = batch.messages.map(\.bytes.count)
        let recordBytes = 12 + 2 + 2 + 1 + 1 + 8 + 32 + 1 + 8 + 8 + 16 + 16 + 16
        #expect(sizes.allSatisfy { $0 <= 1400 })
        #expect(sizes.dropLast().allSatisfy { $0 > 1400 - recordBytes })
        #expect(batch.messages.map(\.recordCount).reduce(0, +) == 1000)
    }

    @Test func recordsThatDoNotFitAreRefused() throws {
        var encoder = try encoder()
        var records = [FlowExportRecord](repeating: record, count: 8)
        records[0].keys.removeLast()
        records[1].keys.append(.number(0))
        records[2].keys[1] = .number(65_536)
        records[3].keys[0] = .address(IPAddress(v6High: 0, low: 1))
        records[4].keys[0] = .number(1)
        records[5].keys[1] = .mac(MACAddress(1))
        records[6].values = []
        let batch = encoder.encode(records, nowMilliseconds: .max)
        #expect(batch.refusedCount == 7)
        #expect(batch.messages.map(\.recordCount) == [1])
    }
}
