// Names of InfiniBand transports and operations, as `ibbtoptransport` and `ibbtopname` show them.
//
// InfiniBand architecture specification volume 1, section 9.2.1, table "OpCode field"; annexes A14 and A17.

internal import Packets

enum InfiniBandNames {
    static func transport(_ opcode: InfiniBandOpcode) -> String? {
        switch opcode.transport {
        case 0: "RC"
        case 1: "UC"
        case 2: "RD"
        case 3: "UD"
        case 4: "CNP"
        case 5: "XRC"
        default: nil
        }
    }

    static func operation(_ opcode: InfiniBandOpcode) -> String? {
        if opcode.transport == 4 { return "CNP" }
        let index = Int(opcode.operation)
        return index < operations.count ? operations[index] : nil
    }

    /// By the low five bits of the opcode.
    private static let operations = [
        "SEND_FIRST", "SEND_MIDDLE", "SEND_LAST", "SEND_LAST_WITH_IMMEDIATE", "SEND_ONLY", "SEND_ONLY_WITH_IMMEDIATE",
        "RDMA_WRITE_FIRST", "RDMA_WRITE_MIDDLE", "RDMA_WRITE_LAST", "RDMA_WRITE_LAST_WITH_IMMEDIATE",
        "RDMA_WRITE_ONLY", "RDMA_WRITE_ONLY_WITH_IMMEDIATE", "RDMA_READ_REQUEST", "RDMA_READ_RESPONSE_FIRST",
        "RDMA_READ_RESPONSE_MIDDLE", "RDMA_READ_RESPONSE_LAST", "RDMA_READ_RESPONSE_ONLY", "ACKNOWLEDGE",
        "ATOMIC_ACKNOWLEDGE", "COMPARE_SWAP", "FETCH_ADD", "RESYNC", "SEND_LAST_WITH_INVALIDATE",
        "SEND_ONLY_WITH_INVALIDATE",
    ]
}
