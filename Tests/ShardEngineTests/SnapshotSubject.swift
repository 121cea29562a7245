// What the tests of snapshots have in common: datagrams that reach every part of a shard's state, definitions that keep all
// of it, and everything that can be seen of it as text.

import Bytes
import DatagramBuilding
import Definitions
import FlowLanguage
import SeededRandom
import SFlow
import ShardEngine
import Wire

/// Datagrams of a few switches, with loss, duplicates, reordering, restarts and times of silence; seeded.
struct MixedStream {
    struct Arrival {
        let bytes: [UInt8]
        /// Unit: nanoseconds since the Unix epoch.
        let time: Int64
    }

    private var random: SeededGenerator
    private var now: Int64 = 1_700_000_000 * second
    private var sequences: [UInt32: UInt32] = [:]
    private var octets: UInt64 = 0
    private var held: [UInt8]?
    /// Unit: seconds, at most.
    private let pauses: [Int64] = [3, 30, 400, 1_500]

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    mutating func arrivals(_ count: Int) -> [Arrival] { (0..<count).map { _ in next() } }

    private mutating func next() -> Arrival {
        now += Int64.random(in: 1...200_000_000, using: &random)
        if random.chance(80) { now += Int64.random(in: 1...pauses[Int.random(in: 0..<4, using: &random)], using: &random) * second }
        if let late = held, random.chance(2) {
            held = nil
            return Arrival(bytes: late, time: now)
        }
        let bytes = datagram().bytes
        if random.chance(15) { held = bytes }
        return Arrival(bytes: bytes, time: now)
    }

    private mutating func datagram() -> Datagram {
        let agent = UInt32.random(in: 1...4, using: &random)
        sequences[agent, default: 0] &+= random.chance(20) ? 3 : 1
        if random.chance(120) { sequences[agent] = 1 }
        let number = sequences[agent] ?? 0
        let samples = (0..<Int.random(in: 1...5, using: &random)).map { sample(number &* 5 &+ UInt32($0)) }
        let address = agent == 4 ? IPAddress(v6High: 0x2001_0DB8 << 32, low: 4) : IPAddress(v4: 0xAC10_0000 + agent)
        return Datagram(agent: address, subAgent: agent % 2, sequence: number, uptime: 1_000 &* number, samples)
    }

    private mutating func sample(_ number: UInt32) -> Framed {
        let port = UInt32.random(in: 1...3, using: &random)
        octets += UInt64.random(in: 0...1 << 33, using: &random)
        switch Int.random(in: 0..<12, using: &random) {
        case 0: return .counters(number, .port(port), [.interface(port, inOctets: octets), .portName("p\(port)")])
        case 1: return .counters(number, .port(port), [.interface(port + (port == 3 ? 50 : 0), inOctets: octets)])
        case 2:
            let load = UInt64(Float.random(in: 0...9, using: &random).bitPattern)
            let adapters = Framed.hostAdapters([[UInt64(number % 20)], [UInt64(port), 1 << 40]])
            return .counters(number, number % 4 == 0 ? .guest(port) : .machine, [
                adapters, .hostDescription("n\(number % 3)"), .record("host_cpu", ["load_one": load]),
            ])
        case 3:
            return .custom("app\(port)", [("hits", .counter32(number &* 7)), ("level", .double(.random(in: -1...1, using: &random))), ("version", .text("é\(port)"))])
        case 4: return .discard(number, .port(port), drops: number / 9, reason: 259 + port)
        case 5, 6:
            let address = IPAddress(v4: 0x0A00_0000 + .random(in: 1...9, using: &random))
            return .fromHost(
                number, .port(port), mac: .random(in: 1...20, using: &random), vlan: random.chance(2) ? nil : 7,
                address: random.chance(3) ? nil : address, isEgress: random.chance(6))
        default:
            let from = UInt32.random(in: 1...200, using: &random) * UInt32.random(in: 1...200, using: &random) / 400
            return .packet(
                number, .port(port), rate: random.chance(60) ? 500 : 1_000, from: 0x0A00_0000 + from,
                to: 0x0A01_0000 + .random(in: 0...150, using: &random), frameBytes: 100 * (1 + from % 3),
                timeToLive: UInt8(60 + port), isEgress: random.chance(3))
        }
    }
}

