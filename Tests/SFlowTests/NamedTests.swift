// The samples with named values, and the limits on what comes from the network as a name.

import Bytes
import SFlow
import Testing

@Suite struct NamedTests {
    private func metrics(_ build: (inout WireBuilder) -> Void) throws -> NamedMetrics {
        let body = WireBuilder.build(build)
        return try NamedMetricReader.read(body.span.bytes)
    }

    @Test func everyMetricType() throws {
        let read = try metrics { w in
            w.text("app_1-x")
            w.u32(7)
            w.text("a")
            w.u32(0)
            w.text("hello")
            w.text("b")
            w.u32(1, 2)
            w.text("c")
            w.u32(2)
            w.u64(1 << 40)
            w.text("d")
            w.u32(3, 4)
            w.text("e")
            w.u32(4)
            w.u64(1 << 41)
            w.text("f")
            w.u32(5)
            w.f32(0.5)
            w.text("g")
            w.u32(6)
            w.f64(0.25)
        }
        #expect(read.dataSource == "app_1-x")
        #expect(read.metrics.map(\.name) == ["a", "b", "c", "d", "e", "f", "g"])
        #expect(
            read.metrics.map(\.value) == [
                .text("hello"), .counter(2, bits: 32), .counter(1 << 40, bits: 64), .gauge(4), .gauge(1 << 41),
                .float(0.5), .float(0.25),
            ])
        #expect(read.fault == nil)
    }

    @Test func everyFlowType() throws {
        let body = WireBuilder.build { w in
            w.text("app")
            w.u32(100, 1000, 8)
            w.text("a")
            w.u32(0)
            w.text("hello")
            w.text("b")
            w.u32(1)
            w.mac(0x0200_0000_0001)
            w.text("c")
            w.u32(2)
            w.ip("192.0.2.1")
            w.text("d")
            w.u32(3)
            w.ip("2001:db8::1")
            w.text("e")
            w.u32(4, 5)
            w.text("f")
            w.u32(5)
            w.u64(1 << 40)
            w.text("g")
            w.u32(6)
            w.f32(0.5)
            w.text("h")
            w.u32(7)
            w.f64(0.25)
        }
        let read = try NamedFlowReader.read(body.span.bytes)
        #expect(read.samplingRate == 100)
        #expect(read.samplePool == 1000)
        #expect(
            read.fields.map(\.value) == [
                .text("hello"), .mac(MACAddress(0x0200_0000_0001)), .address(IPAddress(v4: 0xC000_0201)),
                .address(IPAddress(v6High: 0x2001_0DB8_0000_0000, low: 1)), .unsigned(5), .unsigned(1 << 40),
                .float(0.5), .float(0.25),
            ])
        #expect(read.fault == nil)
    }

    @Test func unknownTypeStopsAndKeeps() throws {
        let read = try metrics { w in
            w.text("app")
            w.u32(3)
            w.text("a")
            w.u32(1, 2)
            w.text("b")
            w.u32(7, 2)
            w.text("c")
            w.u32(1, 2)
        }
        #expect(read.metrics.map(\.name) == ["a"])
        #expect(read.fault?.reason == .badEnumeration)
    }

    @Test func badEntriesAreLeftOut() throws {
        let bad = ["", "white space", "dot.ted", "h\u{E4}", String(repeating: "x", count: 65), "new\nline"]
        let read = try metrics { w in
            w.text("app")
            w.u32(UInt32(bad.count + 3))
            for name in bad {
                w.text(name)
                w.u32(1, 2)
            }
            w.text("long")
            w.u32(0)
            w.text(String(repeating: "x", count: 256))
            w.text("nan")
            w.u32(5)
            w.f32(.nan)
            w.text("good")
            w.u32(1, 2)
        }
        #expect(read.metrics.map(\.name) == ["good"])
        #expect(read.fault?.reason == .badName)
    }

    @Test func dataSourceNames() {
        for name in ["", "1app", "a b", String(repeating: "x", count: 65)] {
            let body = WireBuilder.build { w in
                w.text(name)
                w.u32(0)
            }
            #expect(throws: DecodeError(.badName, at: 0)) { try NamedMetricReader.read(body.span.bytes) }
        }
    }

    @Test func countsThatLie() throws {
        let read = try metrics { w in
            w.text("app")
            w.u32(0xFFFF_FFFF)
            w.text("a")
            w.u32(1, 2)
        }
        #expect(read.metrics.map(\.name) == ["a"])
        #expect(read.fault?.reason == .arrayCountExceedsBytes)
    }

    @Test func everyTruncation() {
        let sample = Array(Vector.v4.dropFirst(52))
        for length in 0..<sample.count {
            let cut = Array(sample[..<length])
            let read = try? NamedMetricReader.read(cut.span.bytes)
            #expect((read?.metrics.count ?? 0) < 2)
            #expect(read == nil || read?.fault != nil, "length \(length)")
            _ = try? NamedFlowReader.read(cut.span.bytes)
        }
    }
}
