// Files that change while they are in use.

import AddressDatabases
import Bytes
import Testing

@Suite struct ReloadTests {
    private let folder = ScratchFolder()
    private let dutch = IPAddress(v4: 0xC000_0201)

    @Test func replacedByAnotherFile() throws {
        let path = folder.write(Fixture.country.bytes, to: "a")
        var database = try CountryDatabase(path: path)
        let shared = database
        #expect(try !database.reloadIfReplaced())
        folder.replace("a", with: HandMadeDatabase().bytes)
        #expect(try database.reloadIfReplaced())
        #expect(try !database.reloadIfReplaced())
        #expect(database.answer(for: dutch)?.isoCode == "NO")
        #expect(database.version.type == "Hand-Country")
        // What was handed out before goes on with the old content.
        #expect(shared.answer(for: dutch)?.isoCode == "NL")
    }

    @Test func damagedReplacementIsToldOnce() throws {
        let path = folder.write(Fixture.country.bytes, to: "a")
        var database = try CountryDatabase(path: path)
        folder.replace("a", with: Array(Fixture.country.bytes.dropLast(40)))
        let error = #expect(throws: AddressDatabaseError.self) { try database.reloadIfReplaced() }
        #expect(error?.reason == .damaged)
        #expect(try !database.reloadIfReplaced())
        #expect(database.answer(for: dutch)?.isoCode == "NL")
        #expect(database.generation == 0)
        folder.replace("a", with: HandMadeDatabase().bytes)
        #expect(try database.reloadIfReplaced())
        #expect(database.answer(for: dutch)?.isoCode == "NO")
    }

    @Test func removedFileIsToldOnce() throws {
        let path = folder.write(Fixture.country.bytes, to: "a")
        var database = try CountryDatabase(path: path)
        folder.remove("a")
        let error = #expect(throws: AddressDatabaseError.self) { try database.reloadIfReplaced() }
        #expect(error?.reason == .unreadable)
        #expect(try !database.reloadIfReplaced())
        #expect(database.answer(for: dutch)?.isoCode == "NL")
        folder.write(HandMadeDatabase().bytes, to: "a")
        #expect(try database.reloadIfReplaced())
    }

    /// A mapped file that becomes shorter ends the process at the next touch; a private copy does not notice.
    @Test func shortenedInPlaceWhileOpen() throws {
        let path = folder.write(Fixture.country.bytes, to: "a")
        let database = try CountryDatabase(path: path)
        folder.write([], to: "a")
        #expect(database.answer(for: dutch)?.isoCode == "NL")
    }
}
