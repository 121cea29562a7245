// Hosts: where they are learned, how long they stay, and that nobody can make a shard remember without bound.

import Bytes
import DatagramBuilding
import Definitions
import SeededRandom
import SFlow
import ShardEngine
import Testing

private let fabric = """
    {"nodes":{"leaf1":{"agent":"10.0.0.1","ports":{"up":{"ifindex":"9"}}}},
     "links":{"l":{"node1":"leaf1","port1":"up","node2":"spine","port2":"p"}}}
    """

extension Shard {
    /// Its agents outlive every silence here.
    fileprivate static var lasting: Shard { Shard(expiry: Expiry(minimum: 10_000 * second, maximum: 10_000 * second)) }

    fileprivate func put(_ topology: String) throws {
        setTopology(try Topology(json: try RelaxedJSON.parse(Array(topology.utf8), sizeMax: 1 << 20)))
    }
}

extension Sender {
    /// "00000000000A port 3 vlan 7 10.0.0.10 2001:DB8::10"
    fileprivate func hosts(_ address: HostAddress? = nil) -> [String] {
        (view()?.hosts(with: address) ?? []).map { host in
            ["\(host.mac) port \(host.ifIndex)", host.vlan.map { "vlan \($0)" }, host.ipv4?.description, host.ipv6?.description]
                .compactMap { $0 }.joined(separator: " ")
        }.sorted()
    }

    fileprivate func host(
        after seconds: Double = 1, port: UInt32 = 3, mac: UInt64 = 0xA, vlan: UInt16? = nil, _ address: IPAddress? = nil,
        isEgress: Bool = false
    ) {
        send(after: seconds, .fromHost(1, .port(port), mac: mac, vlan: vlan, address: address, isEgress: isEgress))
    }
}

@Suite struct HostTests {
    private let sender = Sender(shard: .lasting)
    private let four = IPAddress(v4: 0x0A00_000A), six = IPAddress(v6High: 0x2001_0DB8_0000_0000, low: 0x10)

    @Test func learnedAtEdgePorts() throws {
        sender.host(four)
        #expect(sender.hosts().isEmpty, "without a topology nobody looks")
        try sender.shard.put(fabric)
        sender.host()
        #expect(sender.hosts() == ["00000000000A port 3"])
        sender.host(four)
        sender.host(six)
        #expect(sender.hosts() == ["00000000000A port 3 10.0.0.10 2001:DB8::10"])
        sender.host(port: 9, mac: 0xB)
        sender.host(mac: 0xC, isEgress: true)
        #expect(sender.hosts().count == 1, "not at ends of links, nor on the way out")
        sender.host(port: 4, vlan: 7, four)
        #expect(sender.hosts() == ["00000000000A port 3 10.0.0.10 2001:DB8::10", "00000000000A port 4 vlan 7 10.0.0.10"])
        sender.agent = IPAddress(v4: 0x0A00_0002)
        sender.host(mac: 0xD)
        #expect(sender.hosts().isEmpty, "an agent that is not in the topology")
    }

    @Test func askedFor() throws {
        try sender.shard.put(fabric)
        sender.host(four)
        sender.host(IPAddress(v4: 0x0A00_000B))
        sender.host(port: 4, mac: 0xB, six)
        #expect(sender.hosts(.mac(MACAddress(0xA))) == ["00000000000A port 3 10.0.0.11"])
        #expect(sender.hosts(.ip(four)) == ["00000000000A port 3 10.0.0.10"], "the one that was asked for, not the newest")
        #expect(sender.hosts(.ip(six)) == ["00000000000B port 4 2001:DB8::10"])
        #expect(sender.hosts(.ip(IPAddress(v4: 1))).isEmpty && sender.hosts(.mac(MACAddress(1))).isEmpty)
    }

    @Test func addressesOfOneLinkComeLast() throws {
        try sender.shard.put(fabric)
        sender.host(six)
        sender.host(IPAddress(v6High: 0xFE80_0000_0000_0000, low: 1))
        #expect(sender.hosts() == ["00000000000A port 3 2001:DB8::10"])
        sender.host(mac: 0xB, IPAddress(v6High: 0xFE80_0000_0000_0000, low: 1))
        #expect(sender.hosts(.mac(MACAddress(0xB))) == ["00000000000B port 3 FE80::1"])
    }

