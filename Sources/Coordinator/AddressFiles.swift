// The files that key functions look addresses up in: countries, autonomous systems, vendors. Each may be missing, come
// later, and be replaced while the server runs; a file that cannot be used is as good as missing, and said once.

package import AddressDatabases
internal import Bytes
internal import FlowLanguage

package struct AddressFiles: Sendable {
    /// Paths as configured; nil for none.
    package struct Paths: Sendable {
        package var countries: String?
        package var systems: String?
        package var vendors: String?

        package init(countries: String? = nil, systems: String? = nil, vendors: String? = nil) {
            self.countries = countries
            self.systems = systems
            self.vendors = vendors
        }
    }

    private var countries: WatchedFile<CountryDatabase>
    private var systems: WatchedFile<ASNDatabase>
    private var vendors: WatchedFile<OUINames>

    package init(_ paths: Paths) {
        countries = WatchedFile(path: paths.countries)
        systems = WatchedFile(path: paths.systems)
        vendors = WatchedFile(path: paths.vendors)
    }

    /// Opens what has come and what was replaced. Reads files: takes long for large ones.
    /// - Parameter report: told about each file that cannot be used, once.
    /// - Returns: whether answers may be others now.
    mutating func refresh(_ report: (AddressDatabaseError) -> Void) -> Bool {
        // All three, whichever has changed.
        let changes = [countries.refresh(report), systems.refresh(report), vendors.refresh(report)]
        return changes.contains(true)
    }

    var addresses: any AddressDatabase {
        countries.contents == nil && systems.contents == nil
            ? NothingKnown() : SpreadDirectory(countries: countries.contents, systems: systems.contents)
    }

    var vendorNames: any VendorNames { vendors.contents.map(ListedVendors.init) ?? NothingKnown() }
}

/// A file that is opened again when it was replaced.
private struct WatchedFile<Contents: ReplaceableFile>: Sendable {
    let path: String?
    private(set) var contents: Contents?
    /// What was said last, which need not be said again.
    private var fault: AddressDatabaseError?

    init(path: String?) { self.path = path }

    mutating func refresh(_ report: (AddressDatabaseError) -> Void) -> Bool {
        guard let path else { return false }
        do throws(AddressDatabaseError) {
            if contents != nil { return try reload() }
            contents = try Contents(path: path)
            fault = nil
            return true
        } catch {
            if error != fault { report(error) }
            fault = error
            return false
        }
    }

    private mutating func reload() throws(AddressDatabaseError) -> Bool {
        guard try contents?.reloadIfReplaced() == true else { return false }
        fault = nil
        return true
    }
}

private protocol ReplaceableFile: Sendable {
    init(path: String) throws(AddressDatabaseError)
    mutating func reloadIfReplaced() throws(AddressDatabaseError) -> Bool
}

extension CountryDatabase: ReplaceableFile {}
extension ASNDatabase: ReplaceableFile {}
extension OUINames: ReplaceableFile {}

/// Directories side by side, each for a part of all addresses: executors that look addresses up at the same time seldom
/// meet at one lock, and no answer is remembered twice.
private struct SpreadDirectory: AddressDatabase {
    private let parts: [AddressDirectory]
    /// A power of two.
    private static let partCount = 16

    init(countries: CountryDatabase?, systems: ASNDatabase?) {
        parts = (0..<SpreadDirectory.partCount).map { _ in AddressDirectory(countries: countries, systems: systems) }
    }

    func country(of address: IPAddress) -> (code: String, name: String)? { part(address).country(of: address) }

    func autonomousSystem(of address: IPAddress) -> (number: UInt32, description: String)? {
        part(address).autonomousSystem(of: address)
    }

    private func part(_ address: IPAddress) -> AddressDirectory {
        parts[Int(truncatingIfNeeded: address.stableHash) & (SpreadDirectory.partCount - 1)]
    }
}

private struct ListedVendors: VendorNames {
    let names: OUINames

    func name(ofVendor oui: UInt32) -> String? { names.name(ofVendor: oui) }
}
