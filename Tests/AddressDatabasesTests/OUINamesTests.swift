// The IEEE's list, in excerpts written for the tests.

import AddressDatabases
import Bytes
import SeededRandom
import Testing

@Suite struct OUINamesTests {
    private let folder = ScratchFolder()
    private let list = """
        OUI/MA-L                                                    Organization                                 \r
        company_id                                                  Organization                                 \r
                                                                    Address                                      \r
        \r
        00-00-0C   (hex)\t\tExample Switches, Inc\r
        00000C     (base 16)\t\tExample Switches, Inc\r
        \t\t\t\t1 Example Drive\r
        \r
        ac-de-48   (hex)\t\tPrivate\r
        08-00-30   (hex)\t\tFirst Owner\r
        08-00-30   (hex)\t\tSecond Owner\r
        02-00-00   (hex)\t\t\r
        02-00-0    (hex)\t\tShort\r
        02-0G-00   (hex)\t\tNot hexadecimal\r
        02:00:00   (hex)\t\tColons
        FF-FF-FE   (hex)  No line end
        """

    private func names(_ text: String) throws -> OUINames {
        try OUINames(path: folder.write(Array(text.utf8), to: "a"))
    }

    @Test func assignmentsAndNothingElse() throws {
        let names = try names(list)
        #expect(names.count == 4)
        #expect(names.name(of: MACAddress(0x00_000C_12_3456)) == "Example Switches, Inc")
        #expect(names.name(of: MACAddress(0xACDE_4800_0001)) == "Private")
        #expect(names.name(of: MACAddress(0x0800_3000_0000)) == "First Owner")
        #expect(names.name(of: MACAddress(0xFFFF_FEFF_FFFF)) == "No line end")
        #expect(names.name(of: MACAddress(0x0200_0000_0000)) == nil)
        #expect(names.name(of: MACAddress(0)) == nil)
    }

    @Test func controlCharactersAndLongNames() throws {
        let names = try names("00-00-01 (hex)\tA\u{1B}B\n00-00-02 (hex)\t" + String(repeating: "x", count: 5000) + "\n")
        #expect(names.name(of: MACAddress(0x0000_0100_0000)) == "A\u{FFFD}B")
        #expect(names.name(of: MACAddress(0x0000_0200_0000))?.utf8.count == 128)
    }

    @Test(arguments: ["", "\n\n\n", "nothing of the kind", "00-00-0C", "00-00-0C   (hex)"])
    func fileWithoutAssignments(text: String) {
        let error = #expect(throws: AddressDatabaseError.self) { try names(text) }
        #expect(error?.reason == .wrongType)
    }

    @Test func bytesChangedAtRandom() {
        let seed: UInt64 = 99
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            var bytes = Array(list.utf8)
            for _ in 0..<20 {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            _ = try? OUINames(path: folder.write(bytes, to: "a"))
        }
    }

    @Test func replacedFile() throws {
        var names = try names(list)
        folder.replace("a", with: Array("00-00-0C (hex) Renamed".utf8))
        #expect(try names.reloadIfReplaced())
        #expect(names.name(of: MACAddress(0x0000_0C00_0000)) == "Renamed")
        folder.replace("a", with: [])
        #expect(throws: AddressDatabaseError.self) { try names.reloadIfReplaced() }
        #expect(try !names.reloadIfReplaced())
        #expect(names.count == 1)
    }
}
