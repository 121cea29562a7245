// An agent whose datagrams are numbered as they are made, with no more in them than these tests need.

import Bytes
import DatagramBuilding
import SFlow

struct TestAgent {
    let address: IPAddress
    private var sequence: UInt32 = 0

    init(_ address: IPAddress) { self.address = address }

    struct Interface {
        var index: UInt32
        var name: String?
        var speed: UInt64
        var inOctets: UInt64
        var outOctets: UInt64
    }

    /// Counters of interfaces and, with a name, of the host itself.
    mutating func datagram(uptime: UInt32, _ interfaces: [Interface], host: String? = nil, load: Float = 0) -> [UInt8] {
        sequence += 1
        var samples = interfaces.map { interface in
            let counters = Framed.interface(
                interface.index, speed: interface.speed, inOctets: interface.inOctets, outOctets: interface.outOctets)
            return Framed.counters(
                sequence, DataSource(classNumber: 0, index: interface.index),
                [counters] + (interface.name.map { [.portName($0)] } ?? []))
        }
        if let host {
            samples.append(
                .counters(
                    sequence, DataSource(classNumber: 2, index: 1), [.hostDescription(host), TestAgent.processor(load)]))
        }
        return Datagram(agent: address, sequence: sequence, uptime: uptime, samples).bytes
    }

    mutating func datagram(uptime: UInt32, custom source: String, _ metrics: [(name: String, value: UInt32)]) -> [UInt8] {
        sequence += 1
        let sample = Framed.custom(source, metrics.map { ($0.name, .gauge32($0.value)) })
        return Datagram(agent: address, sequence: sequence, uptime: uptime, [sample]).bytes
    }

    /// host_cpu: the load and two processors, everything else unknown (all ones).
    private static func processor(_ load: Float) -> Framed {
        Framed(2003) { record in
            for _ in 0..<3 { record.f32(load) }
            record.u32(.max)
            record.u32(.max)
            record.u32(2)
            for _ in 0..<14 { record.u32(.max) }
        }
    }
}
