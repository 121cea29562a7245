// Countries of addresses, from a file in MaxMind's format.

package import Bytes

/// The country of an address.
package struct Country: Hashable, Sendable {
    /// Two letters of ISO 3166-1.
    package let isoCode: String
    /// In English; the code where the database gives no name.
    package let name: String

    package init(isoCode: String, name: String) {
        self.isoCode = isoCode
        self.name = name
    }
}

/// Countries by address: the property `geo.country`, behind the key function `country:`.
///
/// Reads MaxMind-format files with a map `country` in each record: country and city databases of any maker. Where a
/// record knows only the country of registration, there is no answer.
package struct CountryDatabase: AddressLookup {
    private var file: ReloadableFile<MaxMindFile>

    package init(path: String) throws(AddressDatabaseError) {
        file = try ReloadableFile(
            maxMindPath: path, kinds: ["Country", "City", "Enterprise"],
            purpose: "countries (a type such as GeoLite2-Country)")
    }

    package var version: DatabaseVersion { file.version }
    package var generation: Int { file.generation }

    package func answer(for address: IPAddress) -> Country? {
        let contents = file.contents
        guard let record = contents.record(for: address),
            let code = contents.text(["country", "iso_code"], of: record), !code.isEmpty
        else { return nil }
        return Country(isoCode: code, name: contents.text(["country", "names", "en"], of: record) ?? code)
    }

    /// Opens the file anew if it was replaced; true when it was. Throws once about each replacement that cannot be
    /// used, and goes on with what it has.
    @discardableResult
    package mutating func reloadIfReplaced() throws(AddressDatabaseError) -> Bool { try file.reloadIfReplaced() }
}
