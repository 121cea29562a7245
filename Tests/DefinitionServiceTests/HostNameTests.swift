// `host:` in keys: what an agent has told about the owners of MAC addresses, how long it holds, and that nobody can make a
// shard remember without bound.

import Bytes
import DatagramBuilding
import FlowLanguage
import SeededRandom
import SFlow
import ShardEngine
import Testing

@Suite struct HostNameTests {
    private let shard = Shard()
    private static let agent = IPAddress(v4: 0xC0A8_0107)
    private static let machine = DataSource(classNumber: 2, index: 1), guest = DataSource(classNumber: 3, index: 9)
    /// One more for each datagram: nothing is a duplicate.
    private final class Numbers { var last: UInt32 = 0 }
    private let numbers = Numbers()

    /// host_adapters and the values of host_descr as Host sFlow sent them (Cistern/sflow, _test/host_sample.dump).
    private static let adapters = Framed(2001) { record in
        for word: UInt32 in [2, 2, 1, 0x3C97_0E25, 0xF056_0000, 3, 1, 0x9C4E_3659, 0xB254_0000] { record.u32(word) }
    }
    private static let description = Framed.hostDescription(
        "fractal",
        uuid: [0x20, 0xD1, 0x1D, 0x01, 0x51, 0x50, 0x11, 0xCB, 0x95, 0x7D, 0x99, 0x05, 0x21, 0x36, 0x5B, 0xA3], machine: 3, os: 2,
        release: "3.13.0-29-generic")
    private static let macs: [UInt64] = [0x3C97_0E25_F056, 0x9C4E_3659_B254]

    private func define(_ keys: [String]) throws {
        let definition = FlowDefinition(keys: keys.map { "null:[\($0)]:-" }, value: "frames")
        shard.setFlows([ActiveFlow(name: "f", compiled: try CompiledFlow(definition, environment: FlowEnvironment(seed: 1)))])
    }

    /// The key of a packet, sent with counter samples before it.
    private func key(
        at seconds: Int64, from agent: IPAddress = HostNameTests.agent, mac: UInt64 = HostNameTests.macs[0],
        address: IPAddress? = nil, _ counters: [(source: DataSource, records: [Framed])] = []
    ) -> String {
        let samples = counters.map { counters -> Framed in
            numbers.last += 1
            return .counters(numbers.last, counters.source, counters.records)
        }
        numbers.last += 1
        let packet = Framed.fromHost(numbers.last, DataSource(classNumber: 0, index: 3), mac: mac, address: address)
        let bytes = Datagram(agent: agent, sequence: numbers.last, uptime: numbers.last, samples + [packet]).bytes
        shard.ingest(bytes.span.bytes, udpSource: agent, arrival: 1_700_000_000_000_000_000 + seconds * 1_000_000_000)
        var visitor = OneSample(flow: shard.flows[0].compiled)
        #expect(throws: Never.self) { try decode(bytes.span.bytes, udpSource: agent, into: &visitor) }
        return visitor.key
    }

