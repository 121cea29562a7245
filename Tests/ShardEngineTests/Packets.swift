// Flow samples with an IPv4 packet each, and definitions to count them by.

import DatagramBuilding
import FlowLanguage
import SFlow
import ShardEngine

extension Framed {
    /// A flow sample of one packet, as sampled_ipv4 describes it.
    /// - Parameters:
    ///   - address: the packet's source, which serves as its flow's key.
    ///   - bytes: the packet's length.
    static func packet(
        _ sequence: UInt32 = 1, at source: DataSource = .port(4), from address: UInt32, bytes: UInt32 = 100, rate: UInt32 = 1
    ) -> Framed {
        .flow(
            sequence, source, rate: rate, pool: sequence &* rate,
            [
                Framed(3) { record in
                    for field in [bytes, 6, address, 0x0A00_00FF, 40_000, 443, 0, 0] { record.u32(field) }
                }
            ])
    }
}

extension ActiveFlow {
    static func named(_ name: String, _ definition: FlowDefinition) throws -> ActiveFlow {
        ActiveFlow(name: name, compiled: try CompiledFlow(definition, environment: FlowEnvironment(seed: 42)))
    }
}

/// A packet's source address as text.
func address(_ bits: UInt32) -> String { [24, 16, 8, 0].map { String(bits >> $0 & 0xFF) }.joined(separator: ".") }

let second: Int64 = 1_000_000_000
