// InfiniBand's packet opcodes: which transport, and where the extended headers lie that carry keys.
//
// InfiniBand architecture specification volume 1, section 9.2.1 and table "OpCode field"; annex A14 for XRC, annex A17
// for congestion notification in RoCE version 2.

/// The first byte of a base transport header: transport in the high 3 bits, operation in the low 5.
package struct InfiniBandOpcode: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// 0 reliable connection, 1 unreliable connection, 2 reliable datagram, 3 unreliable datagram, 4 congestion
    /// notification, 5 extended reliable connection.
    package var transport: UInt8 { rawValue >> 5 }
    package var operation: UInt8 { rawValue & 0x1F }

    static let baseLength = 12
    private static let rethLength = 16
    private static let aethLength = 4

    /// Start of the RDMA extended transport header (address 8, key 4, length 4), in bytes from the base header's start.
    var rethOffset: Int? {
        switch operation {
        case 0x06, 0x0A, 0x0B: break  // RDMA write: first, only, only with immediate
        case 0x0C: guard transport != 1 else { return nil }  // RDMA read request; not in unreliable connections
        default: return nil
        }
        switch transport {
        case 0, 1: return InfiniBandOpcode.baseLength
        case 2: return InfiniBandOpcode.baseLength + 12  // reliable datagram headers come first: 4 + 8
        case 5: return InfiniBandOpcode.baseLength + 4  // XRC header
        default: return nil
        }
    }

    /// Start of the acknowledge extended transport header (syndrome 1, message sequence number 3), counted likewise.
    var aethOffset: Int? {
        switch operation {
        case 0x0D, 0x0F, 0x10, 0x11, 0x12: break  // RDMA read response (first, last, only) and acknowledgements
        default: return nil
        }
        switch transport {
        case 0, 5: return InfiniBandOpcode.baseLength
        case 2: return InfiniBandOpcode.baseLength + 4
        default: return nil
        }
    }

    /// Bytes from the base header's start to the end of what carries keys.
    var headerLength: Int {
        if let reth = rethOffset { return reth + InfiniBandOpcode.rethLength }
        if let aeth = aethOffset { return aeth + InfiniBandOpcode.aethLength }
        return InfiniBandOpcode.baseLength
    }
}
