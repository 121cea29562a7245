// The interpreter of layouts: values, markers for "not available", lists, and the records with more than one form.

import Bytes
import SFlow
import Testing

@Suite struct WalkerTests {
    // MARK: The records of variable shape, whole

    @Test func gateway() throws {
        let body = WireBuilder.build { w in
            w.address("192.0.2.254")
            w.u32(64500, 64501, 64502)
            w.u32(2, 2, 3, 64510, 0, 64511, 1, 1, 64512)
            w.u32(2, 0xFBF4_0064, 0xFBF4_0065)
            w.u32(100)
        }
        let record = try walk(try flowLayout(0, 1003), body)
        #expect(record.isBalanced)
        #expect(
            record.fields == [
                CollectedField(path: "next_hop", value: .address(IPAddress("192.0.2.254")), isUnknown: false),
                known("as", 64500), known("src_as", 64501), known("src_peer_as", 64502),
                known("dst_as_path[0].type", 2), known("dst_as_path[0].members[0]", 64510),
                known("dst_as_path[0].members[1]", 0), known("dst_as_path[0].members[2]", 64511),
                known("dst_as_path[1].type", 1), known("dst_as_path[1].members[0]", 64512),
                known("communities[0]", 0xFBF4_0064), known("communities[1]", 0xFBF4_0065), known("localpref", 100),
            ])
    }

    @Test func gatewayWithoutPath() throws {
        let body = WireBuilder.build { $0.u32(0, 64500, 0, 0, 0, 0, 0) }
        let record = try walk(try flowLayout(0, 1003), body)
        #expect(record.isUnknown("next_hop") == true)
        #expect(record["next_hop"] == .address(nil))
        #expect(record["localpref"] == .unsigned(0))
    }

    @Test func gatewayLimits() throws {
        let layout = try flowLayout(0, 1003)
        func gateway(_ path: (inout WireBuilder) -> Void) -> [UInt8] {
            WireBuilder.build { w in
                w.u32(0, 1, 2, 3)
                path(&w)
                w.u32(0, 0)
            }
        }
        #expect(rejection(layout, gateway { $0.u32(1, 3, 1, 64510) }) == .badEnumeration)
        #expect(rejection(layout, gateway { $0.u32(1, 0, 1, 64510) }) == .badEnumeration)
        #expect(rejection(layout, gateway { $0.u32(0xFFFF_FFFF) }) == .arrayTooLong)
        #expect(rejection(layout, gateway { $0.u32(100) }) == .arrayCountExceedsBytes)
        #expect(rejection(layout, gateway { $0.u32(1, 2, 900) }) == .arrayCountExceedsBytes)
        let segments = { (count: UInt32, members: UInt32) in
            gateway { w in
                w.u32(count)
                for _ in 0..<count {
                    w.u32(2, members)
                    for member in 0..<members { w.u32(member + 1) }
                }
            }
        }
        #expect(rejection(layout, segments(255, 1)) == nil)
        #expect(rejection(layout, segments(256, 1)) == .arrayTooLong)
        #expect(rejection(layout, segments(2, 512)) == nil)
        #expect(rejection(layout, segments(2, 513)) == .arrayTooLong)
    }

    @Test func listLimits() throws {
        func list(_ limit: Int, before: Int = 0, elementWords: Int = 1, after: Int = 0) -> [[UInt8]] {
            [limit, limit + 1].map { count in
                WireBuilder.build { w in
                    for _ in 0..<before { w.u32(0) }
                    w.u32(UInt32(count))
                    for _ in 0..<(count * elementWords + after) { w.u32(0) }
                }
            }
        }
        let cases: [(RecordLayout, [[UInt8]])] = [
            (try flowLayout(0, 1012), list(64)), (try flowLayout(0, 1034), list(64)),
            (try flowLayout(0, 1006), list(64, before: 1, after: 1)),
            (try flowLayout(0, 1003), list(1024, before: 5, after: 1)),
            (try counterLayout(0, 2001), list(1024, elementWords: 2)),
            (try counterLayout(0, 10), list(256, before: 4, elementWords: 10)),
            (try counterLayout(4413, 2), list(64, before: 4, after: 1)),
        ]
        for (layout, bodies) in cases {
            #expect(rejection(layout, bodies[0]) == nil, "\(layout.name)")
            #expect(rejection(layout, bodies[1]) == .arrayTooLong, "\(layout.name)")
        }
        let macs = WireBuilder.build { w in
            w.u32(1, 4, 1025)
            for _ in 0..<1025 { w.mac(1) }
        }
        #expect(rejection(try counterLayout(0, 2001), macs) == .arrayTooLong)
    }

    @Test func hostAdapters() throws {
        let body = WireBuilder.build { w in
            w.u32(2, 4, 2)
            w.mac(0x0200_0000_0001)
            w.mac(0x0200_0000_0002)
            w.u32(9, 0)
        }
        let record = try walk(try counterLayout(0, 2001), body)
        #expect(record.isBalanced)
        #expect(
            record.fields == [
                known("adapters[0].ifIndex", 4),
                CollectedField(path: "adapters[0].macs[0]", value: .mac(MACAddress(0x0200_0000_0001)), isUnknown: false),
                CollectedField(path: "adapters[0].macs[1]", value: .mac(MACAddress(0x0200_0000_0002)), isUnknown: false),
                known("adapters[1].ifIndex", 9),
            ])
    }

    @Test func opticalModule() throws {
        let body = WireBuilder.build { w in
            w.u32(3, 4, 3300, UInt32(bitPattern: -1500), 1)
            w.u32(1, 6000, 500, 400, 600, 850, 450, 300, 550, 851)
        }
        let record = try walk(try counterLayout(0, 10), body)
        #expect(record["module_temperature"] == .signed(-1500))
        #expect(record["lanes[0].tx_wavelength"] == .unsigned(850))
        #expect(record["lanes[0].rx_wavelength"] == .unsigned(851))
        #expect(record.fields.count == 14)
    }

    // MARK: More than one form

    @Test func ethernetOf20Bytes() throws {
        let layout = try flowLayout(0, 2)
        let short = WireBuilder.build { w in
            w.u32(100)
            w.mac6(0x0200_0000_0001)
            w.mac6(0x0200_0000_0002)
            w.u32(0x0800)
        }
        let long = WireBuilder.build { w in
            w.u32(100)
            w.mac(0x0200_0000_0001)
            w.mac(0x0200_0000_0002)
            w.u32(0x0800)
        }
        #expect(short.count == 20)
        for body in [short, long, long + [0, 0, 0, 0]] {
            let record = try walk(layout, body)
            #expect(record["length"] == .unsigned(100))
            #expect(record["src_mac"] == .mac(MACAddress(0x0200_0000_0001)))
            #expect(record["dst_mac"] == .mac(MACAddress(0x0200_0000_0002)))
            #expect(record["eth_type"] == .unsigned(0x0800))
        }
    }

    @Test func router() throws {
        let layout = try flowLayout(0, 1002)
        func fields(_ build: (inout WireBuilder) -> Void) throws -> FieldCollector {
            try walk(layout, WireBuilder.build(build))
        }
        let four = try fields { w in
            w.address("192.0.2.1")
            w.u32(24, 33)
        }
        #expect(four["next_hop"] == .address(IPAddress("192.0.2.1")))
        #expect(four.isUnknown("src_mask_len") == false)
        #expect(four.isUnknown("dst_mask_len") == true)
        let six = try fields { w in
            w.address("2001:db8::1")
            w.u32(64, 129)
        }
        #expect(six["src_mask_len"] == .unsigned(64))
        #expect(six.isUnknown("src_mask_len") == false)
        #expect(six.isUnknown("dst_mask_len") == true)
        let none = try fields { $0.u32(0, 24, 16) }
        let padded = try fields { $0.u32(0, 0, 24, 16) }
        #expect(none.fields == padded.fields)
        #expect(none["dst_mask_len"] == .unsigned(16))
        #expect(none.isUnknown("next_hop") == true)
        let unspecified = try fields { w in
            w.address("0.0.0.0")
            w.u32(0, 0)
        }
        #expect(unspecified.isUnknown("next_hop") == true)
        #expect(rejection(layout, WireBuilder.build { $0.u32(3, 0, 24, 16) }) == .badAddressType)
    }

    @Test func hostDescription() throws {
        let layout = try counterLayout(0, 2000)
        let uuid = (1...16).map { UInt8($0) }
        let fixed = WireBuilder.build { w in
            w.text("leaf1")
            w.raw(uuid)
            w.u32(3, 2)
            w.text("6.1.0")
        }
        let variable = WireBuilder.build { w in
            w.text("leaf1")
            w.opaque(uuid)
            w.u32(3, 2)
            w.text("6.1.0")
        }
        for (body, start) in [(fixed, 12), (variable, 16)] {
            let record = try walk(layout, body)
            #expect(record["hostname"] == .text("leaf1"))
            #expect(record["uuid"] == .bytes(start..<(start + 16)))
            #expect(record["machine_type"] == .unsigned(3))
            #expect(record["os_name"] == .unsigned(2))
            #expect(record["os_release"] == .text("6.1.0"))
        }
        #expect(try walk(layout, fixed).isUnknown("uuid") == false)
        let zero = WireBuilder.build { w in
            w.text("")
            w.raw([UInt8](repeating: 0, count: 16))
            w.u32(0, 0)
            w.text("")
        }
        #expect(try walk(layout, zero).fields.allSatisfy(\.isUnknown))
    }

    @Test func decryptedPayload() throws {
        let layout = try flowLayout(0, 1013)
        let documented = WireBuilder.build { w in
            w.u32(0x000F_AC04)
            w.opaque([1, 2, 3, 4, 5])
        }
        #expect(try walk(layout, documented).fields.map(\.path) == ["cipher_suite", "data"])
        #expect(try walk(layout, documented)["data"] == .bytes(8..<13))
        let tool = WireBuilder.build { w in
            w.u32(0x000F_AC04, 1, 100, 4)
            w.opaque([1, 2, 3, 4, 5, 6])
        }
        let record = try walk(layout, tool)
        #expect(record.fields.map(\.path) == ["cipher_suite", "protocol", "frame_length", "stripped", "header"])
        #expect(record["header"] == .bytes(20..<26))
    }

    @Test func deprecatedHTTPRequest() throws {
        let layout = try flowLayout(0, 2201)
        let texts = ["/a", "h", "r", "ua"]
        let a = WireBuilder.build { w in
            w.u32(2, 1001)
            for text in texts + ["user", "text/html"] { w.text(text) }
            w.u64(1234)
            w.u32(56, 200)
        }
        let b = WireBuilder.build { w in
            w.u32(2)
            for text in texts + ["xff", "user", "text/html"] { w.text(text) }
            w.u64(99, 1234)
            w.u32(56, 404)
        }
        let first = try walk(layout, a)
        #expect(first["protocol"] == .unsigned(1001))
        #expect(first["status"] == .unsigned(200))
        #expect(first.fields.count == 11)
        let second = try walk(layout, b)
        #expect(second["xff"] == .text("xff"))
        #expect(second["req_bytes"] == .unsigned(99))
        #expect(second["status"] == .signed(404))
        #expect(try walk(layout, WireBuilder.build { $0.u32(2, 0xFFFF_FFFF) }).fields == [known("method", 2)])
    }

    @Test(arguments: [
        (2003, 68, ["cpu_steal", "cpu_guest", "cpu_guest_nice"]), (2106, 100, ["fd_open_count", "fd_max_count"]),
    ] as [(UInt32, Int, [String])])
    func olderForms(format: UInt32, bytes: Int, missing: [String]) throws {
        let layout = try counterLayout(0, format)
        let record = try walk(layout, [UInt8](repeating: 0, count: bytes))
        #expect(record.fields.filter { $0.value == .absent }.map(\.path) == missing)
        #expect(record.fields.filter(\.isUnknown).map(\.path) == missing)
        #expect(try walk(layout, [UInt8](repeating: 0, count: bytes + 12)).fields.allSatisfy { $0.value != .absent })
        #expect(rejection(layout, [UInt8](repeating: 0, count: bytes - 4)) == .recordTooShort)
    }

    @Test func aggregation() throws {
        let layout = try flowLayout(0, 1016)
        let body = WireBuilder.build { w in
            w.u32(2)
            w.u32(2)
            w.framed(Tag(0, 1036)) { $0.u32(4) }
            w.framed(Tag(9999, 1)) { $0.u32(5) }
            w.u32(1)
            w.framed(Tag(0, 1001)) { $0.u32(1, 2, 3, 4) }
        }
        let record = try walk(layout, body)
        #expect(record.isBalanced)
        #expect(record.nested.map(\.tag) == [Tag(0, 1036), Tag(9999, 1), Tag(0, 1001)])
        #expect(record.nested.map(\.element) == [0, 0, 1])
        #expect(record.nested.map(\.body.count) == [4, 4, 16])
        let again = WireBuilder.build { w in
            w.u32(1, 1)
            w.framed(Tag(0, 1016)) { $0.u32(0) }
        }
        #expect(rejection(layout, again) == .nestedTooDeep)
        #expect(rejection(layout, WireBuilder.build { $0.u32(1, 2, Tag(0, 1036).rawValue, 8) }) == .arrayCountExceedsBytes)
        #expect(rejection(layout, WireBuilder.build { $0.u32(1, 1, Tag(0, 1036).rawValue, 8, 0) }) == .recordTruncated)
        #expect(rejection(layout, WireBuilder.build { $0.u32(1, 1, Tag(0, 1001).rawValue, 4, 0) }) == .recordTooShort)
        #expect(rejection(layout, WireBuilder.build { $0.u32(0xFFFF_FFFF) }) == .arrayTooLong)
    }

    // MARK: Single values

    @Test func loads() throws {
        let layout = try counterLayout(0, 2003)
        for (value, isUnknown) in [
            (0, false), (1.5, false), (1e6, false), (-1, true), (1e7, true), (Float.nan, true), (Float.infinity, true),
        ] as [(Float, Bool)] {
            let body = WireBuilder.build { $0.f32(value) } + [UInt8](repeating: 0, count: 76)
            #expect(try walk(layout, body).isUnknown("load_one") == isUnknown, "\(value)")
        }
    }

    @Test func percentages() throws {
        let layout = try counterLayout(4413, 1)
        let record = try walk(layout, WireBuilder.build { $0.u32(1450, 0xFFFF_FFFF) })
        #expect(record["uc_pc"] == .float(14.5))
        #expect(record.isUnknown("uc_pc") == false)
        #expect(record.isUnknown("mc_pc") == true)
        #expect(try walk(layout, WireBuilder.build { $0.u32(10000, 10001) }).fields.map(\.isUnknown) == [false, true])
    }

    @Test func valuesThatAFieldCannotHave() throws {
        let vlans = try walk(try flowLayout(0, 1001), WireBuilder.build { $0.u32(0, 0xFFFF_FFFF, 4096, 7) })
        #expect(vlans.fields.map(\.isUnknown) == [true, true, true, false])
        let packet = WireBuilder.build { w in
            w.u32(100, 256)
            w.ip("192.0.2.1")
            w.ip("192.0.2.2")
            w.u32(65535, 65536, 2, 256)
        }
        let ipv4 = try walk(try flowLayout(0, 3), packet)
        #expect(ipv4.fields.map(\.isUnknown) == [false, true, false, false, false, true, false, true])
        let energy = WireBuilder.build { $0.u32(0xFFFF_FFFF, 1, 2, UInt32(bitPattern: -2_147_483_647), 0xFFFF_FFFF, 3) }
        let power = try walk(try counterLayout(0, 3000), energy)
        #expect(power.fields.map(\.isUnknown) == [true, false, false, true, true, false])
        let entities = try walk(try flowLayout(0, 2210), WireBuilder.build { $0.u32(3, 5, 0, 0) })
        #expect(entities["src_ds"] == .dataSource(DataSource(classNumber: 3, index: 5)))
        #expect(entities.fields.map(\.isUnknown) == [false, true])
    }

    @Test func texts() throws {
        let function = try flowLayout(0, 1038)
        func symbol(_ bytes: [UInt8]) throws -> FieldValue? {
            try walk(function, WireBuilder.build { $0.opaque(bytes) })["symbol"]
        }
        #expect(try symbol([UInt8](repeating: 0x78, count: 100)) == .text(String(repeating: "x", count: 64)))
        #expect(try symbol([0x61, 0, 0xFF, 0x62]) == .text("a\u{FFFD}\u{FFFD}b"))
        #expect(try walk(function, WireBuilder.build { $0.u32(0) }).isUnknown("symbol") == true)
        #expect(rejection(function, WireBuilder.build { $0.u32(5, 0) }) == .fieldTruncated)
        #expect(rejection(function, WireBuilder.build { $0.u32(0xFFFF_FFFF, 0) }) == .fieldTruncated)
        #expect(rejection(function, []) == .recordTooShort)
    }

    /// Every record of fixed size: filled with distinct words, every field lies where the table says.
    @Test func fixedRecordsFieldByField() throws {
        for layout in FlowLayouts.all + CounterLayouts.all where layout.fields.allSatisfy({ $0.type.fixedBytes != nil }) {
            let size = layout.fields.reduce(0) { $0 + ($1.type.fixedBytes ?? 0) }
            let body = WireBuilder.build { w in
                for word in 0..<(size / 4) { w.u32(UInt32(word + 1) * 0x0101) }
            }
            let fields = try walk(layout, body).fields
            #expect(fields.map(\.path) == layout.fields.map(\.name), "\(layout.name)")
            for (field, collected) in zip(layout.fields, fields) {
                guard let offset = field.offset else { continue }
                let word = UInt64(offset / 4 + 1) * 0x0101
                switch field.type {
                case .u32: #expect(collected.value == .unsigned(word), "\(layout.name) \(field.name)")
                case .u64: #expect(collected.value == .unsigned(word << 32 | word + 0x0101), "\(layout.name) \(field.name)")
                default: break
                }
            }
        }
    }
}
