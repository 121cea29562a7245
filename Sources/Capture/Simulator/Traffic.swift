// Who talks to whom: the flows that begin in each tick. Large flows come and go, small ones begin all the time, a few
// of special interest (a tunnel, a tagged flow, ping, DNS, a denied one) never end, and every half minute traffic
// converges on one host. It goes on for ever; nothing is planned ahead.

import Bytes

struct Traffic: Sendable {
    private static let second = UInt64(FabricSimulator.ticksPerSecond)
    private static let convergencePeriodTicks = 30 * second
    private static let convergenceTicks = 2 * second
    private static let convergenceSendersMax = 8
    /// Services that small flows use.
    private static let tcpPorts: [UInt16] = [80, 443, 22, 3306, 6379]
    private static let udpPorts: [UInt16] = [53, 123, 514, 8125]
    private static let elephantPorts: [UInt16] = [5001, 443, 2049]

    private let configuration: FabricConfiguration
    private let layout: FabricLayout
    private var random: SplitMix64
    /// For each large flow, the tick in which it begins next.
    private var elephantStarts: [UInt64]
    private var miceTenths = 0

    init(_ configuration: FabricConfiguration, _ layout: FabricLayout, _ random: SplitMix64) {
        self.configuration = configuration
        self.layout = layout
        self.random = random
        elephantStarts = []
        elephantStarts.reserveCapacity(configuration.elephants)
        for number in 0..<configuration.elephants {
            elephantStarts.append(number < 2 ? 0 : UInt64(self.random.next(below: 200)))
        }
    }

    /// Adds the flows that begin in this tick.
    mutating func begin(tick: UInt64, into flows: inout [SimulatedFlow]) {
        if tick == 0 { beginLasting(&flows) }
        for number in elephantStarts.indices where elephantStarts[number] == tick {
            beginElephant(number, tick: tick, &flows)
        }
        miceTenths += configuration.micePerSecond
        while miceTenths >= FabricSimulator.ticksPerSecond {
            miceTenths -= FabricSimulator.ticksPerSecond
            beginMouse(tick: tick, &flows)
        }
        if configuration.dropsPackets, tick % Traffic.convergencePeriodTicks == Traffic.convergencePeriodTicks / 2 {
            beginConvergence(tick: tick, &flows)
        }
    }

    // MARK: Flows that come and go

    private mutating func beginElephant(_ number: Int, tick: UInt64, _ flows: inout [SimulatedFlow]) {
        let end = tick + UInt64(random.next(in: 100...900))
        elephantStarts[number] = end + UInt64(random.next(in: 10...150))
        let source = random.next(below: layout.hostCount)
        let destination = otherHost(than: source, inRack: false)
        let rate = configuration.elephantBitsPerSecond / 2 + random.next(below: configuration.elephantBitsPerSecond)
        var data = Plan(source, destination, Transport.tcp, packetOctets: 1500)
        data.sourcePort = ephemeralPort()
        data.destinationPort = Traffic.elephantPorts[number % Traffic.elephantPorts.count]
        data.isIPv6 = number % 3 == 2
        data.endTick = end
        data.milliPacketsPerTick = Traffic.milliPackets(bitsPerSecond: rate, frameOctets: 1518)
        add(data, to: &flows)

        // One acknowledgement for 16 segments, as large receive offload makes them.
        var acknowledgements = data.reversed
        acknowledgements.packetOctets = data.isIPv6 ? 60 : 40
        acknowledgements.milliPacketsPerTick = data.milliPacketsPerTick / 16
        add(acknowledgements, to: &flows)
    }

    private mutating func beginMouse(tick: UInt64, _ flows: inout [SimulatedFlow]) {
        let source = random.next(below: layout.hostCount)
        let destination = otherHost(than: source, inRack: random.next(below: 5) == 0)
        let isTCP = random.next(below: 10) < 7
        let ports = isTCP ? Traffic.tcpPorts : Traffic.udpPorts
        var plan = Plan(
            source, destination, isTCP ? Transport.tcp : Transport.udp, packetOctets: random.next(in: 80...1000))
        plan.sourcePort = ephemeralPort()
        plan.destinationPort = ports[random.next(below: ports.count)]
        plan.isIPv6 = random.next(below: 10) < 3
        plan.milliPacketsPerTick = random.next(in: 2_000...40_000)
        plan.endTick = tick + UInt64(random.next(in: 2...30))
        add(plan, to: &flows)
    }

    /// Several hosts send to one, together half as much again as its port takes: its leaf runs out of buffers.
    private mutating func beginConvergence(tick: UInt64, _ flows: inout [SimulatedFlow]) {
        let target = random.next(below: layout.hostCount)
        let senders = convergingHosts(on: target, from: random.next(below: layout.hostCount))
        for source in senders {
            var plan = Plan(source, target, Transport.udp, packetOctets: 1500)
            plan.sourcePort = ephemeralPort()
            plan.destinationPort = 4000
            let rate = configuration.hostSpeedBitsPerSecond * 3 / 2 / senders.count
            plan.milliPacketsPerTick = Traffic.milliPackets(bitsPerSecond: rate, frameOctets: 1518)
            plan.endTick = tick + Traffic.convergenceTicks
            add(plan, to: &flows)
        }
    }

