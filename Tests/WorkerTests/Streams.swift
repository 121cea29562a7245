// Seeded streams of datagrams from many agents, as a data centre sends them: counters of ports and hosts, flow samples,
// custom metrics, with loss, duplicates, reordering, restarts, and times of silence.

import Bytes
import DatagramBuilding
import SeededRandom
import SFlow

struct Arrival: Sendable {
    let datagram: Datagram
    let bytes: [UInt8]
    /// Unit: nanoseconds since the Unix epoch.
    let time: Int64
}

struct StreamGenerator {
    private var random: SeededGenerator
    private var agents: [SimulatedAgent]
    private var now: Int64 = 1_700_000_000_000_000_000

    init(seed: UInt64, agents count: Int) {
        random = SeededGenerator(seed: seed)
        agents = (0..<count).map { SimulatedAgent(number: UInt32($0)) }
    }

    /// So many seconds of datagrams, in the order of their arrival.
    mutating func seconds(_ count: Int) -> [Arrival] {
        var arrivals: [Arrival] = []
        for _ in 0..<count {
            now += 1_000_000_000
            for place in agents.indices {
                agents[place].pass(milliseconds: 1_000, &random)
                while agents[place].isTalking, random.chance(6) { send(place, &arrivals) }
            }
        }
        return arrivals.sorted { $0.time < $1.time }
    }

    private mutating func send(_ place: Int, _ arrivals: inout [Arrival]) {
        let datagram = agents[place].datagram(&random)
        if random.chance(15) { return }
        var time = now + Int64.random(in: 0..<900_000_000, using: &random)
        if random.chance(12) { time += Int64.random(in: 0...3_000_000_000, using: &random) }
        arrivals.append(Arrival(datagram: datagram, bytes: datagram.bytes, time: time))
        if random.chance(20) {
            arrivals.append(Arrival(datagram: datagram, bytes: datagram.bytes, time: time + 1_000_000))
        }
    }
}

/// One agent's own state: what it counts.
private struct SimulatedAgent {
    let number: UInt32
    private(set) var isTalking = true
    private var sequence: UInt32 = 0
    private var uptime: UInt32 = 10_000
    private var samples: [String: UInt32] = [:]
    private var octets: [UInt32: UInt64] = [:]
    private var hits: UInt32 = 0

    init(number: UInt32) { self.number = number }

    mutating func pass(milliseconds: UInt32, _ random: inout SeededGenerator) {
        uptime &+= milliseconds
        if random.chance(isTalking ? 300 : 150) { isTalking.toggle() }
        if random.chance(400) {
            (sequence, uptime, samples) = (0, 0, [:])
            octets = [:]
            hits = 0
        }
    }

    private mutating func next(_ instance: String) -> UInt32 {
        samples[instance, default: 0] &+= 1
        return samples[instance] ?? 0
    }

    mutating func datagram(_ random: inout SeededGenerator) -> Datagram {
        sequence &+= 1
        let contents = (0..<Int.random(in: 0...3, using: &random)).map { _ in sample(&random) }
        let address = number % 5 == 0 ? IPAddress(v6High: 0x2001_0DB8 << 32, low: UInt64(number)) : IPAddress(v4: 0x0A00_0000 + number)
        return Datagram(agent: address, subAgent: number % 3, sequence: sequence, uptime: uptime, contents)
    }

    private mutating func sample(_ random: inout SeededGenerator) -> Framed {
        let port = UInt32.random(in: 1...5, using: &random)
        let source = DataSource(classNumber: 0, index: port)
        switch Int.random(in: 0..<6, using: &random) {
        case 0, 1, 2:
            octets[port, default: UInt64(number) << 20] += UInt64.random(in: 0...100_000_000, using: &random)
            let counters = Framed.record(
                "if_counters",
                [
                    // Port 5 is sampled under another number than it counts under.
                    "ifIndex": UInt64(port == 5 ? 55 : port), "ifType": UInt64(number % 3 * 6), "ifSpeed": port == 4 ? 0 : 10_000_000_000,
                    "ifStatus": UInt64(port % 4), "ifInOctets": octets[port] ?? 0,
                    "ifInUcastPkts": UInt64(UInt32(truncatingIfNeeded: (octets[port] ?? 0) &* 40)),
                    "ifInErrors": random.chance(6) ? UInt64(UInt32.max) : 7,
                ])
            return .counters(next("c\(port)"), source, random.chance(2) ? [counters, .portName("swp\(port)")] : [counters])
        case 3:
            return .counters(next("h"), DataSource(classNumber: 2, index: 1), [
                .hostDescription("host\(number % 20)", os: number % 4),
                .record("host_cpu", ["load_one": UInt64(Float(number % 7).bitPattern), "cpu_num": UInt64(number % 3)]),
            ])
        case 4:
            hits &+= UInt32.random(in: 0...500, using: &random)
            return .custom("app\(number % 2)", [("hits", .counter32(hits)), ("level", .double(.random(in: -1...1, using: &random)))])
        default:
            let count = next("f\(port)")
            let packet = Framed(3) { record in
                for field in [64 + count % 1_400, 6, count % 20, number, 40_000, 443, 0, 0] { record.u32(field) }
            }
            return .flow(count, source, rate: 100, pool: count &* 100, drops: count / 7, [packet])
        }
    }
}