extension Shard {
    /// An empty shard of a process with this seed, with definitions of every kind in force.
    static func underTest(processSeed: UInt64) throws -> Shard {
        let shard = Shard()
        let topology = """
            {"nodes":{"n1":{"ports":{"up":{"ifindex":"1"}}},"b":{"agent":"172.16.0.2","ports":{"p1":{"ifindex":"1"}}}},
             "links":{"l":{"node1":"n1","port1":"up","node2":"b","port2":"p2"}}}
            """
        shard.setTopology(try Topology(json: try RelaxedJSON.parse(Array(topology.utf8), sizeMax: 1 << 20)))
        let pair = ["ipsource", "ipdestination"]
        var definitions: [(String, FlowDefinition)] = [
            ("pair", FlowDefinition(keys: pair, value: "bytes")),
            ("quick", FlowDefinition(
                keys: ["macsource"] + pair, value: "frames", values: ["avg:ipttl", "max:ipttl", "min:ipttl", "last:bytes", "count:ipdestination"],
                t: 0.1)),
            ("agent", FlowDefinition(keys: ["ipsource"], value: "bytes", n: 20, t: 30, aggMode: "AGENT")),
            ("mean", FlowDefinition(keys: ["ipdestination"], value: "avg:bytes", t: 5)),
            ("fanout", FlowDefinition(value: "count:ipdestination", t: 600, aggMode: "AGENT")),
            ("drops", FlowDefinition(keys: ["reason"], value: "frames", t: 60, dropped: true)),
            ("names", FlowDefinition(keys: ["ifname:inputifindex", "link:inputifindex", "node:agent"], value: "frames", t: 10)),
            ("owners", FlowDefinition(
                keys: ["or:[host:macsource:host_name]:[concat:-:agent:[host:macsource:vir_host_name]]"], value: "frames", t: 30)),
            ("logged", FlowDefinition(
                keys: ["ipsource"], value: "bytes", values: ["avg:bytes", "count:ipdestination"], t: 1, log: true, activeTimeout: 20)),
            ("begun", FlowDefinition(keys: ["ipdestination"], value: "frames", t: 1, log: true, flowStart: true, activeTimeout: 9)),
        ]
        // The order of the lists is not the same in all processes.
        if processSeed % 2 == 1 { definitions.reverse() }
        shard.setFlows(try definitions.map { name, definition in
            ActiveFlow(name: name, compiled: try CompiledFlow(definition, environment: FlowEnvironment(seed: processSeed)))
        })
        var thresholds = [
            ActiveThreshold(name: "octets", metric: "ifinoctets", level: 1e9, timeoutSeconds: 20),
            ActiveThreshold(name: "level", metric: "level", level: 0.5),
            ActiveThreshold(name: "pairs", metric: "pair", level: 5e4, byFlow: true, timeoutSeconds: 3),
            ActiveThreshold(name: "top", metric: "quick", level: 3e3, timeoutSeconds: 1),
            ActiveThreshold(name: "scan", metric: "fanout", level: 60, byFlow: true),
            ActiveThreshold(name: "mean", metric: "mean", level: 150, byFlow: true, timeoutSeconds: 1),
        ]
        if processSeed % 2 == 1 { thresholds.reverse() }
        shard.setThresholds(thresholds)
        return shard
    }

    func ingest(_ arrivals: some Sequence<MixedStream.Arrival>) {
        for arrival in arrivals {
            ingest(arrival.bytes.span.bytes, udpSource: IPAddress(v4: 0xC000_0201), arrival: arrival.time)
        }
    }

    /// Everything that can be asked, sorted: shards may have their definitions in different orders.
    func contents(at now: Int64) -> [String] {
        var lines = Sender.contents(of: self, at: now)
        for address in agents.keys.sorted() {
            guard let agent = agents[address] else { continue }
            let view = AgentView(agent, at: Instant(nanoseconds: now), of: self)
            guard view.isVisible else { continue }
            lines.append("\(address) \(agent.firstArrival) \(agent.lastArrival) \(agent.uptimeMilliseconds) \(agent.statistics.wireBytes)")
            for instance in agent.instances {
                lines.append(
                    "\(instance.key) \(agent.sources[instance.source]) \(instance.samples) \(instance.lost) \(instance.duplicates) \(instance.outOfOrder) \(instance.drops) \(instance.effectiveSamplingRate)")
            }
            for (place, flow) in flows.enumerated().sorted(by: { $0.element.name < $1.element.name }) {
                for source in view.agent.sortedSources {
                    lines += view.flows(place, source: source).map { "\(flow.name) \(agent.sources[source]) \($0)" }
                }
            }
            lines += view.hosts().map { "\($0)" }.sorted()
        }
        return lines.sorted() + ["\(arrivalsOfKeys.sorted { $0.key < $1.key })", "\(counters.wireBytes)"]
    }

    /// Takes a whole snapshot in.
    func restore(_ pieces: [[UInt8]]) throws(WireError) {
        var restoration = ShardRestoration(into: self)
        for piece in pieces { try restoration.take(piece) }
    }
}

extension Outbox {
    /// What was reported, and that nothing was lost.
    var lines: [String] { events.map { "\($0)" } + flows.map { "\($0)" } + (eventsLost + flowsLost > 0 ? ["lost"] : []) }
}

/// The first lines that two texts do not have in common; nil when they are the same.
func difference(_ a: [String], _ b: [String]) -> String? {
    if a == b { return nil }
    return zip(a, b).first { $0 != $1 }.map { "\($0.0) but \($0.1)" } ?? "\(a.count) lines but \(b.count)"
}
