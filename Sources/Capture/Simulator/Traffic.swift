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
        let isIPv6 = number % 3 == 2
        let rate = configuration.elephantBitsPerSecond / 2 + random.next(below: configuration.elephantBitsPerSecond)
        let (clientPort, serverPort) = (ephemeralPort(), Traffic.elephantPorts[number % 3])
        add(
            source, destination, Transport.tcp, clientPort, serverPort, isIPv6: isIPv6, packetOctets: 1500,
            milliPacketsPerTick: Traffic.milliPackets(bitsPerSecond: rate, frameOctets: 1518), end: end, &flows)
        // One acknowledgement for 16 segments, as large receive offload makes them.
        add(
            destination, source, Transport.tcp, serverPort, clientPort, isIPv6: isIPv6, packetOctets: isIPv6 ? 60 : 40,
            milliPacketsPerTick: Traffic.milliPackets(bitsPerSecond: rate, frameOctets: 1518) / 16, end: end, &flows)
    }

    private mutating func beginMouse(tick: UInt64, _ flows: inout [SimulatedFlow]) {
        let source = random.next(below: layout.hostCount)
        let destination = otherHost(than: source, inRack: random.next(below: 5) == 0)
        let isTCP = random.next(below: 10) < 7
        let ports = isTCP ? Traffic.tcpPorts : Traffic.udpPorts
        add(
            source, destination, isTCP ? Transport.tcp : Transport.udp, ephemeralPort(), ports[random.next(below: ports.count)],
            isIPv6: random.next(below: 10) < 3, packetOctets: random.next(in: 80...1000),
            milliPacketsPerTick: random.next(in: 2_000...40_000), end: tick + UInt64(random.next(in: 2...30)), &flows)
    }

    /// Several hosts send to one, together half as much again as its port takes: its leaf runs out of buffers.
    private mutating func beginConvergence(tick: UInt64, _ flows: inout [SimulatedFlow]) {
        let target = random.next(below: layout.hostCount)
        let start = random.next(below: layout.hostCount)
        let senders = (0..<layout.hostCount).lazy.map { [layout] in (start + $0) % layout.hostCount }
            .filter { [layout] in
                $0 != target && (layout.leaves == 1 || layout.rack(ofHost: $0) != layout.rack(ofHost: target))
            }
            .prefix(Traffic.convergenceSendersMax)
        let chosen = Array(senders)
        guard !chosen.isEmpty else { return }
        let rate = configuration.hostSpeedBitsPerSecond * 3 / 2 / chosen.count
        for source in chosen {
            add(
                source, target, Transport.udp, ephemeralPort(), 4000, isIPv6: false, packetOctets: 1500,
                milliPacketsPerTick: Traffic.milliPackets(bitsPerSecond: rate, frameOctets: 1518),
                end: tick + Traffic.convergenceTicks, &flows)
        }
    }

    // MARK: Flows that last

    private mutating func beginLasting(_ flows: inout [SimulatedFlow]) {
        let last = layout.hostCount - 1
        let tunnelRate = configuration.elephantBitsPerSecond / 2
        add(
            0, last, Transport.udp, ephemeralPort(), 4789, isIPv6: false, packetOctets: 1550,
            milliPacketsPerTick: Traffic.milliPackets(bitsPerSecond: tunnelRate, frameOctets: 1568), end: .max, &flows
        ) { $0.vxlanNetwork = 5001 }
        if layout.hostsPerLeaf > 1 {
            add(
                1, otherHost(than: 1, inRack: true), Transport.tcp, ephemeralPort(), 8080, isIPv6: false,
                packetOctets: 1500,
                milliPacketsPerTick: Traffic.milliPackets(bitsPerSecond: tunnelRate, frameOctets: 1522), end: .max, &flows
            ) { $0.vlan = 200 }
        }
        let source = min(3, last)
        let pinged = otherHost(than: source, inRack: false)
        add(source, pinged, Transport.icmp, 0, 0, isIPv6: false, packetOctets: 84, milliPacketsPerTick: 20_000, end: .max, &flows)
        add(source, pinged, Transport.icmpv6, 0, 0, isIPv6: true, packetOctets: 104, milliPacketsPerTick: 20_000, end: .max, &flows)
        let (server, port) = (otherHost(than: source, inRack: false), ephemeralPort())
        add(source, server, Transport.udp, port, 53, isIPv6: false, packetOctets: 72, milliPacketsPerTick: 50_000, end: .max, &flows)
        add(server, source, Transport.udp, 53, port, isIPv6: false, packetOctets: 168, milliPacketsPerTick: 50_000, end: .max, &flows)
        if configuration.dropsPackets {
            add(
                source, server, Transport.udp, ephemeralPort(), 9999, isIPv6: false, packetOctets: 128,
                milliPacketsPerTick: 5_000, end: .max, &flows
            ) { $0.isDenied = true }
        }
    }

    // MARK: Making a flow

    private func add(
        _ source: Int, _ destination: Int, _ transport: UInt8, _ sourcePort: UInt16, _ destinationPort: UInt16,
        isIPv6: Bool, packetOctets: Int, milliPacketsPerTick: Int, end: UInt64, _ flows: inout [SimulatedFlow],
        adjust: (inout SimulatedFlow) -> Void = { _ in }
    ) {
        let (sourceNode, destinationNode) = (layout.hostNode(source), layout.hostNode(destination))
        let tuple = FlowTuple(
            source: isIPv6 ? layout.ipv6(ofNode: sourceNode) : layout.ipv4(ofNode: sourceNode),
            destination: isIPv6 ? layout.ipv6(ofNode: destinationNode) : layout.ipv4(ofNode: destinationNode),
            transport: transport, sourcePort: sourcePort, destinationPort: destinationPort)
        var flow = SimulatedFlow(
            tuple, from: source, to: destination, packetOctets: packetOctets, milliPacketsPerTick: milliPacketsPerTick,
            endTick: end)
        adjust(&flow)
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
