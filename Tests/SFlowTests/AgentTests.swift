// The head of a datagram: refusals, and that the fast path finds the same agent as the decoder.

import Bytes
import SFlow
import Testing

@Suite struct AgentTests {
    static let v4 = IPAddress(v4: 0xC000_0201)

    private func head(_ write: (inout WireBuilder) -> Void, samples: UInt32 = 0) -> [UInt8] {
        WireBuilder.build { w in
            w.u32(5)
            write(&w)
            w.u32(3, 42, 1000, samples)
        }
    }

    private func agents(_ bytes: [UInt8], udpSource: IPAddress = testSource) throws -> (fast: IPAddress, full: IPAddress) {
        let fast = try readAgent(bytes.span.bytes, udpSource: udpSource)
        var recorder = Recorder()
        try decode(bytes.span.bytes, udpSource: udpSource, into: &recorder)
        guard case .datagram(let header) = try #require(recorder.events.first) else { throw MissingLayout() }
        #expect(header.subAgent == 3)
        #expect(header.sequenceNumber == 42)
        return (fast, header.agent)
    }

    @Test func fourAddressCases() throws {
        let plain = try agents(head { $0.address("192.0.2.1") })
        #expect(plain.fast == Self.v4)
        #expect(plain.full == Self.v4)
        let six = try agents(head { $0.address("2001:db8::1") })
        #expect(six.fast == IPAddress("2001:db8::1"))
        #expect(six.full == six.fast)
        let mapped = try agents(head { $0.address("::ffff:192.0.2.1") })
        #expect(mapped.fast == Self.v4)
        #expect(mapped.full == Self.v4)
        let none = try agents(head { $0.u32(0) })
        #expect(none.fast == testSource)
        #expect(none.full == testSource)
    }

    @Test func mappedUDPSourceIsNormalised() throws {
        let source = try #require(IPAddress("::ffff:192.0.2.1"))
        let none = try agents(head { $0.u32(0) }, udpSource: source)
        #expect(none.fast == Self.v4)
        #expect(none.full == Self.v4)
    }

    @Test func fastPathAndDecoderAgreeOnRefusals() {
        var datagrams = [[UInt8]]()
        for vector in [Vector.v1, Vector.v2, Vector.v5, Vector.v6] {
            for length in 0..<min(vector.count, 64) { datagrams.append(Array(vector[..<length])) }
            for type: UInt32 in [0, 1, 2, 3, 0xFFFF_FFFF] { datagrams.append(vector.with(type, at: 4)) }
            for version: UInt32 in [0, 1, 2, 3, 4, 6, 0x0005_0001, 0x0009_0001] {
                datagrams.append(vector.with(version, at: 0))
            }
        }
        for bytes in datagrams {
            var fast: DecodeError?
            do { _ = try readAgent(bytes.span.bytes, udpSource: testSource) } catch { fast = error }
            var full: DecodeError?
            do { _ = try record(bytes) } catch { full = error }
            #expect(fast == full, "\(bytes)")
        }
    }

    @Test func shortestDatagrams() {
        #expect(refusal([]) == .tooShort)
        for (bytes, length) in [
            (head { $0.u32(0) }, 24), (head { $0.address("192.0.2.1") }, 28), (head { $0.address("::1") }, 40),
        ] {
            #expect(bytes.count == length)
            #expect(refusal(bytes) == nil)
            #expect(refusal(Array(bytes.dropLast())) == .tooShort)
        }
    }

    @Test func foreignVersions() {
        for version: UInt32 in [0, 1, 3, 6, 0x0005_0001, 0x0009_0016, 0x000A_0100, 0xFFFF_FFFF] {
            #expect(refusal(Vector.v1.with(version, at: 0)) == .foreignVersion)
        }
    }

    @Test func nullAddressWithFourZeroBytes() throws {
        // Believed only because the samples then end where the datagram does.
        let padded = WireBuilder.build { w in
            w.u32(5, 0, 0)
            w.u32(3, 42, 1000, 1)
            w.framed(Tag(0, 2)) { $0.u32(1, 7, 0) }
        }
        let agent = try agents(padded)
        #expect(agent.fast == testSource)
        #expect(agent.full == testSource)
        let recorder = try record(padded)
        #expect(recorder.faults == [.paddedNullAddress])
        #expect(recorder.events.count == 4)

        let plain = WireBuilder.build { w in
            w.u32(5, 0)
            w.u32(0, 42, 1000, 1)
            w.framed(Tag(0, 2)) { $0.u32(1, 7, 0) }
        }
        let unpadded = try record(plain)
        #expect(unpadded.faults.isEmpty)
        guard case .datagram(let header) = try #require(unpadded.events.first) else { return }
        #expect(header.subAgent == 0)
        #expect(header.sequenceNumber == 42)
        #expect(header.firstSampleOffset == 24)
    }

    @Test func keepAliveAndUnwantedDatagram() throws {
        let empty = head { $0.address("192.0.2.1") }
        #expect(try record(empty).events.count == 1)
        #expect(try record(Vector.v1, wantsSamples: false).events.count == 1)
        let withoutRecords = try record(Vector.v1, wantsRecords: false)
        #expect(withoutRecords.records.isEmpty)
        #expect(withoutRecords.events.count == 5)
        #expect(withoutRecords.isBalanced)
    }
}
