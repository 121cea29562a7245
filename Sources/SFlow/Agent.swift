// The head of a datagram: which device it comes from, and the numbers before the first sample.
//
// The agent alone is also read by nodes that only route datagrams. Both readers share `AgentField`, so that they
// cannot disagree about the key.

public import Bytes

/// Fast path: only the agent's address, by the rules of the full decoder.
/// Throws: the same refusals of a whole datagram that ``decode(_:udpSource:into:)`` has.
public func readAgent(_ bytes: RawSpan, udpSource: IPAddress) throws(DecodeError) -> IPAddress {
    try AgentField(bytes, udpSource: udpSource).agent
}

/// Version, address type and address.
///
/// ```
///            0        4        8                12 or 24
/// IPv4   +--------+--------+--------+ sub-agent, sequence number, uptime, sample count (16 bytes), first sample
/// IPv6   |version |  type  | 4 or 16 bytes    |
/// none   |   5    |        +- (nothing: the sub-agent follows at 8)
/// ```
/// Source: sFlow version 5, section 5, `sample_datagram`, `sample_datagram_v5`, `address`.
struct AgentField {
    let agent: IPAddress
    let isNamed: Bool
    /// Where the sub-agent stands. The 16 bytes from there to the first sample are present.
    let end: Int

    init(_ bytes: RawSpan, udpSource: IPAddress) throws(DecodeError) {
        switch try bytes.headWord(at: 0) {
        case 5: break
        case 2, 4: throw DecodeError(.unsupportedVersion, at: 0)
        default: throw DecodeError(.foreignVersion, at: 0)
        }
        let type = try bytes.headWord(at: 4)
        switch type {
        case 0: end = 8
        case 1: end = 12
        case 2: end = 24
        default: throw DecodeError(.badAddressType, at: 4)
        }
        guard bytes.byteCount >= end + 16 else { throw DecodeError(.tooShort, at: bytes.byteCount) }
        isNamed = type != 0
        do {
            switch type {
            case 1: agent = try bytes.ipv4(at: 8)
            case 2: agent = try bytes.ipv6(at: 8).unmapped
            default: agent = udpSource.unmapped
            }
        } catch {
            throw DecodeError(.tooShort, at: bytes.byteCount)
        }
    }
}

extension DatagramHeader {
    /// Throws when the datagram as a whole is to be refused.
    public init(_ bytes: RawSpan, udpSource: IPAddress) throws(DecodeError) {
        let field = try AgentField(bytes, udpSource: udpSource)
        try self.init(bytes, agent: field.agent, at: field.end)
        guard !field.isNamed, try bytes.headWord(at: 8) == 0, bytes.byteCount >= 28,
            !samplesFit(bytes, from: firstSampleOffset, count: sampleCount)
        else { return }
        // Encoders that take "not IPv6" for IPv4 write four zero bytes after type 0. Believed only when the samples
        // then end where the datagram does.
        let shifted = try DatagramHeader(bytes, agent: agent, at: field.end + 4)
        if samplesFit(bytes, from: shifted.firstSampleOffset, count: shifted.sampleCount) { self = shifted }
    }

    /// Whether this head was read behind four bytes of address that an unnamed agent should not have.
    @usableFromInline
    func isNullAddressPadded(in bytes: RawSpan) -> Bool {
        firstSampleOffset == 28 && (try? bytes.uint32(at: 4)) == 0
    }

    private init(_ bytes: RawSpan, agent: IPAddress, at offset: Int) throws(DecodeError) {
        self.init(
            agent: agent,
            subAgent: try bytes.headWord(at: offset),
            sequenceNumber: try bytes.headWord(at: offset + 4),
            uptimeMilliseconds: try bytes.headWord(at: offset + 8),
            sampleCount: try bytes.headWord(at: offset + 12),
            firstSampleOffset: offset + 16)
    }
}

/// Whether `count` samples, walked by their lengths alone, end exactly at the end of the datagram.
private func samplesFit(_ bytes: RawSpan, from start: Int, count: UInt32) -> Bool {
    guard count <= Limits.samplesPerDatagram else { return false }
    var offset = start
    for _ in 0..<count {
        guard let frame = try? Frame(bytes, at: offset, end: bytes.byteCount, of: .sample) else { return false }
        offset = frame.end
    }
    return offset == bytes.byteCount
}

extension RawSpan {
    /// A word of the datagram's head; a missing one means that the datagram is too short.
    fileprivate func headWord(at offset: Int) throws(DecodeError) -> UInt32 {
        do { return try uint32(at: offset) } catch { throw DecodeError(.tooShort, at: byteCount) }
    }
}
