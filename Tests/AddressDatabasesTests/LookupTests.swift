// What the databases of make-databases.py answer.

import AddressDatabases
import Bytes
import Testing

@Suite struct LookupTests {
    @Test(arguments: [
        ("192.0.2.1", "NL", "Netherlands"),
        ("192.0.2.127", "NL", "Netherlands"),
        ("192.0.2.128", "BE", "Belgium"),
        ("::ffff:192.0.2.200", "BE", "Belgium"),
        ("198.51.100.255", "CH", "Switzerland"),
        ("2001:db8:1::1", "SE", "Sweden"),
        ("2001:db8:1:ffff:ffff:ffff:ffff:ffff", "SE", "Sweden"),
        // Without a name, the code stands in.
        ("2001:db8:2::1", "XK", "XK"),
    ])
    func country(address: String, code: String, name: String) throws {
        let database = try CountryDatabase(path: Fixture.country.path)
        let answer = try database.answer(for: #require(IPAddress(address)))
        #expect(answer == Country(isoCode: code, name: name))
    }

    @Test(arguments: ["203.0.113.1", "192.0.3.0", "0.0.0.0", "255.255.255.255", "2001:db8:3::", "::", "::1"])
    func noCountry(address: String) throws {
        let database = try CountryDatabase(path: Fixture.country.path)
        let answer = try database.answer(for: #require(IPAddress(address)))
        #expect(answer == nil)
    }

    @Test(
        arguments: [
            ("192.0.2.1", 64496, "Example Transit"),
            ("198.51.100.127", 4_200_000_000, "Réseau d'exemple"),
            ("2001:db8:ffff::1", 64511, "Example Six"),
            ("203.0.113.9", 64500, ""),
        ] as [(String, UInt32, String)])
    func autonomousSystem(address: String, number: UInt32, organisation: String) throws {
        let database = try ASNDatabase(path: Fixture.asn.path)
        let answer = try database.answer(for: #require(IPAddress(address)))
        #expect(answer == AutonomousSystem(number: number, organisation: organisation))
    }

    @Test(arguments: ["198.51.100.128", "10.0.0.1", "2001:db9::"])
    func noAutonomousSystem(address: String) throws {
        let database = try ASNDatabase(path: Fixture.asn.path)
        let answer = try database.answer(for: #require(IPAddress(address)))
        #expect(answer == nil)
    }

    @Test func databaseOfIPv4Only() throws {
        let database = try CountryDatabase(path: Fixture.country4.path)
        let four = try database.answer(for: #require(IPAddress("192.0.2.1")))
        let mapped = try database.answer(for: #require(IPAddress("::FFFF:192.0.2.1")))
        let six = try database.answer(for: #require(IPAddress("2001:db8:1::1")))
        #expect(four?.isoCode == "NL")
        #expect(mapped?.isoCode == "NL")
        #expect(six == nil)
    }

    @Test func versionForDisplay() throws {
        let database = try ASNDatabase(path: Fixture.asn.path)
        #expect(database.version.path == Fixture.asn.path)
        #expect(database.version.type == "Synthetic-ASN")
        #expect(database.version.buildEpochSeconds == 1_750_000_000)
    }

    /// Every network of the fixture, from many threads at once through one database.
    @Test func lookupsOnManyThreads() async throws {
        let database = try CountryDatabase(path: Fixture.country.path)
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    (0..<4096).allSatisfy { index in
                        let address = IPAddress(v4: 0xC000_0200 | UInt32(index & 0xFF))
                        return database.answer(for: address)?.isoCode == (index & 0xFF < 128 ? "NL" : "BE")
                    }
                }
            }
            for await agreed in group { #expect(agreed) }
        }
    }

    @Test func directoryOfBoth() throws {
        let directory = AddressDirectory(
            countries: try CountryDatabase(path: Fixture.country.path), systems: try ASNDatabase(path: Fixture.asn.path)
        )
        let known = try #require(IPAddress("192.0.2.1"))
        for _ in 0..<2 {
            let country = try #require(directory.country(of: known))
            #expect(country == ("NL", "Netherlands"))
            let system = try #require(directory.autonomousSystem(of: known))
            #expect(system == (64496, "Example Transit"))
        }
        let empty = AddressDirectory(countries: nil, systems: nil)
        #expect(empty.country(of: known) == nil)
        #expect(empty.autonomousSystem(of: known) == nil)
    }
}