    /// What the topology says when it is asked counts, not only what it said when the packets came.
    @Test func aPortThatBecomesCore() throws {
        try sender.shard.put(fabric)
        sender.host()
        try sender.shard.put(fabric.replacing("\"9\"", with: "\"3\""))
        #expect(sender.hosts().isEmpty)
        try sender.shard.put(fabric)
        #expect(sender.hosts().count == 1)
        sender.shard.setTopology(.empty)
        #expect(sender.hosts().isEmpty)
    }

    @Test func forgottenAfterFiveMinutes() throws {
        try sender.shard.put(fabric)
        sender.host()
        func others(_ seconds: Int) { for _ in 0..<seconds / 10 { sender.send(after: 10, .fromHost(1, .port(4), mac: 0xF)) } }
        others(300)
        #expect(sender.hosts().count == 2)
        sender.send(after: 1, .fromHost(1, .port(4), mac: 0xF))
        #expect(sender.hosts() == ["00000000000F port 4"])
        sender.host()
        others(250)
        sender.host(after: 10)
        others(250)
        #expect(sender.hosts().count == 2)
    }

    @Test func boundedAndCounted() throws {
        try sender.shard.put(fabric)
        sender.host(mac: 0xFFFF_0000)
        for block in 0..<200 {
            let samples = (0..<100 as Range<UInt64>).map { Framed.fromHost(1, .port(3), mac: 1 + UInt64(block) * 100 + $0) }
            let datagram = Datagram(agent: sender.agent, sequence: sender.sequence + 1 + UInt32(block), uptime: 200_000, samples)
            sender.sendRaw(datagram)
        }
        let statistics = try #require(sender.view()).agent.statistics
        #expect(sender.hosts().count == 16_384)
        #expect(statistics.hostsRefused == 20_000 - 16_383)
        #expect(sender.hosts(.mac(MACAddress(0xFFFF_0000))).count == 1)
        // Five minutes later there is room again.
        sender.send(after: 301, sequence: sender.sequence + 1_000, .fromHost(1, .port(3), mac: 0xFFFF_0001))
        #expect(sender.hosts() == ["0000FFFF0001 port 3"])
    }

    /// Whatever comes in whatever order, with clean-ups or without: those whose packet is at most five minutes old.
    @Test(arguments: 0..<6 as Range<UInt64>) func likeASlowReference(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let shards = [Shard.lasting, Shard.lasting]
        for shard in shards { try shard.put(fabric) }
        let agent = IPAddress(v4: 0x0A00_0001)
        var seen: [(text: String, arrival: Int64)] = []
        var now: Int64 = 1_700_000_000 * second
        for number in 1...400 as ClosedRange<UInt32> {
            now += Int64.random(in: 0...(random.chance(40) ? 700 : 20), using: &random) * second
            let arrival = now - (random.chance(5) ? Int64.random(in: 0...10, using: &random) * second : 0)
            let (mac, port) = (UInt64.random(in: 1...6, using: &random), UInt32.random(in: 1...3, using: &random))
            let vlan = random.chance(2) ? nil : UInt16.random(in: 1...2, using: &random)
            let datagram = Datagram(
                agent: agent, sequence: number, uptime: number * 1_000, [.fromHost(number, .port(port), mac: mac, vlan: vlan)])
            for shard in shards { shard.ingest(datagram.bytes.span.bytes, udpSource: agent, arrival: arrival) }
            shards[1].removeExpired(asOf: now - 600 * second)
            seen.append(("\(MACAddress(mac)) \(port) \(vlan ?? 0)", arrival))
            let expected = Set(seen.filter { now - $0.arrival <= 300 * second }.map(\.text)).sorted()
            for shard in shards {
                let known = try #require(shard.agents[agent])
                let found = AgentView(known, at: Instant(nanoseconds: now), of: shard).hosts()
                #expect(found.map { "\($0.mac) \($0.ifIndex) \($0.vlan ?? 0)" }.sorted() == expected, "seed \(seed), datagram \(number)")
            }
        }
    }
}
