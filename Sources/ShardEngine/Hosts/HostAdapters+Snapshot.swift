// Adaptors in a snapshot: sorted by their addresses.

internal import Bytes
internal import Wire

extension HostAdapters {
    /// - Parameter newest: arrival of the agent's last datagram.
    func write(into writer: inout WireWriter, until newest: Int64, lifetime: Int64) {
        owners.write(into: &writer, until: newest, lifetime: lifetime, isBefore: <) { mac, source, writer in
            writer.write(mac.bits)
            writer.write(unsigned: UInt64(source))
        }
    }

    init(from reader: inout WireReader, _ bounds: AgentBounds) throws(WireError) {
        owners = try Generations(from: &reader, bounds, limit: Limits.adaptersPerAgent, minimumBytes: 3) {
            (reader) throws(WireError) in
            let mac = try reader.unsigned()
            guard mac >> 48 == 0, mac != 0 else { throw reader.fault(.badValue) }
            return (MACAddress(mac), try reader.place(below: bounds.sourceCount))
        }
    }
}
