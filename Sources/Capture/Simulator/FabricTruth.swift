// What really happened at each port of the simulated fabric, to hold a collector's answers against.

package import Bytes

/// Totals of a port since the fabric was switched on; its interface counters say the same, in their own widths.
package struct PortTruth: Hashable, Sendable {
    package let node: String
    package let agent: IPAddress
    package let ifIndex: UInt32
    package let name: String
    package let received: Tally
    package let sent: Tally
    /// Received, then denied.
    package let discardedIn: Tally
    /// Meant for this port, which had no room.
    package let discardedOut: Tally
}

/// Frames and their octets, FCS included.
package struct Tally: Hashable, Sendable {
    package private(set) var frames: UInt64 = 0
    package private(set) var octets: UInt64 = 0

    package init() {}

    package mutating func add(_ other: Tally) {
        frames &+= other.frames
        octets &+= other.octets
    }

    mutating func add(_ count: Int, octetsEach: Int) {
        frames &+= UInt64(count)
        octets &+= UInt64(count * octetsEach)
    }
}

extension FabricSimulator {
    /// All ports, hosts' included, as they are after the last tick.
    package func portTruth() -> [PortTruth] {
        ports.map { port in
            PortTruth(
                node: nodes[port.node].name, agent: nodes[port.node].agent, ifIndex: port.ifIndex, name: port.name,
                received: port.received, sent: port.sent, discardedIn: port.discardedIn,
                discardedOut: port.discardedOut)
        }
    }
}
