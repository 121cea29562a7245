// What a cache remembers, and that it never answers for another address or another database.

import AddressDatabases
import Bytes
import SeededRandom
import Testing

@Suite struct AddressCacheTests {
    private let folder = ScratchFolder()
    private let dutch = IPAddress(v4: 0xC000_0201)

    @Test func cacheRemembersUntilTheDatabaseIsReplaced() throws {
        let path = folder.write(Fixture.country.bytes, to: "a")
        var database = try CountryDatabase(path: path)
        var cache = AddressCache<CountryDatabase>(slotCount: 64)
        let absent = IPAddress(v4: 0x0A00_0001)
        for _ in 0..<3 {
            let known = cache.answer(for: dutch, in: database)
            let unknown = cache.answer(for: absent, in: database)
            #expect(known?.isoCode == "NL")
            #expect(unknown == nil)
        }
        let (hits, misses) = (cache.hitCount, cache.missCount)
        #expect(hits == 4)
        #expect(misses == 2)
        folder.replace("a", with: HandMadeDatabase().bytes)
        try database.reloadIfReplaced()
        let new = cache.answer(for: dutch, in: database)
        #expect(new?.isoCode == "NO")
    }

    /// Through a cache of four slots, every answer is still the database's own.
    @Test func cacheNeverMixesAddresses() throws {
        let database = try CountryDatabase(path: Fixture.country.path)
        var cache = AddressCache<CountryDatabase>(slotCount: 1)
        let seed: UInt64 = 7
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        for _ in 0..<5000 {
            let low = UInt32.random(in: 0...255, using: &random)
            let address =
                Bool.random(using: &random)
                ? IPAddress(v4: 0xC000_0200 | low) : IPAddress(v6High: 0x2001_0DB8_0001_0000, low: UInt64(low))
            let cached = cache.answer(for: address, in: database)
            #expect(cached == database.answer(for: address))
        }
    }

    /// A table in use by a quarter keeps nearly all of what it was given.
    @Test func cacheKeepsWhatFits() throws {
        let database = try CountryDatabase(path: Fixture.country.path)
        var cache = AddressCache<CountryDatabase>(slotCount: 4096)
        for _ in 0..<10 {
            for index in 0..<1024 as Range<UInt32> {
                _ = cache.answer(for: IPAddress(v4: 0x0A00_0000 + index), in: database)
            }
        }
        let misses = cache.missCount
        #expect(misses < 1024 + 10 * 100)
    }
}
