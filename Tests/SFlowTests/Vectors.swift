// The datagrams V1 to V6 against which independent decoders were checked, built field by field.

import SFlow

enum Vector {
    /// Interface counters as V1 and V5 carry them: 88 bytes.
    static func interfaceCounters(_ w: inout WireBuilder) {
        w.u32(7, 6)
        w.u64(10_000_000_000)
        w.u32(1, 3)
        w.u64(123_456_789_012)
        w.u32(1000, 10, 0xFFFF_FFFF, 1, 2, 0xFFFF_FFFF)
        w.u64(987_654_321_098)
        w.u32(2000, 20, 0xFFFF_FFFF, 3, 4, 2)
    }

    /// 58 bytes: Ethernet, VLAN tag, IPv4, TCP SYN.
    static let tcpHeader = WireBuilder.build { w in
        w.mac6(0x0000_5E00_5301)
        w.mac6(0x0000_5E00_5302)
        w.u16(0x8100, 0x6064, 0x0800)
        w.raw([0x45, 0x28])
        w.u16(1500, 0x1234, 0x4000)
        w.raw([63, 6])
        w.u16(0x376E)
        w.ip("192.0.2.10")
        w.ip("198.51.100.20")
        w.u16(51000, 443)
        w.u32(0x0102_0304, 0)
        w.raw([0x50, 0x02])
        w.u16(0xFAF0, 0, 0)
    }

    /// 42 bytes: Ethernet, IPv4, ICMP echo request with TTL 1.
    static let icmpHeader = WireBuilder.build { w in
        w.mac6(0x0000_5E00_5301)
        w.mac6(0x0000_5E00_5302)
        w.u16(0x0800)
        w.raw([0x45, 0])
        w.u16(84, 1, 0)
        w.raw([1, 1])
        w.u16(0)
        w.ip("192.0.2.10")
        w.ip("198.51.100.20")
        w.raw([8, 0])
        w.u16(0, 1, 1)
    }

    /// IPv4 agent; a compact flow sample with header and VLANs, then interface counters. 292 bytes.
    static let v1 = WireBuilder.build { w in
        w.head(agent: "192.0.2.1", subAgent: 0, sequence: 42, uptime: 3_600_000, samples: 2)
        w.framed(Tag(0, 1)) { s in
            s.u32(1001, 7, 1000, 1_001_000, 0, 7, 9, 2)
            s.framed(Tag(0, 1)) { r in
                r.u32(1, 1522, 4)
                r.opaque(tcpHeader)
            }
            s.framed(Tag(0, 1001)) { $0.u32(100, 3, 100, 3) }
        }
        w.framed(Tag(0, 2)) { s in
            s.u32(55, 7, 1)
            s.framed(Tag(0, 1), interfaceCounters)
        }
    }

    /// IPv6 agent; an expanded flow sample with a large ifIndex, a vendor record to skip and an IPv6 record. 172 bytes.
    static let v2 = WireBuilder.build { w in
        w.head(agent: "2001:db8::1", subAgent: 3, sequence: 7, uptime: 1000, samples: 1)
        w.framed(Tag(0, 3)) { s in
            s.u32(9, 0, 0x4B00_0800, 4096, 40960, 5, 0, 0x4B00_0800, 1, 258, 2)
            s.framed(Tag(9999, 77)) { $0.u32(0xDEAD_BEEF, 0x0102_0304) }
            s.framed(Tag(0, 4)) { r in
                r.u32(1280, 17)
                r.ip("2001:db8:1::5")
                r.ip("2001:db8:2::6")
                r.u32(53, 40000, 0, 0)
            }
        }
    }

    /// A discarded packet with header, function and Linux reason. 180 bytes.
    static let v3 = WireBuilder.build { w in
        w.head(agent: "192.0.2.1", subAgent: 100_000, sequence: 8, uptime: 3_601_000, samples: 1)
        w.framed(Tag(0, 5)) { s in
            s.u32(3, 0, 0, 12, 7, 0, 257, 3)
            s.framed(Tag(0, 1)) { r in
                r.u32(1, 102, 4)
                r.opaque(icmpHeader)
            }
            s.framed(Tag(0, 1038)) { $0.text("ip_forward") }
            s.framed(Tag(0, 1042)) { $0.text("IP_INHDR") }
        }
    }

    /// A sample type to skip, then named metrics. 96 bytes.
    static let v4 = WireBuilder.build { w in
        w.head(agent: "192.0.2.1", subAgent: 100_000, sequence: 9, uptime: 3_602_000, samples: 2)
        w.framed(Tag(9999, 5)) { $0.u32(1, 2) }
        w.framed(Tag(4300, 1002)) { s in
            s.text("app1")
            s.u32(2)
            s.text("reqs")
            s.u32(1, 77)
            s.text("load")
            s.u32(5)
            s.f32(1.5)
        }
    }

    /// Version 4: header, switch, gateway; generic counters. 296 bytes.
    static let v5 = WireBuilder.build { w in
        w.u32(4)
        w.address("192.0.2.9")
        w.u32(77, 5000, 2)
        w.u32(1, 6, 3, 256, 1536, 0, 3, 0x8000_0002)
        w.u32(1, 1, 78)
        w.opaque(icmpHeader)
        w.u32(2, 1, 10, 0, 20, 0)
        w.u32(3, 64500, 64501, 64502, 1, 2, 2, 64510, 64511, 1, 0xFBF4_0064, 100)
        w.u32(2, 4, 3, 30, 1)
        interfaceCounters(&w)
    }

    /// Version 2: an IPv4 record and the old gateway layout. 124 bytes.
    static let v6 = WireBuilder.build { w in
        w.u32(2)
        w.address("192.0.2.9")
        w.u32(78, 6000, 1)
        w.u32(1, 7, 3, 256, 1792, 0, 3, 4, 2)
        w.u32(60, 17)
        w.ip("192.0.2.10")
        w.ip("198.51.100.20")
        w.u32(53, 4000, 0, 0, 1)
        w.u32(3, 64500, 64501, 64502, 2, 64510, 64511)
    }
}

extension [UInt8] {
    /// With the big-endian word at `offset` replaced.
    func with(_ word: UInt32, at offset: Int) -> [UInt8] {
        var copy = self
        for index in 0..<4 { copy[offset + index] = UInt8(word >> UInt32(24 - 8 * index) & 255) }
        return copy
    }
}
