import Bytes
import Testing

@Suite struct BigEndianReads {
    let bytes: [UInt8] = [0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09]

    @Test func readsUnaligned() throws {
        let span = bytes.span.bytes
        let read = (try span.uint8(at: 8), try span.uint16(at: 1), try span.uint32(at: 1), try span.uint64(at: 1))
        #expect(read == (9, 0x0203, 0x0203_0405, 0x0203_0405_0607_0809))
        let mac = try span.mac(at: 3)
        #expect(mac.description == "040506070809")
    }

    @Test func refusesWhatIsNotThere() {
        let span = bytes.span.bytes
        for offset in [-1, Int.min, 2, 9, Int.max] {
            #expect(throws: OutOfBounds(offset: offset)) { try bytes.span.bytes.uint64(at: offset) }
        }
        #expect(throws: OutOfBounds.self) { try bytes.span.bytes.text(at: 8, count: 2) }
        #expect(throws: OutOfBounds.self) { try bytes.span.bytes.text(at: 0, count: -1) }
        let (tooLong, equal) = (span.equals([8, 9, 10], at: 7), span.equals([8, 9], at: 7))
        #expect(!tooLong)
        #expect(equal)
    }

    @Test func textIsRepaired() throws {
        let hostile: [UInt8] = [0x61, 0x00, 0xFF, 0x1B, 0x62]
        let (whole, cut) = (
            try hostile.span.bytes.text(at: 0, count: 5), try hostile.span.bytes.text(at: 0, count: 5, limit: 1)
        )
        #expect(whole == "a\u{FFFD}\u{FFFD}\u{FFFD}b")
        #expect(cut == "a")
    }
}

@Suite struct Addresses {
    @Test(arguments: [
        ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"), ("10.0.0.1", "10.0.0.1"),
        ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("2001:db8::1", "2001:DB8::1"),
        ("2001:DB8:0:0:1:0:0:1", "2001:DB8::1:0:0:1"), ("::ffff:10.0.0.1", "::FFFF:A00:1"),
        ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"), ("1:0:3:4:5:6:7:8", "1:0:3:4:5:6:7:8"),
        ("1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"), ("0:0:3:4:5:6:7:8", "::3:4:5:6:7:8"), ("fe80::104c:1", "FE80::104C:1"),
    ])
    func textRoundTrips(input: String, canonical: String) throws {
        let address = try #require(IPAddress(input))
        #expect(address.description == canonical)
        #expect(IPAddress(canonical) == address)
    }

    @Test(arguments: [
        "", "1", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.+4", "1..2.3", ":", ":::", "1::2::3",
        "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8:9", "12345::", "g::", "::1%eth0", "+1::", "1.2.3.4::",
        "::1.2.3", "leaf1", "1:2:3:4:5:6:7:1.2.3.4",
    ])
    func refusesOtherText(input: String) {
        #expect(IPAddress(input) == nil)
    }

    @Test func ordersFamiliesThenNumbers() {
        let sorted = ["::1", "10.0.0.2", "9.0.0.1", "::", "2001::"].compactMap { IPAddress($0) }.sorted()
        #expect(sorted.map(\.description) == ["9.0.0.1", "10.0.0.2", "::", "::1", "2001::"])
    }

    @Test func mappedAddressIsTheSameAgent() throws {
        let mapped = try #require(IPAddress("::ffff:192.0.2.1"))
        #expect(mapped.unmapped == IPAddress("192.0.2.1"))
        #expect(IPAddress("::1")?.unmapped == IPAddress("::1"))
    }

    /// The placement hash is a contract between versions: these values must never change.
    @Test func stableHashNeverChanges() {
        #expect(IPAddress("10.0.0.1")?.stableHash == 6318681610542250898)
        #expect(IPAddress("::1")?.stableHash == 6728581669027343264)
    }
}
