// Attributes of InfiniBand base transport headers, in RoCE over UDP or over Ethernet, and of the RDMA and acknowledge
// headers behind them. InfiniBand architecture specification volume 1, sections 9.2, 9.3.3 and 9.3.5.
import Bytes

extension LayerStack {
    package func ibOpcode(in header: RawSpan, occurrence: Int = 0) -> InfiniBandOpcode? {
        uint8(.infinibandBTH, occurrence, at: 0, in: header).map(InfiniBandOpcode.init(rawValue:))
    }

    /// Whether the receiver is asked to raise an event.
    package func ibSolicitedEvent(in header: RawSpan, occurrence: Int = 0) -> Bool? {
        ibFlags(in: header, occurrence).map { $0 & 0x80 != 0 }
    }

    /// Path migration state.
    package func ibMigration(in header: RawSpan, occurrence: Int = 0) -> Bool? {
        ibFlags(in: header, occurrence).map { $0 & 0x40 != 0 }
    }

    /// Transport header version, 4 bits.
    package func ibTransportVersion(in header: RawSpan, occurrence: Int = 0) -> UInt8? {
        ibFlags(in: header, occurrence).map { $0 & 0x0F }
    }

    package func ibPartitionKey(in header: RawSpan, occurrence: Int = 0) -> UInt16? {
        uint16(.infinibandBTH, occurrence, at: 2, in: header)
    }

    /// 24 bits.
    package func ibDestinationQueuePair(in header: RawSpan, occurrence: Int = 0) -> UInt32? {
        uint32(.infinibandBTH, occurrence, at: 4, in: header).map { $0 & 0x00FF_FFFF }
    }

    /// Whether an acknowledgement is asked for.
    package func ibAckRequest(in header: RawSpan, occurrence: Int = 0) -> Bool? {
        uint8(.infinibandBTH, occurrence, at: 8, in: header).map { $0 & 0x80 != 0 }
    }

    /// Packet sequence number, 24 bits.
    package func ibPacketSequence(in header: RawSpan, occurrence: Int = 0) -> UInt32? {
        uint32(.infinibandBTH, occurrence, at: 8, in: header).map { $0 & 0x00FF_FFFF }
    }

    /// Bytes that the RDMA operation moves; nil for opcodes without an RDMA header.
    package func ibRDMALength(in header: RawSpan, occurrence: Int = 0) -> UInt32? {
        guard let reth = ibOpcode(in: header, occurrence: occurrence)?.rethOffset else { return nil }
        return uint32(.infinibandBTH, occurrence, at: reth + 12, in: header)
    }

    /// Syndrome of an acknowledgement: its kind in the high 3 bits, credits or the reason in the low 5.
    package func ibAckSyndrome(in header: RawSpan, occurrence: Int = 0) -> UInt8? {
        guard let aeth = ibOpcode(in: header, occurrence: occurrence)?.aethOffset else { return nil }
        return uint8(.infinibandBTH, occurrence, at: aeth, in: header)
    }

    /// Message sequence number of an acknowledgement, 24 bits.
    package func ibAckMessageSequence(in header: RawSpan, occurrence: Int = 0) -> UInt32? {
        guard let aeth = ibOpcode(in: header, occurrence: occurrence)?.aethOffset else { return nil }
        return uint32(.infinibandBTH, occurrence, at: aeth, in: header).map { $0 & 0x00FF_FFFF }
    }

    private func ibFlags(in header: RawSpan, _ occurrence: Int) -> UInt8? {
        uint8(.infinibandBTH, occurrence, at: 1, in: header)
    }
}
