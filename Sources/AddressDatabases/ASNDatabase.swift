// Autonomous systems of addresses, from a file in MaxMind's format.

package import Bytes

/// The autonomous system that announces an address.
package struct AutonomousSystem: Hashable, Sendable {
    /// Four bytes wide (RFC 6793).
    package let number: UInt32
    /// Empty where the database gives none.
    package let organisation: String

    package init(number: UInt32, organisation: String) {
        self.number = number
        self.organisation = organisation
    }
}

/// Autonomous systems by address: the property `geo.asn`, behind the key function `asn:`.
package struct ASNDatabase: AddressLookup {
    private var file: ReloadableFile<MaxMindFile>

    package init(path: String) throws(AddressDatabaseError) {
        file = try ReloadableFile(
            maxMindPath: path, kinds: ["ASN", "ISP"],
            purpose: "autonomous systems (a type such as GeoLite2-ASN)")
    }

    package var version: DatabaseVersion { file.version }
    package var generation: Int { file.generation }

    package func answer(for address: IPAddress) -> AutonomousSystem? {
        let contents = file.contents
        guard let record = contents.record(for: address),
            let number = contents.number(["autonomous_system_number"], of: record)
        else { return nil }
        let organisation = contents.text(["autonomous_system_organization"], of: record) ?? ""
        return AutonomousSystem(number: number, organisation: organisation)
    }

    /// Opens the file anew if it was replaced; true when it was. Throws once about each replacement that cannot be
    /// used, and goes on with what it has.
    @discardableResult
    package mutating func reloadIfReplaced() throws(AddressDatabaseError) -> Bool { try file.reloadIfReplaced() }
}
