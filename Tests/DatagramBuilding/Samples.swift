// Samples and the records that tests use most.

package import SFlow

extension Framed {
    /// A counter sample in its compact form, or expanded where the class or the index does not fit into it.
    package static func counters(
        _ sequence: UInt32, _ source: DataSource, isExpanded: Bool = false, _ records: [Framed]
    ) -> Framed {
        let expanded = isExpanded || source.classNumber > 0xFF || source.index > 0xFF_FFFF
        return Framed(expanded ? 4 : 2) { sample in
            sample.u32(sequence)
            if expanded {
                sample.u32(source.classNumber)
                sample.u32(source.index)
            } else {
                sample.u32(source.classNumber << 24 | source.index)
            }
            sample.records(records)
        }
    }

    /// A flow sample from `source` to interface 0.
    package static func flow(
        _ sequence: UInt32, _ source: DataSource, rate: UInt32, pool: UInt32, drops: UInt32 = 0, _ records: [Framed] = []
    ) -> Framed {
        Framed(1) { sample in
            sample.u32(sequence)
            sample.u32(source.classNumber << 24 | source.index)
            sample.u32(rate)
            sample.u32(pool)
            sample.u32(drops)
            sample.u32(source.index)
            sample.u32(0)
            sample.records(records)
        }
    }

    package static func discard(_ sequence: UInt32, _ source: DataSource, drops: UInt32, reason: UInt32) -> Framed {
        Framed(5) { sample in
            sample.u32(sequence)
            sample.u32(source.classNumber)
            sample.u32(source.index)
            sample.u32(drops)
            sample.u32(source.index)
            sample.u32(0)
            sample.u32(reason)
            sample.records([])
        }
    }

    package enum Custom: Hashable, Sendable {
        case text(String), counter32(UInt32), counter64(UInt64), gauge32(UInt32), gauge64(UInt64), float(Float), double(Double)
    }

    /// InMon's rtmetric.
    package static func custom(_ dataSource: String, _ metrics: [(name: String, value: Custom)]) -> Framed {
        Framed(enterprise: 4300, 1002) { sample in
            sample.string(dataSource)
            sample.u32(UInt32(metrics.count))
            for metric in metrics {
                sample.string(metric.name)
                sample.custom(metric.value)
            }
        }
    }

    // MARK: Records

    package static func portName(_ name: String) -> Framed { Framed(1005) { $0.string(name) } }

    package static func hostDescription(
        _ name: String, uuid: [UInt8] = Array(repeating: 0, count: 16), machine: UInt32 = 3, os: UInt32 = 2,
        release: String = "6.1"
    ) -> Framed {
        Framed(2000) { record in
            record.string(name)
            record.fixed(uuid)
            record.u32(machine)
            record.u32(os)
            record.string(release)
        }
    }

    /// - Parameter adapters: the MAC addresses of each.
    package static func hostAdapters(_ adapters: [[UInt64]]) -> Framed {
        Framed(2001) { record in
            record.u32(UInt32(adapters.count))
            for (place, macs) in adapters.enumerated() {
                record.u32(UInt32(place + 1))
                record.u32(UInt32(macs.count))
                for mac in macs { record.mac(mac) }
            }
        }
    }

    /// A record of a layout whose fields are all of fixed size, each field's number given by name, 0 elsewhere.
    package static func record(_ layout: String, _ values: KeyValuePairs<String, UInt64>) -> Framed {
        guard let layout = CounterLayouts.all.first(where: { $0.name == layout }) else { fatalError("no layout \(layout)") }
        for (name, _) in values where layout.field(named: name) == nil { fatalError("no field \(layout.name).\(name)") }
        return Framed(enterprise: layout.tag.enterprise, layout.tag.format) { record in
            for field in layout.fields {
                let value = values.first { $0.key == field.name }?.value ?? 0
                switch field.type.fixedBytes {
                case 4: record.u32(UInt32(truncatingIfNeeded: value))
                case 8 where field.type == .mac: record.mac(value)
                case 8: record.u64(value)
                default: fatalError("\(layout.name).\(field.name) is not a number")
                }
            }
        }
    }

    /// Generic interface counters of an Ethernet port.
    package static func interface(
        _ index: UInt32, speed: UInt64 = 10_000_000_000, status: UInt64 = 3, inOctets: UInt64 = 0, outOctets: UInt64 = 0,
        inPackets: UInt32 = 0
    ) -> Framed {
        record(
            "if_counters",
            [
                "ifIndex": UInt64(index), "ifType": 6, "ifSpeed": speed, "ifDirection": 1, "ifStatus": status,
                "ifInOctets": inOctets, "ifInUcastPkts": UInt64(inPackets), "ifOutOctets": outOctets,
            ])
    }
}

extension XDR {
    fileprivate mutating func records(_ records: [Framed]) {
        u32(UInt32(records.count))
        for record in records { framed(record.tag, record.body) }
    }

    fileprivate mutating func custom(_ value: Framed.Custom) {
        switch value {
        case .text(let text):
            u32(0)
            string(text)
        case .counter32(let total):
            u32(1)
            u32(total)
        case .counter64(let total):
            u32(2)
            u64(total)
        case .gauge32(let number):
            u32(3)
            u32(number)
        case .gauge64(let number):
            u32(4)
            u64(number)
        case .float(let number):
            u32(5)
            f32(number)
        case .double(let number):
            u32(6)
            f64(number)
        }
    }
}
