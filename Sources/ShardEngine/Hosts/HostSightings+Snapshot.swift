// Sightings of hosts in a snapshot, sorted.

internal import Bytes
internal import FlowLanguage
internal import SFlow
internal import Wire

extension HostSightings {
    /// - Parameter newest: arrival of the agent's last datagram.
    func write(into writer: inout WireWriter, until newest: Int64) {
        sightings.write(
            into: &writer, until: newest, lifetime: HostSightings.lifetime, isBefore: { $0.isBefore($1) }
        ) { sighting, _, writer in
            writer.write(unsigned: UInt64(sighting.source))
            writer.write(sighting.sender.mac.bits)
            writer.write(UInt32(sighting.sender.vlan ?? 0))
            writer.write(sighting.sender.address)
        }
    }

    init(from reader: inout WireReader, _ bounds: AgentBounds) throws(WireError) {
        sightings = try Generations(from: &reader, bounds, limit: Limits.hostSightingsPerAgent, minimumBytes: 5) {
            (reader) throws(WireError) in
            let source = try reader.place(below: bounds.sourceCount)
            let mac = try reader.unsigned(), vlan = try reader.integer(UInt16.self)
            guard mac >> 48 == 0, vlan <= 4094 else { throw reader.fault(.badValue) }
            let sender = PacketSender(mac: MACAddress(mac), vlan: vlan == 0 ? nil : vlan, address: try reader.value())
            return (Sighting(sender: sender, source: source), ())
        }
    }
}

extension HostSightings.Sighting {
    fileprivate func isBefore(_ other: HostSightings.Sighting) -> Bool {
        if source != other.source { return source < other.source }
        if sender.mac != other.sender.mac { return sender.mac < other.sender.mac }
        if sender.vlan != other.sender.vlan { return sender.vlan ?? 0 < other.sender.vlan ?? 0 }
        guard let address = other.sender.address else { return false }
        return sender.address.map { $0 < address } ?? true
    }
}
