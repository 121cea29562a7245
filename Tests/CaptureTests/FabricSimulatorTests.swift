import Bytes
import Capture
import Testing

struct Sent {
    var time: Int64
    var bytes: [UInt8]
    var walked: WalkedDatagram
}

/// Runs a fabric and walks all that it sends.
func run(_ fabric: inout FabricSimulator, seconds: Int) throws -> [Sent] {
    try run(&fabric, ticks: seconds * FabricSimulator.ticksPerSecond)
}

func run(_ fabric: inout FabricSimulator, ticks: Int) throws -> [Sent] {
    var sent: [Sent] = []
    for _ in 0..<ticks {
        fabric.nextTick()
        for datagram in fabric.datagrams {
            let bytes = fabric.withPayload(of: datagram) { copy($0) }
            let walked = try WalkedDatagram(bytes)
            #expect(walked.agent == datagram.agent)
            sent.append(Sent(time: datagram.timeNanoseconds, bytes: bytes, walked: walked))
        }
    }
    return sent
}

func run(_ configuration: FabricConfiguration = FabricConfiguration(), seconds: Int = 70) throws -> [Sent] {
    var fabric = try FabricSimulator(configuration)
    return try run(&fabric, seconds: seconds)
}

@Suite struct SimulatedFabric {
    @Test func theSeedDecidesEverything() throws {
        let first = try run(seconds: 40)
        #expect(try run(seconds: 40).map(\.bytes) == first.map(\.bytes))
        var other = FabricConfiguration()
        other.seed = 2
        #expect(try run(other, seconds: 40).map(\.bytes) != first.map(\.bytes))
    }

    /// Another sampling rate leaves the traffic as it is.
    @Test func samplingDoesNotChangeTraffic() throws {
        var coarse = FabricConfiguration()
        coarse.samplingRate = 10_000
        var (a, b) = (try FabricSimulator(FabricConfiguration()), try FabricSimulator(coarse))
        for _ in 0..<600 {
            a.nextTick()
            b.nextTick()
        }
        #expect(a.portTruth() == b.portTruth())
    }

