// Packets that somebody made to hurt: keys without end, long ones, and such whose hashes would be the same if these had no
// seed. What is kept stays within its bound, and what a sample can cost follows from that; nothing here measures time.

import Bytes
import DatagramBuilding
import FlowLanguage
import SeededRandom
import SFlow
import Testing

@testable import ShardEngine

@Suite struct FlowAttacks {
    static let capacity = 16

    /// A sample looks at the places of its data source once, so their number is what it can cost.
    @Test(arguments: [(5, 4, 1_000_000), (5, 300, 50_000), (100, 12, 30_000)] as [(Int, Int, UInt32)])
    func aMillionKeysInOneTable(n: Int, keyBytes: Int, keyCount: UInt32) {
        var table = FlowTable(shape: FlowTable.Shape(seconds: 2, shownCount: n))
        let chunksMax = (table.shape.capacity + FlowChunks.places - 1) / FlowChunks.places
        var key = [UInt8](repeating: 7, count: keyBytes)
        var random = SeededGenerator(seed: UInt64(n + keyBytes))
        var now: Int64 = 1_700_000_000 * second
        for number in 0..<keyCount {
            for place in 0..<4 { key[place] = UInt8(truncatingIfNeeded: number >> (8 * UInt32(place))) }
            _ = table.add(FlowKeyHead(key.span.bytes, hash: random.next()), key.span.bytes, source: 0, value: 1_000, isIngress: true, at: now)
            now += 1_000
        }
        #expect(table.places(of: 0).count == table.shape.capacity && table.chunks.count == chunksMax)
        let isMostlyFree = table.keys.isMostlyFree
        #expect(!isMostlyFree)
        #expect(table.shown(of: 0, at: now).count == n)
    }

    /// All that counts by flows, with keys of an attacker's own: random addresses, and data sources as many as he likes.
    @Test func keysAndDataSourcesWithoutEnd() throws {
        let long = "concat:-:[concat:-:ipsource:ipdestination:ipttl:ipsource]:[concat:-:ipsource:ipdestination:ipttl:ipsource]"
        let sender = Sender()
        sender.shard.setFlows(
            try [
                ("pair", FlowDefinition(keys: ["ipsource", "ipdestination"], value: "bytes")),
                ("long", FlowDefinition(keys: [long, long], value: "bytes")),
                ("values", FlowDefinition(keys: ["ipsource"], value: "count:ipdestination", values: ["avg:ipttl", "max:bytes", "count:ipid"])),
                ("agent", FlowDefinition(keys: ["ipsource"], value: "bytes", aggMode: "AGENT")),
                ("log", FlowDefinition(keys: ["ipsource"], value: "bytes", values: ["count:ipdestination"], log: true)),
            ].map { try .named($0.0, $0.1) })
        sender.shard.setThresholds([ActiveThreshold(name: "any", metric: "pair", level: 1, byFlow: true)])
        var random = SeededGenerator(seed: 4)
        let portCount: UInt32 = 20
        for number in 0..<1_500 as Range<UInt32> {
            let samples = (0..<20 as Range<UInt32>).map { place in
                Framed.packet(
                    number * 20 + place, .port(place % portCount + 1), rate: 4_000_000_000, from: random.next32(), to: random.next32(),
                    frameBytes: .random(in: 64...9_000, using: &random), timeToLive: UInt8(truncatingIfNeeded: place))
            }
            sender.wait(0.002)
            sender.sendRaw(Datagram(agent: sender.agent, sequence: number, uptime: number, samples))
            _ = sender.shard.takeOutbox()
        }
        let agent = try #require(sender.shard.agents[sender.agent])
        #expect(agent.sources.count == Int(portCount) + 1, "one stands for the agent")
        for (place, flow) in sender.shard.flows.enumerated() {
            let state = try #require(agent.flow(place))
            let sourceCount = flow.combinesSources ? 1 : Int(portCount)
            #expect(state.table.sources.count == sourceCount, "\(flow.name)")
            for source in state.table.sources { #expect(state.table.places(of: source).count == FlowAttacks.capacity, "\(flow.name)") }
            #expect(state.table.chunks.count == sourceCount, "\(flow.name)")
            let isMostlyFree = state.table.keys.isMostlyFree
            #expect(!isMostlyFree)
            let functionCount = 1 + flow.compiled.valuesFunctions.count
            #expect(state.values?.cells.count ?? 0 <= state.table.chunks.allPlaces.count * functionCount, "\(flow.name)")
            #expect(state.values?.counters.count ?? 0 <= state.table.chunks.allPlaces.count * functionCount, "\(flow.name)")
            guard let log = state.log else { continue }
            #expect(log.count == FlowLog.capacityMin && log.open.count == log.capacity, "\(flow.name)")
            #expect(log.totals.counters.count <= log.capacity, "\(flow.name)")
        }
        #expect(agent.thresholdStates.count <= Limits.thresholdStatesPerAgent)
    }

    private static func flow(seed: UInt64) throws -> CompiledFlow {
        try CompiledFlow(FlowDefinition(keys: ["ipsource", "ipdestination"], value: "bytes"), environment: FlowEnvironment(seed: seed))
    }

    private static func slot(_ key: [UInt8], _ flow: CompiledFlow) -> UInt32 {
        FlowTable.tag(hash: flow.keyHash(key), keyBytes: key.count) >> 2 & 0xFFF
    }

    /// Keys that all begin to look in the same one of 4096 slots, for who knows the seed. In packed keys the type of an address
    /// stands before its four bytes.
    private static let chosen: [[UInt8]] = {
        guard let known = try? flow(seed: 0) else { return [] }
        let keys = (0..<200_000 as Range<UInt32>).lazy
            .map { number in [0x50, 10, 0, 0, 1, 0x50, 10] + [16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) } }
            .filter { slot($0, known) == 7 }
        return Array(keys.prefix(32))
    }()

    /// Who does not know the seed has chosen ordinary keys.
    @Test(arguments: 1..<9 as Range<UInt64>) func keysChosenToCollide(seed: UInt64) throws {
        let chosen = FlowAttacks.chosen
        try #require(chosen.count == 32)
        let secret = try FlowAttacks.flow(seed: seed &* 0x9E37_79B9_7F4A_7C15)
        // Of 32 random slots out of 4096 two are the same in one of eight cases.
        let slots = Set(chosen.map { FlowAttacks.slot($0, secret) })
        #expect(slots.count > 28, "seed \(seed)")
        // Even if all were the same, a data source has no more places to look at.
        var table = FlowTable(shape: FlowTable.Shape(seconds: 2, shownCount: 5))
        for (number, key) in chosen.enumerated() {
            _ = table.add(FlowKeyHead(key.span.bytes, hash: 7), key.span.bytes, source: 0, value: 1, isIngress: true, at: Int64(number + 1))
        }
        #expect(table.chunks.count == 1 && table.places(of: 0).count == FlowAttacks.capacity)
        #expect(Set(table.places(of: 0).map { table.key(of: $0) }).isSubset(of: chosen))
    }
}

extension SeededGenerator {
    fileprivate mutating func next32() -> UInt32 { UInt32(truncatingIfNeeded: next()) }
}
