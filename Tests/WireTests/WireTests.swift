// What is written is read back, and nothing else is read: no prefix of a message, no claim beyond its end.

import Bytes
import Testing
import Wire

@Suite struct WireTests {
    @Test func integersOfEverySizeComeBack() throws {
        for shift in 0..<64 {
            for value in [UInt64(1) << UInt64(shift), (1 << UInt64(shift)) &- 1, ~(1 << UInt64(shift))] {
                #expect(try UInt64(wireBytes: value.wireBytes) == value)
                let signed = Int64(bitPattern: value)
                #expect(try Int64(wireBytes: signed.wireBytes) == signed)
            }
        }
    }

    @Test func smallIntegersAreShort() {
        #expect(UInt64(127).wireBytes == [127])
        #expect(UInt64(128).wireBytes == [0x80, 1])
        #expect(Int64(-1).wireBytes == [1])
        #expect(UInt64.max.wireBytes.count == 10)
    }

    @Test(arguments: [0, -0.0, 1.5, .infinity, -.infinity, .leastNonzeroMagnitude, .greatestFiniteMagnitude, .nan])
    func numbersComeBackToTheBit(number: Double) throws {
        #expect(try Double(wireBytes: number.wireBytes).bitPattern == number.bitPattern)
    }

    @Test func addressesTextsListsAndOptionalsComeBack() throws {
        let addresses = ["10.0.0.1", "255.255.255.255", "2001:db8::1", "::"].compactMap { IPAddress($0) }
        #expect(try [IPAddress](wireBytes: addresses.wireBytes) == addresses)
        let texts: [String?] = ["", nil, "swp1", "é\u{301}\u{0}"]
        #expect(try [String?](wireBytes: texts.wireBytes) == texts)
    }

    @Test func noPrefixOfAMessageIsOne() {
        let bytes = ["spine1", "leaf2", ""].wireBytes
        for count in bytes.indices {
            #expect(throws: WireError.self) { try [String](wireBytes: Array(bytes[..<count])) }
        }
    }

    @Test func whatFollowsAMessageIsRefused() {
        #expect(throws: WireError(.trailingBytes, at: 1)) { try Bool(wireBytes: [1, 0]) }
    }

    @Test func aCountIsCheckedBeforeAnythingIsReserved() {
        var writer = WireWriter()
        writer.write(unsigned: .max)
        writer.write(byte: 0)
        #expect(throws: WireError(.countExceedsBytes, at: 10)) { try [Double](wireBytes: writer.bytes) }
        #expect(throws: WireError(.countExceedsBytes, at: 10)) { try String(wireBytes: writer.bytes) }
    }

    @Test func valuesThatATypeDoesNotHaveAreRefused() {
        #expect(throws: WireError(.badValue, at: 1)) { try Bool(wireBytes: [2]) }
        #expect(throws: WireError.self) { try UInt32(wireBytes: (UInt64(UInt32.max) + 1).wireBytes) }
        #expect(throws: WireError.self) { try String(wireBytes: [1, 0xff]) }
        // An eleventh byte, and a tenth that says more than one bit.
        #expect(throws: WireError.self) { try UInt64(wireBytes: Array(repeating: 0x80, count: 11)) }
        #expect(throws: WireError.self) { try UInt64(wireBytes: Array(repeating: 0xff, count: 9) + [2]) }
        #expect(throws: WireError.self) { try IPAddress(wireBytes: [0] + (UInt64(1) << 32).wireBytes) }
    }

    @Test func randomBytesNeverTrap() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0..<24, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            _ = try? [String?](wireBytes: bytes)
            _ = try? [IPAddress](wireBytes: bytes)
            _ = try? [Int](wireBytes: bytes)
        }
    }
}
