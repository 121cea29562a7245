// Files that are cut, changed, or made to break the reader. The first expectation of every test is that it ends.

import AddressDatabases
import Bytes
import SeededRandom
import Testing

@Suite struct HostileDatabaseTests {
    private let folder = ScratchFolder()
    private let addresses = [
        "192.0.2.1", "192.0.2.129", "198.51.100.1", "203.0.113.1", "2001:db8:1::1", "2001:db8:2::", "::",
    ]
    .compactMap { IPAddress($0) }

    /// Opens `bytes` as either kind and asks everything; what it answers does not matter.
    private func exercise(_ bytes: [UInt8]) {
        let path = folder.write(bytes, to: "a")
        if let database = try? CountryDatabase(path: path) {
            for address in addresses { _ = database.answer(for: address) }
        }
        if let database = try? ASNDatabase(path: path) {
            for address in addresses { _ = database.answer(for: address) }
        }
    }

    private func refusal(_ bytes: [UInt8]) -> AddressDatabaseError? {
        let path = folder.write(bytes, to: "a")
        do throws(AddressDatabaseError) {
            _ = try CountryDatabase(path: path)
            return nil
        } catch {
            return error
        }
    }

    @Test func handMadeDatabaseIsSound() throws {
        let path = folder.write(HandMadeDatabase().bytes, to: "a")
        let database = try CountryDatabase(path: path)
        #expect(database.answer(for: IPAddress(v4: 1)) == Country(isoCode: "NO", name: "NO"))
        #expect(database.version.buildEpochSeconds == 1_700_000_000)
    }

    @Test(arguments: Fixture.allCases)
    func cutAtEveryByte(fixture: Fixture) {
        let whole = fixture.bytes
        for count in whole.indices { exercise(Array(whole[..<count])) }
    }

    @Test(arguments: Fixture.allCases)
    func bytesChangedAtRandom(fixture: Fixture) {
        let seed: UInt64 = 20_260
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let whole = fixture.bytes
        for _ in 0..<3000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                let interesting: [UInt8] = [
                    0, 1, 0x1F, 0x20, 0x3F, 0x7F, 0xFF, UInt8.random(in: 0...255, using: &random),
                ]
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = interesting.randomElement(using: &random) ?? 0
            }
            exercise(bytes)
        }
    }

    /// The library steps over values that it does not want by recursion: one stack frame per level.
    @Test func recordNestedWithoutEnd() throws {
        let levels = (0..<1_000_000).flatMap { _ in [1, 4] as [UInt8] }
        let data = [7 << 5 | 1] + HandMadeDatabase.text("a") + levels + HandMadeDatabase.text("end")
        let path = folder.write(HandMadeDatabase(data: data).bytes, to: "a")
        let database = try CountryDatabase(path: path)
        #expect(database.answer(for: IPAddress(v4: 1)) == nil)
    }

    /// node_count times 6 bytes is 2^32 - 4: in 32 bits, the tree seems to end where the file begins.
    @Test func treeSizeThatWraps() {
        #expect(refusal(HandMadeDatabase(nodeCount: 0x2AAA_AAAA).bytes)?.reason == .damaged)
    }

    @Test(arguments: [0, 2, 0xFFFF_FFFF] as [UInt32])
    func treeOutsideTheFile(nodeCount: UInt32) {
        // With two nodes, the tree ends inside the record, which makes the lookup meaningless but harmless.
        if nodeCount == 2 {
            exercise(HandMadeDatabase(nodeCount: nodeCount).bytes)
        } else {
            #expect(refusal(HandMadeDatabase(nodeCount: nodeCount).bytes)?.reason == .damaged)
        }
    }

    @Test(arguments: [0, 8, 25, 0xFFFF] as [UInt16])
    func recordSizeThatDoesNotExist(bits: UInt16) {
        #expect(refusal(HandMadeDatabase(recordBits: bits).bytes)?.reason == .damaged)
    }

    /// Each array holds eight pointers to the array before it: 8^20 values when expanded.
    @Test func metadataThatExpandsWithoutEnd() {
        let descriptionStart = HandMadeDatabase(description: []).metadata.count
        var nested = HandMadeDatabase.array([])
        var pairs = [("z", nested)]
        // After the head of the map and the key, one byte and two.
        var previous = UInt32(descriptionStart + 1 + 2)
        for _ in 0..<20 {
            let start = previous + UInt32(nested.count) + 2
            nested = HandMadeDatabase.array(Array(repeating: HandMadeDatabase.pointer(to: previous), count: 8))
            pairs.append(("z", nested))
            previous = start
        }
        #expect(refusal(HandMadeDatabase(description: HandMadeDatabase.map(pairs)).bytes)?.reason == .damaged)
    }

    @Test func pointerToItself() {
        #expect(refusal(HandMadeDatabase(description: HandMadeDatabase.pointer(to: 0)).bytes)?.reason == .damaged)
        let path = folder.write(HandMadeDatabase(data: HandMadeDatabase.pointer(to: 0)).bytes, to: "a")
        let database = try? CountryDatabase(path: path)
        #expect(database != nil)
        #expect(database?.answer(for: IPAddress(v4: 1)) == nil)
    }

    @Test func textIsCleanedAndBounded() throws {
        let country = HandMadeDatabase.map([
            ("iso_code", HandMadeDatabase.text("N\u{1B}[2J")),
            // 29 + 200 bytes, announced in one byte more.
            ("names", HandMadeDatabase.map([("en", [2 << 5 | 29, 200] + [UInt8](repeating: 0x61, count: 229))])),
        ])
        let path = folder.write(HandMadeDatabase(data: HandMadeDatabase.map([("country", country)])).bytes, to: "a")
        let answer = try CountryDatabase(path: path).answer(for: IPAddress(v4: 1))
        #expect(answer?.isoCode == "N\u{FFFD}[2J")
        #expect(answer?.name.utf8.count == 128)
    }

    @Test func otherKindsOfFile() throws {
        #expect(refusal([])?.reason == .damaged)
        #expect(refusal(Array("00-00-0C   (hex)\t\tCisco Systems, Inc\n".utf8))?.reason == .damaged)
        let wrong = try #require(refusal(Fixture.asn.bytes))
        #expect(wrong.reason == .wrongType)
        #expect(wrong.description.contains("this one is a \"Synthetic-ASN\""))
        #expect(throws: AddressDatabaseError.self) { try ASNDatabase(path: Fixture.country.path) }
        for path in [folder.path, "\(folder.path)/absent", "/dev/null"] {
            let error = #expect(throws: AddressDatabaseError.self) { try CountryDatabase(path: path) }
            #expect(error?.reason == .unreadable)
        }
    }
}