    @Test func datagramsAreInOrderAndSmallEnough() throws {
        let sent = try run()
        #expect(sent.count > 1000)
        for (earlier, later) in zip(sent, sent.dropFirst()) { #expect(earlier.time <= later.time) }
        var last: [IPAddress: WalkedDatagram] = [:]
        for datagram in sent {
            #expect(datagram.bytes.count <= 1400)
            let walked = datagram.walked
            #expect(!walked.samples.isEmpty)
            #expect(walked.sequence == (last[walked.agent]?.sequence ?? 0) + 1)
            #expect(walked.uptime >= last[walked.agent]?.uptime ?? 0)
            #expect(abs(Int64(walked.uptime) * 1_000_000 - datagram.time) <= 100_000_000)
            last[walked.agent] = walked
        }
        #expect(last.count == 2 + 4 + 16)
    }

    /// A source of samples: agent, kind, class and index of the data source.
    struct Source: Hashable {
        var agent: IPAddress
        var kind: Int
        var sourceClass: Int
        var sourceIndex: Int
    }

    @Test func sequencesAreGaplessAndCountersMonotone() throws {
        var sequences: [Source: Int] = [:]
        var pools: [Source: Int] = [:]
        var octets: [Source: (UInt64, UInt64)] = [:]
        for datagram in try run() {
            for sample in datagram.walked.samples {
                let kind = sample.isFlow ? 1 : sample.isCounters ? 2 : 5
                let source = Source(
                    agent: datagram.walked.agent, kind: kind, sourceClass: sample.sourceClass,
                    sourceIndex: sample.sourceIndex)
                #expect(sample.sequence == sequences[source, default: 0] + 1)
                sequences[source] = sample.sequence
                if sample.isFlow {
                    #expect(sample.fields[0] == 1000)
                    #expect(sample.fields[1] > pools[source, default: 0])
                    pools[source] = sample.fields[1]
                } else if let counters = sample.record(1), sample.isCounters {
                    #expect(counters.u32(0) == sample.sourceIndex)
                    let now = (counters.u64(24), counters.u64(56))
                    let before = octets[source] ?? (0, 0)
                    #expect(now.0 >= before.0 && now.1 >= before.1)
                    octets[source] = now
                }
            }
        }
        // Two spines of 4 ports, four leaves of 6, sixteen hosts of one.
        #expect(octets.count == 8 + 24 + 16)
    }

    @Test func packetsAreConserved() throws {
        var fabric = try FabricSimulator(FabricConfiguration())
        for second in 1...120 {
            for _ in 0..<10 { fabric.nextTick() }
            guard second % 20 == 0 else { continue }
            for (node, ports) in Dictionary(grouping: fabric.portTruth(), by: \.node) where !node.hasPrefix("host") {
                var (received, passed) = (Tally(), Tally())
                for port in ports {
                    received.add(port.received)
                    for tally in [port.sent, port.discardedIn, port.discardedOut] { passed.add(tally) }
                }
                #expect(received == passed, "\(node)")
                #expect(received.octets > 0)
            }
        }
        let truth = fabric.portTruth()
        #expect(truth.contains { $0.discardedIn.frames > 0 })
        #expect(truth.contains { $0.discardedOut.frames > 0 })
        // Both ends of each link agree.
        let byName = Dictionary(uniqueKeysWithValues: truth.map { ("\($0.node) \($0.name)", $0) })
        for link in fabric.topology().links {
            let a = try #require(byName["\(link.node1) \(link.port1)"])
            let b = try #require(byName["\(link.node2) \(link.port2)"])
            #expect(a.sent == b.received && b.sent == a.received)
        }
    }

    /// Each counter sample says what really was at the end of one of the ticks of the second before it was sent.
    @Test func countersTellTheTruth() throws {
        var configuration = FabricConfiguration()
        configuration.pollingIntervalSeconds = 1
        var fabric = try FabricSimulator(configuration)
        var history: [[String: PortTruth]] = []
        var checked = 0
        for _ in 0..<200 {
            let sent = try run(&fabric, ticks: 1)
            history.append(
                Dictionary(uniqueKeysWithValues: fabric.portTruth().map { ("\($0.agent) \($0.ifIndex)", $0) }))
            history = history.suffix(10)
            for datagram in sent {
                for sample in datagram.walked.samples where sample.isCounters && sample.sourceClass == 0 {
                    let counters = try #require(sample.record(1))
                    let key = "\(datagram.walked.agent) \(sample.sourceIndex)"
                    let isTrue = history.contains { truths in
                        guard let port = truths[key] else { return false }
                        return counters.u64(24) == port.received.octets && counters.u32(32) == Int(port.received.frames)
                            && counters.u32(44) == Int(port.discardedIn.frames) && counters.u64(56) == port.sent.octets
                            && counters.u32(64) == Int(port.sent.frames)
                            && counters.u32(76) == Int(port.discardedOut.frames)
                    }
                    #expect(isTrue)
                    let name = try #require(sample.record(1005))
                    #expect(String(decoding: name.body[4..<(4 + name.u32(0))], as: UTF8.self) == history[0][key]?.name)
                    checked += 1
                }
            }
        }
        #expect(checked > 48 * 18)
    }

    @Test func discardsAreToldAlike() throws {
        var fabric = try FabricSimulator(FabricConfiguration())
        let sent = try run(&fabric, seconds: 120)
        var events: [Int: Int] = [:]
        var drops: [String: Int] = [:]
        var sampled: [Int: Int] = [:]
        for datagram in sent {
            for sample in datagram.walked.samples where sample.tag == 5 {
                let (withheld, reason) = (sample.fields[0], sample.fields[3])
                events[reason, default: 0] += 1
                drops["\(datagram.walked.agent) \(sample.sourceIndex)"] = withheld
                #expect(sample.record(1) != nil && sample.record(1038) != nil)
                #expect(sample.record(reason == 258 ? 1037 : 1036) != nil)
                #expect(sample.fields[1] == sample.sourceIndex)
                #expect((sample.fields[2] == 0) == (reason == 258))
            }
            for sample in datagram.walked.samples where sample.isFlow && sample.output.format == 1 {
                sampled[sample.output.value, default: 0] += 1
            }
        }
        #expect(Set(events.keys) == [258, 259])
        #expect(sampled.keys.contains(258) && sampled.keys.contains(259))
        let packets = fabric.portTruth().reduce(0) { $0 + Int($1.discardedIn.frames + $1.discardedOut.frames) }
        let told = events.values.reduce(0, +) + drops.values.reduce(0, +)
        // What was withheld after the last event of a port is told by its next one.
        #expect(told <= packets && told > packets * 9 / 10)
        var calm = FabricConfiguration()
        calm.dropsPackets = false
        calm.elephants = 0
        #expect(try run(calm, seconds: 60).allSatisfy { $0.walked.samples.allSatisfy { $0.tag != 5 } })
    }
}
