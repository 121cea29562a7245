// Ports and hosts as workers send them to the coordinator, and the question about hosts.

internal import Bytes
internal import ShardEngine
package import Wire

extension PortSummary: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(agent)
        writer.write(ifIndex)
        writer.write(interfaceName)
        writer.write(text: node)
        writer.write(port)
        writer.write(link)
        writer.write(portClass == .core)
        writer.write(isUp)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        self.init(
            agent: try reader.value(), ifIndex: try reader.value(), interfaceName: try reader.value(), node: try reader.text(),
            port: try reader.value(), link: try reader.value(), portClass: try reader.value() ? .core : .edge,
            isUp: try reader.value())
    }
}

extension HostQuery: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(agents)
        switch address {
        case nil: writer.write(byte: 0)
        case .mac(let mac):
            writer.write(byte: 1)
            writer.write(mac.bits)
        case .ip(let address):
            writer.write(byte: 2)
            writer.write(address)
        }
        writer.write(ifIndex)
        writer.write(hostsMax)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        let agents: AgentSelector = try reader.value()
        let address: HostAddress?
        switch try reader.byte() {
        case 0: address = nil
        case 1: address = .mac(try reader.mac())
        case 2: address = .ip(try reader.value())
        default: throw reader.fault(.badValue)
        }
        self.init(agents: agents, address: address, ifIndex: try reader.value(), hostsMax: try reader.value())
    }
}

extension HostLocation: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.write(agent)
        writer.write(host.mac.bits)
        writer.write(host.vlan.map(UInt32.init))
        writer.write(host.source)
        writer.write(host.ifIndex)
        writer.write(host.ipv4)
        writer.write(host.ipv6)
        writer.write(signed: host.arrival)
        writer.write(node)
        writer.write(port)
        writer.write(aggregate)
        writer.write(partner)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        let agent: IPAddress = try reader.value()
        let mac = try reader.mac()
        let vlan: UInt32? = try reader.value()
        guard vlan ?? 0 <= UInt16.max else { throw reader.fault(.badValue) }
        let host = HostReading(
            mac: mac, vlan: vlan.map { UInt16(truncatingIfNeeded: $0) }, source: try reader.value(), ifIndex: try reader.value(),
            ipv4: try reader.value(), ipv6: try reader.value(), arrival: try reader.time())
        self.init(
            agent: agent, host: host, node: try reader.value(), port: try reader.value(), aggregate: try reader.value(),
            partner: try reader.value())
    }
}

extension WireReader {
    fileprivate mutating func mac() throws(WireError) -> MACAddress {
        let bits = try unsigned()
        guard bits < 1 << 48 else { throw fault(.badValue) }
        return MACAddress(bits)
    }
}