    /// The first hosts behind `start` that are in another rack than `target`, or merely others in a fabric of one rack.
    private func convergingHosts(on target: Int, from start: Int) -> [Int] {
        var hosts: [Int] = []
        for step in 0..<layout.hostCount where hosts.count < Traffic.convergenceSendersMax {
            let host = (start + step) % layout.hostCount
            let isElsewhere = layout.leaves == 1 || layout.rack(ofHost: host) != layout.rack(ofHost: target)
            if host != target, isElsewhere { hosts.append(host) }
        }
        return hosts
    }

    // MARK: Flows that last

    private mutating func beginLasting(_ flows: inout [SimulatedFlow]) {
        let last = layout.hostCount - 1
        let rate = configuration.elephantBitsPerSecond / 2
        var tunnel = Plan(0, last, Transport.udp, packetOctets: 1550)
        (tunnel.sourcePort, tunnel.destinationPort) = (ephemeralPort(), 4789)
        tunnel.vxlanNetwork = 5001
        tunnel.milliPacketsPerTick = Traffic.milliPackets(bitsPerSecond: rate, frameOctets: 1568)
        add(tunnel, to: &flows)

        // Racks of one host have nobody to share a VLAN with.
        if layout.hostsPerLeaf > 1 {
            var tagged = Plan(1, otherHost(than: 1, inRack: true), Transport.tcp, packetOctets: 1500)
            (tagged.sourcePort, tagged.destinationPort) = (ephemeralPort(), 8080)
            tagged.vlan = 200
            tagged.milliPacketsPerTick = Traffic.milliPackets(bitsPerSecond: rate, frameOctets: 1522)
            add(tagged, to: &flows)
        }

        let source = min(3, last)
        let pinged = otherHost(than: source, inRack: false)
        var ping = Plan(source, pinged, Transport.icmp, packetOctets: 84)
        ping.milliPacketsPerTick = 20_000
        add(ping, to: &flows)
        (ping.transport, ping.packetOctets, ping.isIPv6) = (Transport.icmpv6, 104, true)
        add(ping, to: &flows)

        var query = Plan(source, otherHost(than: source, inRack: false), Transport.udp, packetOctets: 72)
        (query.sourcePort, query.destinationPort) = (ephemeralPort(), 53)
        query.milliPacketsPerTick = 50_000
        add(query, to: &flows)
        var answer = query.reversed
        answer.packetOctets = 168
        add(answer, to: &flows)

        if configuration.dropsPackets {
            var denied = query
            (denied.sourcePort, denied.destinationPort) = (ephemeralPort(), 9999)
            (denied.packetOctets, denied.milliPacketsPerTick) = (128, 5_000)
            denied.isDenied = true
            add(denied, to: &flows)
        }
    }

    // MARK: Making a flow

    /// A flow between hosts, before it has addresses and a way.
    private struct Plan {
        var source: Int
        var destination: Int
        var transport: UInt8
        var packetOctets: Int
        var sourcePort: UInt16 = 0
        var destinationPort: UInt16 = 0
        var isIPv6 = false
        var milliPacketsPerTick = 0
        var endTick = UInt64.max
        var vlan: UInt16?
        var vxlanNetwork: UInt32?
        var isDenied = false

        init(_ source: Int, _ destination: Int, _ transport: UInt8, packetOctets: Int) {
            self.source = source
            self.destination = destination
            self.transport = transport
            self.packetOctets = packetOctets
        }

        var reversed: Plan {
            var plan = self
            (plan.source, plan.destination) = (destination, source)
            (plan.sourcePort, plan.destinationPort) = (destinationPort, sourcePort)
            return plan
        }
    }

    private func add(_ plan: Plan, to flows: inout [SimulatedFlow]) {
        let (source, destination) = (layout.hostNode(plan.source), layout.hostNode(plan.destination))
        let tuple = FlowTuple(
            source: plan.isIPv6 ? layout.ipv6(ofNode: source) : layout.ipv4(ofNode: source),
            destination: plan.isIPv6 ? layout.ipv6(ofNode: destination) : layout.ipv4(ofNode: destination),
            transport: plan.transport, sourcePort: plan.sourcePort, destinationPort: plan.destinationPort)
        var flow = SimulatedFlow(
            tuple, from: plan.source, to: plan.destination, packetOctets: plan.packetOctets,
            milliPacketsPerTick: plan.milliPacketsPerTick, endTick: plan.endTick)
        flow.vlan = plan.vlan
        flow.vxlanNetwork = plan.vxlanNetwork
        flow.isDenied = plan.isDenied
        flow.hops = layout.hops(of: flow, seed: configuration.seed)
        flows.append(flow)
    }

    /// Another host, in the same rack or in another one; where there is none, one of the other kind.
    private mutating func otherHost(than host: Int, inRack: Bool) -> Int {
        let (rack, slot) = host.quotientAndRemainder(dividingBy: layout.hostsPerLeaf)
        if layout.leaves == 1 || inRack && layout.hostsPerLeaf > 1 {
            let step = 1 + random.next(below: layout.hostsPerLeaf - 1)
            return rack * layout.hostsPerLeaf + (slot + step) % layout.hostsPerLeaf
        }
        let otherRack = (rack + 1 + random.next(below: layout.leaves - 1)) % layout.leaves
        return otherRack * layout.hostsPerLeaf + random.next(below: layout.hostsPerLeaf)
    }

    private mutating func ephemeralPort() -> UInt16 { UInt16(random.next(in: 32_768...60_999)) }

    private static func milliPackets(bitsPerSecond: Int, frameOctets: Int) -> Int {
        // At most 2.4e12 bit/s: far from an overflow.
        bitsPerSecond * 1000 / (8 * frameOctets * FabricSimulator.ticksPerSecond)
    }
}
