// What keys can ask beside the sample: groups, maps, names, databases. Everything here is an immutable snapshot or
// answers from memory; the whole is swapped when one of it changes, and programs are bound to the new one.

package import Bytes

/// Names from the topology and from what was learned about interfaces.
package protocol TopologyNames: Sendable {
    func interfaceName(agent: IPAddress, ifIndex: UInt32) -> String?
    /// The link that is attached to a port.
    func linkName(agent: IPAddress, ifIndex: UInt32) -> String?
    func nodeName(agent: IPAddress) -> String?
}

/// Attributes of hosts, as the sample's own agent reports them: `host_name`, `machine_type`, `os_name`, `os_release`,
/// `uuid`, and of guests the same with `vir_` before them.
package protocol HostDirectory: Sendable {
    func attribute(_ name: String, ofHostWith mac: MACAddress) -> String?
    func attribute(_ name: String, ofHostWith address: IPAddress) -> String?
}

/// Countries and autonomous systems of addresses. Asked at every sample: an implementation over a file should remember
/// what it found.
package protocol AddressDatabase: Sendable {
    /// ISO 3166-1 alpha-2 code and English name.
    func country(of address: IPAddress) -> (code: String, name: String)?
    func autonomousSystem(of address: IPAddress) -> (number: UInt32, description: String)?
}

/// Vendors of MAC addresses.
package protocol VendorNames: Sendable {
    /// - Parameter oui: the first 24 bits of a MAC address.
    func name(ofVendor oui: UInt32) -> String?
}

/// Reverse DNS. Never waits: nil until the name is known, and the question starts the search.
package protocol ReverseNames: Sendable {
    /// With the trailing dot.
    func name(of address: IPAddress) -> String?
}

/// Knows nothing: what is not configured, and what tests start from.
package struct NothingKnown: TopologyNames, HostDirectory, AddressDatabase, VendorNames, ReverseNames {
    package init() {}
    package func interfaceName(agent: IPAddress, ifIndex: UInt32) -> String? { nil }
    package func linkName(agent: IPAddress, ifIndex: UInt32) -> String? { nil }
    package func nodeName(agent: IPAddress) -> String? { nil }
    package func attribute(_ name: String, ofHostWith mac: MACAddress) -> String? { nil }
    package func attribute(_ name: String, ofHostWith address: IPAddress) -> String? { nil }
    package func country(of address: IPAddress) -> (code: String, name: String)? { nil }
    package func autonomousSystem(of address: IPAddress) -> (number: UInt32, description: String)? { nil }
    package func name(ofVendor oui: UInt32) -> String? { nil }
    package func name(of address: IPAddress) -> String? { nil }
}

package struct FlowEnvironment: Sendable {
    /// By name. A definition may name groups and maps that are not there: they count as empty.
    package var groups: [String: AddressGroups] = [:]
    package var maps: [String: ValueMap] = [:]
    package var topology: any TopologyNames = NothingKnown()
    package var hosts: any HostDirectory = NothingKnown()
    package var addresses: any AddressDatabase = NothingKnown()
    package var vendors: any VendorNames = NothingKnown()
    package var reverseNames: any ReverseNames = NothingKnown()
    /// Of the hashes of keys: random for each process, the same for all definitions.
    package let seed: UInt64

    package init(seed: UInt64) { self.seed = seed }
}
