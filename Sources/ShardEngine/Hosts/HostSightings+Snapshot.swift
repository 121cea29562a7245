// Sightings of hosts in a snapshot. The current generation is there as a whole, because its size decides who is refused; of
// the one before only what can still be seen.

internal import Bytes
internal import FlowLanguage
internal import SFlow
internal import Wire

extension HostSightings {
    /// - Parameter newest: arrival of the agent's last datagram.
    func write(into writer: inout WireWriter, until newest: Int64) {
        writer.write(signed: began)
        writer.write(signed: self.newest)
        HostSightings.write(current, into: &writer)
        HostSightings.write(previous.filter { newest - $0.value <= HostSightings.lifetime }, into: &writer)
    }

    init(from reader: inout WireReader, _ bounds: AgentBounds) throws(WireError) {
        self.init()
        began = try reader.time(until: bounds.newest)
        newest = try reader.time(until: bounds.newest)
        current = try HostSightings.read(&reader, bounds)
        previous = try HostSightings.read(&reader, bounds)
    }

    private static func write(_ generation: [Sighting: Int64], into writer: inout WireWriter) {
        writer.write(unsigned: UInt64(generation.count))
        for (sighting, arrival) in generation.sorted(by: { $0.key.isBefore($1.key) }) {
            writer.write(unsigned: UInt64(sighting.source))
            writer.write(sighting.sender.mac.bits)
            writer.write(UInt32(sighting.sender.vlan ?? 0))
            writer.write(sighting.sender.address)
            writer.write(signed: arrival)
        }
    }

    private static func read(_ reader: inout WireReader, _ bounds: AgentBounds) throws(WireError) -> [Sighting: Int64] {
        let count = try reader.count(minimumBytes: 5, limit: Limits.hostSightingsPerAgent)
        var generation: [Sighting: Int64] = [:]
        for _ in 0..<count {
            let source = try reader.place(below: bounds.sourceCount)
            let mac = try reader.unsigned(), vlan = try reader.integer(UInt16.self)
            guard mac >> 48 == 0, vlan <= 4094 else { throw reader.fault(.badValue) }
            let sender = PacketSender(mac: MACAddress(mac), vlan: vlan == 0 ? nil : vlan, address: try reader.value())
            let arrival = try reader.time(until: bounds.newest)
            guard generation.updateValue(arrival, forKey: Sighting(sender: sender, source: source)) == nil else {
                throw reader.fault(.badValue)
            }
        }
        return generation
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