    private var statistics: AgentStatistics { get throws { try #require(shard.agents[HostNameTests.agent]).statistics } }

    @Test func machines() throws {
        try define(["host_name", "uuid", "machine_type", "os_name", "os_release", "vir_host_name", "ifname", ""].map { "host:macsource:\($0)" })
        let (nobody, fractal) = ("-,-,-,-,-,-,-,-", "fractal,20d11d01-5150-11cb-957d-990521365ba3,x86_64,linux,3.13.0-29-generic,-,-,-")
        #expect(key(at: 0) == nobody)
        #expect(key(at: 1, [(HostNameTests.machine, [HostNameTests.adapters])]) == nobody)
        // In the very datagram that tells the name.
        #expect(key(at: 2, [(HostNameTests.machine, [HostNameTests.description])]) == fractal)
        #expect(key(at: 3, mac: HostNameTests.macs[1]) == fractal)
        #expect(key(at: 3, mac: 0x3C97_0E25_F057) == nobody)
        #expect(key(at: 3, from: IPAddress(v4: 1)) == nobody, "agents share nothing")
        #expect(key(at: 4) == fractal)
    }

    @Test func guests() throws {
        try define(["host:macsource:host_name", "host:macsource:vir_host_name"])
        let guest = Framed.hostDescription("vm7")
        #expect(key(at: 0, [(HostNameTests.machine, [HostNameTests.adapters, HostNameTests.description])]) == "fractal,-")
        #expect(key(at: 1, [(HostNameTests.guest, [.hostAdapters([[HostNameTests.macs[0]]]), guest])]) == "-,vm7", "the last one that names it")
        #expect(key(at: 1, mac: HostNameTests.macs[1]) == "fractal,-")
        #expect(key(at: 2, [(HostNameTests.machine, [HostNameTests.adapters])]) == "fractal,-")
    }

    /// The only host whose address is told is the agent's own.
    @Test func addresses() throws {
        try define(["host:ipsource:host_name", "host:agent:os_name"])
        #expect(key(at: 0, address: HostNameTests.agent) == "-,-")
        #expect(key(at: 1, address: HostNameTests.agent, [(HostNameTests.machine, [HostNameTests.description])]) == "fractal,linux")
        #expect(key(at: 2, address: IPAddress(v4: 1)) == "-,linux")
    }

    @Test func forgotten() throws {
        try define(["host:macsource:host_name"])
        let (machine, adapters, description) = (HostNameTests.machine, HostNameTests.adapters, HostNameTests.description)
        #expect(key(at: 0, [(machine, [adapters, description])]) == "fractal")
        for seconds in stride(from: 20, through: 600, by: 20) as StrideThrough<Int64> {
            #expect(key(at: seconds, [(machine, [description])]) == "fractal")
        }
        #expect(key(at: 601, [(machine, [description])]) == "-", "a value's longest life")
        #expect(key(at: 620, [(machine, [adapters])]) == "fractal")
        // The name leaves before the adaptors; the agent stays for its packets.
        for seconds in stride(from: 680, through: 900, by: 20) as StrideThrough<Int64> { #expect(key(at: seconds) == "-") }
        shard.removeExpired(asOf: 1_700_000_000_000_000_000 + 901_000_000_000)
        #expect(key(at: 902, [(machine, [description])]) == "fractal")
    }

    @Test func boundedAndCounted() throws {
        try define(["host:macsource:host_name"])
        for block in 0..<200 as Range<UInt64> {
            _ = key(at: 0, [(HostNameTests.machine, [.hostAdapters([(1...100).map { block * 100 + $0 }])])])
        }
        #expect(try statistics.adaptersRefused == 20_000 - 16_384)
        #expect(key(at: 1, mac: 16_384, [(HostNameTests.machine, [HostNameTests.description])]) == "fractal")
        #expect(key(at: 1, mac: 16_385) == "-")
        // Ten minutes later there is room again.
        _ = key(at: 601, mac: 16_385, [(HostNameTests.machine, [.hostAdapters([[16_385]]), HostNameTests.description])])
        #expect(key(at: 601, mac: 16_385) == "fractal")
        #expect(try statistics.adaptersRefused == 20_000 - 16_384)
    }

    /// A count that says more than there are bytes: what stands before the end is taken, and the record is counted.
    @Test func cutOff() throws {
        try define(["host:macsource:host_name"])
        let body = HostNameTests.adapters.body
        for (number, end) in stride(from: 4, to: body.count, by: 4).enumerated() {
            let cut = Framed(2001) { $0.fixed(Array(body[..<end])) }
            let found = key(at: Int64(number), mac: HostNameTests.macs[1], [(HostNameTests.machine, [cut, HostNameTests.description])])
            #expect(found == "-")
            #expect(try statistics.faults == [.arrayCountExceedsBytes: UInt64(number + 1)])
        }
        #expect(key(at: 20) == "fractal")
        _ = key(at: 21, mac: 0, [(HostNameTests.machine, [.hostAdapters([[0], []])])])
        #expect(key(at: 22, mac: 0) == "-", "no address")
    }

    /// Nothing that stands in a record does harm, and a shard that was moved knows the same.
    @Test(arguments: 0..<4 as Range<UInt64>) func changed(seed: UInt64) throws {
        try define(["host:macsource:host_name", "host:macsource:vir_host_name"])
        var random = SeededGenerator(seed: seed)
        for seconds in 0..<500 as Range<Int64> {
            var records = [HostNameTests.adapters, HostNameTests.description]
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                let place = Int.random(in: 0...1, using: &random)
                let byte = Int.random(in: 0..<records[place].body.count, using: &random)
                records[place].body[byte] = random.chance(2) ? 0xFF : .random(in: 0...255, using: &random)
            }
            _ = key(at: seconds, [(random.chance(3) ? HostNameTests.guest : HostNameTests.machine, records)])
        }
        let moved = Shard()
        moved.setFlows(shard.flows)
        let pieces = ShardSnapshot(of: shard).pieces
        var restoration = ShardRestoration(into: moved)
        for piece in pieces { try restoration.take(piece) }
        #expect(ShardSnapshot(of: moved).pieces == pieces, "seed \(seed)")
        #expect(try statistics.faults[.arrayCountExceedsBytes] ?? 0 > 0, "seed \(seed)")
    }
}
