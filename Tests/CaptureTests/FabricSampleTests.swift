import Bytes
import Capture
import Testing

@Suite struct SimulatedSamples {
    @Test(arguments: [1, 7, 400])
    func samplesAreOneInTheRate(rate: Int) throws {
        var configuration = FabricConfiguration()
        configuration.samplingRate = rate
        configuration.seed = UInt64(rate)
        let seconds = rate == 1 ? 3 : 20
        if rate < 10 {
            // No more than what a switch's processor may send.
            configuration.elephants = 0
            configuration.dropsPackets = false
            configuration.elephantBitsPerSecond = 1_000_000
        }
        var fabric = try FabricSimulator(configuration)
        let sent = try run(&fabric, seconds: seconds)
        var samples: [IPAddress: Int] = [:]
        var drops: [String: Int] = [:]
        for datagram in sent {
            for sample in datagram.walked.samples where sample.isFlow {
                samples[datagram.walked.agent, default: 0] += 1
                drops["\(datagram.walked.agent) \(sample.sourceIndex)"] = sample.fields[2]
            }
        }
        var packets: [IPAddress: Int] = [:]
        for port in fabric.portTruth() where !port.node.hasPrefix("host") {
            packets[port.agent, default: 0] += Int(port.received.frames)
        }
        for (agent, count) in packets {
            let missed = drops.filter { $0.key.hasPrefix("\(agent) ") }.values.reduce(0, +)
            let taken = Double(samples[agent, default: 0] + missed)
            let expected = Double(count) / Double(rate)
            // The last second's samples may not have been sent yet.
            let unsent = expected / Double(seconds)
            let sigma = max(expected.squareRoot(), 1)
            #expect(taken <= expected + 4 * sigma, "\(agent): \(taken) of \(expected)")
            #expect(taken >= expected - 4 * sigma - unsent, "\(agent): \(taken) of \(expected)")
        }
    }

    @Test func aBusySwitchCountsWhatItCouldNotSample() throws {
        var configuration = FabricConfiguration()
        configuration.samplingRate = 1
        var fabric = try FabricSimulator(configuration)
        var drops = 0
        for _ in 0..<4 {
            var taken: [IPAddress: Int] = [:]
            for datagram in try run(&fabric, ticks: 1) {
                for sample in datagram.walked.samples where sample.isFlow {
                    taken[datagram.walked.agent, default: 0] += 1
                    drops = max(drops, sample.fields[2])
                }
            }
            // Those of a datagram that was left unfinished in the tick before come on top.
            #expect(taken.values.allSatisfy { $0 <= 1000 + 5 })
        }
        #expect(drops > 0)
    }

    /// Lengths, checksums and hop limits of the sampled frames, and all kinds of traffic.
    @Test func sampledFramesAreWellFormed() throws {
        var configuration = FabricConfiguration()
        configuration.samplingRate = 50
        configuration.elephantBitsPerSecond = 20_000_000
        var kinds: Set<String> = []
        for datagram in try run(configuration, seconds: 20) {
            for sample in datagram.walked.samples where sample.tag != 2 && sample.tag != 4 {
                let header = try #require(sample.record(1))
                #expect(header.u32(0) == 1 && header.u32(8) == 4)
                let (frameOctets, length) = (header.u32(4), header.u32(12))
                #expect(length == min(128, frameOctets - 4))
                #expect(header.body.count == 16 + (length + 3) / 4 * 4)
                let frame = Array(header.body[16..<(16 + length)])
                kinds.insert(try kind(frame, frameOctets: frameOctets))
                guard sample.isFlow else { continue }
                #expect(sample.record(1001) != nil)
                let isEvenLeaf = ["10.0.1.2", "10.0.1.4"].contains(datagram.walked.agent.description)
                #expect((sample.tag == 3) == isEvenLeaf)
            }
        }
        #expect(kinds == ["4 1", "4 6", "4 17", "6 6", "6 17", "6 58", "vlan 4 6", "vxlan"])
    }

    private func kind(_ frame: [UInt8], frameOctets: Int) throws -> String {
        let words = WalkedRecord(tag: 0, body: frame)
        let isTagged = frame[12] == 0x81
        let ip = isTagged ? 18 : 14
        let version = frame[ip] >> 4
        let prefix = isTagged ? "vlan " : ""
        guard version == 4 else {
            #expect(frame[ip - 2] == 0x86 && frame[ip - 1] == 0xDD)
            #expect(max(64, ip + 40 + words.u32(ip + 4) >> 16 + 4) == frameOctets)
            return "\(prefix)6 \(frame[ip + 6])"
        }
        #expect(frame[ip - 2] == 8 && frame[ip - 1] == 0)
        #expect(max(64, ip + words.u32(ip) & 0xFFFF + 4) == frameOctets)
        let sum = stride(from: ip, to: ip + 20, by: 2).reduce(0) { $0 + Int(frame[$1]) * 256 + Int(frame[$1 + 1]) }
        #expect(sum % 0xFFFF == 0)
        #expect((62...64).contains(frame[ip + 8]))
        if frame[ip + 9] == 17, words.u32(ip + 20) & 0xFFFF == 4789 {
            #expect(words.u32(ip + 32) >> 8 == 5001)
            return "vxlan"
        }
        return "\(prefix)4 \(frame[ip + 9])"
    }

