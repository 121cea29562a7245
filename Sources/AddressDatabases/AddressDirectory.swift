// Both databases with their caches, as flow keys ask them.

package import Bytes
internal import Synchronization

/// Both databases with a memory for each, in the shape in which key functions ask: `country:` and `asn:`.
///
/// A snapshot: after a reload, make another one. Safe to share, but meant for one owner, such as one executor: the lock
/// around each memory is then never waited for, and costs some 20 ns where a lookup costs hundreds.
package final class AddressDirectory: Sendable {
    private let countries: Remembered<CountryDatabase>?
    private let systems: Remembered<ASNDatabase>?

    /// - Parameter slotCount: of each memory, see `AddressCache`.
    package init(countries: CountryDatabase?, systems: ASNDatabase?, slotCount: Int = 4096) {
        self.countries = countries.map { Remembered($0, slotCount: slotCount) }
        self.systems = systems.map { Remembered($0, slotCount: slotCount) }
    }

    /// ISO 3166-1 alpha-2 code and English name; nil when unknown or without a database.
    package func country(of address: IPAddress) -> (code: String, name: String)? {
        countries?.answer(for: address).map { ($0.isoCode, $0.name) }
    }

    /// Number and organisation; nil when unknown or without a database.
    package func autonomousSystem(of address: IPAddress) -> (number: UInt32, description: String)? {
        systems?.answer(for: address).map { ($0.number, $0.organisation) }
    }

    private final class Remembered<Database: AddressLookup>: Sendable {
        private let database: Database
        private let cache: Mutex<AddressCache<Database>>

        init(_ database: Database, slotCount: Int) {
            self.database = database
            cache = Mutex(AddressCache(slotCount: slotCount))
        }

        func answer(for address: IPAddress) -> Database.Answer? {
            cache.withLock { $0.answer(for: address, in: database) }
        }
    }
}