    @Test func machinesIntroduceThemselves() throws {
        var names: [IPAddress: String] = [:]
        for datagram in try run(seconds: 22) {
            for sample in datagram.walked.samples where sample.isCounters && sample.sourceClass == 2 {
                #expect(sample.sourceIndex == 1)
                let description = try #require(sample.record(2000))
                let name = String(decoding: description.body[4..<(4 + description.u32(0))], as: UTF8.self)
                names[datagram.walked.agent] = name
                let tags = sample.records.map(\.tag)
                #expect(tags == (name.hasPrefix("host") ? [2000, 2001, 2003, 2004, 2005, 2006] : [2000, 2003, 2004]))
                #expect(sample.record(2003)?.body.count == 80 && sample.record(2004)?.body.count == 72)
                if name.hasPrefix("host") {
                    #expect(sample.record(2001)?.body.count == 20 && sample.record(2005)?.body.count == 52)
                    #expect(sample.record(2006)?.body.count == 40)
                }
            }
        }
        #expect(names.count == 22)
        #expect(names[IPAddress(v4: 0x0A00_0001)] == "spine1" && names[IPAddress(v4: 0x0A00_0102)] == "leaf2")
        #expect(names[IPAddress(v4: 0x0A01_0101)] == "host1" && names[IPAddress(v4: 0x0A01_0404)] == "host16")
    }

    @Test(arguments: [(1, 1, 2), (2, 1, 1), (1, 3, 5), (3, 64, 128), (300, 2, 2), (1024, 1, 16)])
    func anyAllowedSizeWorks(leaves: Int, spines: Int, hosts: Int) throws {
        var configuration = FabricConfiguration()
        (configuration.leaves, configuration.spines, configuration.hostsPerLeaf) = (leaves, spines, hosts)
        var fabric = try FabricSimulator(configuration)
        let topology = fabric.topology()
        #expect(topology.links.count == leaves * spines)
        #expect(
            Set(topology.links.flatMap { ["\($0.node1) \($0.port1)", "\($0.node2) \($0.port2)"] }).count == 2 * leaves
                * spines)
        #expect(Set(topology.nodes.map(\.agent)).count == leaves + spines)
        #expect(topology.nodes.first { $0.name == "leaf1" }?.ports.count == hosts + spines)
        #expect(Set(fabric.portTruth().map(\.agent)).count == leaves + spines + leaves * hosts)
        let sent = try run(&fabric, seconds: leaves > 100 ? 2 : 20)
        #expect(!sent.isEmpty)
    }

    @Test func refusesWhatIsOutOfBounds() {
        func refused(_ change: (inout FabricConfiguration) -> Void) -> FabricConfigurationError.Setting? {
            var configuration = FabricConfiguration()
            change(&configuration)
            do throws(FabricConfigurationError) {
                _ = try FabricSimulator(configuration)
                return nil
            } catch {
                return error.setting
            }
        }
        #expect(refused { $0.leaves = 1025 } == .leaves)
        #expect(refused { $0.spines = 0 } == .spines)
        #expect(refused { $0.hostsPerLeaf = Int.max } == .hostsPerLeaf)
        #expect(refused { ($0.leaves, $0.hostsPerLeaf) = (1024, 128) } == .hosts)
        #expect(refused { ($0.leaves, $0.hostsPerLeaf) = (1, 1) } == .hosts)
        #expect(refused { $0.samplingRate = 0 } == .samplingRate)
        #expect(refused { $0.pollingIntervalSeconds = -1 } == .pollingIntervalSeconds)
        #expect(refused { $0.hostSpeedBitsPerSecond = 0 } == .hostSpeedBitsPerSecond)
        #expect(refused { $0.linkSpeedBitsPerSecond = Int.max } == .linkSpeedBitsPerSecond)
        #expect(refused { $0.elephants = -1 } == .elephants)
        #expect(refused { $0.elephantBitsPerSecond = 0 } == .elephantBitsPerSecond)
        #expect(refused { $0.micePerSecond = 1_000_000 } == .micePerSecond)
        #expect(refused { $0.seed = .max } == nil)
        let error = FabricConfigurationError(setting: .leaves, value: 5000, allowed: 1...1024)
        #expect(error.description == "simulated fabric: leaves is 5000, allowed are 1 to 1024")
    }
}
